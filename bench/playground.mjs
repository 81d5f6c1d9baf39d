// npm run bench:playground: 500 steps of a playground, lanewise against a network of objects. A step is what the button does in such a page: each training point once,
// in batches; then again with the losses of the training and the test points after it. All start from the same weights, and must arrive at the same losses before
// anything is timed.
import { mkdirSync, writeFileSync } from "node:fs";
import { Network, createBackend, dense, sgd } from "lanewise";
import { relaxed } from "lanewise/relaxed";
import { NodeNetwork } from "./plain/nodes.mjs";
import { machine, nodeMajor, warnIfBusy } from "./machine.mjs";
import { measure } from "./measure.mjs";
import { formatRatio, formatTime } from "./report.mjs";

const STEPS = 500;
const HIDDEN = 6;
const WIDTH = 8;
const RATE = 0.03;
/** Points and batches: those that the site's playground opens with, whose ratio has to be reached; and the standard and the largest batch of TensorFlow's. */
const settings = [
  { points: 400, train: 280, batch: 16, withLosses: [false, true] },
  { points: 500, train: 250, batch: 10, withLosses: [false, true] },
  { points: 500, train: 250, batch: 30, withLosses: [false] },
];
/** Largest relative difference of losses over the steps that are compared: one computes in float32, the other in float64. */
const TOLERANCE = 1e-4;
const COMPARED = 20;
const LEAST_RATIO = 20;

/** Two rings, from an angle and a radius that need no random numbers. */
function createData({ points: count, train }) {
  const points = Array.from({ length: count }, (_, i) => {
    const angle = 2.399963 * i;
    const radius = i % 2 === 0 ? 0.5 * Math.sqrt((i % 97) / 97) : 0.7 + 0.3 * ((i % 89) / 89);
    return [radius * Math.cos(angle), radius * Math.sin(angle)].map(Math.fround);
  });
  const targets = points.map((_, i) => (i % 2 === 0 ? 1 : -1));
  return [[0, train], [train, count]].map(([from, to]) => ({ points: points.slice(from, to), targets: targets.slice(from, to) }));
}

const flat = ({ points, targets }) => ({ x: Float32Array.from(points.flat()), y: Float32Array.from(targets) });

/** { parameters, train(), losses() }: a pass over the training points, and the losses of both sets. */
function createLanewise({ batch: size }, [train, test], module) {
  const layers = [...Array.from({ length: HIDDEN }, () => dense(WIDTH, "tanh")), dense(1, "tanh")];
  const network = new Network({ inputs: 2, layers, seed: 1 }, { backend: createBackend(module ? { module } : {}) });
  network.compile({ optimizer: sgd({ learningRate: RATE }), loss: "meanSquaredError" });
  const [{ x, y }, held] = [flat(train), flat(test)];
  // Batches as views, made once: they are the same in each step.
  const batches = Array.from({ length: Math.ceil(y.length / size) }, (_, b) => ({ x: x.subarray(b * size * 2, (b + 1) * size * 2), y: y.subarray(b * size, (b + 1) * size) }));
  return {
    parameters: network.layers.map((layer) => layer.getWeights()),
    train() {
      for (const batch of batches) network.trainBatch(batch.x, batch.y);
    },
    losses: () => [network.evaluate(x, y).loss, network.evaluate(held.x, held.y).loss],
  };
}

function createNodes({ batch }, [train, test], parameters) {
  const network = new NodeNetwork(parameters);
  return {
    train() {
      const count = train.points.length;
      for (let from = 0; from < count; from += batch) {
        for (let i = from; i < Math.min(count, from + batch); i++) {
          network.predict(network.inputOf(train.points[i]));
          network.backward(train.targets[i]);
        }
        network.update(RATE);
      }
    },
    losses: () => [network.loss(train.points, train.targets), network.loss(test.points, test.targets)],
  };
}

/** The largest relative difference over the first steps. */
function compare(setting, data, module) {
  const lanewise = createLanewise(setting, data, module);
  const nodes = createNodes(setting, data, lanewise.parameters);
  let worst = 0;
  for (let step = 0; step < COMPARED; step++) {
    lanewise.train();
    nodes.train();
    const [own, other] = [lanewise.losses(), nodes.losses()];
    for (const [i, loss] of own.entries()) worst = Math.max(worst, Math.abs(loss - other[i]) / other[i]);
  }
  return worst;
}

/** The builds that this engine runs. */
function builds() {
  try {
    createBackend({ module: relaxed });
    return { lanewise: undefined, "lanewise, relaxed": relaxed };
  } catch {
    return { lanewise: undefined };
  }
}

async function time(setting) {
  const data = createData(setting);
  const engines = Object.entries(builds());
  for (const [label, module] of engines) {
    const difference = compare(setting, data, module);
    if (!(difference <= TOLERANCE)) throw new Error(`${label} and the objects must reach the same losses within ${TOLERANCE}, got ${difference}`);
  }
  const { parameters } = createLanewise(setting, data);
  const contestants = [...engines.map(([label, module]) => ({ label, ...createLanewise(setting, data, module) })), { label: "objects", ...createNodes(setting, data, parameters) }];
  const lines = [];
  for (const withLosses of setting.withLosses) {
    const results = await measure(contestants.map(({ train, losses }) => ({
      sample(calls) {
        const start = performance.now();
        for (let i = 0; i < calls; i++) {
          train();
          if (withLosses) losses();
        }
        return performance.now() - start;
      },
    })));
    console.log(`\n${setting.train} points, batches of ${setting.batch}${withLosses ? ", and the losses of all points" : ""}`);
    for (const [i, { median, p25, p75 }] of results.entries()) {
      const { label } = contestants[i];
      const ratio = results.at(-1).median / median;
      lines.push({ points: setting.train, batch: setting.batch, withLosses, label, ...results[i], ratio: Number(ratio.toFixed(2)) });
      console.log(`  ${label.padEnd(17)} ${formatTime(median).padStart(8)} (middle half ${formatTime(p25)} to ${formatTime(p75)}), ${STEPS} in ${formatTime(STEPS * median)}${label === "objects" ? "" : `: ${formatRatio(ratio)} objects`}`);
    }
  }
  return lines;
}

const about = machine();
const busy = warnIfBusy();
console.log(`${about.engine}, ${about.cpu}: 2 inputs, ${HIDDEN} layers of ${WIDTH}, tanh, sgd. Time of a step: each training point once.`);
const lines = [];
for (const setting of settings) lines.push(...(await time(setting)));
const { batch } = settings[0];
const ratio = Math.max(...lines.filter((line) => line.batch === batch && !line.withLosses).map((line) => line.ratio));
console.log(`\nWith the batches that the site's playground opens with, the faster build must be ${LEAST_RATIO}× as fast as objects: it is ${formatRatio(ratio)}.`);
if (busy) console.log(busy);
const folder = new URL("results/", import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL(`playground-${nodeMajor}.json`, folder), `${JSON.stringify({ ...about, steps: STEPS, hidden: HIDDEN, width: WIDTH, lines }, null, 1)}\n`);
if (ratio < LEAST_RATIO) process.exitCode = 1;

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
const POINTS = 500;
const TRAIN = 250;
const BATCH = 10;
const RATE = 0.03;
/** Largest relative difference of losses over the steps that are compared: one computes in float32, the other in float64. */
const TOLERANCE = 1e-4;
const COMPARED = 20;
const LEAST_RATIO = 20;

/** Two rings, from an angle and a radius that need no random numbers. */
function createData() {
  const points = Array.from({ length: POINTS }, (_, i) => {
    const angle = 2.399963 * i;
    const radius = i % 2 === 0 ? 0.5 * Math.sqrt((i % 97) / 97) : 0.7 + 0.3 * ((i % 89) / 89);
    return [radius * Math.cos(angle), radius * Math.sin(angle)].map(Math.fround);
  });
  return { points, targets: points.map((_, i) => (i % 2 === 0 ? 1 : -1)) };
}

const { points, targets } = createData();
const [train, test] = [[0, TRAIN], [TRAIN, POINTS]].map(([from, to]) => ({ points: points.slice(from, to), targets: targets.slice(from, to) }));
const flat = ({ points, targets }) => ({ x: Float32Array.from(points.flat()), y: Float32Array.from(targets) });

/** { parameters, train(), losses() }: a pass over the training points, and the losses of both sets. */
function createLanewise(module) {
  const layers = [...Array.from({ length: HIDDEN }, () => dense(WIDTH, "tanh")), dense(1, "tanh")];
  const network = new Network({ inputs: 2, layers, seed: 1 }, { backend: createBackend(module ? { module } : {}) });
  network.compile({ optimizer: sgd({ learningRate: RATE }), loss: "meanSquaredError" });
  const [{ x, y }, held] = [flat(train), flat(test)];
  // Batches as views, made once: they are the same in each step.
  const batches = Array.from({ length: TRAIN / BATCH }, (_, b) => ({ x: x.subarray(b * BATCH * 2, (b + 1) * BATCH * 2), y: y.subarray(b * BATCH, (b + 1) * BATCH) }));
  return {
    parameters: network.layers.map((layer) => layer.getWeights()),
    train() {
      for (const batch of batches) network.trainBatch(batch.x, batch.y);
    },
    losses: () => [network.evaluate(x, y).loss, network.evaluate(held.x, held.y).loss],
  };
}

function createNodes(parameters) {
  const network = new NodeNetwork(parameters);
  return {
    train() {
      for (let from = 0; from < TRAIN; from += BATCH) {
        for (let i = from; i < from + BATCH; i++) {
          network.predict(NodeNetwork.inputOf(train.points[i]));
          network.backward(train.targets[i]);
        }
        network.update(RATE);
      }
    },
    losses: () => [network.loss(train.points, train.targets), network.loss(test.points, test.targets)],
  };
}

/** The largest relative difference over the first steps. */
function compare(module) {
  const lanewise = createLanewise(module);
  const nodes = createNodes(lanewise.parameters);
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

const about = machine();
const busy = warnIfBusy();
console.log(`${about.engine}, ${about.cpu}: 2 inputs, ${HIDDEN} layers of ${WIDTH}, tanh, ${TRAIN} points in batches of ${BATCH}, sgd.`);
let difference = 0;
for (const module of Object.values(builds())) difference = Math.max(difference, compare(module));
if (!(difference <= TOLERANCE)) {
  console.error(`bench: all must reach the same losses within ${TOLERANCE}, got ${difference}`);
  process.exit(1);
}
console.log(`Losses of the first ${COMPARED} steps agree within ${difference.toExponential(1)}.`);

const { parameters } = createLanewise();
const contestants = [...Object.entries(builds()).map(([label, module]) => ({ label, ...createLanewise(module) })), { label: "objects", ...createNodes(parameters) }];
const lines = [];
for (const [what, withLosses] of [["a training step", false], ["a training step and the losses of all points", true]]) {
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
  const plain = results.at(-1).median;
  console.log(`\n${what}`);
  for (const [i, { median, p25, p75 }] of results.entries()) {
    const { label } = contestants[i];
    const ratio = plain / median;
    lines.push({ what, label, ...results[i], ratio: Number(ratio.toFixed(2)) });
    console.log(`  ${label.padEnd(17)} ${formatTime(median).padStart(8)} (middle half ${formatTime(p25)} to ${formatTime(p75)}), ${STEPS} in ${formatTime(STEPS * median)}${label === "objects" ? "" : `: ${formatRatio(ratio)} objects`}`);
  }
}
const { ratio } = lines[0];
console.log(`\nA training step of lanewise must be ${LEAST_RATIO}× as fast or more: it is ${formatRatio(ratio)}.`);
if (busy) console.log(busy);
const folder = new URL("results/", import.meta.url);
mkdirSync(folder, { recursive: true });
const settings = { steps: STEPS, hidden: HIDDEN, width: WIDTH, points: POINTS, train: TRAIN, batch: BATCH, difference };
writeFileSync(new URL(`playground-${nodeMajor}.json`, folder), `${JSON.stringify({ ...about, ...settings, lines }, null, 1)}\n`);
if (ratio < LEAST_RATIO) process.exitCode = 1;

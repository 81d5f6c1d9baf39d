// npm run bench:depth: what a layer costs in networks of 10, 100 and 1,000: time and memory must grow with their number, no faster.
import { mkdirSync, writeFileSync } from "node:fs";
import { createBackend, dense, Network, sgd } from "lanewise";
import { machine, nodeMajor, warnIfBusy } from "./machine.mjs";
import { summarise } from "./measure.mjs";
import { alignColumns, depthColumns, formatDepth } from "./report.mjs";

const DEPTHS = [10, 100, 1000];
const WIDTH = 32;
const BATCH = 32;
const RUNS = 15;

/** One network from nothing to a file: { build, firstStep, step, save } in ms and the bytes of linear memory in use at the end. */
function live(depth) {
  const backend = createBackend({});
  const x = Float32Array.from({ length: BATCH * WIDTH }, (_, i) => Math.fround(Math.sin(i)));
  let network;
  const parts = {
    build() {
      network = new Network({ inputs: WIDTH, layers: Array.from({ length: depth }, () => dense(WIDTH, "tanh")), seed: 1 }, { backend });
      network.compile({ optimizer: sgd({ learningRate: 1e-3 }), loss: "meanSquaredError" });
    },
    firstStep: () => network.trainBatch(x, x), // lays out the memory and records the kernels
    step: () => network.trainBatch(x, x),
    save: () => network.save(),
  };
  const times = {};
  for (const [name, run] of Object.entries(parts)) {
    const start = performance.now();
    run();
    times[name] = performance.now() - start;
  }
  const { bytesInUse: bytes } = backend.memory();
  network.dispose();
  return { ...times, bytes };
}

const about = machine();
const busy = warnIfBusy();
const runs = new Map(DEPTHS.map((depth) => [depth, []]));
for (let run = -2; run < RUNS; run++) {
  for (const depth of DEPTHS) {
    const result = live(depth);
    if (run >= 0) runs.get(depth).push(result); // the first two compile the code
  }
}
const lines = DEPTHS.map((depth) => {
  const median = (name) => summarise(runs.get(depth).map((run) => run[name]), 1).median;
  return { depth, ...Object.fromEntries(Object.keys(depthColumns).map((name) => [name, Number(median(name).toPrecision(5))])) };
});

console.log(`${about.engine}, ${about.cpu}: layers of ${WIDTH}, tanh, batch ${BATCH}; medians of ${RUNS} networks.`);
for (const row of alignColumns([["layers", ...Object.values(depthColumns)], ...lines.map(formatDepth)])) console.log(`  ${row}`);
if (busy) console.log(busy);
const folder = new URL("results/", import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL(`depth-${nodeMajor}.json`, folder), `${JSON.stringify({ ...about, width: WIDTH, batch: BATCH, runs: RUNS, lines }, null, 1)}\n`);

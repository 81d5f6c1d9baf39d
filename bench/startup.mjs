// npm run bench:startup: from `import` to the first prediction of a saved 784-128-10, as a whole process over an empty one. Taken in turns; medians.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Network, dense } from "lanewise";

const RUNS = 31;
const folder = mkdtempSync(join(tmpdir(), "lanewise-startup-"));
const model = join(folder, "model.safetensors");
writeFileSync(model, new Network({ inputs: 784, layers: [dense(128, "relu"), dense(10, "softmax")], seed: 1 }).save());

const first = (entry, load) => `import { readFileSync } from "node:fs"; import { ${load.split(".")[0]} } from "${new URL(`../dist/${entry}.js`, import.meta.url)}";
  if (${load}(readFileSync(${JSON.stringify(model)})).predict(new Float32Array(784)).length !== 10) throw new Error("no prediction");`;
const programs = { empty: 'import { readFileSync } from "node:fs"; readFileSync;', lanewise: first("index", "Network.load"), "lanewise/infer": first("infer", "load") };
for (const [name, code] of Object.entries(programs)) writeFileSync(join(folder, `${name.replace("/", "-")}.mjs`), code);

const times = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
for (let run = 0; run <= RUNS; run++) {
  for (const name of Object.keys(programs)) {
    const began = performance.now();
    const { status, stderr } = spawnSync(process.execPath, [join(folder, `${name.replace("/", "-")}.mjs`)]);
    if (status !== 0) throw new Error(`${name}: ${stderr}`);
    // The first round fills the file cache.
    if (run > 0) times[name].push(performance.now() - began);
  }
}
rmSync(folder, { recursive: true });
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
console.log(`Node ${process.versions.node}, median of ${RUNS}: an empty process ${median(times.empty).toFixed(1)} ms`);
for (const name of Object.keys(programs).slice(1)) console.log(`${name}: import to first prediction ${(median(times[name]) - median(times.empty)).toFixed(1)} ms more`);

// npm run bench:startup: from `import` to the first prediction of a saved 784-128-10, as a whole process over an empty one; medians.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Bench } from "tinybench";
import { Network, dense } from "lanewise";

const RUNS = 31;
const folder = mkdtempSync(join(tmpdir(), "lanewise-startup-"));
const model = join(folder, "model.safetensors");
writeFileSync(model, new Network({ inputs: 784, layers: [dense(128, "relu"), dense(10, "softmax")], seed: 1 }).save());

const first = (entry, load) => `import { readFileSync } from "node:fs"; import { ${load.split(".")[0]} } from "${new URL(`../dist/${entry}.js`, import.meta.url)}";
  if (${load}(readFileSync(${JSON.stringify(model)})).predict(new Float32Array(784)).length !== 10) throw new Error("no prediction");`;
const programs = { empty: 'import { readFileSync } from "node:fs"; readFileSync;', lanewise: first("index", "Network.load"), "lanewise/infer": first("infer", "load") };
for (const [name, code] of Object.entries(programs)) writeFileSync(join(folder, `${name.replace("/", "-")}.mjs`), code);

// Whole processes: no turns needed, the empty one is the same in every run.
const bench = new Bench({ iterations: RUNS, time: 0, warmupIterations: 2, warmupTime: 0, throws: true });
for (const name of Object.keys(programs)) {
  bench.add(name, () => {
    const { status, stderr } = spawnSync(process.execPath, [join(folder, `${name.replace("/", "-")}.mjs`)]);
    if (status !== 0) throw new Error(`${name}: ${stderr}`);
  });
}
await bench.run();
rmSync(folder, { recursive: true });

const [empty, ...rest] = bench.tasks.map(({ name, result }) => ({ name, median: result.latency.p50 }));
console.log(`Node ${process.versions.node}, median of ${RUNS}: an empty process ${empty.median.toFixed(1)} ms`);
for (const { name, median } of rest) console.log(`${name}: import to first prediction ${(median - empty.median).toFixed(1)} ms more`);

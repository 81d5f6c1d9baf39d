// npm run sweep: every activation, derivative and core over all 2^32 floats, both builds. Each row is saved as it is done; what is there already, of the same
// kernels and at least as many inputs, is kept, so that an interrupted sweep goes on where it was.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { Command, InvalidArgumentError } from "commander";
import { machine } from "../bench/machine.mjs";
import { measureAcross } from "./across.mjs";
import { builds, instantiate, modulesOf } from "./builds.mjs";
import { digestOf, plain } from "./measure.mjs";
import { loadReference, rowsOf } from "./rows.mjs";

const standard = fileURLToPath(new URL("results/sweep.json", import.meta.url));

function positive(text) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("It must be an integer of at least 1.");
  return value;
}

const command = new Command("npm run sweep --")
  .description("Compares the wasm kernels with exact results over all 2^32 inputs, or every nth. An hour or two on two cores; interrupt it as you like.")
  .argument("[names...]", "the rows to measure, in this order, such as tanh tanh.derivative (default: all)")
  .option("--every <n>", "every nth float instead of all: 251 takes a minute", positive, 1)
  .option("--threads <n>", "rows at a time", positive, Math.min(availableParallelism(), 2))
  .option("--out <file>", "where the results go, JSON", standard)
  .option("--again", "measure also what the file has")
  .parse();
const { every, threads, out, again } = command.opts();

const reference = await loadReference();
const rows = rowsOf(reference);
const unknown = command.args.find((name) => rows.every((row) => row.name !== name));
if (unknown) command.error(`sweep: a row must be one of ${rows.map(({ name }) => name).join(", ")}, got ${unknown}`);

const modules = Object.fromEntries(await Promise.all(builds.map(async (build) => [build, await modulesOf(build)])));
const instances = Object.fromEntries(builds.map((build) => [build, instantiate(modules[build])]));
const results = existsSync(out) ? JSON.parse(readFileSync(out, "utf8")) : { rows: {} };

/** What the strict build gives for the special inputs; test/activations.kernels.test.ts asserts it of all builds. */
function specials({ kind, special, ...row }) {
  if (special === undefined) return undefined;
  const place = instances.strict.place({ kind, ...row });
  place.input.set(reference.specialInputs);
  place.run(reference.specialInputs.length);
  return Array.from(place.output.subarray(0, reference.specialInputs.length), plain);
}

/** Whether the file has a row of these kernels, of at least as many inputs. */
function isDone(row) {
  const found = results.rows[row.name];
  return !again && found && found.every <= every && builds.every((build) => found[build].digest === digestOf(row, instances[build]));
}

function save(name, figures, seconds) {
  const { date, engine, cpu, os } = machine();
  results.rows[name] = { every, date, engine, cpu, os, seconds: Math.round(seconds), ...figures };
  write();
}

function write() {
  // In the order of the list, whichever thread was first.
  results.rows = Object.fromEntries(rows.filter((row) => results.rows[row.name]).map((row) => [row.name, results.rows[row.name]]));
  writeFileSync(`${out}.part`, `${JSON.stringify(results, null, 1)}\n`);
  renameSync(`${out}.part`, out);
}

function print(name, figures, seconds) {
  for (const [build, { maxUlp, worst, correct, inputs, nan, inversions = 0, asymmetric = 0, outside }] of Object.entries(figures)) {
    const share = Math.floor((1e6 * correct) / inputs) / 1e4;
    const faults = Object.entries({ nan, inversions, asymmetric, outside }).filter(([, count]) => count > 0).map(([fault, count]) => `, ${fault} ${count}`).join("");
    console.log(`${name.padEnd(23)} ${build.padEnd(8)} max ${maxUlp.toFixed(4)} ULP at ${worst}, correctly rounded ${share} %${faults}`);
  }
  console.log(`  ${seconds.toFixed(0)} s`);
}

const measureInThread = (name) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL("worker.mjs", import.meta.url), { workerData: { name, step: every, modules } });
    worker.on("message", resolve);
    worker.on("error", reject);
  });

const chosen = command.args.length === 0 ? rows : command.args.map((name) => rows.find((row) => row.name === name));
const queue = chosen.filter((row) => !isDone(row));
if (queue.length < chosen.length) console.log(`${chosen.length - queue.length} of ${chosen.length} rows are in ${out} already`);
async function work() {
  for (let row = queue.shift(); row; row = queue.shift()) {
    const start = performance.now();
    const figures = await measureInThread(row.name);
    const seconds = (performance.now() - start) / 1000;
    save(row.name, figures, seconds);
    print(row.name, figures, seconds);
  }
}
await Promise.all(Array.from({ length: threads }, work));
results.across = Object.fromEntries(builds.map((build) => [build, measureAcross(instances[build])]));
results.special = { inputs: reference.specialInputs.map(plain), rows: Object.fromEntries(rows.map((row) => [row.name, specials(row)])) };
write();

// Compares the slow validator (test/reference/safetensors.ts) with the official Rust parser, by its Python package: `npm run compare:safetensors`.
// Files: drawn headers, and what the fuzzer has kept. Without a Python that has safetensors it says so and ends; PYTHON names one.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { Command } from "commander";
import { bundle } from "./bundle.mjs";
import { readSeeds } from "./corpus.mjs";

const CHUNK = 20_000;
const { files: count } = new Command("npm run compare:safetensors --").option("--files <count>", "how many headers to draw", "200000").parse().opts();
const folder = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
await bundle(["verdicts"]);
const { verdicts, Draw, compose } = createRequire(import.meta.url)("../build/fuzz/verdicts.cjs");

/** Of the fuzzer's corpus, if it has run here, or the seeds. */
function* kept(target) {
  const corpus = path.join(folder, "../build/fuzz/corpus", target);
  yield* readSeeds(target);
  if (existsSync(corpus)) for (const file of readdirSync(corpus)) yield readFileSync(path.join(corpus, file));
}

function* drawn() {
  yield* kept("container");
  for (const bytes of kept("header")) yield compose(new Draw(bytes));
  // Lehmer's generator, so that two runs compare the same.
  let state = 1;
  const byte = () => (state = (state * 48271) % 2147483647) & 255;
  for (let i = 0; i < Number(count); i++) yield compose(new Draw(Uint8Array.from({ length: 96 }, byte)));
}

function official(files) {
  const parts = files.flatMap((bytes) => [Buffer.from(Uint32Array.of(bytes.length).buffer), bytes]);
  const { status, stdout, stderr } = spawnSync(process.env.PYTHON ?? "python3", [path.join(folder, "rust.py")], { input: Buffer.concat(parts), maxBuffer: 1 << 28, encoding: "utf8" });
  if (status !== 0) {
    console.error(`compare:safetensors: Python must have the package safetensors (pip install safetensors), got ${stderr.trim().split("\n").at(-1)}`);
    process.exit(1);
  }
  const [version, ...lines] = stdout.trim().split("\n");
  return { version, accepted: lines.map((line) => line === "1") };
}

let total = 0;
let differ = 0;
const outcomes = new Map();
const stricter = new Map();
let files = [];
let parser;
const flush = () => {
  const { version, accepted } = official(files);
  parser = version;
  for (const [i, bytes] of files.entries()) {
    const { rust, lanewise } = verdicts(bytes);
    const outcome = rust ?? "accepted";
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    if (rust === undefined && lanewise !== undefined) stricter.set(lanewise, (stricter.get(lanewise) ?? 0) + 1);
    if ((rust === undefined) === accepted[i]) continue;
    if (++differ <= 10) console.log(`differs: the parser ${accepted[i] ? "accepts" : "refuses"}, the validator says ${outcome}: ${JSON.stringify(Buffer.from(bytes).toString("latin1"))}`);
  }
  total += files.length;
  files = [];
};
for (const bytes of drawn()) if (files.push(bytes) === CHUNK) flush();
flush();
const table = (map) => [...map].sort((a, b) => b[1] - a[1]).map(([what, n]) => `  ${String(n).padStart(8)}  ${what}`).join("\n");
console.log(`${total} files, safetensors ${parser}: ${differ} verdicts differ\n${table(outcomes)}\nof the accepted ones lanewise refuses\n${table(stricter)}`);
process.exitCode = differ > 0 ? 1 : 0;

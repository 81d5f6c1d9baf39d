// npm run test:engines: the conformance program in every engine at every number of threads, against the committed digests. Prints a matrix; ends with 1 if a digest differs
// or an engine could not be had. `-- --help` lists the flags.
import { readFileSync, writeFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { browsers } from "./browsers.mjs";
import { install } from "./install.mjs";
import { toMarkdown, toText } from "./matrix.mjs";
import { programs } from "./programs.mjs";

const all = [...programs, ...browsers];

const counts = (text) =>
  text.split(",").map((part) => {
    if (!/^[1-9]\d?$/.test(part)) throw new InvalidArgumentError("It must be numbers of threads, such as 1,2,8.");
    return Number(part);
  });
const { only, threads, write } = new Command("test:engines")
  .description("Compares the bits of the library in every engine.")
  .option("--only <engine...>", `some of: ${all.map(({ name }) => name).join(", ")}`)
  .option("--threads <counts>", "numbers of threads", counts, [1, 2, 3, 8])
  .option("--write", "puts the matrix into docs/engines.md")
  .parse().opts();
const unknown = only?.find((name) => !all.some((engine) => engine.name === name));
if (unknown) throw new Error(`--only must name ${all.map(({ name }) => name).join(", ")}, got ${unknown}`);

const engines = only ? all.filter(({ name }) => only.includes(name)) : all;
const digests = JSON.parse(readFileSync(new URL("../conformance/digests.json", import.meta.url), "utf8"));
const began = performance.now();
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/** { name, version, runs: what examine.mjs gave for each count, relaxed, error } */
async function examine({ name, open }) {
  const result = { name, runs: [] };
  let engine;
  try {
    engine = await open();
    result.version = engine.version;
    await engine.examine(threads, (heard) => (heard.relaxed ? (result.relaxed = heard.relaxed) : result.runs.push(heard)));
  } catch (error) {
    result.error = error.message;
  } finally {
    await engine?.close();
  }
  return result;
}

install(engines);
console.log(`installed after ${seconds(began)}`);
const results = [];
for (const engine of engines) {
  const start = performance.now();
  const result = await examine(engine);
  results.push(result);
  const times = result.runs.map(({ threads, milliseconds }) => `${threads}: ${milliseconds === undefined ? "–" : `${(milliseconds / 1000).toFixed(1)} s`}`);
  console.log(`${result.name} ${result.version ?? ""} ${seconds(start)} (${times.join(", ")})${result.error ? `: ${result.error}` : ""}`);
}

const { text, faults } = toText(results, digests, threads);
console.log(`\n${text}\n`);
console.log(faults.length === 0 ? `Every digest is the committed one (${seconds(began)}).` : faults.map((fault) => `FAIL ${fault}`).join("\n"));
if (write && faults.length === 0) writeFileSync(new URL("../../docs/engines.md", import.meta.url), toMarkdown(results, digests, threads));
process.exitCode = faults.length === 0 ? 0 : 1;

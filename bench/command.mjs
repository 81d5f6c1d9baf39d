// What the two commands, run.mjs and peers.mjs, share: flags, the choice of workloads, the lines at the start and the file at the end.
import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { machine, nodeMajor, warnIfBusy } from "./machine.mjs";
import { formatNumber } from "./report.mjs";
import { workloads } from "./workloads.mjs";

const flagLines = (file) => `
  --filter TEXT  only workloads whose name contains TEXT, such as "matmul", "batch 1" or "train"
  --out FILE     write the results there (default: ${file}; with --filter: nowhere)
  --help         this text`;

function stop(message) {
  console.error(`bench: ${message}`);
  process.exit(2);
}

/** Reads the flags; prints the help, or what is wrong with them, and ends. `results` is the name of the result file. */
export function readCommand(usage, prefix) {
  const standard = `bench/results/${prefix}${nodeMajor}.json`;
  const help = `${usage}\n${flagLines(standard)}`;
  let flags;
  try {
    flags = parseArgs({ options: { filter: { type: "string" }, out: { type: "string" }, help: { type: "boolean" } } }).values;
  } catch (error) {
    stop(`${error.message}\n\n${help}`);
  }
  if (flags.help) {
    console.log(help);
    process.exit(0);
  }
  const chosen = workloads.filter(({ id }) => id.includes(flags.filter ?? ""));
  if (chosen.length === 0) {
    stop(`no workload's name contains "${flags.filter}", the names are:\n  ${workloads.map(({ id }) => id).join("\n  ")}`);
  }
  return { chosen, file: flags.out ?? (flags.filter ? undefined : standard), given: flags.out !== undefined };
}

export function printStart() {
  const { engine, cpu, cores, os } = machine();
  console.log(`${engine}, ${cpu}, ${cores} cores, ${os}; every contestant on one thread.`);
  console.log("Nothing else may be running: close the browser, wait for the build.");
  console.log("Time a call: the median, ± half the width of the middle half of the samples.");
  const busy = warnIfBusy();
  if (busy) console.log(busy);
  return busy;
}

/** `busy` is the warning of the start, said again where it is read. */
export function finish({ file, given }, results, busy) {
  const { gflops, p25, p75 } = results.limit;
  console.log(`\nLimit of 128-bit SIMD in this run: ${formatNumber(gflops)} GFLOP/s (middle half ${formatNumber(p25)}–${formatNumber(p75)}).`);
  if (busy) console.log(busy);
  if (!file) return;
  // The standard place belongs to the repository, a given one to whoever gave it.
  const path = given ? file : new URL(`../${file}`, import.meta.url);
  if (!given) mkdirSync(new URL("results/", import.meta.url), { recursive: true });
  writeFileSync(path, `${JSON.stringify(results, null, 1)}\n`);
  console.log(`Written to ${file}.`);
}

// Coverage-guided fuzzing of what reads files: `npm run fuzz -- --runs 1000000 --target container`. A finding ends it, with the input in build/fuzz.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { addonEnvironment } from "./addon.mjs";
import { bundle } from "./bundle.mjs";
import { readSeeds, writeSeeds } from "./corpus.mjs";

/** What each target is given at most, in bytes. */
const TARGETS = { container: 1024, header: 192, model: 64, bytes: 2048 };

/** Those whose bytes can be read as they are. */
const READABLE = ["container", "bytes"];

const { runs, seconds, target: names, seed, cover, keep } = new Command("npm run fuzz --")
  .description("Fuzzes the readers of files with jazzer.js (libFuzzer).")
  .option("--target <names...>", `of ${Object.keys(TARGETS).join(", ")}`, Object.keys(TARGETS))
  .option("--runs <count>", "executions of each target", "100000")
  .option("--seconds <count>", "at most, for each target", "0")
  .option("--seed <number>", "of libFuzzer's random numbers", "1")
  .option("--cover", "only runs the corpora, and prints how much of each bundled target they reach")
  .option("--keep", "writes the smallest inputs that reach all that was reached to fuzz/corpus")
  .parse()
  .opts();

const folder = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const build = path.join(folder, "../build/fuzz");
mkdirSync(build, { recursive: true });
if (!existsSync(path.join(folder, "node_modules/@jazzer.js/core"))) {
  const { status } = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder, stdio: ["ignore", 2, 2], shell: process.platform === "win32" });
  if (status !== 0) process.exit(1);
}
const environment = { ...process.env, ...addonEnvironment(folder, build) };
await bundle(names);

for (const name of names) {
  const corpus = path.join(build, "corpus", name);
  const seeds = path.join(build, "seeds", name);
  for (const each of [corpus, seeds]) mkdirSync(each, { recursive: true });
  for (const [i, bytes] of readSeeds(name).entries()) writeFileSync(path.join(seeds, String(i)), bytes);
  const log = path.join(build, `${name}.log`);
  const limits = [`-runs=${runs}`, `-max_total_time=${seconds}`, `-max_len=${TARGETS[name]}`, "-rss_limit_mb=1024", `-seed=${seed}`];
  const output = [`-dict=${path.join(folder, "header.dict")}`, "-print_final_stats=1", `-artifact_prefix=${build}/${name}-`];
  const own = cover ? ["--mode=regression", "--coverage", `--coverageDirectory=${path.join(build, "coverage", name)}`, "--coverageReporters=text", "--coverageReporters=json"] : [];
  const said = jazzer(name, log, [corpus, seeds], own, [...limits, ...output]);
  if (cover) continue;
  const last = (pattern) => [...said.matchAll(pattern)].at(-1)?.[1];
  console.log(
    `${name}: ${last(/number_of_executed_units:\s*(\d+)/g)} executions (${last(/average_exec_per_sec:\s*(\d+)/g)} a second), ${last(/ cov: (\d+)/g)} edges, ${last(/ ft: (\d+)/g)} features, corpus of ${readdirSync(corpus).length} inputs, no finding`,
  );
  if (!keep) continue;
  const merged = path.join(build, "merged", name);
  rmSync(merged, { recursive: true, force: true });
  mkdirSync(merged, { recursive: true });
  jazzer(name, log, [merged, seeds, corpus], [], ["-merge=1"]);
  writeSeeds(name, readdirSync(merged).map((file) => readFileSync(path.join(merged, file))), READABLE.includes(name));
}

/** Runs jazzer.js to its end, and gives what it said; with a finding, everything ends. */
function jazzer(name, log, folders, options, fuzzerOptions) {
  const program = path.join(folder, "node_modules/@jazzer.js/core/dist/cli.js");
  // Its own limit on time would count that of a process that was stopped.
  const { status } = spawnSync(process.execPath, [program, path.join(build, `${name}.cjs`), ...folders, "--sync", "--timeout=100000", ...options, "--", ...fuzzerOptions], {
    env: environment, stdio: ["ignore", cover ? "inherit" : "ignore", openSync(log, "w")],
  });
  const said = readFileSync(log, "latin1");
  if (status === 0) return said;
  console.error(said.slice(-4000));
  process.exit(1);
}

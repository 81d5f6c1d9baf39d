// Random calls of the whole interface, good and bad, in any order: `npm run fuzz:api -- --calls 1000000`. The table of calls and what is watched: test/api.

import { createRequire } from "node:module";
import path from "node:path";
import { Command } from "commander";
import { bundleApi } from "./bundle.mjs";

const { calls, seed, outcomes } = new Command("npm run fuzz:api --")
  .option("--calls <count>", "how many to make, at least", "100000")
  .option("--seed <number>", "of the calls; the same seed makes the same", "1")
  .option("--outcomes", "also print how often each call had each outcome")
  .parse()
  .opts();

const CHUNK = 20_000;
await bundleApi();
const { runCalls } = createRequire(import.meta.url)(path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "../build/fuzz/api.cjs"));
const start = performance.now();
const all = new Map();
let made = 0;
for (let i = 0; made < Number(calls); i++) {
  const report = await runCalls({ calls: Math.min(CHUNK, Number(calls) - made), seed: Number(seed) * 1_000_000 + i * 1000 });
  made += report.calls;
  for (const [outcome, count] of report.outcomes) all.set(outcome, (all.get(outcome) ?? 0) + count);
  if (i % 10 === 9) console.error(`${made} calls, ${all.size} pairs of call and outcome`);
}
const failed = [...all].reduce((sum, [outcome, count]) => sum + (outcome.endsWith(": ok") ? 0 : count), 0);
if (outcomes) for (const [outcome, count] of [...all].sort()) console.log(`${String(count).padStart(8)}  ${outcome}`);
console.log(`${made} calls, of which ${failed} failed as they should, ${all.size} pairs of call and outcome, ${((performance.now() - start) / 1000).toFixed(0)} s, no finding`);

// npm run test:long: random work by seed for as long as asked, on the strict build, the relaxed one and threads, twice each. Watched: digests (the same twice, and strict's
// with threads), bytes of linear memory, the heap of JavaScript. The first thing that is wrong ends it, with the seed that shows it again.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Command } from "commander";
import * as lanewise from "../../dist/index.js";
import { relaxed } from "../../dist/relaxed.js";
import { createThreadedBackend } from "../../dist/threads.js";
import { round } from "./round.mjs";
import { World } from "./worlds.mjs";

const POINTS = 10;
/** Most bytes reserved for each byte in use at the worst moment. */
const MOST_OVERHEAD = 1.25;
/** Growth of the heap of JavaScript from a tenth of the time on, at most. */
const MOST_HEAP = 4 << 20;

const { minutes, seed, rounds, threads } = new Command()
  .name("npm run test:long --")
  .description("Random work by seed on every build, with watchers for memory and digests.")
  .option("--minutes <number>", "how long", Number, 60)
  .option("--seed <number>", "seed of the first round; the others follow it", Number, 1)
  .option("--rounds <number>", "end after so many rounds", Number, Infinity)
  .option("--threads <number>", "threads of the threaded backend", Number, 2)
  .parse()
  .opts();

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");
// Node 20 has relaxed SIMD behind a flag; newer engines know no such flag and need none.
if (Number(process.versions.node.split(".")[0]) < 22) setFlagsFromString("--experimental-wasm-relaxed-simd");

const { createBackend } = lanewise;
const make = {
  strict: () => createBackend(),
  relaxed: () => createBackend({ module: relaxed }),
  threads: () => createThreadedBackend({ threads }),
};
const worlds = {};
for (const [name, create] of Object.entries(make)) worlds[name] = new World(name, await create());

/** Digests of a round where memory is worn, and where it is fresh. */
async function both(seed) {
  const digests = {};
  for (const [name, world] of Object.entries(worlds)) {
    digests[name] = await world.run(lanewise, round, seed);
    const fresh = new World(`${name}, fresh`, await make[name]());
    digests[fresh.name] = await fresh.run(lanewise, round, seed);
    fresh.backend.dispose();
  }
  const must = [["strict", "strict, fresh"], ["strict", "threads"], ["strict", "threads, fresh"], ["relaxed", "relaxed, fresh"]];
  for (const [one, other] of must) {
    if (digests[one] !== digests[other]) throw new Error(`round ${seed}: ${one} and ${other} must give the same bits, got ${digests[one]} and ${digests[other]}; npm run test:long -- --seed ${seed} --rounds 1`);
  }
  return digests;
}

const began = performance.now(), milliseconds = minutes * 60_000;
const elapsed = () => performance.now() - began;
const first = await both(seed);
let done = 1, heapAtFirst, lastHeap;
console.log("  minutes  rounds   results  refused  in use / reserved KB: " + Object.keys(worlds).join(", ").padEnd(42) + "  JS heap KB   RSS MB");
for (let point = 1; point <= POINTS; point++) {
  while (elapsed() < (milliseconds * point) / POINTS && done < rounds) await both(seed + done++);
  collect();
  await new Promise((resolve) => setTimeout(resolve, 20));
  collect();
  const { heapUsed, rss } = process.memoryUsage();
  lastHeap = heapUsed;
  heapAtFirst ??= heapUsed;
  const kilobytes = (bytes) => (bytes / 1024).toFixed(0);
  const memory = Object.values(worlds).map(({ backend }) => Object.values(backend.memory()).map(kilobytes).join(" / ").padStart(13));
  const sum = (name) => Object.values(worlds).reduce((total, { counts }) => total + counts[name], 0);
  console.log(
    `${(elapsed() / 60_000).toFixed(1).padStart(9)} ${String(done).padStart(7)} ${String(sum("results")).padStart(9)} ${String(sum("errors")).padStart(8)}  ${memory.join(", ").padEnd(64)}  ${kilobytes(heapUsed).padStart(10)} ${String(Math.round(rss / 2 ** 20)).padStart(8)}`,
  );
}

const again = await both(seed);
if (Object.keys(first).some((name) => first[name] !== again[name])) throw new Error(`round ${seed} must give the same bits after ${done} rounds, got others`);
for (const { name, backend, peak, overhead } of Object.values(worlds)) {
  console.log(`${name}: ${peak} bytes in use at most, ${backend.memory().bytesReserved} reserved; of what fragmentation may cost (${MOST_OVERHEAD}) it took ${overhead.toFixed(2)}`);
  if (overhead > MOST_OVERHEAD) throw new Error(`${name}: memory reserved must be at most ${MOST_OVERHEAD} times what was needed, got ${overhead}`);
}
if (lastHeap - heapAtFirst > MOST_HEAP) throw new Error(`the heap of JavaScript must grow by at most ${MOST_HEAP} bytes, got ${lastHeap - heapAtFirst}`);
const { errors, results, ...actions } = worlds.strict.counts;
console.log(`on each build: ${Object.entries(actions).map(([name, count]) => `${name} ${count}`).join(", ")}; ${results} results, ${errors} calls refused; ${worlds.threads.shared} programs went to ${threads} threads`);
console.log(`${done} rounds of seeds ${seed} to ${seed + done - 1} on ${Object.keys(worlds).join(", ")}, each twice: 0 differences, 0 bytes lost, heap of JavaScript ${lastHeap - heapAtFirst} bytes more than at the first point`);
for (const { backend } of Object.values(worlds)) backend.dispose();

// npm run test:threads -- [starts]: starts and ends crews of two threads, 1,000 unless told, every tenth after a product on both, and prints what is left of them at ten points:
// threads of the process, file descriptors, what keeps Node alive, megabytes. Ends with 1 if there is more than after the first 20, or if memory goes on growing. G11 asks for 100,000.
import { existsSync, readdirSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { matmul, Matrix } from "../../dist/index.js";
import { createThreadedBackend } from "../../dist/threads.js";

const starts = Number(process.argv[2] ?? 1000);
const count = (folder) => (existsSync(folder) ? readdirSync(folder).length : 0);

/** What there is once workers that were told to end have done so, or after 10 s. */
async function census(before) {
  let now;
  const until = performance.now() + 10_000;
  do {
    await pause(20);
    globalThis.gc?.();
    now = { threads: count("/proc/self/task"), descriptors: count("/proc/self/fd"), resources: process.getActiveResourcesInfo().filter((name) => name !== "Timeout").length };
  } while (before && Object.keys(now).some((key) => now[key] > before[key]) && performance.now() < until);
  return { ...now, megabytes: Math.round(process.memoryUsage().rss / 2 ** 20) };
}

const values = new Float32Array(128 * 128).fill(0.5);

async function startAndEnd(works) {
  const backend = await createThreadedBackend({ threads: 2 });
  if (backend.threads !== 2) throw new Error(`two threads must be had, got ${backend.threadsReason}`);
  if (works) {
    const [a, b] = [0, 1].map(() => new Matrix(128, 128, values, { backend }));
    const c = matmul(a, b);
    if (c.data[0] !== 32) throw new Error(`the product must be 32, got ${c.data[0]}`);
  }
  backend.dispose();
}

// What Node and the library keep for good is there after the first few.
for (let i = 0; i < 20; i++) await startAndEnd(true);
const first = await census();
console.log(0, JSON.stringify(first));
const points = [];
for (let point = 1; point <= 10; point++) {
  for (let i = 0; i < starts / 10; i++) await startAndEnd(i % 10 === 0);
  points.push(await census(first));
  console.log(Math.round((point * starts) / 10), JSON.stringify(points.at(-1)));
}
const last = points.at(-1);
const left = ["threads", "descriptors", "resources"].filter((key) => last[key] > first[key]);
// A pool that grows grows on; the system's allocator settles.
if (last.megabytes > points[4].megabytes * 1.25 + 16) left.push("megabytes");
console.log(left.length === 0 ? `${starts} starts, nothing left` : `FAIL ${left.join(", ")} must be as at the start`);
process.exitCode = left.length === 0 ? 0 : 1;

// What memory costs over many calls: figures at ten points, each with its bound; the first that is passed ends the run. test/memory.figures.test.ts knows the flags it needs.
import { getHeapSpaceStatistics } from "node:v8";
import { Command } from "commander";
import { adam, createBackend, dense, Network } from "../../dist/index.js";

/** Most bytes of JavaScript's heap that 100,000 calls, or fewer, may leave behind. */
const MOST_KEPT = 1024;
/** Most bytes ever reserved for each byte of the working set, the page that a backend begins with apart. */
const MOST_PEAK = 1.25;
const POINTS = 10;

const { share } = new Command().option("--share <number>", "share of the full number of calls", Number, 1).parse().opts();

const count = (full) => Math.round((full * share) / POINTS) * POINTS;
const number = (value, width = 9) => value.toLocaleString("en").padStart(width);
function must(what, right, got) {
  if (!right) throw new Error(`${what}, got ${got}`);
}

/** Bytes of JavaScript's heap that are in use, when what can be collected has been; without the engine's own optimized code. */
function heap() {
  for (let i = 0; i < 4; i++) gc();
  return getHeapSpaceStatistics().reduce((sum, { space_name: name, space_used_size: size }) => sum + (name.startsWith("code") ? 0 : size), 0);
}

const layers = () => [dense(16, "tanh"), dense(9, "relu"), dense(3, "softmax")];
const inputs = 7;
const compiled = (network) => (network.compile({ optimizer: adam(), loss: "sparseCategoricalCrossentropy" }), network);

/** `work` from call 0 to the last, looked at ten times. A first point before the first call; what warms up, the caller has done. */
function watch(title, calls, backend, work, exact = true) {
  const start = backend.memory();
  console.log(`\n${title}\n      calls   in use  reserved  JS heap`);
  const heaps = [];
  let done = 0;
  for (let point = 0; point <= POINTS; point++) {
    for (const end = (calls * point) / POINTS; done < end; done++) work(done);
    const { bytesInUse, bytesReserved } = backend.memory();
    heaps.push(heap());
    console.log(`${number(done, 11)} ${number(bytesInUse, 8)} ${number(bytesReserved)} ${number(heaps.at(-1))}`);
    must(`${title}: bytes in use must stay ${start.bytesInUse}`, bytesInUse === start.bytesInUse, bytesInUse);
    if (exact) must(`${title}: bytes reserved must stay ${start.bytesReserved}`, bytesReserved === start.bytesReserved, bytesReserved);
  }
  // What the engine makes of this very loop is there from the third point on.
  const kept = Math.min(...heaps.slice(-4)) - Math.min(...heaps.slice(2, 5)), most = MOST_KEPT * Math.max(1, calls / 100_000);
  console.log(`  JS heap: the lowest of the last four points is ${kept} bytes above the lowest of the third to the fifth; ${most} are allowed`);
  if (share === 1) must(`${title}: JavaScript's heap must keep at most ${most} bytes`, kept <= most, kept);
}

const sizes = [1, 2, 3, 8, 17, 33];
const backend = createBackend();
const network = compiled(new Network({ inputs, layers: layers(), seed: 1 }, { backend }));
const rows = sizes.map((n) => new Float32Array(inputs * n).map((_, i) => Math.sin(i))), classes = sizes.map((n) => Int32Array.from({ length: n }, (_, i) => i % 3));
// Sizes in no order that a plan could be kept for.
const pick = (i) => ((i * 2654435761) >>> 7) % sizes.length;
const predict = (i) => network.predict(rows[pick(i)]);
const train = (i) => network.trainBatch(rows[pick(i)], classes[pick(i)]);
// The engine optimizes, and takes notes for it, over many calls.
for (let i = 0; i < count(5e5); i++) predict(i);
for (let i = 0; i < count(1e5); i++) train(i);
for (let i = 0; i < 20; i++) heap();
watch(`predict, batches of ${sizes.join(", ")} rows`, count(1e6), backend, predict);
watch(`trainBatch, batches of ${sizes.join(", ")} rows`, count(1e5), backend, train);

/** Lives of networks, one after the other, among some that stay. */
const file = network.save({ includeOptimizer: true });
function life(i) {
  const mine = new Network({ inputs: 1 + (i % 40), layers: [dense(1 + (i % 37), "tanh"), dense(3)], seed: i }, { backend });
  if (i % 3 === 0) mine.compile({ optimizer: "adam", loss: "mse" });
  if (i % 3 === 0) mine.trainBatch(new Float32Array(mine.inputs * 4), new Float32Array(12));
  mine.predict(new Float32Array(mine.inputs));
  mine.dispose();
}
const loaded = () => Network.load(file, { backend }).dispose();
// As many as the period of sizes, twice.
for (let i = 0; i < 2 * 40 * 37 * 3; i++) life(i);
for (let i = 0; i < 100; i++) loaded();
watch("create, use and dispose of networks of 1,480 shapes", count(1e5), backend, life);
watch("load and dispose", count(1e4), backend, loaded);

/** The most that is ever held at a time, against what is reserved for it: networks come and go in an order that leaves gaps. */
{
  const own = createBackend(), { linear } = own, held = [];
  let peak = 0;
  linear.allocate = (...args) => {
    const pointer = Object.getPrototypeOf(linear).allocate.apply(linear, args);
    peak = Math.max(peak, linear.bytesInUse);
    return pointer;
  };
  for (let i = 0, total = count(1e5) / 5; i < total; i++) {
    const at = ((i * 2654435761) >>> 9) % 64;
    held[at]?.dispose();
    held[at] = new Network({ inputs: 1 + (i % 61), layers: [dense(1 + (i % 53), "tanh"), dense(3)], seed: i }, { backend: own });
  }
  const { bytesInUse, bytesReserved } = own.memory(), ratio = (bytesReserved - 65536) / peak;
  console.log(`\n64 networks held, replaced ${number(count(1e5) / 5, 0)} times in disorder: working set ${number(peak, 0)} bytes at most, ${number(bytesInUse, 0)} at the end, ${number(bytesReserved, 0)} reserved, ratio ${ratio.toFixed(3)}`);
  must(`bytes reserved must be at most ${MOST_PEAK} times the working set`, ratio <= MOST_PEAK, ratio.toFixed(3));
  for (const each of held) each?.dispose();
  must("all bytes must be given back", own.memory().bytesInUse === 0, own.memory().bytesInUse);
}

/** Networks that nobody disposes. */
{
  const own = createBackend(), total = count(1e4), drop = (i) => void compiled(new Network({ inputs, layers: layers(), seed: i }, { backend: own })).trainBatch(rows[1], classes[1]);
  let most = 0;
  for (let i = 0; i < total; i++) {
    drop(i);
    most = Math.max(most, own.memory().bytesInUse);
  }
  for (let i = 0; i < 200 && own.memory().bytesInUse > most / 100; i++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 5)); // the registry is told between two tasks
  }
  const { bytesInUse } = own.memory();
  console.log(`\n${number(total, 0)} networks dropped without dispose(): ${number(most, 0)} bytes in use at most, ${number(bytesInUse, 0)} after the garbage collector`);
  // The engine may still see the last few in its registers.
  must("a hundredth of the bytes at most must be left", bytesInUse <= most / 100, bytesInUse);
}
network.dispose();
must("all bytes must be given back", backend.memory().bytesInUse === 0, backend.memory().bytesInUse);
console.log("\nmemory: all bounds kept");

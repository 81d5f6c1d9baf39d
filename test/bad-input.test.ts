// Runs the catalogue of mistakes. Each must give its error in the house form, and leave everything as it was: weights, optimizer state and predictions to the
// bit, memory to the byte.

import { afterAll, expect, test } from "vitest";
import {
  ArgumentError, createBackend, dense, DisposedError, FormatError, LanewiseError, Matrix, NameError, Network, NonFiniteError, OutOfMemoryError, ShapeError, StateError,
} from "../src/index.js";
import { catalogue, type Row } from "./bad-input/catalogue.js";
import { errorsPage } from "./bad-input/document.js";
import { fresh, World, x } from "./bad-input/world.js";

const codes = new Map<unknown, string>([
  [ShapeError, "ERR_SHAPE"], [ArgumentError, "ERR_ARGUMENT"], [NameError, "ERR_NAME"], [StateError, "ERR_STATE"], [NonFiniteError, "ERR_NON_FINITE"],
  [FormatError, "ERR_FORMAT"], [DisposedError, "ERR_DISPOSED"], [OutOfMemoryError, "ERR_OUT_OF_MEMORY"],
]);
/** `<where>: <what must hold>, got <value>`; where may go on with the layer, or epoch and batch. */
const houseForm = /^[A-Za-z]\w*(\.\w+)*: (layers\[\d+\]: |epoch \d+, batch \d+: )?[^]* must [^]+, got [^]+$/;

const world = new World();
const before = world.state();
const twin = new World();
const seen: { readonly row: Row; readonly error: LanewiseError }[] = [];

async function errorOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return undefined;
}

test("the catalogue has its rows, each under a name of its own", () => {
  expect(catalogue.length).toBeGreaterThanOrEqual(250);
  const ids = catalogue.map(({ id }) => id);
  expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
  expect(new Set(catalogue.map(({ error }) => error))).toEqual(new Set(codes.keys()));
});

test.each(catalogue)("$id", async (row) => {
  const { error, where, says, call } = row;
  const thrown = await errorOf(() => call(world));
  expect(thrown).toBeInstanceOf(LanewiseError);
  const { constructor, code, name, message } = thrown as LanewiseError;
  expect({ class: constructor.name, code, name }, message).toEqual({ class: error.name, code: codes.get(error), name: error.name });
  expect(message).toMatch(houseForm);
  expect(message.length).toBeLessThan(1000);
  for (const part of says) expect(message).toContain(part);
  expect(message.startsWith(where), message).toBe(true);
  if (thrown instanceof OutOfMemoryError) expect([thrown.requested > 0, thrown.held >= 0]).toEqual([true, true]);
  if (thrown instanceof FormatError) expect(thrown.offset).toBeGreaterThanOrEqual(0);
  expect(world.state()).toEqual(before);
  seen.push({ row, error: thrown as LanewiseError });
});

test("docs/errors.md is the catalogue", async ({ skip }) => {
  if (seen.length < catalogue.length) skip("not all rows have run");
  await expect(errorsPage(seen)).toMatchFileSnapshot("../docs/errors.md");
});

test("a failing step of fit names epoch, batch and layer, and leaves the weights of the step before", async () => {
  for (const learningRate of [1, 3e38]) {
    const large = x.map((row) => row.map((value) => value * 1000));
    const network = fresh({ learningRate });
    let weights = network.save({ includeOptimizer: true });
    const callbacks = [{ onBatchEnd: () => void (weights = network.save({ includeOptimizer: true })) }];
    const error = (await errorOf(() => network.fit(large, [[0, 0], [0, 0]], { epochs: 100, batchSize: 1, shuffle: false, callbacks }))) as NonFiniteError;
    expect(error).toBeInstanceOf(NonFiniteError);
    expect(error.message).toMatch(new RegExp(`^Network\\.fit: epoch ${error.epoch}, batch ${error.batch}: .* layer ${error.layer}, dense`));
    const after = Network.load(network.save({ includeOptimizer: true }));
    const before = Network.load(weights);
    expect(after.layers.map((layer) => layer.getWeights())).toEqual(before.layers.map((layer) => layer.getWeights()));
    expect(after.layers.every((layer) => [...layer.getWeights().weights!].every(Number.isFinite))).toBe(true);
    expect([...network.predict(x)].every(Number.isFinite)).toBe(true);
    for (const each of [network, after, before]) each.dispose();
  }
});

test("save() works again after a fit whose callback had a bad state", async () => {
  const network = fresh();
  expect(await errorOf(() => network.fit(x, [[0, 0], [0, 0]], { callbacks: [{ getState: () => 5 as never }] }))).toBeInstanceOf(ArgumentError);
  const copy = Network.load(network.save({ includeOptimizer: true }));
  expect(copy.predict(x)).toEqual(network.predict(x));
  for (const each of [network, copy]) each.dispose();
});

test("a failing batch is named in its place: NaN that a callback writes into x later on", async () => {
  // Too much data for this memory: it is copied a batch at a time.
  const rows = 20_000;
  const given = new Float32Array(3 * rows);
  const network = fresh({ backend: createBackend({ maximumBytes: 1 << 17 }) });
  const callbacks = [{ onBatchEnd: (batch: number) => void (batch === 1 && given.fill(NaN, 12)) }];
  const error = (await errorOf(() => network.fit(given, new Float32Array(2 * rows), { batchSize: 2, shuffle: false, callbacks }))) as NonFiniteError;
  expect([error.constructor, error.epoch, error.batch, error.layer]).toEqual([NonFiniteError, 0, 2, 1]);
  network.dispose();
});

test("class numbers that change while fit() runs are not followed", async () => {
  const y = new Int32Array([0, 2]);
  const network = Network.load(world.bytes);
  const twin = Network.load(world.bytes);
  const spoil = { onBatchEnd: () => void y.fill(2 ** 30) };
  expect(await network.fit(x, y, { epochs: 3, batchSize: 1, callbacks: [spoil] })).toEqual(await twin.fit(x, [0, 2], { epochs: 3, batchSize: 1 }));
  network.dispose();
  twin.dispose();
});

const bits = (values: Float32Array): Uint32Array => new Uint32Array(values.slice().buffer);

test("odd kinds that hold good values are taken", () => {
  const expected = bits(world.classes.predict(x));
  const shared = new Float32Array(new SharedArrayBuffer(24));
  shared.set(x.flat());
  const resizable = new Float32Array(new (ArrayBuffer as any)(24, { maxByteLength: 48 }));
  resizable.set(x.flat());
  class Row extends Array {}
  const once = (): unknown => {
    let reads = 0;
    return new Proxy(x, { get: (target, key) => (key === "0" && reads++ > 0 ? null : Reflect.get(target, key)) });
  };
  const kinds: unknown[] = [
    new Float32Array(x.flat()), shared, resizable, x.map((row) => Float32Array.from(row)), Object.freeze(x), new Proxy(x, {}), once(), x.map((row) => Row.from(row)),
    new Float32Array([9, ...x.flat(), 9]).subarray(1, 7),
  ];
  for (const kind of kinds) expect(bits(world.classes.predict(kind as number[][]))).toEqual(expected);
  const sharedClasses = new Int32Array(new SharedArrayBuffer(8));
  sharedClasses[1] = 2;
  for (const y of [new Uint8Array([0, 2]), new Int32Array([0, 2]), Buffer.from([0, 2]), sharedClasses, new Proxy([0, 2], {}), [-0, 2]]) {
    expect(world.classes.evaluate(x, y)).toEqual(world.classes.evaluate(x, [0, 2]));
  }
});

test("a proxy that gives another class number on a second look does not reach memory it should not", () => {
  let looks = 0;
  const y = new Proxy([0, 2], { get: (target, key) => (key === "0" && looks++ > 0 ? 2 ** 30 : Reflect.get(target, key)) });
  expect(world.classes.evaluate(x, y)).toEqual(world.classes.evaluate(x, [0, 2]));
});

test("views of the library's own memory are good arguments, also when the call grows that memory", async () => {
  const make = (): { backend: ReturnType<typeof createBackend>; view: Float32Array; network: Network } => {
    const backend = createBackend();
    const network = new Network({ inputs: 3, layers: [dense(2000, "relu"), dense(3)], seed: 1 }, { backend });
    network.compile({ optimizer: "sgd", loss: "mse" });
    const matrix = new Matrix(2, 3, new Float32Array(x.flat()), { backend });
    // Leave nothing free below the end of memory: whatever comes next must grow it.
    for (let floats = 1 << 14; floats >= 16; ) {
      const { bytesReserved } = backend.memory();
      const filler = new Matrix(1, floats, undefined, { backend });
      if (backend.memory().bytesReserved > bytesReserved) floats >>= 1;
      void filler;
    }
    return { backend, network, view: matrix.data };
  };
  const plain = new Float32Array(x.flat());
  const calls: ((network: Network, x: Float32Array, backend: ReturnType<typeof createBackend>) => unknown)[] = [
    (network, x) => network.predict(x), (network, x) => network.trace(x), (network, x) => network.trainBatch(x, x), (network, x) => network.evaluate(x, x),
    (network, x) => network.gradients(x, x), (network, x) => network.fit(x, x, { epochs: 2, batchSize: 1 }),
    (network, x) => (network.layers[1].setWeights({ bias: x.subarray(0, 3) }), network.layers[1].getWeights()),
    (_, x, backend) => [...new Matrix(200, 300, undefined, { backend }).data.subarray(0, 2), ...new Matrix(2, 3, x.length > 0 ? x : undefined, { backend }).data].slice(0, 2),
  ];
  for (const call of calls) {
    const one = make();
    const other = make();
    expect(await call(one.network, one.view, one.backend)).toEqual(await call(other.network, plain, other.backend));
    one.network.dispose();
    other.network.dispose();
  }
});

test("accuracy goes with every loss", () => {
  const cases = [["linear", "mse"], ["sigmoid", "bce"], ["softmax", "categoricalCrossentropy"], ["softmax", "sparseCategoricalCrossentropy"]] as const;
  for (const units of [1, 2]) {
    for (const [last, loss] of cases) {
      const network = new Network({ inputs: 3, layers: [dense(units, last)] });
      network.compile({ optimizer: "sgd", loss, metrics: ["accuracy"] });
      const y = loss === "sparseCategoricalCrossentropy" ? [0, units - 1] : [new Array(units).fill(0), new Array(units).fill(1)];
      const { accuracy } = network.evaluate(x, y as number[][]);
      expect(accuracy).toBeGreaterThanOrEqual(0);
      expect(accuracy).toBeLessThanOrEqual(1);
      network.dispose();
    }
  }
});

test("dispose() twice is harmless", () => {
  const backend = createBackend();
  const start = backend.memory().bytesInUse;
  const network = new Network({ inputs: 3, layers: [dense(2)] }, { backend });
  const objects = [network, network.session(), new Matrix(2, 2, undefined, { backend }), backend];
  for (const object of objects) {
    object.dispose();
    object.dispose();
    object[Symbol.dispose]();
  }
  expect(backend.memory().bytesInUse).toBe(start);
});

test("after memory ran out, less works", async () => {
  const tight = createBackend({ maximumBytes: 1 << 20 });
  const network = new Network({ inputs: 300, layers: [dense(100), dense(1)] }, { backend: tight });
  network.compile({ optimizer: "sgd", loss: "mse" });
  const rows = (n: number): Float32Array => Float32Array.from({ length: n * 300 }, (_, i) => Math.sin(i));
  const before = bits(network.predict(rows(1)));
  const { bytesInUse } = tight.memory();
  for (let n = 4096; ; n >>= 1) {
    const error = await errorOf(() => network.trainBatch(rows(n), new Float32Array(n)));
    if (error === undefined) break;
    expect(error).toBeInstanceOf(OutOfMemoryError);
    expect(tight.memory().bytesInUse).toBe(bytesInUse);
    expect(bits(network.predict(rows(1)))).toEqual(before);
  }
  expect(bits(network.predict(rows(1)))).not.toEqual(before);
  network.dispose();
});

afterAll(() => {
  // After all of it, training goes on as in a world where nothing had happened.
  expect(world.trainOn()).toEqual(twin.trainOn());
  expect(world.state()).toEqual(twin.state());
});

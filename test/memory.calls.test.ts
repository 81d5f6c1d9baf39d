/// <reference types="vite/types/importMeta.d.ts" />
// Every call of the API that takes memory: refused at each allocation in turn, on memories of every size, and with growth under its hands.

import { afterEach, describe, expect, it, test, vi } from "vitest";
import { activations, adam, createBackend, dense, matmul, Matrix, Network, normalization, OutOfMemoryError, residual, type Backend } from "../src/index.js";
import { load } from "../src/infer.js";
import { LinearMemory } from "../src/memory.js";
import { random } from "./numbers.js";

afterEach(() => void vi.restoreAllMocks());

/** A network of `width` inputs, ready for training, and rows for it. */
class World {
  readonly network: Network;
  readonly x: Float32Array;
  readonly y: Int32Array;
  readonly file: Uint8Array;

  constructor(readonly backend: Backend, readonly width: number, rows: number) {
    this.network = this.create();
    try {
      this.compile(this.network);
      this.x = random(rows * width, 1);
      this.y = Int32Array.from({ length: rows }, (_, i) => i % 3);
      this.file = this.network.save({ includeOptimizer: true });
    } catch (error) {
      this.network.dispose();
      throw error;
    }
  }

  create(): Network {
    const { backend, width } = this;
    const layers = [normalization(), dense(width + 3, "tanh"), residual([dense(5, "relu"), dense(width + 3)]), dense(3, "softmax")];
    return new Network({ inputs: width, layers, seed: 5 }, { backend });
  }

  compile(network: Network): void {
    network.compile({ optimizer: adam(), loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
  }

  get half(): Float32Array {
    return this.x.subarray(0, Math.ceil(this.y.length / 2) * this.width);
  }
}

interface Disposable {
  dispose(): void;
}

/** What `make` gives, as `read` sees it, and then disposed. */
function once<T extends Disposable>(made: T, read: (made: T) => unknown): unknown {
  try {
    return read(made);
  } finally {
    made.dispose();
  }
}

/** Each gives all that can be seen of what it did. Those that train do so on a network of their own. */
const calls: Record<string, (world: World) => unknown> = {
  "new Network": (world) => once(world.create(), (network) => network.save()),
  compile: (world) => once(world.create(), (network) => (world.compile(network), network.save({ includeOptimizer: true }))),
  "compile again": ({ network }) => network.compile({ optimizer: adam({ amsgrad: true }), loss: "categoricalCrossentropy" }),
  async fit({ backend, file, x, y }) {
    const network = Network.load(file, { backend });
    try {
      return [await network.fit(x, y, { epochs: 2, batchSize: 2, validationSplit: 0.4, accumulateSteps: 2 }), network.save({ includeOptimizer: true })];
    } finally {
      network.dispose();
    }
  },
  trainBatch: ({ backend, file, x, y }) => once(Network.load(file, { backend }), (network) => [network.trainBatch(x, y), network.save({ includeOptimizer: true })]),
  predict: ({ network, x }) => network.predict(x),
  evaluate: ({ network, x, y }) => network.evaluate(x, y),
  trace: ({ network, x }) => network.trace(x),
  gradients: ({ network, x, y }) => network.gradients(x, y),
  diagnose: ({ network, x, y }) => String(network.diagnose(x, y)),
  session: ({ network, y, x }) => once(network.session({ batch: y.length }), (session) => (session.input.set(x), session.run(), session.output.slice())),
  save: ({ network }) => network.save({ includeOptimizer: true }),
  "Network.load": ({ backend, file }) => once(Network.load(file, { backend }), (network) => network.save({ includeOptimizer: true })),
  load: ({ backend, file, x }) => once(load(file, { backend }), (model) => model.predict(x)),
  loadWeights: ({ network, file }) => (network.loadWeights(file), network.save()),
  getWeights: ({ network }) => network.layers.map((layer) => layer.getWeights()),
  setWeights: ({ network }) => network.layers.map((layer) => (layer.setWeights(layer.getWeights()), layer.getWeights())),
  adapt: ({ backend, file, half }) => once(Network.load(file, { backend }), (network) => (network.layers[0].adapt(half), network.save())),
  "new Matrix": ({ backend, x, width }) => once(new Matrix(x.length / width, width, x, { backend }), ({ data }) => data.slice()),
  matmul: ({ backend, x, width, y }) => once(new Matrix(y.length, width, x, { backend }), (a) => [true, false].map((transposeA) => once(matmul(a, a, { transposeA, transposeB: !transposeA }), ({ data }) => data.slice()))),
  activations: ({ x }) => [activations.tanh(x), activations.tanh.derivative(x)],
};

/** Bits of everything in a value, for toEqual. */
function seen(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex");
  if (Array.isArray(value)) return value.map(seen);
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, seen(each)])) : value;
}

/** Names of arrays in a value that hold nothing: what is left of a view after growth. */
function empty(value: unknown, path = "result"): string[] {
  if (ArrayBuffer.isView(value)) return value.byteLength === 0 ? [path] : [];
  return typeof value === "object" && value !== null ? Object.entries(value).flatMap(([key, each]) => empty(each, `${path}.${key}`)) : [];
}

const { allocate } = LinearMemory.prototype;
/** Runs `before` in front of each allocation. */
function intercept(before: (memory: LinearMemory, bytes: number, where: string) => void): void {
  vi.spyOn(LinearMemory.prototype, "allocate").mockImplementation(function (this: LinearMemory, bytes, where) {
    before(this, bytes, where);
    return allocate.call(this, bytes, where);
  });
}

const outcome = async (call: (world: World) => unknown, world: World): Promise<unknown> => {
  try {
    return await call(world);
  } catch (error) {
    return error;
  }
};

describe.each(Object.entries(calls))("%s", (name, call) => {
  it("fails at each of its allocations with what was asked and what is held; nothing leaks or changes, and less works", async () => {
    const expected = seen(await outcome(call, new World(createBackend(), 7, 6)));
    const world = new World(createBackend(), 7, 6), { backend, network, x } = world;
    const small = seen(network.predict(x.subarray(0, 7)));
    let until = Infinity;
    intercept((memory, bytes, where) => {
      if (memory === backend.linear && until-- === 0) throw new OutOfMemoryError(where, bytes, memory.bytesInUse);
    });
    const before = seen(network.save({ includeOptimizer: true })), { bytesInUse } = backend.memory();
    let failed = 0;
    for (let n = 0; ; n++) {
      until = n;
      const result = await outcome(call, world), over = until >= 0;
      until = Infinity;
      if (over) {
        expect(seen(result)).toEqual(expected);
        break;
      }
      if (result instanceof OutOfMemoryError) {
        expect(result.message).toMatch(/: memory must have room for \d+ bytes, got a refusal with \d+ bytes of linear memory in use$/);
        failed += 1;
        expect(backend.memory().bytesInUse, `after allocation ${n} failed`).toBe(bytesInUse);
        expect(seen(network.save({ includeOptimizer: true }))).toEqual(before);
        expect(seen(network.predict(x.subarray(0, 7)))).toEqual(small);
        new Matrix(1, 1, undefined, { backend }).dispose();
      } else expect(seen(result)).toEqual(expected); // fit() does without its copy of the data, where there is no room for one
    }
    if (name !== "activations" && name !== "new Matrix") expect(failed).toBeGreaterThan(0);
  });

  it("gives the same when memory grows at any of its allocations, or at all of them", async () => {
    const expected = await outcome(call, new World(createBackend(), 7, 6));
    expect(empty(expected)).toEqual([]);
    for (let at = -1; ; at++) {
      const world = new World(createBackend(), 7, 6), { network, x } = world;
      const before = network.predict(x);
      let count = 0;
      intercept(({ memory }) => {
        if (at < 0 || count === at) memory.grow(1);
        count += 1;
      });
      const result = await outcome(call, world);
      vi.restoreAllMocks();
      expect(empty(result)).toEqual([]);
      expect(seen(result)).toEqual(seen(expected));
      expect(before.length).toBe(18);
      if (name !== "loadWeights" && name !== "compile again") expect(seen(network.predict(x))).toEqual(seen(before));
      if (at >= count) break;
    }
  });
});

test("memories from 1 to 201 pages: every call either gives what it gives with plenty, or says what it lacks and leaves all as it was", async () => {
  const size = [130, 240] as const;
  const expected: Record<string, unknown> = {};
  for (const [name, call] of Object.entries(calls)) expected[name] = seen(await outcome(call, new World(createBackend(), ...size)));
  const done: Record<string, number> = {};
  let refused = 0;
  // npm run test:memory takes all of them.
  const step = import.meta.env.MODE === "memory" ? 1 : 8;
  for (let k = 0; k <= 200; k += step) {
    const backend = createBackend({ maximumBytes: (1 + k) * 65536 });
    let world: World;
    try {
      world = new World(backend, ...size);
    } catch (error) {
      expect(error).toBeInstanceOf(OutOfMemoryError);
      expect(backend.memory().bytesInUse).toBe(0);
      refused += 1;
      new Matrix(1, 1, undefined, { backend }).dispose();
      continue;
    }
    for (const [name, call] of Object.entries(calls)) {
      const { bytesInUse } = backend.memory(), before = seen(world.network.save());
      const result = await outcome(call, world);
      expect(backend.memory().bytesReserved).toBeLessThanOrEqual((1 + k) * 65536);
      if (result instanceof OutOfMemoryError) {
        refused += 1;
        expect(backend.memory().bytesInUse, `${name}, ${k} pages`).toBe(bytesInUse);
        expect(seen(world.network.save())).toEqual(before);
        new Matrix(1, 1, undefined, { backend }).dispose();
      } else {
        done[name] = (done[name] ?? 0) + 1;
        // What the optimizer remembers was made anew by "compile again".
        if (name !== "save" && name !== "evaluate" && name !== "gradients" && name !== "diagnose") expect(seen(result), `${name}, ${k} pages`).toEqual(expected[name]);
      }
    }
    world.network.dispose();
    expect(backend.memory().bytesInUse).toBe(0);
  }
  console.log(`memories from 1 to 201 pages in steps of ${step}: ${Object.values(done).reduce((sum, count) => sum + count, 0)} calls done, ${refused} refused`);
  for (const name of Object.keys(calls)) expect(done[name], name).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(step === 1 ? 100 : 10);
});

// Memory that is dirty, and memory that is refused: at every single allocation in turn.

import { afterEach, expect, it, vi } from "vitest";
import { adam, createBackend, dense, matmul, Matrix, Network, OutOfMemoryError, type Backend } from "../src/index.js";
import { LinearMemory } from "../src/memory.js";

const layers = [dense(5, "tanh"), dense(3, "softmax")];
const x = [[1, 2, 3], [4, 5, 6]];
const y = [0, 2];
const compile = (network: Network): Network => (network.compile({ optimizer: adam(), loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] }), network);

afterEach(() => void vi.restoreAllMocks());

/** A life with every call that takes memory; gives all that can be seen. */
async function life(backend: Backend): Promise<unknown> {
  const made: { dispose(): void }[] = [];
  const keep = <T extends { dispose(): void }>(object: T): T => (made.push(object), object);
  try {
    const network = keep(new Network({ inputs: 3, layers: [dense(6, "leakyRelu"), dense(5, "arctan"), dense(3, "softmax")], seed: 5 }, { backend }));
    compile(network);
    const history = await network.fit(x, y, { epochs: 2, batchSize: 1, validationData: [x, y] });
    network.layers[0].setWeights(network.layers[0].getWeights());
    const a = keep(new Matrix(2, 3, new Float32Array([1, 2, 3, 4, 5, 6]), { backend }));
    const product = keep(matmul(a, a, { transposeA: true }));
    const session = keep(network.session({ batch: 2 }));
    session.input.set(x.flat());
    session.run();
    const file = network.save({ includeOptimizer: true });
    const copy = keep(Network.load(file, { backend }));
    return [
      history, product.data.slice(), session.output.slice(), file, copy.trainBatch(x, y), network.predict([x[0]]), network.predict(x), network.trainBatch(x, y),
      network.evaluate(x, y), network.gradients(x, y), network.trace(x),
    ];
  } finally {
    for (const object of made) object.dispose();
  }
}

it("what memory held before makes no difference", async () => {
  const clean = await life(createBackend());
  const allocate = LinearMemory.prototype.allocate;
  vi.spyOn(LinearMemory.prototype, "allocate").mockImplementation(function (this: LinearMemory, bytes, where) {
    const offset = allocate.call(this, bytes, where);
    new Uint32Array(this.memory.buffer, offset, Math.ceil(Math.max(bytes, 1) / 64) * 16).fill(0x7fc0dead);
    return offset;
  });
  expect(await life(createBackend())).toEqual(clean);
});

it("each allocation may fail in turn: nothing leaks, nothing else changes, and then it works", async () => {
  const expected = await life(createBackend());
  const backend = createBackend();
  const bystander = compile(new Network({ inputs: 3, layers }, { backend }));
  bystander.trainBatch(x, y);
  bystander.predict(x);
  const state = (): string => Buffer.from(bystander.save({ includeOptimizer: true })).toString("hex");
  const before = state();
  const { bytesInUse } = backend.memory();
  const allocate = LinearMemory.prototype.allocate;
  let until = Infinity;
  vi.spyOn(LinearMemory.prototype, "allocate").mockImplementation(function (this: LinearMemory, bytes, where) {
    if (until-- === 0) throw new OutOfMemoryError(where, bytes, this.bytesInUse);
    return allocate.call(this, bytes, where);
  });
  let failed = 0;
  let spared = 0;
  for (let n = 0; ; n++) {
    until = n;
    const outcome = await life(backend).catch((error: unknown) => error);
    const over = until >= 0;
    until = Infinity;
    expect(backend.memory().bytesInUse, `after allocation ${n} failed`).toBe(bytesInUse);
    expect(state()).toBe(before);
    if (over) {
      expect(outcome).toEqual(expected);
      break;
    }
    if (outcome instanceof OutOfMemoryError) failed += 1;
    else {
      // fit() does without its copy of the data set where there is no room for one.
      expect(outcome).toEqual(expected);
      spared += 1;
    }
  }
  expect(spared).toBe(1);
  expect(failed).toBeGreaterThan(60);
  expect(await life(backend)).toEqual(expected);
});

it.each([1, 2])("each allocation of fit() may fail in turn: no weight has changed (batches an update: %d)", async (accumulateSteps) => {
  const backend = createBackend();
  const network = compile(new Network({ inputs: 3, layers }, { backend }));
  const before = network.save({ includeOptimizer: true });
  const allocate = LinearMemory.prototype.allocate;
  let until = Infinity;
  vi.spyOn(LinearMemory.prototype, "allocate").mockImplementation(function (this: LinearMemory, bytes, where) {
    if (until-- === 0) throw new OutOfMemoryError(where, bytes, this.bytesInUse);
    return allocate.call(this, bytes, where);
  });
  let failed = 0;
  for (let n = 0; ; n++) {
    until = n;
    const outcome = await network.fit(x, y, { batchSize: 1, accumulateSteps, validationData: [x, y] }).catch((error: unknown) => error);
    const over = until >= 0;
    until = Infinity;
    if (over) break;
    expect(outcome).toBeInstanceOf(OutOfMemoryError);
    expect(network.save({ includeOptimizer: true })).toEqual(before);
    failed += 1;
  }
  expect(failed).toBeGreaterThanOrEqual(10);
  expect(network.save({ includeOptimizer: true })).not.toEqual(before);
});

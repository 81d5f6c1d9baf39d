// Every object gives back the memory it took, working memory does not grow with use, and views stay right when memory grows.

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "vite";
import { describe, expect, it } from "vitest";
import { adam, createBackend, dense, matmul, Matrix, Network, type Backend } from "../src/index.js";

/** Numbers from 0 to below 1, the same in every run: Lehmer's generator. */
function lehmer(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

const layers = [dense(5, "tanh"), dense(3, "softmax")];
const x = [[1, 2, 3], [4, 5, 6]];
const y = [0, 2];
const compile = (network: Network): Network => (network.compile({ optimizer: adam(), loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] }), network);

/** Everything that takes memory, once. */
function live(backend: Backend): void {
  const network = compile(new Network({ inputs: 3, layers }, { backend }));
  network.trainBatch(x, y);
  network.predict([x[0]]);
  network.predict(x);
  network.dispose();
}

describe("what is taken is given back", () => {
  it("10,000 rounds of create, train, predict and dispose", () => {
    const backend = createBackend();
    const { bytesInUse } = backend.memory();
    live(backend);
    const { bytesReserved } = backend.memory();
    for (let round = 0; round < 10_000; round++) {
      live(backend);
      if (backend.memory().bytesInUse !== bytesInUse) throw new Error(`round ${round}: ${backend.memory().bytesInUse} bytes in use`);
    }
    expect(backend.memory()).toEqual({ bytesInUse, bytesReserved });
  });

  it("beside another network that stays: sessions, matrices, products, traces, gradients, files", async () => {
    const backend = createBackend();
    const stays = compile(new Network({ inputs: 3, layers }, { backend }));
    stays.trainBatch(x, y);
    stays.evaluate(x, y);
    stays.predict(x);
    const expected = stays.predict(x);
    const { bytesInUse } = backend.memory();
    const rounds: Record<string, () => unknown> = {
      session: () => stays.session({ batch: 7 }).dispose(),
      matrix: () => new Matrix(13, 17, undefined, { backend }).dispose(),
      matmul: () => {
        const a = new Matrix(5, 6, undefined, { backend });
        const products = [matmul(a, a, { transposeB: true }), matmul(a, a, { transposeA: true })];
        for (const matrix of [a, ...products]) matrix.dispose();
      },
      trace: () => stays.trace(x),
      gradients: () => stays.gradients(x, y),
      weights: () => stays.layers[0].setWeights(stays.layers[0].getWeights()),
      files: () => Network.load(stays.save({ includeOptimizer: true }), { backend }).dispose(),
      fit: async () => {
        const network = compile(new Network({ inputs: 3, layers }, { backend }));
        await network.fit(x, y, { epochs: 2, batchSize: 1, validationData: [x, y] });
        compile(network).trainBatch(x, y);
        network.dispose();
      },
    };
    for (const [name, round] of Object.entries(rounds)) {
      await round();
      const { bytesReserved } = backend.memory();
      for (let i = 0; i < 300; i++) await round();
      expect({ name, ...backend.memory() }).toEqual({ name, bytesInUse, bytesReserved });
    }
    expect(stays.predict(x)).toEqual(expected);
    stays.dispose();
  });

  it("100,000 calls of mixed batch sizes reserve nothing after the first of each size", () => {
    const backend = createBackend();
    const network = compile(new Network({ inputs: 3, layers }, { backend }));
    const sizes = [1, 2, 3, 8, 17, 64, 300];
    const rows = sizes.map((n) => new Float32Array(3 * n).fill(0.5));
    const classes = sizes.map((n) => new Uint8Array(n));
    for (const i of sizes.keys()) {
      network.predict(rows[i]);
      network.trainBatch(rows[i], classes[i]);
    }
    const warm = backend.memory();
    const random = lehmer(2);
    for (let call = 0; call < 100_000; call++) {
      const i = Math.floor(random() * random() * sizes.length);
      if (call % 2 === 0) network.predict(rows[i]);
      else network.trainBatch(rows[i], classes[i]);
    }
    expect(backend.memory()).toEqual(warm);
    network.dispose();
  });

  it("predict() keeps one plan: one row and then many take no more than many alone", () => {
    const bytesAfter = (...batches: number[]): number => {
      const backend = createBackend();
      const network = new Network({ inputs: 3, layers }, { backend });
      for (const rows of batches) network.predict(new Float32Array(3 * rows));
      return backend.memory().bytesInUse;
    };
    const many = bytesAfter(1000);
    expect(bytesAfter(1)).toBeLessThan(many);
    for (const batches of [[1, 1000], [1, 2], [1, 1000, 1, 2, 3000]]) expect(bytesAfter(...batches), `${batches}`).toBe(many);
  });

  it("networks that were dropped without dispose() go with the garbage collector", async () => {
    // Node has --expose-gc for the start of a process only, and no TypeScript before version 22.
    const folder = await mkdtemp(join(tmpdir(), "lanewise-memory-"));
    try {
      await build({
        logLevel: "silent", configFile: false,
        build: { outDir: folder, minify: false, target: "es2022",
          lib: { entry: fileURLToPath(new URL("../src/index.ts", import.meta.url)), formats: ["es"], fileName: () => "lanewise.mjs" } },
      });
      const program = `
        import { createBackend, dense, Matrix, Network } from ${JSON.stringify(new URL(`file://${folder}/lanewise.mjs`).href)};
        const backend = createBackend();
        const start = backend.memory().bytesInUse;
        function drop() {
          const network = new Network({ inputs: 30, layers: [dense(10)] }, { backend });
          network.compile({ optimizer: "adam", loss: "mse" });
          network.trainBatch(new Float32Array(30), new Float32Array(10));
          network.session();
          new Matrix(10, 10, undefined, { backend });
        }
        for (let i = 0; i < 1000; i++) drop();
        const taken = backend.memory().bytesInUse - start;
        for (let i = 0; i < 100 && backend.memory().bytesInUse - start > taken / 100; i++) {
          gc();
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        console.log(JSON.stringify({ taken, left: backend.memory().bytesInUse - start }));`;
      const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", "--input-type=module", "--eval", program]);
      const { taken, left } = JSON.parse(stdout) as { taken: number; left: number };
      expect(taken).toBeGreaterThan(1_000_000);
      // The engine may still see the last few in its registers.
      expect(left).toBeLessThanOrEqual(taken / 100);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("growth elsewhere", () => {
  it("leaves session.input, session.output and Matrix.data right", () => {
    const backend = createBackend();
    const network = new Network({ inputs: 3, layers }, { backend });
    const session = network.session({ batch: 2 });
    const matrix = new Matrix(2, 2, new Float32Array([1, 2, 3, 4]), { backend });
    const other = createBackend();
    const expected = new Network({ inputs: 3, layers }, { backend: other }).predict(x);
    session.input.set(x.flat());
    for (let i = 0; i < 5; i++) {
      const { bytesReserved } = backend.memory();
      new Matrix(1, bytesReserved / 4, undefined, { backend });
      expect(backend.memory().bytesReserved).toBeGreaterThan(bytesReserved);
      expect([...matrix.data]).toEqual([1, 2, 3, 4]);
      expect([...session.input]).toEqual(x.flat());
      session.run();
      expect(session.output).toEqual(expected);
      expect(network.predict(x)).toEqual(expected);
    }
  });
});

it("a data set larger than linear memory trains, shuffled and with validation", async () => {
  const backend = createBackend({ maximumBytes: 1 << 20 });
  const network = new Network({ inputs: 1, layers: [dense(4, "tanh"), dense(1)], seed: 1 }, { backend });
  network.compile({ optimizer: "sgd", loss: "mse" });
  const x = Float32Array.from({ length: 400_000 }, (_, i) => Math.sin(i));
  const { loss } = await network.fit(x, x, { batchSize: 1000, validationSplit: 0.25 });
  expect(x.byteLength).toBeGreaterThan(backend.memory().bytesReserved);
  expect(loss[0]).toBeLessThan(0.5);
});

// Threads: the bits of one thread at any number, and an end that leaves nothing behind.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { describe, expect, test, vi } from "vitest";
import {
  activation, adam, ArgumentError, batchNormalization, dense, DisposedError, dropout, gaussianNoise, layerNormalization, matmul, Matrix, Network, normalization, residual, StateError,
  type Backend,
} from "../src/index.js";
import type { Crew } from "../src/backend.js";
import { relaxed } from "../src/relaxed.js";
import { isShared, shareCall, slice } from "../src/shares.js";
import { createThreadedBackend } from "../src/threads.js";
import { call } from "../src/program.js";
import { encode } from "../scripts/encode.mjs";
import { allowRelaxed } from "./instance.js";

allowRelaxed();

/** A linear congruential generator: a million numbers at a time, and any will do. */
function random(n: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: n }, () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 31 - 1);
}

/** Digests of everything that a backend computes, each piece large enough to be shared. */
async function everything(backend: Backend): Promise<string[]> {
  const results: Float32Array[] = [];
  const layers = [dense(130, "relu"), dense(77, "tanh"), activation("leakyRelu"), dense(90, "arctan"), dense(520), dense(61, "softmax"), dense(10, "softmax")];
  const network = new Network({ inputs: 91, layers, seed: 3 }, { backend });
  network.compile({ optimizer: adam({ clipNorm: 1, amsgrad: true }), loss: "sparseCategoricalCrossentropy" });
  const x = random(300 * 91, 1);
  await network.fit(x, Int32Array.from({ length: 300 }, (_, i) => i % 10), { epochs: 2, batchSize: 128 });
  for (const layer of network.layers) results.push(...(Object.values(layer.getWeights()) as Float32Array[]));
  results.push(network.predict(x), ...network.trace(x).a);
  const gradients = network.gradients(x, Int32Array.from({ length: 300 }, (_, i) => i % 10));
  results.push(gradients.input, ...gradients.layers.flatMap((layer) => Object.values(layer) as Float32Array[]));
  const session = network.session({ batch: 131 });
  session.input.set(x.subarray(0, 131 * 91));
  session.run();
  results.push(session.output.slice());
  results.push(...(await everyLayer(backend)));
  for (const [m, n, k] of [[130, 61, 101], [1, 999, 1001], [999, 1, 1001], [64, 64, 1500]]) {
    for (const [transposeA, transposeB] of [[false, false], [true, false], [false, true]]) {
      const a = new Matrix(transposeA ? k : m, transposeA ? m : k, random(m * k, 2), { backend });
      const b = new Matrix(transposeB ? n : k, transposeB ? k : n, random(k * n, 3), { backend });
      const c = matmul(a, b, { transposeA, transposeB });
      results.push(c.data.slice());
      for (const matrix of [a, b, c]) matrix.dispose();
    }
  }
  session.dispose();
  network.dispose();
  return results.map((values) => createHash("sha256").update(values).digest("hex"));
}

/** The same of a network with every other layer, sizes that no number of threads divides. */
async function everyLayer(backend: Backend): Promise<Float32Array[]> {
  const layers = [
    normalization(), dropout(0.2), dense(130, "linear", { useBias: false, l1: 1e-4, l2: 1e-3 }), batchNormalization(), activation("relu"),
    residual([layerNormalization(), dense(77, "tanh", { maxNorm: 0.5 }), gaussianNoise(0.1), residual([dropout(0.3), dense(61), batchNormalization()]), dense(130)]),
    layerNormalization(), dense(10),
  ];
  const network = new Network({ inputs: 91, layers, seed: 3 }, { backend });
  network.compile({ optimizer: adam(), loss: "meanSquaredError" });
  const [x, y] = [random(301 * 91, 1), random(301 * 10, 2)];
  network.layers[0].adapt(x);
  await network.fit(x, y, { epochs: 2, batchSize: 99 });
  const session = network.session({ batch: 131 });
  session.input.set(x.subarray(0, 131 * 91));
  session.run();
  const gradients = network.gradients(x, y);
  const results = [network.predict(x), session.output.slice(), gradients.input, ...[...gradients.layers, ...network.layers.map((layer) => layer.getWeights())].flatMap((layer) => Object.values(layer) as Float32Array[])];
  results.push(...network.trace(x).a, Float32Array.of(network.evaluate(x, y).loss));
  session.dispose();
  network.dispose();
  return results;
}

describe.each(["strict", "relaxed"] as const)("%s build", (variant) => {
  const module = variant === "relaxed" ? relaxed : undefined;

  test("1, 2, 3 and 8 threads give the same bits, and no bytes stay in use", async () => {
    const one = await createThreadedBackend({ threads: 1, module });
    const want = await everything(one);
    for (const threads of [2, 3, 8]) {
      const backend = await createThreadedBackend({ threads, module });
      expect(backend.threads).toBe(threads);
      expect(backend.threadsReason).toBeUndefined();
      const before = backend.memory().bytesInUse;
      const got = await everything(backend);
      expect(got, `${threads} threads`).toEqual(want);
      expect(backend.memory().bytesInUse).toBe(before);
      backend.dispose();
    }
  });
});

test("a batch smaller than the plan's is shared by its own rows", async () => {
  const backend = await createThreadedBackend({ threads: 3 });
  const single = await createThreadedBackend({ threads: 1 });
  const config = { inputs: 64, layers: [dense(200, "tanh"), dense(100, "sigmoid")], seed: 1 };
  const [shared, alone] = [backend, single].map((of) => {
    const network = new Network(config, { backend: of });
    network.compile({ optimizer: "sgd", loss: "mse" });
    return network;
  });
  for (const rows of [256, 1, 2, 3, 255, 7, 256]) {
    const x = random(rows * 64, rows), y = random(rows * 100, rows + 1);
    expect(shared.trainBatch(x, y)).toBe(alone.trainBatch(x, y));
    expect(Buffer.compare(Buffer.from(shared.predict(x).buffer), Buffer.from(alone.predict(x).buffer))).toBe(0);
  }
  backend.dispose();
});

test("one thread says why", async () => {
  const backend = await createThreadedBackend({ threads: 1 });
  expect([backend.threads, backend.threadsReason]).toEqual([1, "one thread was asked for"]);
});

test("a module of others is refused", async () => {
  const text = encode(new TextEncoder().encode("\0asm\x01\0\0\0"));
  await expect(createThreadedBackend({ threads: 2, module: { variant: "strict", text } })).rejects.toThrow(ArgumentError);
});

test("where workers may not be started, one thread works and says why", () => {
  const code = `
    import { createThreadedBackend } from "lanewise/threads";
    const backend = await createThreadedBackend({ threads: 2 });
    console.log(backend.threads, backend.threadsReason);`;
  const flag = Number(process.versions.node.split(".")[0]) < 23 ? "--experimental-permission" : "--permission";
  const root = fileURLToPath(new URL("..", import.meta.url));
  const printed = execFileSync(process.execPath, [flag, "--allow-fs-read=*", "--no-warnings", "--input-type=module", "--eval", code], { cwd: root, encoding: "utf8" });
  expect(printed).toMatch(/^1 workers could not be started: ./);
});

test("a worker that dies gives an error within a second, during a call and ever after", async () => {
  const backend = await createThreadedBackend({ threads: 2 });
  const network = new Network({ inputs: 512, layers: [dense(512, "relu"), dense(512)] }, { backend });
  const x = random(256 * 512, 1);
  const before = network.predict(x);
  const began = performance.now();
  // Its exit is not known yet: only the missing signs of life tell.
  void (backend.crew as unknown as { workers: { terminate(): void }[] }).workers[0].terminate();
  const blocked = new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(blocked, 0, 0, 100);
  expect(() => network.predict(x)).toThrow(StateError);
  expect(() => network.predict(x)).toThrow(/^createThreadedBackend: every worker must be alive, got /);
  expect(performance.now() - began).toBeLessThan(1500);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(() => network.predict(x.subarray(0, 512))).toThrow(StateError);
  expect(before.length).toBe(256 * 512);
  backend.dispose();
});

test("silence while the whole process was stopped does not count against workers", async () => {
  const backend = await createThreadedBackend({ threads: 2 });
  const crew = backend.crew as Crew & { checkProgress(): void };
  new Network({ inputs: 512, layers: [dense(512)] }, { backend }).predict(random(256 * 512, 1)); // a step has begun
  let time = performance.now();
  const clock = vi.spyOn(performance, "now").mockImplementation(() => time);
  try {
    // A debugger stops everything for a minute, then there is no sign of life for 0.4 s.
    for (const passed of [50, 60_000, 50, 200, 100]) {
      crew.checkProgress();
      time += passed;
    }
    expect(() => {
      for (let i = 0; i < 10; i++, time += 100) crew.checkProgress();
    }).toThrow(StateError);
  } finally {
    clock.mockRestore();
    backend.dispose();
  }
});

test("after dispose() calls throw, and dispose() again does nothing", async () => {
  const backend = await createThreadedBackend({ threads: 2 });
  const network = new Network({ inputs: 512, layers: [dense(512, "relu")] }, { backend });
  backend.dispose();
  backend.dispose();
  expect(() => network.predict(random(256 * 512, 1))).toThrow(DisposedError);
  expect(() => new Network({ inputs: 1, layers: [dense(1)] }, { backend })).toThrow(/disposed/);
});

test("workers neither keep a process alive nor survive it", () => {
  const code = `
    import { createThreadedBackend } from "lanewise/threads";
    const backend = await createThreadedBackend({ threads: 3 });
    for (let i = 0; i < 20; i++) (await createThreadedBackend({ threads: 2 })).dispose();
    console.log(backend.threads);`;
  const printed = execFileSync(process.execPath, ["--input-type=module", "--eval", code], { cwd: new URL("..", import.meta.url), encoding: "utf8", timeout: 20_000 });
  expect(printed.trim()).toBe("3");
});

describe("shares", () => {
  test("the parts of any length cover it once, in whole units", () => {
    for (const length of [0, 1, 7, 8, 9, 10, 64, 67, 1000]) {
      for (const unit of [1, 4, 8]) {
        for (const count of [1, 2, 3, 8]) {
          let at = 0;
          for (let index = 0; index < count; index++) {
            const [from, to] = slice(length, unit, { index, count });
            expect(from).toBe(at);
            if (index < count - 1 && to < length) expect(to % unit).toBe(0);
            at = to;
          }
          expect(at).toBe(length);
        }
      }
    }
  });

  test("long work is cut into pieces, and what cannot be shared is the first thread's", () => {
    const gemm = call("gemm", 4096, 4096, 4096, 0, 4096, 64, 128, 4096, 0);
    const parts = [0, 1].map((index) => shareCall(gemm, { index, count: 2 }, 1));
    expect(parts[0].length).toBeGreaterThan(8);
    expect(parts.flat().reduce((sum, { args }) => sum + (args[1] as number), 0)).toBe(4096);
    const loss = call("meanSquaredErrorLoss", 4, 4, 8, 0, 0, 0, 0, 0, 0);
    expect(isShared(loss)).toBe(false);
    expect([0, 1].map((index) => shareCall(loss, { index, count: 2 }, 1).length)).toEqual([1, 0]);
  });
});

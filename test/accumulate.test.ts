// accumulateSteps: an update from several batches is that from one batch of all their rows.

import { describe, expect, test } from "vitest";
import { adam, createBackend, dense, Network, sgd, type Optimizer } from "../src/index.js";
import { builds, Instance } from "./instance.js";
import { digest, random } from "./numbers.js";
import { sampler } from "./reference/random.js";

describe.each(builds)("%s build", (build) => {
  test("axpy adds factor · x to y, rounding each operation once, or both together", () => {
    const instance = new Instance(build);
    for (const n of [0, 8, 16, 24, 104, 1000]) {
      for (const factor of [1, 0, -0.3, 1e-40, 3e38]) {
        instance.reset();
        const draw = sampler(n);
        const values = (): number[] => Array.from({ length: n }, () => Math.fround(draw(-2, 2)));
        const [xs, ys] = [values(), values()];
        const [x, y] = [instance.floats(xs), instance.floats(ys)];
        instance.kernels.axpy(n, x.at, y.at, instance.floats([factor]).at);
        const f = Math.fround(factor);
        const separate = ys.map((value, i) => Math.fround(value + Math.fround(f * xs[i])));
        // The product is exact in f64, so that this rounds twice only where the sum is not: far below an ULP.
        const fused = ys.map((value, i) => Math.fround(value + f * xs[i]));
        y.f32.forEach((value, i) => expect(build === "relaxed" ? [separate[i], fused[i]] : [separate[i]]).toContain(value));
        expect([...x.f32]).toEqual(xs);
        expect(instance.brokenGuard()).toBe(-1);
      }
    }
  });

  test("axpy lets NaN and Infinity pass", () => {
    const instance = new Instance(build);
    const y = instance.floats([1, 1, 1, Infinity, NaN, 0, -0, 1]);
    instance.kernels.axpy(8, instance.floats([NaN, Infinity, -Infinity, -Infinity, 1, -0, -0, 0]).at, y.at, instance.floats([1]).at);
    expect([...y.f32]).toEqual([NaN, Infinity, -Infinity, NaN, NaN, 0, -0, 1]);
  });
});

const rows = 64;
const x = random(rows * 4, 1);
const y = random(rows * 3, 2);

function make(optimizer: Optimizer): Network {
  const network = new Network({ inputs: 4, layers: [dense(9, "tanh"), dense(3)], seed: 3 });
  network.compile({ optimizer, loss: "meanSquaredError" });
  return network;
}

const flat = (network: Network): number[] => network.layers.flatMap((layer) => [...layer.getWeights().weights!, ...layer.getWeights().bias!]);

test.each([
  ["whole groups", 64, 8, 4, 32], ["one group an epoch", 64, 8, 8, 64], ["batches of one row", 64, 1, 16, 16], ["a rest of two batches, the last one small", 61, 8, 3, 24],
  ["more steps than batches", 61, 8, 100, 61],
] as const)("%s: one large batch to 1e-6", async (_, count, batchSize, accumulateSteps, large) => {
  for (const optimizer of [() => sgd({ learningRate: 0.1, momentum: 0.9 }), () => adam({ epsilon: 1e-3 })]) {
    const [grouped, whole] = [make(optimizer()), make(optimizer())];
    const data = [x.subarray(0, count * 4), y.subarray(0, count * 3)] as const;
    const { loss } = await grouped.fit(...data, { epochs: 3, batchSize, accumulateSteps, shuffle: false });
    const expected = await whole.fit(...data, { epochs: 3, batchSize: large, shuffle: false });
    const weights = flat(whole);
    flat(grouped).forEach((value, i) => expect(Math.abs(value - weights[i])).toBeLessThan(1e-6));
    loss.forEach((value, i) => expect(value).toBeCloseTo(expected.loss[i], 5));
  }
});

test("the same bits each time, from rows and from a stream", async () => {
  const digests = new Set<string>();
  for (let i = 0; i < 2; i++) {
    const [one, other] = [make(adam()), make(adam())];
    await one.fit(x, y, { epochs: 2, batchSize: 6, accumulateSteps: 3, shuffle: false });
    await other.fit(function* () {
      for (let at = 0; at < rows; at += 6) yield { x: x.subarray(at * 4, (at + 6) * 4), y: y.subarray(at * 3, (at + 6) * 3) };
    }, { epochs: 2, accumulateSteps: 3 });
    digests.add(digest(one)).add(digest(other));
  }
  expect(digests.size).toBe(1);
});

test("a schedule hears of updates only", async () => {
  const steps: number[] = [];
  await make(sgd({ learningRate: (step) => (steps.push(step), 0.1) })).fit(x, y, { epochs: 2, batchSize: 8, accumulateSteps: 3 });
  expect(steps).toEqual([0, 1, 2, 3, 4, 5]);
});

test("a step of trainBatch between has nothing to do with a group", async () => {
  const [interrupted, fresh] = [make(adam()), make(adam())];
  let seen = 0;
  await interrupted.fit(x, y, { batchSize: 8, accumulateSteps: 3, signal: { get aborted() { return seen === 2; } }, callbacks: [{ onBatchEnd: () => void seen++ }] });
  expect(interrupted.trainBatch(x, y)).toBe(fresh.trainBatch(x, y));
  expect(digest(interrupted)).toBe(digest(fresh));
});

test("sums that overflow are refused, by epoch and batch, and nothing has changed", async () => {
  const network = new Network({ inputs: 1, layers: [dense(1)] }, { backend: createBackend() });
  network.compile({ optimizer: sgd({ learningRate: 1e-30 }), loss: "meanSquaredError" });
  const before = digest(network);
  // Each gradient is 2e38; two wait for the third as a sum, too much for float32.
  const weights = network.layers[0].getWeights().weights![0];
  const target = Math.fround(-1e19 + weights * 1e19);
  const callbacks = [{ onBatchEnd: () => void (seen += 1) }];
  let seen = 0;
  const error = await network.fit([1e19, 1e19, 1e19], [target, target, target], { batchSize: 1, accumulateSteps: 3, callbacks }).catch((error: unknown) => error);
  expect(error).toMatchObject({ code: "ERR_NON_FINITE", epoch: 0, batch: 2, layer: 1 });
  expect(seen).toBe(2);
  expect(digest(network)).toBe(before);
});

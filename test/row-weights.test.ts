// Weights of rows and classes: what they do to loss and gradient, and that they stay with their rows.

import { expect, test } from "vitest";
import { createBackend, dense, Network, sgd, type FitOptions, type LossOptions } from "../src/index.js";
import { digest, random } from "./numbers.js";
import { sampler } from "./reference/random.js";

const kinds = {
  classes: { loss: { name: "sparseCategoricalCrossentropy", labelSmoothing: 0.1 }, last: "softmax", outputs: 3 },
  "one-hot": { loss: { name: "categoricalCrossentropy" }, last: "softmax", outputs: 3 },
  divergence: { loss: { name: "klDivergence" }, last: "softmax", outputs: 3 },
  binary: { loss: { name: "binaryCrossentropy" }, last: "sigmoid", outputs: 1 },
  hinge: { loss: { name: "hinge" }, last: "linear", outputs: 1 },
  numbers: { loss: { name: "huber", delta: 0.5 }, last: "linear", outputs: 1 },
} as const satisfies Record<string, { loss: LossOptions; last: string; outputs: number }>;
type Kind = keyof typeof kinds;
const names = Object.keys(kinds) as Kind[];

function make(kind: Kind, maximumBytes?: number): Network {
  const { loss, last, outputs } = kinds[kind];
  const network = new Network({ inputs: 4, layers: [dense(5, "tanh"), dense(outputs, last)], seed: 3 }, maximumBytes === undefined ? {} : { backend: createBackend({ maximumBytes }) });
  network.compile({ optimizer: sgd({ learningRate: 0.5 }), loss });
  return network;
}

/** Class numbers of rows, and the targets that say the same. */
function data(kind: Kind, rows: number): { x: Float32Array; y: number[] | Float32Array; numbers: number[] } {
  const { outputs } = kinds[kind];
  const numbers = Array.from({ length: rows }, (_, r) => (r * 5) % (outputs === 1 ? 2 : 3));
  const x = random(rows * 4, rows);
  if (kind === "classes") return { x, y: numbers, numbers };
  if (outputs === 1) return { x, y: Float32Array.from(numbers, (number) => (kind === "hinge" ? 2 * number - 1 : number)), numbers };
  return { x, y: Float32Array.from({ length: 3 * rows }, (_, i) => Number(i % 3 === numbers[Math.floor(i / 3)])), numbers };
}

const row = (values: ArrayLike<number>, width: number, r: number): Float32Array => Float32Array.from({ length: width }, (_, i) => values[r * width + i]);

test.each(names)("%s: a step is that of the weighted sum of the rows' gradients over their number", async (kind) => {
  const rows = 6;
  const weights = [0, 1, 2, 0.25, 3, 0.5];
  const { x, y } = data(kind, rows);
  const network = make(kind);
  const expected = network.layers.map((layer) => layer.getWeights());
  let loss = 0;
  for (let r = 0; r < rows; r++) {
    const target = kind === "classes" ? [y[r]] : row(y, kinds[kind].outputs, r);
    const one = network.gradients(row(x, 4, r), target as number[]);
    loss += (weights[r] * one.loss) / rows;
    one.layers.forEach((layer, l) => (["weights", "bias"] as const).forEach((name) => layer[name]!.forEach((g, i) => (expected[l][name]![i] -= (0.5 * weights[r] * g) / rows))));
  }
  expect(network.evaluate(x, y, { sampleWeight: weights }).loss).toBeCloseTo(loss, 6);
  const history = await network.fit(x, y, { batchSize: rows, sampleWeight: weights });
  expect(history.loss[0]).toBeCloseTo(loss, 6);
  network.layers.forEach((layer, l) => {
    const { weights: w, bias } = layer.getWeights();
    w!.forEach((value, i) => expect(value).toBeCloseTo(expected[l].weights![i], 6));
    bias!.forEach((value, i) => expect(value).toBeCloseTo(expected[l].bias![i], 6));
  });
});

test("weights of 1 change no bit; a batch without weights after one with them is as if there had been none", async () => {
  const { x, y } = data("classes", 20);
  const fit = async (...runs: FitOptions[]): Promise<string> => {
    const network = make("classes");
    for (const options of runs) await network.fit(x, y, { batchSize: 8, ...options });
    return digest(network);
  };
  expect(await fit({ sampleWeight: new Float32Array(20).fill(1) })).toBe(await fit({}));
  const network = make("classes");
  const weighted = { sampleWeight: x.subarray(0, 20).map(Math.abs) };
  await network.fit(x, y, { batchSize: 8, ...weighted });
  const fresh = Network.load(network.save({ includeOptimizer: true }));
  for (const each of [network, fresh]) {
    each.trainBatch(x.subarray(0, 32), (y as number[]).slice(0, 8));
    await each.fit(x, y, { batchSize: 8 });
  }
  expect(digest(network)).toBe(digest(fresh));
  expect(network.evaluate(x, y)).toEqual(fresh.evaluate(x, y));
});

test.each(["classes", "one-hot"] as const)("%s: weights follow their rows through shuffling, resident or copied", async (kind) => {
  const rows = 30_000;
  const { x, y } = data(kind, rows);
  const uniform = sampler(1);
  const sampleWeight = Array.from({ length: rows }, () => uniform(0, 2));
  for (const shuffle of [true, false]) {
    const digests = [];
    for (const bytes of [1 << 26, 1 << 19]) {
      const network = make(kind, bytes);
      await network.fit(x, y, { batchSize: 29, shuffle, sampleWeight, classWeight: [1, 2, 3] });
      digests.push(digest(network));
    }
    expect(digests[0]).toBe(digests[1]);
  }
});

test("rows of weight 0 might as well be others", async () => {
  const { x, y } = data("classes", 12);
  const sampleWeight = Array.from({ length: 12 }, (_, r) => r % 3);
  const other = x.map((value, i) => (Math.floor(i / 4) % 3 === 0 ? value * 7 : value));
  const digests = [];
  for (const rows of [x, other]) {
    const network = make("classes");
    await network.fit(rows, y, { epochs: 3, batchSize: 5, sampleWeight });
    digests.push(digest(network));
  }
  expect(digests[0]).toBe(digests[1]);
});

test.each(names.filter((kind) => kind !== "numbers"))("%s: class weights are the weights of their rows, times sample weights", async (kind) => {
  const { x, y, numbers } = data(kind, 30);
  const count = kinds[kind].outputs === 1 ? 2 : 3;
  const factors = [0.5, 3, 1].slice(0, count);
  const own = Array.from({ length: 30 }, (_, r) => (r % 4) / 2);
  const product = own.map((weight, r) => Math.fround(weight * factors[numbers[r]]));
  const digests = [];
  for (const options of [{ sampleWeight: product }, { sampleWeight: own, classWeight: factors }, { sampleWeight: own, classWeight: { 0: 0.5, 1: 3 } }]) {
    const network = make(kind);
    await network.fit(x, y, { epochs: 2, batchSize: 7, ...options });
    digests.push(digest(network));
  }
  expect(new Set(digests).size).toBe(1);
});

test("validation rows have their own weights, and no class weights", async () => {
  const { x, y } = data("classes", 40);
  const sampleWeight = Array.from({ length: 40 }, (_, r) => r / 20);
  const network = make("classes");
  const held = [x.subarray(120), (y as number[]).slice(30), sampleWeight.slice(30)] as const;
  const given = await network.fit(x.subarray(0, 120), (y as number[]).slice(0, 30), { validationData: held, sampleWeight: sampleWeight.slice(0, 30), classWeight: { 1: 2 } });
  expect(given.valLoss![0]).toBeCloseTo(network.evaluate(held[0], held[1], { sampleWeight: held[2] }).loss, 12);
  const split = make("classes");
  expect(await split.fit(x, y, { validationSplit: 0.25, sampleWeight, classWeight: { 1: 2 } })).toEqual(given);
  expect(digest(split)).toBe(digest(network));
});

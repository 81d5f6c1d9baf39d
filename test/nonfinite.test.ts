// Training that leaves the numbers stops, and leaves the network as it was before the step.

import { expect, test } from "vitest";
import { activation, adam, dense, earlyStopping, Network, NonFiniteError, sgd, type Optimizer } from "../src/index.js";
import { checkOptimizer } from "../src/check-optimizer.js";
import { optimizers } from "./reference/optimizers.js";

function linear(optimizer: Optimizer): Network {
  const network = new Network({ inputs: 1, layers: [dense(1)], seed: 1 });
  network.compile({ optimizer, loss: "mse" });
  return network;
}

test("momentum that adds up past float32 is taken back, state included", () => {
  const network = linear(sgd({ learningRate: 0.01, momentum: 0.9 }));
  const before: string[] = [];
  expect(() => {
    for (let step = 0; step < 100; step++) {
      before.push(JSON.stringify([...network.save({ includeOptimizer: true })]));
      network.trainBatch([0], [-1.5e38 * (step % 7 ? 1 : 0.9)]);
      for (const values of Object.values(network.layers[0].getWeights())) expect(values!.every(Number.isFinite)).toBe(true);
    }
  }).toThrow(NonFiniteError);
  expect(JSON.stringify([...network.save({ includeOptimizer: true })])).toBe(before.at(-1));
});

/** Each with its defaults at a large rate, and with what divides by next to nothing. */
const daring = (Object.keys(optimizers) as (keyof typeof optimizers)[]).flatMap((id) => {
  const { options } = checkOptimizer("test", id);
  const sets: object[] = [{ learningRate: 1 }];
  if ("momentum" in options) sets.push({ learningRate: 1, momentum: 0.99 }, { learningRate: 0.1, momentum: 1 - 2 ** -24 });
  if ("epsilon" in options) sets.push({ learningRate: 1, epsilon: 1e-30 }, { learningRate: 1, epsilon: 1e-12 }, { learningRate: 1, epsilon: 0 });
  if ("centered" in options) sets.push({ learningRate: 1, centered: true }, { learningRate: 1, centered: true, momentum: 0.99, epsilon: 1e-30 });
  if ("beta2" in options && "epsilon" in options) sets.push({ learningRate: 1, beta1: 0.999, beta2: 0, epsilon: 1e-30 }, { learningRate: 1, beta1: 0, beta2: 0.5 });
  if ("weightDecay" in options) sets.push({ learningRate: 1, weightDecay: 1 });
  return sets.map((given) => ({ id, given }));
});

test.each(daring)("$id $given never leaves weights that are not finite, however large the targets", ({ id, given }) => {
  for (const size of [1e10, 1e19, 1e30, 1e38, 3e38]) {
    const network = linear(checkOptimizer("test", id, given));
    try {
      for (let step = 0; step < 200; step++) network.trainBatch([step % 3], [step % 2 ? size : -size]);
    } catch (error) {
      expect(error).toBeInstanceOf(NonFiniteError);
    }
    for (const values of Object.values(network.layers[0].getWeights())) expect(values!.every(Number.isFinite)).toBe(true);
  }
});

test("earlyStopping goes back to the best weights after an error too", async () => {
  const network = linear(sgd({ learningRate: (step) => (step < 3 ? 0.01 : 1e30) }));
  let best: Float32Array | undefined;
  const watch = { onEpochEnd: (epoch: number) => void (epoch === 2 && (best = network.layers[0].getWeights().weights)) };
  const callbacks = [earlyStopping({ patience: 100, restoreBestWeights: true }), watch];
  await expect(network.fit([1], [2], { epochs: 50, validationData: [[1], [2]], callbacks })).rejects.toThrow(NonFiniteError);
  expect(network.layers[0].getWeights().weights).toEqual(best);
});

test("one huge batch among ordinary ones is refused, and the next goes on from where training was", () => {
  for (const make of [() => adam(), () => adam({ amsgrad: true }), () => sgd({ momentum: 0.9 })]) {
    const network = linear(make());
    network.trainBatch([1], [1]);
    const before = network.save({ includeOptimizer: true });
    try {
      network.trainBatch([1], [1.8e19]);
    } catch (error) {
      expect(error).toBeInstanceOf(NonFiniteError);
      expect(network.save({ includeOptimizer: true })).toEqual(before);
    }
    for (let step = 0; step < 3; step++) {
      network.trainBatch([1], [1]);
      for (const values of Object.values(network.layers[0].getWeights())) expect(values!.every(Number.isFinite)).toBe(true);
    }
  }
});

test("a huge weight decay at a tiny rate does not write NaN", () => {
  const network = linear(adam({ learningRate: 1e-25, weightDecay: 1e24 }));
  try {
    for (let step = 0; step < 5; step++) network.trainBatch([1], [1]);
  } catch (error) {
    expect(error).toBeInstanceOf(NonFiniteError);
  }
  for (const values of Object.values(network.layers[0].getWeights())) expect(values!.every(Number.isFinite)).toBe(true);
});

test("gradients() names the layer whose own gradient overflows, whatever training left behind", () => {
  const network = new Network({ inputs: 1, layers: [dense(2), dense(1)], seed: 1 });
  network.compile({ optimizer: "sgd", loss: "mse" });
  network.trainBatch([1], [1]);
  network.layers[1].setWeights({ weights: Float32Array.of(1e30, 1e30) });
  network.layers[0].setWeights({ weights: Float32Array.of(0, 0), bias: Float32Array.of(0, 0) });
  const error = (() => {
    try {
      network.gradients([1e10], [1e15]);
    } catch (thrown) {
      return thrown as NonFiniteError;
    }
  })();
  expect(error).toBeInstanceOf(NonFiniteError);
  expect(error!.layer).toBe(1);
  expect(error!.message).toContain("gradients must be finite");
});

test("a softmax layer of its own before its crossentropy: the layer that overflows is named", () => {
  const network = new Network({ inputs: 1, layers: [dense(3), activation("softmax")], seed: 1 });
  network.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy" });
  network.layers[0].setWeights({ weights: Float32Array.of(3e38, -3e38, 1) });
  for (const call of [() => network.trainBatch([3e38], [0]), () => network.gradients([3e38], [0])]) {
    expect(call).toThrow(/output of layer 1, dense\(3\)/);
  }
});

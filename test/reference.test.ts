import { describe, expect, test } from "vitest";
import { activations, softmax, type ActivationId, type ReferenceActivation } from "./reference/activations.js";
import { losses, type LossId, type ReferenceLoss } from "./reference/losses.js";
import { finiteDifferences, ReferenceNetwork, type ReferenceLayer } from "./reference/network.js";
import { optimizers } from "./reference/optimizers.js";
import { sampler } from "./reference/random.js";

const activationIds = Object.keys(activations) as ActivationId[];
const lossIds = Object.keys(losses) as LossId[];
const combinations = activationIds.flatMap((activation) => lossIds.map((loss) => ({ activation, loss })));
const netsEach = 42; // 147 combinations make 6,174 nets

/** Within 1e-8 of each other, or 1e-6 of the larger of the largest entries: PyTorch's gradcheck with 1,000 times its strictness. */
function agree(gradient: number[], differences: number[], where: string): void {
  const largest = Math.max(0, ...gradient.map(Math.abs));
  gradient.forEach((g, i) => expect(Math.abs(g - differences[i]), `${where} [${i}]`).toBeLessThanOrEqual(1e-8 + 1e-6 * largest));
}

interface Example {
  network: ReferenceNetwork;
  x: number[];
  targets: number[][];
  /** δ or ε of the loss. */
  option?: number;
}

/** A net with `hidden` layers of the activation and an output the loss can take; drawn again while a sample lies within 1e-3 of a kink. */
function example(activation: ActivationId, loss: LossId, seed: number, hidden: number, widest = 4): Example {
  const draw = sampler(seed);
  const width = (): number => 1 + Math.floor(draw(0, widest));
  const many = (n: number, size: number): number[] => Array.from({ length: n }, () => draw(-size, size));
  const { takes, sparse, hard, options }: ReferenceLoss = losses[loss];
  const last: ActivationId = takes === "numbers" ? activation : takes === "cells" ? "sigmoid" : "softmax";
  const batch = 1 + Math.floor(draw(0, 3));
  const layers: ReferenceLayer[] = Array.from({ length: hidden }, () => ({ units: width(), activation, negativeSlope: 0.05 }));
  layers.push({ units: width(), activation: last, negativeSlope: 0.2 });
  // e^z of e^z leaves float64, and logarithms of probabilities grow from layer to layer until a head behind them is saturated.
  const gain = activation === "exponential" ? 0.25 : activation === "logSoftmax" ? 0.5 : 2;
  const network = new ReferenceNetwork(width(), layers);
  const columns = network.widths[layers.length];
  const targets = Array.from({ length: batch }, () =>
    sparse ? [Math.floor(draw(0, columns))] : Array.from({ length: columns }, () => (hard || draw(0, 1) < 0.5 ? Math.round(draw(0, 1)) : draw(0, 1))),
  );
  for (;;) {
    layers.forEach((layer, index) => {
      const l = index + 1;
      const inputs = network.widths[index];
      network.weights[l].splice(0, Infinity, ...many(inputs * layer.units, gain / Math.sqrt(inputs)));
      network.biases[l].splice(0, Infinity, ...many(layer.units, 0.5));
    });
    const x = many(batch * network.inputs, 2);
    const { z } = network.forward(x);
    const clear = layers.every((layer, index) => activations[layer.activation].kinks.every((kink) => z[index + 1].every((v) => Math.abs(v - kink) > 1e-3)));
    if (clear) return { network, x, targets, option: options?.[seed % options.length] };
  }
}

function check({ network, x, targets, option }: Example, loss: LossId, where: string): void {
  const gradients = network.backward(x, targets, loss, option);
  const value = (): number => network.loss(x, targets, loss, option);
  expect(gradients.loss).toBe(value());
  agree(gradients.input, finiteDifferences(value, x), `${where} input`);
  network.layers.forEach((_, index) => {
    const l = index + 1;
    agree(gradients.weights[l], finiteDifferences(value, network.weights[l]), `${where} weights ${l}`);
    agree(gradients.biases[l], finiteDifferences(value, network.biases[l]), `${where} biases ${l}`);
  });
}

describe("backward equals finite differences", () => {
  test.each(combinations)("$activation, $loss", ({ activation, loss }) => {
    for (let seed = 0; seed < netsEach; seed++) check(example(activation, loss, seed, seed % 4), loss, `${activation}, ${loss}, seed ${seed}`);
  });

  test.each(activationIds)("%s, 64 layers deep", (activation) => {
    check(example(activation, "meanSquaredError", 64, 63, 2), "meanSquaredError", activation);
  });
});

describe("activations", () => {
  test("the derivative of each equals finite differences", () => {
    for (const id of activationIds) {
      const { forward, derivative, kinks }: ReferenceActivation = activations[id];
      if (!derivative) continue;
      for (const z of [-30, -3, -0.5, -0.01, 0.01, 0.5, 3, 30]) {
        if (kinks.includes(z)) continue;
        const x = [z];
        const [difference] = finiteDifferences(() => forward(x, 0.05)[0], x);
        expect(Math.abs(derivative(z, 0.05) - difference), `${id} at ${z}`).toBeLessThanOrEqual(1e-8 * Math.max(1, difference));
      }
    }
  });

  test("at a kink the derivative is the one from the left; NaN stays NaN", () => {
    const { relu, leakyRelu } = activations;
    for (const zero of [0, -0]) {
      expect(relu.derivative(zero, 0)).toBe(0);
      expect(leakyRelu.derivative(zero, 0.05)).toBe(0.05);
      expect(relu.backward([zero], [3], 0)).toEqual([0]);
      expect(leakyRelu.backward([zero], [4], 0.25)).toEqual([1]);
    }
    for (const id of activationIds) {
      const { forward, derivative }: ReferenceActivation = activations[id];
      expect(forward([NaN], 0.05)[0], id).toBeNaN();
      if (derivative && id !== "linear") expect(derivative(NaN, 0.05), id).toBeNaN();
    }
  });

  test("values far out", () => {
    expect(activations.sigmoid.forward([-800, 0, 800], 0)).toEqual([0, 0.5, 1]);
    expect(activations.tanh.derivative(800, 0)).toBe(0);
    expect(softmax([1e300, 1e300, -1e300])).toEqual([0.5, 0.5, 0]);
  });
});

describe("losses", () => {
  const z = [0.3, -1.2, 2.5];

  test("a loss of logits is the loss of the activated, with its gradient", () => {
    const y = [0.2, 1, 0];
    const p = activations.sigmoid.forward(z, 0);
    expect(losses.binaryCrossentropyFromLogits.loss(z, y)).toBeCloseTo(losses.binaryCrossentropy.loss(p, y), 12);
    const throughSigmoid = activations.sigmoid.backward(z, losses.binaryCrossentropy.gradient(p, y), 0);
    losses.binaryCrossentropyFromLogits.gradient(z, y).forEach((g, i) => expect(g).toBeCloseTo(throughSigmoid[i], 12));

    const q = softmax(z);
    expect(losses.categoricalCrossentropyFromLogits.loss(z, y)).toBeCloseTo(losses.categoricalCrossentropy.loss(q, y), 12);
    const throughSoftmax = activations.softmax.backward(z, losses.categoricalCrossentropy.gradient(q, y), 0);
    losses.categoricalCrossentropyFromLogits.gradient(z, y).forEach((g, i) => expect(g).toBeCloseTo(throughSoftmax[i], 12));
  });

  test("a sparse target is a one-hot row", () => {
    for (const [dense, sparse] of [
      ["categoricalCrossentropy", "sparseCategoricalCrossentropy"],
      ["categoricalCrossentropyFromLogits", "sparseCategoricalCrossentropyFromLogits"],
    ] as const) {
      const x = dense === "categoricalCrossentropy" ? softmax(z) : z;
      expect(losses[sparse].loss(x, [1])).toBe(losses[dense].loss(x, [0, 1, 0]));
      expect(losses[sparse].gradient(x, [1])).toEqual(losses[dense].gradient(x, [0, 1, 0]));
    }
  });

  test("values by hand", () => {
    expect(losses.meanSquaredError.loss([1, 2], [0, 4])).toBe(5);
    expect(losses.meanSquaredError.gradient([1, 2], [0, 4])).toEqual([2, -4]);
    expect(losses.meanAbsoluteError.loss([1, 2, 3], [0, 4, 3])).toBe(3);
    expect(losses.meanAbsoluteError.gradient([1, 2, 3], [0, 4, 3])).toEqual([1, -1, 0]);
    expect(losses.huber.loss([0.5, 3, -4], [0, 0, 0])).toBe(0.125 + 2.5 + 3.5);
    expect(losses.huber.loss([0.5, 3], [0, 0], 2)).toBe(0.125 + 4);
    expect(losses.huber.gradient([0.5, 3, -4], [0, 0, 0])).toEqual([0.5, 1, -1]);
    expect(losses.logCosh.loss([1, -2], [0, 0])).toBeCloseTo(Math.log(Math.cosh(1)) + Math.log(Math.cosh(2)), 12);
    expect(losses.logCosh.gradient([1], [0])).toEqual([Math.tanh(1)]);
    expect(losses.hinge.loss([0.5, 0.5, 2, -3], [1, 0, 1, 0])).toBe(0.5 + 1.5);
    expect(losses.hinge.gradient([0.5, 0.5, 2, 1], [1, 0, 1, 1])).toEqual([-1, 1, 0, 0]);
    expect(losses.klDivergence.loss([0.5, 0.5], [0.25, 0.75])).toBeCloseTo(0.25 * Math.log(0.5) + 0.75 * Math.log(1.5), 12);
    expect(losses.klDivergenceFromLogits.loss([0, 0], [1, 0])).toBeCloseTo(Math.LN2, 12);
    expect(losses.categoricalCrossentropy.loss([0.25, 0.75], [1, 0], 0.2)).toBeCloseTo(0.9 * Math.log(4) + 0.1 * Math.log(4 / 3), 12);
    expect(losses.binaryCrossentropyFromLogits.loss([2], [1], 0.2)).toBeCloseTo(losses.binaryCrossentropyFromLogits.loss([2], [0.9]), 12);
    expect(losses.binaryCrossentropy.loss([0.5, 0], [1, 1])).toBeCloseTo(Math.LN2 + 100, 12);
    expect(losses.binaryCrossentropyFromLogits.loss([0], [0.3])).toBeCloseTo(Math.LN2, 12);
    expect(losses.categoricalCrossentropy.loss([0.25, 0.75], [1, 0])).toBeCloseTo(Math.log(4), 12);
    expect(losses.sparseCategoricalCrossentropyFromLogits.loss([0, 0, 0, 0], [2])).toBeCloseTo(Math.log(4), 12);
  });
});

describe("optimisers, two steps by hand with gradient 1 from weight 1", () => {
  const twoSteps = (optimizer: { step(weights: number[], gradients: number[]): void }): number[] => {
    const weights = [1];
    return [0, 1].map(() => {
      optimizer.step(weights, [1]);
      return weights[0];
    });
  };

  test.each([
    ["sgd", optimizers.sgd({ learningRate: 0.1 }), [0.9, 0.8]],
    ["weight decay", optimizers.sgd({ learningRate: 0.1, weightDecay: 0.5 }), [0.85, 0.7075]],
    ["momentum", optimizers.sgd({ learningRate: 0.1, momentum: 0.9 }), [0.9, 0.71]],
    ["dampening, not at the first step", optimizers.sgd({ learningRate: 0.1, momentum: 0.9, dampening: 0.5 }), [0.9, 0.76]],
    ["Nesterov", optimizers.sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true }), [0.81, 0.539]],
    ["adam", optimizers.adam({ learningRate: 0.1, epsilon: 0 }), [0.9, 0.8]],
    ["adam's ε stands outside the root", optimizers.adam({ learningRate: 0.1, epsilon: 1 }), [0.95, 0.9]],
    ["adamW", optimizers.adamW({ learningRate: 0.1, epsilon: 0, weightDecay: 0.5 }), [0.85, 0.7075]],
    ["AMSGrad", optimizers.adam({ learningRate: 0.1, epsilon: 0, amsgrad: true }), [0.9, 0.8]],
    // Second moments 0.25 and 0.4375.
    ["RMSprop", optimizers.rmsprop({ learningRate: 0.1, rho: 0.75, epsilon: 0 }), [0.8, 0.8 - 0.1 / Math.sqrt(0.4375)]],
    ["RMSprop with momentum", optimizers.rmsprop({ learningRate: 0.1, rho: 0.75, momentum: 0.5, epsilon: 0 }), [0.8, 0.7 - 0.1 / Math.sqrt(0.4375)]],
    ["RMSprop, centered, its ε outside the root", optimizers.rmsprop({ learningRate: 0.1, rho: 0.5, centered: true, epsilon: 0.5 }), [0.9, 0.9 - 0.1 / (Math.sqrt(0.75 - 0.5625) + 0.5)]],
    ["Adagrad", optimizers.adagrad({ learningRate: 0.1, epsilon: 0 }), [0.9, 0.9 - 0.1 / Math.SQRT2]],
    ["Adagrad, decaying, from 3", optimizers.adagrad({ learningRate: 0.1, learningRateDecay: 1, initialAccumulator: 3, epsilon: 0 }), [0.95, 0.95 - 0.05 / Math.sqrt(5)]],
    // Means of squares 0.5 and 0.75; of the changes, 0 and 0.5 · 1 / 1.5.
    ["Adadelta", optimizers.adadelta({ learningRate: 0.1, rho: 0.5, epsilon: 1 }), [1 - 0.1 / Math.sqrt(1.5), 1 - 0.1 / Math.sqrt(1.5) - 0.1 * Math.sqrt((4 / 3) / 1.75)]],
    // Without decay every momentum is ¼: m = ½, ¾ counts ¼ / (1 − 1/16), ¼ / (1 − 1/64), the gradient ¾ / ¾, ¾ / (15/16).
    ["NAdam", optimizers.nadam({ learningRate: 0.1, beta1: 0.5, beta2: 0, momentumDecay: 0, epsilon: 0 }),
      [1 - 0.1 * (2 / 15 + 1), 1 - 0.1 * (2 / 15 + 1) - 0.1 * ((0.25 * 0.75) / (63 / 64) + 0.8)]],
  ])("%s", (_, optimizer, expected) => {
    twoSteps(optimizer).forEach((w, i) => expect(w).toBeCloseTo(expected[i], 12));
  });

  test("AMSGrad keeps the largest second moment", () => {
    const after = (amsgrad: boolean): number => {
      const weights = [0];
      const optimizer = optimizers.adam({ learningRate: 0.1, beta1: 0, beta2: 0.5, epsilon: 0, amsgrad });
      for (const g of [8, 1]) optimizer.step(weights, [g]);
      return weights[0];
    };
    // Second moments 32 and 16.5, both divided by 1 − 0.5² = 0.75 at the second step.
    expect(after(false)).toBeCloseTo(-0.1 - 0.1 / Math.sqrt(16.5 / 0.75), 12);
    expect(after(true)).toBeCloseTo(-0.1 - 0.1 / Math.sqrt(32 / 0.75), 12);
  });
});

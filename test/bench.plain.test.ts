// The bench publishes ratios over its plain JavaScript, so that one has to be right.
import { describe, expect, it } from "vitest";
import { activations } from "../bench/plain/activations.mjs";
import { gemmLoops, gemmNN, gemmNT, gemmTN } from "../bench/plain/gemm.mjs";
import { createNetwork } from "../bench/plain/network.mjs";
import { negativeSlope, optimizers } from "../bench/workloads.mjs";

type Layer = { units: number; activation: string };
type Values = ArrayLike<number>;
/** What createNetwork of the plain contestant gives. */
interface Plain {
  layers: { weights: Float32Array; bias: Float32Array; dWeights: Float32Array; dBias: Float32Array }[];
  gradients(x: Values, y: Values): number;
  trainBatch(x: Values, y: Values): number;
}

const numbers = (length: number, seed: number) => Float32Array.from({ length }, (_, index) => Math.sin(seed + 1.7 * index));

/** c = a·b in float64, the elements given by functions of row and column. */
function product(m: number, n: number, k: number, a: (i: number, p: number) => number, b: (p: number, j: number) => number) {
  const c = new Float64Array(m * n);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) for (let p = 0; p < k; p++) c[i * n + j] += a(i, p) * b(p, j);
  return c;
}

function expectClose(actual: Values, expected: Values, tolerance: number) {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(1e-30, ...Array.from(expected, Math.abs));
  for (let index = 0; index < expected.length; index++) {
    expect(Math.abs(actual[index] - expected[index]) / scale, `element ${index}`).toBeLessThan(tolerance);
  }
}

describe("plain JavaScript: matrix products", () => {
  const sizes = [1, 2, 3, 4, 5, 7, 12, 13, 25];
  for (const m of [1, 2, 3, 4, 7]) {
    it(`is right for ${m} rows and all remainders`, () => {
      for (const n of sizes) {
        for (const k of [1, 2, 9]) {
          const a = numbers(m * k, 1);
          const b = numbers(k * n, 2);
          const c = new Float32Array(m * n).fill(NaN);
          const expected = product(m, n, k, (i, p) => a[i * k + p], (p, j) => b[p * n + j]);
          for (const gemm of [gemmNN, gemmLoops]) {
            gemm(m, n, k, a, b, c.fill(NaN));
            expectClose(c, expected, 1e-6);
          }
          gemmNT(m, n, k, a, b, c.fill(NaN));
          expectClose(c, product(m, n, k, (i, p) => a[i * k + p], (p, j) => b[j * k + p]), 1e-6);
          gemmTN(m, n, k, a, b, c.fill(NaN));
          expectClose(c, product(m, n, k, (i, p) => a[p * m + i], (p, j) => b[p * n + j]), 1e-6);
        }
      }
    });
  }
});

const reference: Record<string, [(x: number) => number, (x: number) => number]> = {
  tanh: [Math.tanh, (x) => 1 - Math.tanh(x) ** 2],
  sigmoid: [(x) => 1 / (1 + Math.exp(-x)), (x) => Math.exp(-x) / (1 + Math.exp(-x)) ** 2],
  arctan: [Math.atan, (x) => 1 / (1 + x * x)],
  relu: [(x) => Math.max(0, x), (x) => (x > 0 ? 1 : 0)],
  leakyRelu: [(x) => (x > 0 ? x : negativeSlope * x), (x) => (x > 0 ? 1 : negativeSlope)],
};

describe("plain JavaScript: activations", () => {
  for (const [name, { forward, derivative }] of Object.entries(activations)) {
    it(`${name} and its derivative are those of Math.*`, () => {
      const z = Float32Array.from({ length: 801 }, (_, index) => (index - 400) / 40);
      const out = new Float32Array(z.length);
      const [f, slope] = reference[name];
      forward(z, out);
      z.forEach((x, index) => expect(out[index]).toBeCloseTo(f(x), 6));
      derivative(z, out);
      z.forEach((x, index) => expect(out[index]).toBeCloseTo(slope(x), 6));
    });
  }
});

/** Mean loss of a batch in float64, slow and plain: what the gradients are checked against by differences. */
function lossOf(layers: Layer[], parameters: { weights: Values; bias: Values }[], inputs: number, batch: number, x: Values, y: Values, loss: string) {
  let total = 0;
  for (let row = 0; row < batch; row++) {
    let a = Array.from({ length: inputs }, (_, index) => x[row * inputs + index]);
    layers.forEach(({ units, activation }, index) => {
      const { weights, bias } = parameters[index];
      const z = Array.from({ length: units }, (_, unit) => a.reduce((sum, value, input) => sum + value * weights[input * units + unit], bias[unit]));
      const sum = z.reduce((all, value) => all + Math.exp(value), 0);
      a = activation === "softmax" ? z.map((value) => Math.exp(value) / sum) : z.map(reference[activation][0]);
    });
    if (loss === "meanSquaredError") total += a.reduce((sum, value, unit) => sum + (value - y[row * a.length + unit]) ** 2, 0) / a.length;
    else total -= Math.log(a[y[row]]);
  }
  return total / batch;
}

describe("plain JavaScript: training", () => {
  const cases = [
    { layers: [{ units: 5, activation: "tanh" }, { units: 4, activation: "softmax" }], loss: "sparseCategoricalCrossentropy" },
    { layers: [{ units: 5, activation: "relu" }, { units: 6, activation: "sigmoid" }, { units: 2, activation: "tanh" }], loss: "meanSquaredError" },
  ];
  const inputs = 3;
  const batch = 7;

  function setUp({ layers, loss }: (typeof cases)[number], optimizer?: string) {
    let width = inputs;
    const parameters = layers.map(({ units }, index) => {
      const made = { weights: numbers(width * units, 3 + index), bias: numbers(units, 7 + index) };
      width = units;
      return made;
    });
    const x = numbers(batch * inputs, 5);
    const y = loss === "meanSquaredError" ? numbers(batch * width, 6) : Int32Array.from({ length: batch }, (_, row) => row % width);
    const options = optimizer && optimizers[optimizer as keyof typeof optimizers];
    const network: Plain = createNetwork({ inputs, layers, batch, parameters, loss, optimizer, options });
    return { network, parameters, x, y };
  }

  for (const chosen of cases) {
    it(`gives the loss and the gradients of ${chosen.loss}, against float64 differences`, () => {
      const { network, parameters, x, y } = setUp(chosen);
      const wide = parameters.map(({ weights, bias }) => ({ weights: Float64Array.from(weights), bias: Float64Array.from(bias) }));
      const loss = () => lossOf(chosen.layers, wide, inputs, batch, x, y, chosen.loss);
      expect(network.gradients(x, y)).toBeCloseTo(loss(), 5);
      wide.forEach((layer, index) => {
        for (const [name, values] of Object.entries(layer)) {
          const slopes = values.map((value, at) => {
            const step = 1e-5;
            values[at] = value + step;
            const above = loss();
            values[at] = value - step;
            const below = loss();
            values[at] = value;
            return (above - below) / (2 * step);
          });
          expectClose(network.layers[index][name === "weights" ? "dWeights" : "dBias"], slopes, 1e-4);
        }
      });
    });
  }

  it("takes the step of sgd", () => {
    const { network, x, y } = setUp(cases[0], "sgd");
    const before = network.layers.map(({ weights }) => Float64Array.from(weights));
    network.trainBatch(x, y);
    network.layers.forEach(({ weights, dWeights }, index) => {
      const change = Array.from(weights, (value, at) => value - before[index][at]);
      expectClose(change, Array.from(dWeights, (value) => -optimizers.sgd.learningRate * value), 1e-2);
    });
  });

  it("takes two steps of adam as its definition says", () => {
    const { network, x, y } = setUp(cases[1], "adam");
    const { learningRate, beta1, beta2, epsilon } = optimizers.adam;
    const [layer] = network.layers;
    const before = Float64Array.from(layer.weights);
    const moved = new Float64Array(before.length);
    const mean = new Float64Array(before.length);
    const square = new Float64Array(before.length);
    for (let step = 1; step <= 2; step++) {
      network.trainBatch(x, y);
      layer.dWeights.forEach((gradient, at) => {
        mean[at] = beta1 * mean[at] + (1 - beta1) * gradient;
        square[at] = beta2 * square[at] + (1 - beta2) * gradient * gradient;
        moved[at] -= (learningRate * (mean[at] / (1 - beta1 ** step))) / (Math.sqrt(square[at] / (1 - beta2 ** step)) + epsilon);
      });
    }
    expectClose(Array.from(layer.weights, (value, at) => value - before[at]), moved, 1e-2);
  });
});

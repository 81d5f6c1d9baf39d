// The Network API: what users see, end to end.

import { describe, expect, test } from "vitest";
import { activation, activations, adam, createBackend, dense, initialize, matmul, Matrix, Network, sgd, type ActivationId } from "../src/index.js";
import { relaxed } from "../src/relaxed.js";
import { allowRelaxed } from "./instance.js";
import { bits, digest, random } from "./numbers.js";
import { activations as referenceActivations } from "./reference/activations.js";

allowRelaxed();

const xor = { x: [[0, 0], [0, 1], [1, 0], [1, 1]], y: [[0], [1], [1], [0]] };

describe.each(["strict", "relaxed"] as const)("%s build", (variant) => {
  const backend = variant === "relaxed" ? createBackend({ module: relaxed }) : createBackend();

  test.each(["tanh", "sigmoid", "relu", "leakyRelu", "arctan"] as const)("learns XOR with %s", async (f) => {
    const network = new Network({ inputs: 2, layers: [dense(8, f), dense(1, "sigmoid")], seed: 1 }, { backend });
    network.compile({ optimizer: adam({ learningRate: 0.1 }), loss: "binaryCrossentropy", metrics: ["accuracy"] });
    const history = await network.fit(xor.x, xor.y, { epochs: 500, batchSize: 4 });
    expect(history.loss.at(-1)).toBeLessThan(0.05);
    expect(network.evaluate(xor.x, xor.y)).toMatchObject({ accuracy: 1 });
    expect([...network.predict(xor.x)].map(Math.round)).toEqual([0, 1, 1, 0]);
  });

  test("learns two spirals", async () => {
    const x: number[][] = [], y: number[] = [];
    for (let i = 0; i < 194; i++) {
      const turn = (i >> 1) / 97, radius = 0.1 + 0.9 * turn, angle = turn * 3 * Math.PI + (i % 2) * Math.PI;
      x.push([radius * Math.cos(angle), radius * Math.sin(angle)]);
      y.push(i % 2);
    }
    const network = new Network({ inputs: 2, layers: [dense(32, "relu"), dense(32, "relu"), dense(2, "softmax")], seed: 3 }, { backend });
    network.compile({ optimizer: adam({ learningRate: 0.01 }), loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
    const { accuracy } = await network.fit(x, y, { epochs: 200 });
    expect(accuracy!.at(-1)).toBe(1);
  });

  test("predict gives the same bits for a row alone, among 7 and among 10,000", () => {
    const network = new Network({ inputs: 37, layers: [dense(29, "tanh"), dense(17, "arctan"), dense(11, "softmax")], seed: 5 }, { backend });
    const x = random(10_000 * 37, 1);
    const all = network.predict(x);
    const seven = network.predict(x.subarray(0, 7 * 37));
    expect(bits(seven)).toEqual(bits(all.subarray(0, 7 * 11)));
    const session = network.session({ batch: 3 });
    for (let row = 0; row < 300; row++) {
      const i = (row * 7919) % 10_000;
      const alone = network.predict(x.subarray(i * 37, (i + 1) * 37));
      expect(bits(alone)).toEqual(bits(all.subarray(i * 11, (i + 1) * 11)));
      session.input.fill(0.5);
      session.input.set(x.subarray(i * 37, (i + 1) * 37), (row % 3) * 37);
      session.run();
      expect(bits(session.output.slice((row % 3) * 11, (row % 3) * 11 + 11))).toEqual(bits(alone));
    }
  });

  test("trace shows z = Wᵀa + b and a = f(z), and ends in what predict gives", () => {
    const network = new Network({ inputs: 3, layers: [dense(5, { name: "leakyRelu", negativeSlope: 0.1 }), activation("tanh"), dense(2)], seed: 2 }, { backend });
    const x = random(4 * 3, 2);
    const { z, a } = network.trace(x);
    expect(z.map((values) => values?.length)).toEqual([undefined, 20, 20, 8]);
    expect(a.map((values) => values.length)).toEqual([12, 20, 20, 8]);
    expect(bits(a[0])).toEqual(bits(x));
    expect(bits(a[3])).toEqual(bits(network.predict(x)));
    expect(bits(z[2]!)).toEqual(bits(a[1]));
    const { weights, bias } = network.layers[0].getWeights();
    for (let r = 0; r < 4; r++) {
      for (let j = 0; j < 5; j++) {
        let sum = bias![j];
        for (let i = 0; i < 3; i++) sum += weights![i * 5 + j] * x[r * 3 + i];
        expect(z[1]![r * 5 + j]).toBeCloseTo(sum, 6);
        expect(a[1][r * 5 + j]).toBeCloseTo(sum > 0 ? sum : 0.1 * sum, 6);
        expect(a[2][r * 5 + j]).toBeCloseTo(Math.tanh(a[1][r * 5 + j]), 6);
      }
    }
  });
});

test("one layer of one activation is a network too", () => {
  for (const id of Object.keys(activations) as ActivationId[]) {
    for (const width of [1, 3, 8, 65]) {
      const network = new Network({ inputs: width, layers: [activation(id)] });
      const x = random(2 * width, 3);
      const want = [0, 1].flatMap((row) => referenceActivations[id].forward([...x.subarray(row * width, (row + 1) * width)], 0.05));
      [...network.predict(x)].forEach((value, i) => expect(value).toBeCloseTo(want[i], 6));
      expect(network.parameterCount).toBe(0);
    }
  }
});

test("same seed, same bits: 200 steps of training give these weights on every engine", async () => {
  const train = async (seed: number) => {
    const network = new Network({ inputs: 13, layers: [dense(19, "tanh"), dense(11, "sigmoid"), dense(9, "arctan"), dense(7, "leakyRelu"), dense(5, "softmax")], seed });
    network.compile({ optimizer: adam({ learningRate: 0.01, clipNorm: 1 }), loss: "sparseCategoricalCrossentropy" });
    const y = Array.from({ length: 100 }, (_, i) => (i * i) % 5);
    const { loss } = await network.fit(random(100 * 13, 8), y, { epochs: 50, batchSize: 27 });
    return { digest: digest(network), loss };
  };
  const first = await train(42);
  expect(await train(42)).toEqual(first);
  expect((await train(43)).digest).not.toBe(first.digest);
  expect(first.digest).toBe("14d7be46740c524b0cc608e3f5ddb4ad8b6d827b810e218895868a337d129ffd");
});

test("a session is a frozen copy that outlives its network", () => {
  const network = new Network({ inputs: 2, layers: [dense(3, "tanh"), dense(1)], seed: 1 });
  network.compile({ optimizer: sgd({ learningRate: 0.5 }), loss: "mse" });
  const session = network.session();
  const run = () => {
    session.input.set([0.3, -0.2]);
    session.run();
    return session.output[0];
  };
  const before = run();
  expect(before).toBe(network.predict([[0.3, -0.2]])[0]);
  network.trainBatch([[0.3, -0.2]], [[5]]);
  expect(network.predict([[0.3, -0.2]])[0]).not.toBe(before);
  expect(run()).toBe(before);
  network.dispose();
  expect(run()).toBe(before);
});

test("first weights fit the activation, and are zero for biases", () => {
  const last = dense(10, "softmax", { weightsInitializer: "lecunUniform", biasInitializer: { name: "constant", value: 0.5 } });
  const network = new Network({ inputs: 200, layers: [dense(300, "tanh"), dense(100, "relu"), last], seed: 9 });
  for (const [i, limit] of [Math.sqrt(6 / 500), Math.sqrt(6 / 300), Math.sqrt(3 / 100)].entries()) {
    const { weights, bias } = network.layers[i].getWeights();
    expect(Math.max(...weights!.map(Math.abs))).toBeLessThanOrEqual(limit);
    expect(Math.max(...weights!.map(Math.abs))).toBeGreaterThan(limit * 0.98);
    expect(Math.abs(weights!.reduce((sum, w) => sum + w, 0) / weights!.length)).toBeLessThan(limit * 0.05);
    expect(new Set(bias)).toEqual(new Set([i === 2 ? 0.5 : 0]));
  }
});

test("setWeights and getWeights keep every bit and the row-major layout", () => {
  const network = new Network({ inputs: 7, layers: [dense(11), dense(3, "linear", { useBias: false })] });
  const weights = random(77, 5), bias = random(11, 6);
  network.layers[0].setWeights({ weights, bias });
  expect(bits(network.layers[0].getWeights().weights!)).toEqual(bits(weights));
  expect(bits(network.layers[0].getWeights().bias!)).toEqual(bits(bias));
  expect(network.layers[1].getWeights().bias).toBeUndefined();
  const [z] = network.trace(Float32Array.of(0, 0, 1, 0, 0, 0, 0)).z.slice(1);
  z!.forEach((value, j) => expect(value).toBeCloseTo(weights[2 * 11 + j] + bias[j], 6));
});

test("summary, depth and counts", () => {
  const network = new Network({ inputs: 784, layers: [dense(128, "relu"), dense(10, "softmax")] });
  expect([network.depth, network.inputs, network.outputs, network.parameterCount]).toEqual([2, 784, 10, 101_770]);
  const summary = network.summary();
  for (const part of ["784 × 128", "128 × 10", "dense(128, relu)", "100,480", "1,290", "101,770 parameters, depth 2"]) expect(summary).toContain(part);
});

test("matmul", () => {
  for (const [m, n, k] of [[0, 0, 0], [0, 3, 2], [3, 0, 2], [1, 0, 2], [3, 2, 0], [1, 9, 0], [1, 1, 1], [5, 7, 9], [16, 16, 16], [33, 61, 40]]) {
    for (const [transposeA, transposeB] of [[false, false], [true, false], [false, true], [true, true]]) {
      const a = new Matrix(transposeA ? k : m, transposeA ? m : k, random(m * k, 1));
      const b = new Matrix(transposeB ? n : k, transposeB ? k : n, random(k * n, 2));
      const out = new Matrix(m, n, new Float32Array(m * n).fill(NaN));
      expect(matmul(a, b, { transposeA, transposeB, out })).toBe(out);
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let p = 0; p < k; p++) sum += (transposeA ? a.data[p * m + i] : a.data[i * k + p]) * (transposeB ? b.data[j * k + p] : b.data[p * n + j]);
          expect(out.data[i * n + j]).toBeCloseTo(sum, 5);
        }
      }
    }
  }
});

test("activations as functions", () => {
  const z = Float32Array.of(-2, -0.5, 0, 1, 3);
  for (const [id, f] of Object.entries(activations)) {
    const reference = referenceActivations[id as ActivationId];
    reference.forward([...z], 0.05).forEach((want, i) => expect(f(z)[i]).toBeCloseTo(want, 6));
    if (reference.derivative) [...z].forEach((value, i) => expect(f.derivative(z)[i]).toBeCloseTo(reference.derivative!(value, 0.05), 6));
  }
  expect([...activations.leakyRelu(z, { negativeSlope: 0.5 })]).toEqual([-1, -0.25, 0, 1, 3]);
  expect([...activations.elu(Float32Array.of(-Infinity, 2), { alpha: 0.5 })]).toEqual([-0.5, 2]);
  expect(activations.celu.derivative(Float32Array.of(-1), { alpha: 0.5 })[0]).toBeCloseTo(Math.exp(-2), 6);
  for (const id of ["softmax", "logSoftmax"] as const) {
    const jacobian = activations[id].derivative(z);
    for (let j = 0; j < 5; j++) {
      const unit = [0, 0, 0, 0, 0].map((_, i) => (i === j ? 1 : 0));
      referenceActivations[id].backward([...z], unit, 0.05).forEach((want, i) => expect(jacobian[j * 5 + i]).toBeCloseTo(want, 6));
    }
  }
});

test("initialize() leaves everything ready", async () => {
  await initialize();
  expect(activations.tanh(Float32Array.of(0))[0]).toBe(0);
});

// Network.diagnose: its figures against plain float64 computation, and verdicts on networks with one thing wrong each.

import { describe, expect, test } from "vitest";
import {
  activation, adam, batchNormalization, createBackend, dense, dropout, layerNormalization, Network, normalization, residual, sgd, type ActivationId, type LayerFactory, type Optimizer,
} from "../src/index.js";
import { createThreadedBackend } from "../src/threads.js";
import { activationTable } from "../src/activations.js";
import { activations as referenceActivations } from "./reference/activations.js";
import { ReferenceNetwork } from "./reference/network.js";
import { sampler } from "./reference/random.js";

const ids = Object.keys(activationTable) as ActivationId[];
const slope = Math.fround(0.05);

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: readonly number[]) => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
const norm = (...arrays: ArrayLike<number>[]) => Math.sqrt(arrays.reduce((sum, array) => Array.from(array).reduce((total, value) => total + value * value, sum), 0));

/** Within 1e-4 of `want`, or of 1 where that is less. */
function close(got: number | undefined, want: number, what: string): void {
  expect(Math.abs(got! - want), `${what}: got ${got}, want ${want}`).toBeLessThanOrEqual(1e-4 * Math.max(Math.abs(want), 1e-3));
}

interface Case {
  network: Network;
  x: Float32Array;
  y: Int32Array;
}

/** A classifier of `rows` random points. */
function classifier(layers: LayerFactory[], { rows = 128, inputs = 8, scale = 1.7, optimizer = sgd({ learningRate: 0.01 }) as Optimizer, seed = 3 } = {}): Case {
  const uniform = sampler(seed);
  const network = new Network({ inputs, layers: [...layers, dense(4, "softmax")], seed });
  network.compile({ optimizer, loss: "sparseCategoricalCrossentropy" });
  return {
    network,
    x: Float32Array.from({ length: rows * inputs }, () => scale * uniform(-1, 1)),
    y: Int32Array.from({ length: rows }, () => Math.floor(uniform(0, 4))),
  };
}

const verdict = ({ network, x, y }: Case) => network.diagnose(x, y).verdict;
const repeat = (count: number, make: () => LayerFactory) => Array.from({ length: count }, make);

/** All weights and what layers measured, as one list. */
const everything = (network: Network) => [...network.save({ includeOptimizer: true })];

test.each(ids)("figures of a network of %s are those of float64", (id) => {
  const widths = [3, 5, 9, 2];
  const names: ActivationId[] = [id, id, "linear"];
  const rows = 11;
  const uniform = sampler(7);
  const network = new Network({ inputs: 3, layers: names.map((name, i) => dense(widths[i + 1], name)), seed: 5 });
  network.compile({ optimizer: sgd({ learningRate: 0.25 }), loss: "mse" });
  const twin = new ReferenceNetwork(3, names.map((name, i) => ({ units: widths[i + 1], activation: name, negativeSlope: slope })));
  for (const [i, layer] of network.layers.entries()) {
    layer.setWeights({ bias: Float32Array.from({ length: layer.units }, () => uniform(-1, 0.5)) });
    const { weights, bias } = layer.getWeights();
    twin.weights[i + 1] = [...weights!];
    twin.biases[i + 1] = [...bias!];
  }
  // Wide enough to saturate some units of arctan too; e^z of e^z overflows far below.
  const reach = id === "exponential" ? 1.5 : 15;
  const x = Float32Array.from({ length: rows * 3 }, () => uniform(-reach, reach));
  const y = Float32Array.from({ length: rows * 2 }, () => uniform(-1, 1));
  const got = network.diagnose(x, y);
  const { z, a } = twin.forward([...x]);
  const want = twin.backward([...x], Array.from({ length: rows }, (_, r) => [...y.subarray(2 * r, 2 * r + 2)]), "meanSquaredError");
  close(got.loss, want.loss, "loss");

  // Backwards once more, for the gradients between the layers.
  let da = a[3].map((value, i) => (2 * (value - y[i])) / y.length);
  for (let l = 3; l >= 1; l--) {
    const layer = got.layers[l - 1];
    const units = widths[l];
    expect(layer.label).toContain(`dense(${units}`);
    close(layer.z!.mean, mean(z[l]), `mean of z[${l}]`);
    close(layer.z!.deviation, deviation(z[l]), `deviation of z[${l}]`);
    close(layer.a.mean, mean(a[l]), `mean of a[${l}]`);
    close(layer.a.deviation, deviation(a[l]), `deviation of a[${l}]`);
    close(layer.outputGradientNorm, norm(da), `da[${l}]`);
    const gradientNorm = norm(want.weights[l], want.biases[l]);
    const weightNorm = norm(twin.weights[l], twin.biases[l]);
    close(layer.gradientNorm, gradientNorm, `dw[${l}]`);
    close(layer.weightNorm, weightNorm, `w[${l}]`);
    close(layer.updateRatio, (0.25 * gradientNorm) / weightNorm, `update of layer ${l}`);

    const name = names[l - 1];
    const { derivative, backward } = referenceActivations[name];
    if (name === "linear" || derivative === undefined) {
      expect([layer.slope, layer.saturated, layer.dead]).toEqual([undefined, undefined, undefined]);
    } else {
      const slopes = z[l].map((value) => derivative(value, slope));
      close(layer.slope, Math.sqrt(mean(slopes.map((value) => value ** 2))), `slope of layer ${l}`);
      const dead = Array.from({ length: units }, (_, j) => slopes.every((value, i) => i % units !== j || Math.fround(value) === 0));
      expect(layer.dead).toBe(mean(dead.map(Number)));
      const saturates = ["sigmoid", "tanh", "arctan", "softsign", "hardSigmoid"].includes(name);
      expect(layer.saturated).toBe(saturates ? mean(slopes.map((value) => Number(Math.abs(value) < derivative(0, slope) / 100))) : undefined);
      if (saturates && l === 1) expect(layer.saturated).toBeGreaterThan(0);
    }
    const dz = Array.from({ length: rows }, (_, r) => backward(z[l].slice(r * units, (r + 1) * units), da.slice(r * units, (r + 1) * units), slope)).flat();
    da = Array.from({ length: rows * widths[l - 1] }, (_, at) => {
      const [r, i] = [Math.floor(at / widths[l - 1]), at % widths[l - 1]];
      return mean(Array.from({ length: units }, (__, j) => dz[r * units + j] * twin.weights[l][i * units + j])) * units;
    });
  }
  close(got.gradientFactor, Math.sqrt(got.layers[0].outputGradientNorm / got.layers[2].outputGradientNorm), "factor");
  network.dispose();
});

test("the output of a head that is part of the loss is its activation's, and its gradient that of the logits", () => {
  const made = classifier([dense(6, "tanh")]);
  const { layers } = made.network.diagnose(made.x, made.y);
  const output = [...made.network.predict(made.x)];
  close(layers[1].a.mean, 0.25, "mean of a softmax");
  close(layers[1].a.deviation, deviation(output), "deviation");
  const dz = output.map((p, i) => (p - Number(made.y[Math.floor(i / 4)] === i % 4)) / made.y.length);
  close(layers[1].outputGradientNorm, norm(dz), "gradient of the logits");
});

test("the update is that of the step to come, whatever the optimizer", () => {
  const optimizers = [() => sgd({ learningRate: 0.1, momentum: 0.9, weightDecay: 0.1 }), () => adam({ learningRate: (step) => 0.01 * (step + 1), amsgrad: true }), () => adam({ clipNorm: 1e-3, clipValue: 1e-3 })];
  for (const optimizer of optimizers) {
    const made = classifier([dense(7, "relu"), residual([layerNormalization(), dense(7, "tanh")]), batchNormalization()], { optimizer: optimizer() });
    for (let step = 0; step < 3; step++) {
      const { layers } = made.network.diagnose(made.x, made.y);
      const values = () => made.network.layers.map((layer) => Object.entries(layer.getWeights()).filter(([name]) => name !== "mean" && name !== "variance").map(([, value]) => value!));
      const before = values();
      made.network.trainBatch(made.x, made.y);
      for (const [l, after] of values().entries()) {
        const change = after.map((array, i) => array.map((value, j) => value - before[l][i][j]));
        close(layers[l].updateRatio, norm(...change) / norm(...before[l]), `step ${step}, layer ${l + 1}`);
      }
    }
  }
});

test("a residual block is one entry, with the gradient of all its weights and its activations taken together", () => {
  const made = classifier([dense(8), residual([layerNormalization(), dense(6, "relu"), dense(8)]), residual([dense(8, "tanh"), dense(8, "sigmoid")]), dropout(0.5), activation("arctan")]);
  const { layers } = made.network.diagnose(made.x, made.y);
  const { layers: gradients } = made.network.gradients(made.x, made.y);
  expect(layers.map(({ label }) => label)).toEqual([
    "dense(8)", "residual(layerNormalization, dense(6, relu), dense(8))", "residual(dense(8, tanh), dense(8, sigmoid))", "dropout(0.5)", "activation(arctan)", "dense(4, softmax)",
  ]);
  for (const l of [0, 1, 2, 5]) close(layers[l].gradientNorm, norm(...Object.values(gradients[l]).map((value) => value!)), `layer ${l + 1}`);
  expect(Object.keys(layers[3]).filter((key) => layers[3][key as "a"] !== undefined)).toEqual(["label", "a", "outputGradientNorm"]);
  expect([layers[1].saturated, layers[1].dead, layers[1].z]).toEqual([undefined, 0, undefined]);
  expect(layers[2].saturated).toBeGreaterThanOrEqual(0);
  // The activations of a block count by their values: 128 rows of 8 tanh and 8 sigmoid.
  const inside = made.network.layers[2].getWeights();
  const transform = (input: readonly number[], name: "1" | "2") => Array.from({ length: input.length }, (_, at) => {
    const [r, j] = [Math.floor(at / 8), at % 8];
    return Array.from({ length: 8 }, (__, i) => input[r * 8 + i] * inside[`${name}.weights`]![i * 8 + j]).reduce((sum, value) => sum + value, inside[`${name}.bias`]![j]);
  });
  const first = transform([...made.network.trace(made.x).a[2]], "1");
  const second = transform(first.map(Math.tanh), "2");
  const slopes = [...first.map((z) => referenceActivations.tanh.derivative!(z, 0)), ...second.map((z) => referenceActivations.sigmoid.derivative!(z, 0))];
  close(layers[2].slope, Math.sqrt(mean(slopes.map((value) => value ** 2))), "slope");
});

test("nothing changes: not weights, optimizer, running statistics or the training that follows", () => {
  const layers = () => [normalization(), dense(6, "tanh"), batchNormalization(), dropout(0.3), dense(6, "relu", { maxNorm: 0.1, l2: 0.1 })];
  const [looked, plain] = [0, 1].map(() => classifier(layers(), { optimizer: adam() }));
  for (const { network, x } of [looked, plain]) network.layers[0].adapt(x);
  for (let step = 0; step < 3; step++) {
    const before = everything(looked.network);
    const first = looked.network.diagnose(looked.x, looked.y);
    expect(looked.network.diagnose(looked.x, looked.y)).toEqual(first);
    expect(everything(looked.network)).toEqual(before);
    for (const { network, x, y } of [looked, plain]) network.trainBatch(x, y);
  }
  expect(everything(looked.network)).toEqual(everything(plain.network));
});

test("no memory stays in use", () => {
  const backend = createBackend();
  const network = new Network({ inputs: 3, layers: [dense(9, "tanh"), residual([dense(9, "relu")]), dense(1)] }, { backend });
  network.compile({ optimizer: "adam", loss: "mse" });
  const { bytesInUse } = backend.memory();
  network.diagnose(new Float32Array(300), new Float32Array(100));
  expect(backend.memory().bytesInUse).toBe(bytesInUse);
});

test("threads see the same", async () => {
  const backend = await createThreadedBackend({ threads: 2 });
  try {
    const [threaded, single] = [{ backend }, undefined].map((options) => {
      const network = new Network({ inputs: 40, layers: [dense(120, "tanh"), residual([layerNormalization(), dense(120, "relu")]), dense(3)], seed: 1 }, options);
      network.compile({ optimizer: "adam", loss: "mse" });
      const uniform = sampler(1);
      return network.diagnose(Float32Array.from({ length: 40 * 64 }, () => uniform(-1, 1)), new Float32Array(3 * 64));
    });
    expect(threaded).toEqual(single);
  } finally {
    backend.dispose();
  }
});

describe("the verdict", () => {
  const biased = (made: Case, layer: number, from: number, to: number, value: number): Case => {
    const { bias } = made.network.layers[layer].getWeights();
    made.network.layers[layer].setWeights({ bias: bias!.fill(value, from, to) });
    return made;
  };

  test("blames sigmoid for what 32 layers of it do", () => {
    expect(verdict(classifier(repeat(31, () => dense(32, "sigmoid"))))).toMatch(/^gradient shrinks 0\.2\d× per layer towards the input: sigmoid at depth 32$/);
  });

  test("counts dead units", () => {
    expect(verdict(biased(classifier([dense(64, "relu"), dense(64, "relu")]), 1, 0, 26, -100))).toBe("41 % of the units of layer 2, dense(64, relu), are dead");
  });

  test("says where the gradient ends", () => {
    expect(verdict(biased(classifier([dense(16, "relu"), dense(16, "relu"), dense(16, "tanh")]), 1, 0, 16, -100)))
      .toBe("no gradient gets past layer 2, dense(16, relu); 100 % of the units of layer 2, dense(16, relu), are dead");
    const done = new Network({ inputs: 1, layers: [dense(3, "relu"), dense(1, "linear", { weightsInitializer: "zeros" })] });
    done.compile({ optimizer: "sgd", loss: "mse" });
    expect(done.diagnose([1, 2, 3], [0, 0, 0]).verdict).toBe("the gradient is 0 at the output already: these rows teach nothing");
  });

  test("tells large inputs from large weights", () => {
    expect(verdict(classifier([dense(32, "tanh"), dense(32, "tanh")], { scale: 100 }))).toMatch(/^9\d % of the values of layer 1, dense\(32, tanh\), are saturated: inputs too large$/);
    const made = classifier([dense(32, "tanh"), dense(32, "tanh")]);
    made.network.layers[1].setWeights({ weights: made.network.layers[1].getWeights().weights!.map((value) => 100 * value) });
    expect(verdict(made)).toMatch(/^9\d % of the values of layer 2, dense\(32, tanh\), are saturated: weights too large$/);
  });

  test("tells exploding from vanishing weights, and both from bare residual blocks and normalization without them", () => {
    const scaled = (factor: number) => {
      const made = classifier(repeat(12, () => dense(32, "leakyRelu")));
      for (const layer of made.network.layers) layer.setWeights({ weights: layer.getWeights().weights!.map((value) => factor * value) });
      return verdict(made);
    };
    expect(scaled(3)).toMatch(/^gradient grows (2\.\d|3|3\.\d)× per layer towards the input: weights too large/);
    expect(scaled(0.1)).toMatch(/^gradient shrinks 0\.(09\d?|1\d?)× per layer towards the input: weights too small$/);
    expect(verdict(classifier(repeat(32, () => residual([dense(32, "leakyRelu")]))))).toMatch(/^gradient grows 1\.\d× per layer towards the input: residual\(\) adds up without layerNormalization\(\) in it/);
    expect(verdict(classifier(Array.from({ length: 64 }, () => [layerNormalization(), dense(32, "relu")]).flat()))).toMatch(/^gradient grows 1\.\d× per layer towards the input: layers are normalized, but not in residual\(\)/);
  });

  test("finds a step that is too large", () => {
    expect(verdict(classifier([dense(32, "tanh")], { optimizer: adam({ learningRate: 3 }) }))).toMatch(/^a step is \d+× as large as the weights of layer \d, dense\(.*\): learning rate too large \(and in 1 more\)$/);
  });

  test("has nothing to say against a sound network", () => {
    const sound = classifier([dense(32, "relu"), ...repeat(30, () => residual([layerNormalization(), dense(32, "relu")])), layerNormalization()]);
    expect(verdict(sound)).toMatch(/^nothing unusual: gradients keep between 0\.\d+× and \d(\.\d)?× of their size at the output$/);
    expect(verdict(classifier([]))).toBe("nothing unusual: gradients keep between 1× and 1× of their size at the output");
  });

  test("does not judge units by a handful of rows", () => {
    const few = (rows: number) => verdict(biased(classifier([dense(64, "relu"), dense(64, "relu")], { rows }), 1, 0, 26, -100));
    expect(few(7)).not.toContain("dead");
    expect(few(8)).toContain("dead");
  });
});

test("as a string it is a table and the verdict", () => {
  const made = classifier([dense(8, "relu"), residual([layerNormalization(), dense(8, "tanh")])]);
  const diagnosis = made.network.diagnose(made.x, made.y);
  const lines = String(diagnosis).split("\n");
  expect(lines).toHaveLength(2 + 3 + 2);
  expect(lines[0]).toMatch(/^layer +z +a +f′ +saturated +dead +‖da‖ +‖dw‖ +‖w‖ +‖Δw‖\/‖w‖$/);
  expect(lines[2]).toMatch(/^1 +dense\(8, relu\) +-?[\d.e-]+ ± [\d.]+ +[\d.]+ ± [\d.]+ +0\.\d+ +0 % +[\d.e-]+ +[\d.e-]+ +[\d.]+ +[\d.e-]+$/);
  expect(lines[3]).toMatch(/^2 +residual\(layerNormalization, dense\(8, tanh\)\) +-?[\d.e-]+ ± [\d.]+ +0\.\d+ +\d+ % +0 % /);
  expect(lines.at(-1)).toBe(`loss ${Number(diagnosis.loss.toPrecision(3))}; ${diagnosis.verdict}`);
});

test("what is wrong with the arguments is said as gradients() says it", () => {
  const { network, x, y } = classifier([batchNormalization(), dense(8, "relu")]);
  expect(() => network.diagnose(x.subarray(1), y)).toThrow(/^Network\.diagnose: x must hold rows of 8 values, got 1023 values/);
  expect(() => network.diagnose(x, y.subarray(1))).toThrow("Network.diagnose: y must hold as many rows as x (128), got 127");
  expect(() => network.diagnose(x.subarray(0, 8), y.subarray(0, 1))).toThrow("Network.diagnose: a batch must hold at least 2 rows for layer 1, batchNormalization, got 1");
  expect(() => new Network({ inputs: 1, layers: [dense(1)] }).diagnose([1], [1])).toThrow("Network.diagnose: compile() must come first, got a network without loss and optimizer");
  const { weights } = network.layers[1].getWeights();
  network.layers[1].setWeights({ weights: weights!.fill(3e38) });
  expect(() => network.diagnose(x, y)).toThrow(/^Network\.diagnose: loss must be finite, got (NaN|Infinity); the output of layer 2, dense\(8, relu\), is the first that is not/);
  network.dispose();
  expect(() => network.diagnose(x, y)).toThrow("Network.diagnose: the network must not be disposed, got a call after dispose()");
});

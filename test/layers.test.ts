// Layers as users hold them: files, sessions, traces, errors, memory.

import { describe, expect, test } from "vitest";
import {
  activation, adam, batchNormalization, createBackend, dense, dropout, gaussianNoise, layerNormalization, Network, NonFiniteError, normalization, residual, sgd, type LayerFactory,
} from "../src/index.js";
import { load } from "../src/infer.js";
import { relaxed } from "../src/relaxed.js";
import { allowRelaxed } from "./instance.js";
import { all, drawSpecs, makeCase, pick, widthAfter, type Kinds } from "./nets.js";
import { bits, random } from "./numbers.js";
import type { Spec } from "./reference/layers.js";
import { sampler } from "./reference/random.js";

allowRelaxed();

const kinds: Kinds = { widths: [1, 3, 7, 8, 17], activations: all };

/** One of each, by what it makes of `inputs` columns. */
const each: Record<string, () => LayerFactory> = {
  dense: () => dense(5, "tanh"),
  activation: () => activation("sigmoid"),
  softmax: () => activation("softmax"),
  residual: () => residual([dense(6, "tanh"), dense(5)]),
  "residual of the width": () => residual([layerNormalization(), activation("tanh")]),
  "residual of nothing": () => residual([dropout(0.5)]),
  "projection of nothing": () => residual([dropout(0.5)], { projection: true }),
  "residual that starts with dropout": () => residual([dropout(0.5), dense(6, "tanh"), dense(4), gaussianNoise(1)]),
  "residual in residual": () => residual([residual([gaussianNoise(0.1), dense(3)]), dense(4)]),
  layerNormalization: () => layerNormalization(),
  batchNormalization: () => batchNormalization(),
  normalization: () => normalization(),
  dropout: () => dropout(0.5),
  gaussianNoise: () => gaussianNoise(0.5),
};

describe.each(["strict", "relaxed"] as const)("%s build", (variant) => {
  const backend = variant === "relaxed" ? createBackend({ module: relaxed }) : createBackend();

  test("random networks: rows alone, sessions, files, traces, and every byte back", () => {
    const { bytesInUse } = backend.memory();
    for (let seed = 1; seed <= 80; seed++) {
      const draw = sampler(seed);
      const inputs = pick(draw, [1, 3, 8, 13]);
      const specs = drawSpecs(draw, inputs, 1 + (seed % 7), kinds);
      const { network, x } = makeCase(draw, specs, inputs, 9, "meanSquaredError", backend);
      const units = widthAfter(specs, inputs);
      network.compile({ optimizer: adam({ learningRate: 0.01 }), loss: "mse" });
      for (let step = 0; step < 3; step++) network.trainBatch(x, random(9 * units, step));
      const what = `seed ${seed} ${JSON.stringify(specs)}`;
      const got = network.predict(x);
      for (const r of [0, 4, 8]) expect(bits(network.predict(x.subarray(r * inputs, (r + 1) * inputs))), what).toEqual(bits(got.slice(r * units, (r + 1) * units)));

      const session = network.session({ batch: 9 });
      session.input.set(x);
      session.run();
      const folds = specs.some((spec, i) => spec.type === "dense" && spec.activation === "linear" && specs[i + 1]?.type === "batchNormalization");
      const largest = Math.max(...got.map(Math.abs), 1e-3);
      if (folds) session.output.forEach((value, i) => expect(Math.abs(value - got[i]), what).toBeLessThanOrEqual(1e-5 * largest));
      else expect(bits(session.output), what).toEqual(bits(got));

      const { z, a } = network.trace(x);
      expect(bits(a.at(-1)!), what).toEqual(bits(got));
      expect(z.slice(1).map((values) => values !== undefined)).toEqual(specs.map(({ type }) => type === "dense" || type === "activation"));
      expect(a.map(({ length }) => length / 9)).toEqual([inputs, ...specs.map((_, i) => widthAfter(specs.slice(0, i + 1), inputs))]);

      const bytes = network.save({ includeOptimizer: true });
      const again = Network.load(bytes, { backend });
      expect(again.save({ includeOptimizer: true })).toEqual(bytes);
      expect(bits(again.predict(x))).toEqual(bits(got));
      if (variant === "strict") {
        const model = load(network.save());
        expect(bits(model.predict(x)), what).toEqual(bits(got));
        const own = model.session({ batch: 9 });
        own.input.set(x);
        own.run();
        expect(bits(own.output), what).toEqual(bits(session.output));
        model.dispose();
        own.dispose();
      }
      for (let step = 0; step < 3; step++) expect(again.trainBatch(x, random(9 * units, step))).toBe(network.trainBatch(x, random(9 * units, step)));
      expect(again.save({ includeOptimizer: true })).toEqual(network.save({ includeOptimizer: true }));
      expect(again.evaluate(x, random(9 * units, 0))).toEqual(network.evaluate(x, random(9 * units, 0)));
      network.gradients(x, random(9 * units, 0));
      expect(network.summary()).toContain(`depth ${specs.length}`);
      for (const one of [network, again, session]) one.dispose();
      expect(backend.memory().bytesInUse).toBe(bytesInUse);
    }
  });

  test.each(Object.entries(each))("%s alone, first and last, at any number of inputs", (_, make) => {
    const { bytesInUse } = backend.memory();
    for (const inputs of [1, 2, 3, 5, 8, 9, 16, 17]) {
      for (const layers of [[make()], [make(), dense(3, "tanh")], [dense(inputs, "tanh"), make()], [make(), make(), dense(2)]]) {
        const network = new Network({ inputs, layers, seed: 1 }, { backend });
        network.compile({ optimizer: sgd({ learningRate: 0.01 }), loss: "mse", metrics: ["accuracy"] });
        const units = network.outputs;
        const [x, y] = [random(7 * inputs, 1), random(7 * units, 2)];
        for (let step = 0; step < 2; step++) expect(network.trainBatch(x, y)).toBeGreaterThan(0);
        const got = network.predict(x);
        expect([...got].every(Number.isFinite)).toBe(true);
        const mean = got.reduce((sum, value, i) => sum + (value - y[i]) ** 2, 0) / (7 * units);
        expect(network.evaluate(x, y).loss / mean).toBeCloseTo(1, 5);
        for (const batch of [1, 7]) {
          const session = network.session({ batch });
          session.input.set(x.subarray(0, batch * inputs));
          session.run();
          session.output.forEach((value, i) => expect(value).toBeCloseTo(got[i], 4));
          session.dispose();
        }
        expect(network.gradients(x, y).input.length).toBe(7 * inputs);
        network.dispose();
      }
    }
    expect(backend.memory().bytesInUse).toBe(bytesInUse);
  });
});

test("predict takes fewer rows at a time where a layer inside a block is wide", () => {
  const own = createBackend();
  const network = new Network({ inputs: 4, layers: [residual([residual([dense(4096, "relu"), dense(4)])])] }, { backend: own });
  const before = own.memory().bytesInUse;
  network.predict(random(1000 * 4, 1));
  expect(own.memory().bytesInUse - before).toBeLessThan(1.2 * 2 ** 20);
  network.dispose();
});

test("layers that leave x as it is have gradients too, also where rows are no whole panels", () => {
  const none: Spec = { type: "dropout", rate: 0.5 };
  for (const specs of [[none], [none, none], [{ type: "gaussianNoise", standardDeviation: 1 }], [{ type: "normalization" }], [{ type: "residual", layers: [none] }], [{ type: "residual", layers: [none], projection: true }]] as Spec[][]) {
    for (const inputs of [1, 3, 8, 13]) {
      const { network, twin, x, y, rows } = makeCase(sampler(inputs), specs, inputs, 5, "meanSquaredError");
      const { loss, input } = twin.backward([...x], rows, "meanSquaredError", { training: true });
      const got = network.gradients(x, y as Float32Array);
      expect(got.loss / loss).toBeCloseTo(1, 5);
      got.input.forEach((g, i) => expect(Math.abs(g - input[i])).toBeLessThanOrEqual(1e-6 * Math.max(...input.map(Math.abs))));
      network.dispose();
    }
  }
});

test("a session folds batch normalization to 1e-6 of the prediction", () => {
  for (const useBias of [true, false]) {
    for (const inputs of [1, 5, 8, 19]) {
      const layers = [dense(17, "linear", { useBias }), batchNormalization(), activation("tanh"), dense(9, "linear", { useBias }), batchNormalization(), dense(5, "linear"), batchNormalization()];
      const network = new Network({ inputs, layers, seed: 3 });
      network.compile({ optimizer: adam(), loss: "mse" });
      const [x, y] = [random(20 * inputs, 1), random(100, 2)];
      for (let step = 0; step < 30; step++) network.trainBatch(x, y);
      const session = network.session({ batch: 20 });
      session.input.set(x);
      session.run();
      const want = network.predict(x);
      const largest = Math.max(...want.map(Math.abs));
      session.output.forEach((value, i) => expect(Math.abs(value - want[i])).toBeLessThanOrEqual(1e-6 * largest));
      // Frozen: later training does not reach it.
      const before = bits(session.output);
      network.trainBatch(x, y);
      session.run();
      expect(bits(session.output)).toEqual(before);
      network.dispose();
      session.run();
      expect(bits(session.output)).toEqual(before);
      session.dispose();
    }
  }
});

test("a block that starts with dropout keeps what it adds, however deep", () => {
  const made = makeCase(sampler(5), [
    { type: "dense", units: 6, activation: "tanh" },
    { type: "residual", layers: [{ type: "dropout", rate: 0.5 }, { type: "dense", units: 9, activation: "tanh" }, { type: "dense", units: 6 }, { type: "gaussianNoise", standardDeviation: 1 }] },
    { type: "residual", layers: [{ type: "dropout", rate: 0.5 }, { type: "dropout", rate: 0.5 }] },
    { type: "dense", units: 6 },
  ], 3, 4, "meanSquaredError");
  const want = made.twin.forward([...made.x], { training: false });
  made.network.predict(made.x).forEach((value, i) => expect(value).toBeCloseTo(want[i], 5));
  made.network.dispose();
});

describe("numbers that are not finite", () => {
  const layers = [dense(4), layerNormalization(), residual([dense(4, "relu")]), batchNormalization(), dense(2)];
  const made = () => {
    const network = new Network({ inputs: 3, layers, seed: 1 });
    network.compile({ optimizer: "sgd", loss: "mse" });
    return network;
  };

  test.each([[0, "dense(4)", "weights"], [2, "residual(dense(4, relu))", "1.weights"], [4, "dense(2)", "weights"]] as const)("layer %d, %s, is named", (index, label, name) => {
    const network = made();
    const { length } = network.layers[index].getWeights()[name]!;
    network.layers[index].setWeights({ [name]: new Float32Array(length).fill(3e38) });
    const before = network.save();
    const errors = [() => network.trainBatch(random(12, 1).map((v) => 1e9 * v), random(8, 2)), () => network.gradients(random(12, 1).map((v) => 1e9 * v), random(8, 2))].map((call) => {
      try {
        call();
      } catch (error) {
        return error as NonFiniteError;
      }
    });
    for (const error of errors) {
      expect(error).toBeInstanceOf(NonFiniteError);
      expect(error!.message).toContain(`layer ${index + 1}, ${label}`);
      expect(error!.layer).toBe(index + 1);
    }
    expect(network.save()).toEqual(before);
    network.dispose();
  });

  test("a step that is refused changes no running statistics", () => {
    const network = made();
    network.compile({ optimizer: sgd({ learningRate: 1e3 }), loss: "mse" });
    const before = network.save({ includeOptimizer: true });
    expect(() => network.trainBatch(random(12, 1), random(8, 2).map((v) => v * 3e38))).toThrow(NonFiniteError);
    expect(network.save({ includeOptimizer: true })).toEqual(before);
    network.dispose();
  });
});

test("a batch of one row is refused before anything changes, by what needs two", async () => {
  const network = new Network({ inputs: 2, layers: [dense(3), residual([batchNormalization()]), dense(1)] });
  network.compile({ optimizer: adam(), loss: "mse" });
  const before = network.save({ includeOptimizer: true });
  const [x, y] = [random(10, 1), random(5, 1)];
  const says = /^Network\.\w+: a batch must hold at least 2 rows for layer 2, residual\(batchNormalization\), got 1$/;
  expect(() => network.trainBatch(x.subarray(0, 2), y.subarray(0, 1))).toThrow(says);
  expect(() => network.gradients(x.subarray(0, 2), y.subarray(0, 1))).toThrow(says);
  await expect(network.fit(x, y, { batchSize: 2 })).rejects.toThrow(says);
  await expect(network.fit(x, y, { batchSize: 1 })).rejects.toThrow(says);
  await expect(network.fit(x, y, { batchSize: 2, validationSplit: 0.5 })).resolves.toBeDefined();
  expect(network.save({ includeOptimizer: true })).not.toEqual(before);
  expect(network.evaluate(x.subarray(0, 2), y.subarray(0, 1)).loss).toBeGreaterThanOrEqual(0);
  network.dispose();
});

test("dropout differs from step to step, and not from run to run", () => {
  const losses = (seed: number) => {
    const network = new Network({ inputs: 5, layers: [dropout(0.5), dense(1)], seed });
    network.compile({ optimizer: sgd({ learningRate: 1e-30 }), loss: "mse" });
    return [0, 1, 2].map(() => network.trainBatch(random(40, 1), random(8, 1)));
  };
  expect(new Set(losses(1)).size).toBe(3);
  expect(losses(1)).toEqual(losses(1));
  expect(losses(2)).not.toEqual(losses(1));
});

test("memory grows with the layers and no faster; what predictions work in does not grow", () => {
  const use = (depth: number): number[] => {
    const backend = createBackend();
    const block = () => residual([layerNormalization(), dense(32, "relu"), dropout(0.1), dense(32)]);
    const network = new Network({ inputs: 32, layers: Array.from({ length: depth }, block) }, { backend });
    network.compile({ optimizer: "sgd", loss: "mse" });
    const [x, y] = [random(256 * 32, 1), random(256 * 32, 2)];
    const marks = [backend.memory().bytesInUse];
    for (const call of [() => network.predict(x), () => network.trainBatch(x.subarray(0, 320), y.subarray(0, 320))]) {
      call();
      marks.push(backend.memory().bytesInUse);
    }
    network.dispose();
    return [marks[0], marks[1] - marks[0], marks[2] - marks[1]];
  };
  const [one, two, four] = [50, 100, 200].map(use);
  for (const part of [0, 2]) expect((four[part] - two[part]) / (two[part] - one[part])).toBeCloseTo(2, 1);
  // A program of some 500 bytes a block; a matrix a block would be 32 KiB.
  expect((four[1] - two[1]) / 100).toBeLessThan(1024);
});

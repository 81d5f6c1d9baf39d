// Weights of one network in another: the same layers, or a message that names the layer and both shapes.

import { expect, test } from "vitest";
import { batchNormalization, createBackend, dense, Network, residual, type LayerFactory } from "../src/index.js";
import { random } from "./numbers.js";

const backend = createBackend();
const make = (layers: LayerFactory[], seed = 1): Network => new Network({ inputs: 3, layers, seed }, { backend });
const stack = (): LayerFactory[] => [dense(5, "relu"), batchNormalization(), residual([dense(5, "tanh")]), dense(2)];
const x = random(12, 1);

test("predictions are those of the file, training state stays", () => {
  const [from, to] = [make(stack()), make(stack(), 2)];
  from.compile({ optimizer: "adam", loss: "mse" });
  from.trainBatch(x, random(8, 2));
  to.compile({ optimizer: "adam", loss: "mse" });
  for (const bytes of [from.save(), from.save({ includeOptimizer: true })]) {
    to.loadWeights(bytes);
    expect(to.predict(x)).toEqual(from.predict(x));
  }
  expect(to.trainBatch(x, random(8, 2))).toBe(from.trainBatch(x, random(8, 2)));
});

test.each<[string, LayerFactory[], string]>([
  ["another width", [dense(5, "relu"), batchNormalization(), residual([dense(5, "tanh")]), dense(4)], "layer 4, dense(2), must have weights 5 × 2, bias 2, got weights 5 × 4, bias 4 of dense(4)"],
  ["another layer", [dense(5, "relu"), dense(5), residual([dense(5, "tanh")]), dense(2)], "layer 2, batchNormalization, must have gamma 5, beta 5, mean 5, variance 5, got weights 5 × 5, bias 5 of dense(5)"],
  ["no bias", [dense(5, "relu", { useBias: false }), batchNormalization(), residual([dense(5, "tanh")]), dense(2)], "layer 1, dense(5, relu), must have weights 3 × 5, bias 5, got weights 3 × 5 of dense(5, relu, no bias)"],
  ["fewer layers", [dense(5, "relu"), dense(2)], "the file must hold 4 layers, got 2"],
])("%s: nothing changes", (_, layers, message) => {
  const to = make(stack());
  const before = to.save();
  expect(() => to.loadWeights(make(layers).save())).toThrow(`Network.loadWeights: ${message}`);
  expect(to.save()).toEqual(before);
});

// What save({ includeOptimizer: true }) writes about loss and metrics, and what older versions wrote.

import { expect, test } from "vitest";
import { adam, createBackend, dense, Network, type ActivationName, type CompileOptions } from "../src/index.js";
import { reconfigured } from "./bad-input/world.js";

const backend = createBackend();
const x = [[0.5, -1, 0.25], [1, 2, -3]];

test("it keeps the loss's options and the metrics", () => {
  const compiled: [ActivationName, CompileOptions["loss"], CompileOptions["metrics"], string[]][] = [
    ["linear", { name: "huber", delta: 0.25 }, ["mae", "r2"], ["loss", "meanAbsoluteError", "r2"]],
    ["softmax", { name: "categoricalCrossentropy", labelSmoothing: 0.2 }, [{ name: "topKAccuracy", k: 2 }, "f1"], ["loss", "topKAccuracy", "f1"]],
    ["linear", { name: "klDivergence", fromLogits: true }, [], ["loss"]],
  ];
  for (const [last, loss, metrics, keys] of compiled) {
    const network = new Network({ inputs: 3, layers: [dense(3, last)], seed: 2 }, { backend });
    network.compile({ optimizer: "sgd", loss, metrics });
    const loaded = Network.load(network.save({ includeOptimizer: true }), { backend });
    const y = [[0, 1, 0], [0, 0, 1]];
    expect(loaded.evaluate(x, y)).toEqual(network.evaluate(x, y));
    expect(Object.keys(loaded.evaluate(x, y))).toEqual(keys);
    expect(loaded.trainBatch(x, y)).toBe(network.trainBatch(x, y));
    for (const each of [network, loaded]) each.dispose();
  }
});

test("files that say accuracy instead of metrics still load", () => {
  const network = new Network({ inputs: 3, layers: [dense(4, "tanh"), dense(3, "softmax")], seed: 9 }, { backend });
  network.compile({ optimizer: adam(), loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
  network.trainBatch(x, [0, 2]);
  for (const accuracy of [true, false]) {
    const old = reconfigured(network.save({ includeOptimizer: true }), "training", (record) => {
      delete record.metrics;
      record.accuracy = accuracy;
      record.loss = { name: "sparseCategoricalCrossentropy", fromLogits: false };
    });
    const loaded = Network.load(old, { backend });
    expect(Object.keys(loaded.evaluate(x, [0, 2]))).toEqual(accuracy ? ["loss", "accuracy"] : ["loss"]);
    expect(loaded.trainBatch(x, [0, 1])).toBe(Network.load(network.save({ includeOptimizer: true }), { backend }).trainBatch(x, [0, 1]));
    loaded.dispose();
  }
  network.dispose();
});

test("records of version 0.1.0, without rateScale and with powers for sgd, go on to the same bits", () => {
  for (const optimizer of ["sgd", "adam"] as const) {
    const network = new Network({ inputs: 3, layers: [dense(4, "tanh"), dense(2, "softmax")], seed: 9 }, { backend });
    network.compile({ optimizer, loss: "sparseCategoricalCrossentropy" });
    network.trainBatch(x, [0, 1]);
    const old = reconfigured(network.save({ includeOptimizer: true }), "training", (record) => {
      delete record.rateScale;
      if (optimizer === "sgd") record.powers = [0, 0];
    });
    const loaded = Network.load(old, { backend });
    expect(loaded.trainBatch(x, [0, 1])).toBe(network.trainBatch(x, [0, 1]));
    expect(loaded.save({ includeOptimizer: true })).toEqual(network.save({ includeOptimizer: true }));
    for (const each of [network, loaded]) each.dispose();
  }
});

// Metrics of compile() against their definitions, by hand and by brute force; what they go with; confusionMatrix.

import { describe, expect, test } from "vitest";
import { confusionMatrix, dense, earlyStopping, Network, sgd, type LossOptions, type MetricName, type MetricOptions, type Scores } from "../src/index.js";
import { metricTable, type MetricRow } from "../src/metrics.js";
import { sampler } from "./reference/random.js";

/** A network that puts out x, and learns nothing. */
function identity(outputs: number, loss: LossOptions, metrics: readonly (MetricName | MetricOptions)[]): Network {
  const network = new Network({ inputs: outputs, layers: [dense(outputs, loss.name === "meanSquaredError" || loss.fromLogits ? "linear" : "sigmoid")] });
  network.layers[0].setWeights({ weights: Float32Array.from({ length: outputs ** 2 }, (_, i) => Number(i % (outputs + 1) === 0)), bias: new Float32Array(outputs) });
  network.compile({ optimizer: sgd({ learningRate: () => 0 }), loss, metrics });
  return network;
}

/** The scores of evaluate(), which those of an epoch of fit() in small batches must equal, on training and validation rows. */
async function scores(outputs: number, loss: LossOptions, metrics: readonly (MetricName | MetricOptions)[], x: number[][], y: number[] | number[][]): Promise<Scores> {
  const network = identity(outputs, loss, metrics);
  const result = network.evaluate(x, y);
  const history = await network.fit(x, y, { batchSize: 3, validationData: [x, y] });
  for (const [key, value] of Object.entries(result)) {
    if (key !== "loss") {
      if (Number.isNaN(value)) expect(history[key as "loss"]).toEqual([NaN]);
      else expect(history[key as "loss"]![0], key).toBeCloseTo(value, 12);
      expect(history[`val${key[0].toUpperCase()}${key.slice(1)}` as "valLoss"], key).toEqual([value]);
    }
  }
  network.dispose();
  return result;
}

const binary: LossOptions = { name: "binaryCrossentropy", fromLogits: true };
const classes: LossOptions = { name: "sparseCategoricalCrossentropy", fromLogits: true };
const oneHot: LossOptions = { name: "categoricalCrossentropy", fromLogits: true };
const mse: LossOptions = { name: "meanSquaredError" };
const share = (part: number, whole: number): number => (part === 0 ? 0 : part / whole);

describe("by hand", () => {
  test("binary: 3 hits of 4 guesses, 5 truths", async () => {
    const x = [[1], [2], [0.5], [3], [-1], [-2], [0], [-0.5]];
    const y = [[1], [1], [1], [0], [1], [1], [0], [0]];
    const result = await scores(1, binary, ["precision", "recall", "f1", "accuracy"], x, y);
    expect(result).toMatchObject({ precision: 3 / 4, recall: 3 / 5, accuracy: 5 / 8 });
    expect(result.f1).toBeCloseTo(2 / (4 / 3 + 5 / 3), 14);
  });

  test("probabilities of sigmoid have the threshold 0.5, which is 0 for its logits", async () => {
    const probabilities = await scores(1, { name: "binaryCrossentropy" }, ["precision", "auc"], [[0.1], [-0.1]], [[1], [0]]);
    expect(probabilities).toMatchObject({ precision: 1, auc: 1 });
  });

  test("hinge: sides −1 and 1, or 0 and 1", async () => {
    const x = [[2], [-2], [0.5], [-0.5]];
    const metrics = ["accuracy", "precision", "recall", "auc"] as const;
    const network = identity(1, mse, []);
    network.compile({ optimizer: "sgd", loss: "hinge", metrics });
    const sides = network.evaluate(x, [[1], [-1], [-1], [1]]);
    expect(sides).toEqual({ loss: (0 + 0 + 1.5 + 1.5) / 4, accuracy: 0.5, precision: 0.5, recall: 0.5, auc: 0.75 });
    expect(network.evaluate(x, [[1], [0], [0], [1]])).toEqual(sides);
  });

  test("AUC: ties count half; without one of the sides it is NaN", async () => {
    expect((await scores(1, binary, ["auc"], [[1], [1], [0], [-1]], [[1], [0], [1], [0]])).auc).toBe((0.5 + 1 + 0 + 1) / 4);
    expect((await scores(1, binary, ["auc"], [[0], [-0], [0], [-0]], [[1], [0], [0], [1]])).auc).toBe(0.5);
    expect((await scores(1, binary, ["auc"], [[1], [2]], [[1], [1]])).auc).toBeNaN();
  });

  test("regression: two outputs, one of which does not vary", async () => {
    const result = await scores(2, mse, ["r2", "mae", "mse"], [[1, 5], [2, 5], [4, 5]], [[1, 5], [2, 5], [3, 5]]);
    expect(result.meanAbsoluteError).toBe(1 / 6);
    expect(result.meanSquaredError).toBe(1 / 6);
    expect(result.r2).toBeCloseTo((1 - 1 / 2 + 1) / 2, 14);
    expect((await scores(1, mse, ["r2"], [[4], [5]], [[5], [5]])).r2).toBe(0);
  });

  test("R² keeps its digits far from 0", async () => {
    const y = [[65536], [65537], [65538], [65539]];
    expect((await scores(1, mse, ["r2"], y.map(([value]) => [value + 0.5]), y)).r2).toBeCloseTo(1 - 1 / 5, 12);
  });
});

test("classification against brute force", async () => {
  const draw = sampler(3);
  for (let round = 0; round < 30; round++) {
    const rows = 1 + Math.floor(draw(0, 40));
    const outputs = 2 + Math.floor(draw(0, 5));
    // Rounded, so that there are ties.
    const x = Array.from({ length: rows }, () => Array.from({ length: outputs }, () => Math.round(draw(-2, 2) * 2) / 2));
    const truth = Array.from({ length: rows }, () => Math.floor(draw(0, outputs - (round % 2))));
    const k = 1 + (round % outputs);
    const metrics = ["accuracy", "precision", "recall", "f1", { name: "topKAccuracy", k }] as const;
    const guess = x.map((row) => row.indexOf(Math.max(...row)));
    const present = [...Array(outputs).keys()].filter((c) => truth.includes(c) || guess.includes(c));
    const average = (value: (hits: number, guesses: number, truths: number) => number) => present.reduce((sum, c) => {
      const hits = truth.filter((t, r) => t === c && guess[r] === c).length;
      return sum + value(hits, guess.filter((g) => g === c).length, truth.filter((t) => t === c).length);
    }, 0) / present.length;
    const expected = {
      accuracy: truth.filter((t, r) => guess[r] === t).length / rows,
      precision: average((hits, guesses) => share(hits, guesses)),
      recall: average((hits, _, truths) => share(hits, truths)),
      f1: average((hits, guesses, truths) => share(2 * hits, guesses + truths)),
      topKAccuracy: truth.filter((t, r) => x[r].map((v, c) => [v, c]).sort(([a, i], [b, j]) => b - a || i - j).slice(0, k).some(([, c]) => c === t)).length / rows,
    };
    for (const [loss, y] of [[classes, truth], [oneHot, truth.map((t) => x[0].map((_, c) => Number(c === t)))]] as const) {
      const result = await scores(outputs, loss, metrics, x, y as number[]);
      for (const [key, value] of Object.entries(expected)) expect(result[key as "f1"], `${loss.name} ${key} ${round}`).toBeCloseTo(value, 12);
    }
  }
});

test("AUC against all pairs", async () => {
  const draw = sampler(5);
  for (let round = 0; round < 30; round++) {
    const rows = 2 + Math.floor(draw(0, 60));
    const x = Array.from({ length: rows }, () => [Math.round(draw(-2, 2) * (1 + round)) / 8]);
    const y = x.map((_, r) => [r < 2 ? r : Math.round(draw(0, 1))]);
    let pairs = 0;
    let sum = 0;
    x.forEach(([a], i) => x.forEach(([b], j) => {
      if (y[i][0] === 1 && y[j][0] === 0) [pairs, sum] = [pairs + 1, sum + (a > b ? 1 : a === b ? 0.5 : 0)];
    }));
    expect((await scores(1, binary, ["auc"], x, y)).auc).toBe(sum / pairs);
  }
});

test("regression against brute force", async () => {
  const draw = sampler(7);
  for (let round = 0; round < 20; round++) {
    const rows = 2 + Math.floor(draw(0, 40));
    const outputs = 1 + Math.floor(draw(0, 4));
    const make = () => Array.from({ length: rows }, () => Array.from({ length: outputs }, () => Math.fround(draw(-2, 2))));
    const [x, y] = [make(), make()];
    const errors = x.flatMap((row, r) => row.map((v, c) => v - y[r][c]));
    const r2 = Array.from({ length: outputs }, (_, c) => {
      const mean = y.reduce((sum, row) => sum + row[c], 0) / rows;
      return 1 - x.reduce((sum, row, r) => sum + (row[c] - y[r][c]) ** 2, 0) / y.reduce((sum, row) => sum + (row[c] - mean) ** 2, 0);
    });
    const result = await scores(outputs, mse, ["meanAbsoluteError", "mean_squared_error", "r2Score"], x, y);
    expect(result.meanAbsoluteError).toBeCloseTo(errors.reduce((sum, e) => sum + Math.abs(e), 0) / errors.length, 12);
    expect(result.meanSquaredError).toBeCloseTo(errors.reduce((sum, e) => sum + e * e, 0) / errors.length, 12);
    expect(result.meanSquaredError).toBeCloseTo(result.loss, 5);
    expect(result.r2).toBeCloseTo(r2.reduce((a, b) => a + b) / outputs, 10);
  }
});

test("AUC has no value before the epoch ends; every metric can be watched, and falls or rises as it should", async () => {
  const network = identity(1, binary, ["auc", "f1"]);
  const keys = new Set<string>();
  await network.fit([[1], [2]], [[0], [1]], { batchSize: 1, callbacks: [{ onBatchEnd: (_, logs) => void keys.add(Object.keys(logs).join()) }] });
  expect([...keys]).toEqual(["loss,f1"]);
  for (const [id, row] of Object.entries(metricTable) as [keyof typeof metricTable, MetricRow][]) {
    for (const monitor of [id, `val${id[0].toUpperCase()}${id.slice(1)}` as "valF1"]) {
      const { onTrainBegin, onEpochEnd } = earlyStopping({ monitor, patience: 0 });
      void onTrainBegin!(network, { epochs: 1, steps: 1, epoch: 0, batch: 0, numbers: [monitor] });
      expect([1, 2].map((value, epoch) => onEpochEnd!(epoch, { loss: 0, [monitor]: value }))).toEqual([false, row.falls === true]);
    }
  }
});

test("what callbacks save at the end of an epoch does not hold the scores of its rows", async () => {
  const network = identity(1, binary, ["auc", "accuracy"]);
  network.compile({ optimizer: "sgd", loss: binary, metrics: ["auc", "accuracy"] });
  const rows = 5000;
  const lengths: number[] = [];
  const save = (): void => void lengths.push(network.save({ includeOptimizer: true }).length);
  const y = Array.from({ length: rows }, (_, i) => [i % 2]);
  await network.fit(y.map((_, i) => [Math.fround(i / 7)]), y, { batchSize: 1000, callbacks: [{ onEpochBegin: save, onBatchEnd: save, onEpochEnd: save }] });
  expect(lengths[5]).toBeGreaterThan(lengths[0] + 10 * rows);
  expect(lengths[6]).toBeLessThan(lengths[0] + 1000);
});

test("one name twice, or under an alias, is one metric", () => {
  expect(Object.keys(identity(1, mse, ["acc", "accuracy", "binary_accuracy" as "acc", "mae", "meanAbsoluteError"]).evaluate([[1]], [[1]]))).toEqual(["loss", "accuracy", "meanAbsoluteError"]);
});

describe("confusionMatrix", () => {
  test("rows are truths, columns guesses", () => {
    expect(confusionMatrix([0, 1, 2, 2], [0, 2, 2, 1])).toEqual([[1, 0, 0], [0, 0, 1], [0, 1, 1]]);
    expect(confusionMatrix(Uint8Array.of(0, 1), Int32Array.of(1, 1), 3)).toEqual([[0, 1, 0], [0, 1, 0], [0, 0, 0]]);
    expect(confusionMatrix([3], [0])).toEqual([[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0]]);
  });

  test("predictions stand for their largest column, or for being above 0.5", () => {
    expect(confusionMatrix([2, 0], Float32Array.of(0.1, 0.2, 0.7, 0.3, 0.4, 0.3))).toEqual([[0, 1, 0], [0, 0, 0], [0, 0, 1]]);
    expect(confusionMatrix([1, 0, 0], Float32Array.of(0.6, 0.5, 0.9))).toEqual([[1, 1], [0, 1]]);
  });
});

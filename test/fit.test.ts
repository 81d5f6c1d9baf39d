// Network.fit: epochs, batches, shuffling, callbacks, metrics, stopping.

import { describe, expect, test } from "vitest";
import { adam, ArgumentError, checkpoint, dense, earlyStopping, Network, reduceOnPlateau, sgd, type Callback, type EarlyStoppingOptions, type FitOptions, type Logs, type LossOptions } from "../src/index.js";
import { digest, random } from "./numbers.js";

describe("fit", () => {
  const data = (rows: number) => ({ x: random(rows * 4, 4), y: Int32Array.from({ length: rows }, (_, i) => i % 3) });
  const make = (seed = 7) => {
    const network = new Network({ inputs: 4, layers: [dense(6, "relu"), dense(3, "softmax")], seed });
    network.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
    return network;
  };

  test("without shuffling is trainBatch on one batch after the other", async () => {
    const { x, y } = data(50);
    const fitted = make(), stepped = make();
    const { loss } = await fitted.fit(x, y, { epochs: 2, batchSize: 16, shuffle: false });
    const losses = [0, 1].map(() => {
      let sum = 0;
      for (let start = 0; start < 50; start += 16) {
        const end = Math.min(50, start + 16);
        sum += stepped.trainBatch(x.subarray(start * 4, end * 4), y.subarray(start, end)) * (end - start);
      }
      return sum / 50;
    });
    expect(digest(fitted)).toBe(digest(stepped));
    loss.forEach((value, i) => expect(value).toBeCloseTo(losses[i], 12));
  });

  test("takes every kind of target alike", async () => {
    const { x, y } = data(20);
    const rows = Array.from({ length: 20 }, (_, i) => [...x.subarray(i * 4, i * 4 + 4)]);
    const digests = new Set<string>();
    for (const [kind, targets] of [[x, y], [rows, [...y]], [x, Uint8Array.from(y)]] as const) {
      const network = make();
      await network.fit(kind, targets, { epochs: 3, batchSize: 8 });
      digests.add(digest(network));
    }
    expect(digests.size).toBe(1);
  });

  test("shuffles differently each epoch, and alike for one seed", async () => {
    const { x, y } = data(40);
    const run = async () => {
      const network = make();
      await network.fit(x, y, { epochs: 2, batchSize: 40 });
      await network.fit(x, y, { epochs: 1, batchSize: 40 });
      return digest(network);
    };
    expect(await run()).toBe(await run());
    const once = make();
    await once.fit(x, y, { epochs: 3, batchSize: 40 });
    expect(digest(once)).toBe(await run());
  });

  test("reports validation, calls back in order, and stops when told", async () => {
    const { x, y } = data(50);
    const network = make();
    const calls: string[] = [];
    const history = await network.fit(x, y, {
      epochs: 10, batchSize: 20, validationSplit: 0.2,
      callbacks: [{
        onTrainBegin: () => void calls.push("begin"),
        onEpochBegin: (epoch) => void calls.push(`epoch ${epoch}`),
        onBatchEnd: async (batch, { loss, accuracy }) => {
          expect(loss).toBeGreaterThan(0);
          expect(accuracy).toBeGreaterThanOrEqual(0);
          calls.push(`batch ${batch}`);
        },
        onEpochEnd: (epoch, logs) => {
          expect(Object.keys(logs)).toEqual(["loss", "accuracy", "valLoss", "valAccuracy"]);
          calls.push(`end ${epoch}`);
          return epoch === 1;
        },
        onTrainEnd: () => void calls.push("done"),
      }],
    });
    expect(calls).toEqual(["begin", "epoch 0", "batch 0", "batch 1", "end 0", "epoch 1", "batch 0", "batch 1", "end 1", "done"]);
    expect(Object.values(history).map((values: number[]) => values.length)).toEqual([2, 2, 2, 2]);
    const { loss, accuracy } = network.evaluate(x.subarray(40 * 4), y.subarray(40));
    expect(history.valLoss!.at(-1)).toBeCloseTo(loss, 12);
    expect(history.valAccuracy!.at(-1)).toBe(accuracy);
  });

  test("a number that this fit does not have is refused before any weight changes", async () => {
    const { x, y } = data(30);
    const watching: Callback[] = [earlyStopping(), reduceOnPlateau({ monitor: "valAccuracy" }), checkpoint({ saveBestOnly: true, monitor: "f1", save() {} })];
    for (const [i, callback] of watching.entries()) {
      const network = make();
      const before = digest(network);
      const says = `${callback.name}: monitor must be among loss, accuracy, the numbers of this fit, got ${["valLoss", "valAccuracy", "f1"][i]}; validationSplit or validationData gives val…`;
      await expect(network.fit(x, y, { callbacks: [callback] })).rejects.toThrow(new ArgumentError(says));
      expect(digest(network)).toBe(before);
      await network.fit(x, y, { validationSplit: 0.2, callbacks: [earlyStopping(), reduceOnPlateau({ monitor: "val_accuracy" }), checkpoint({ save() {} })] });
    }
    let numbers: readonly string[] = [];
    await make().fit(x, y, { validationSplit: 0.2, callbacks: [{ onTrainBegin: (_, run) => void ({ numbers } = run) }] });
    expect(numbers).toEqual(["loss", "accuracy", "valLoss", "valAccuracy"]);
  });

  test("callbacks that had begun hear of the end when another cannot begin, and what there was to resume stays", async () => {
    const { x, y } = data(30);
    const heard: string[] = [];
    const listener = (name: string): Callback => ({ onTrainBegin: () => void heard.push(`${name} begins`), onTrainEnd: () => void heard.push(`${name} ends`) });
    const thrower: Callback = { onTrainBegin: () => { throw new Error("not today"); }, onTrainEnd: () => void heard.push("never") };
    const options: FitOptions = { epochs: 2, batchSize: 8, accumulateSteps: 3 };
    const network = make();
    let seen = 0;
    await network.fit(x, y, { ...options, signal: { get aborted() { return seen > 1; } }, callbacks: [{ onBatchEnd: () => void seen++ }] });
    const before = digest(network);
    for (const resume of [true, false]) await expect(network.fit(x, y, { ...options, resume, callbacks: [listener("a"), listener("b"), thrower, listener("c")] })).rejects.toThrow("not today");
    expect(heard).toEqual(["a begins", "b begins", "a ends", "b ends", "a begins", "b begins", "a ends", "b ends"]);
    expect(digest(network)).toBe(before);
    const whole = make();
    expect(await network.fit(x, y, { ...options, resume: true })).toEqual(await whole.fit(x, y, options));
    expect(digest(network)).toBe(digest(whole));
  });

  test("earlyStopping goes back to the best weights", async () => {
    const { x, y } = data(30);
    const network = new Network({ inputs: 4, layers: [dense(32, "tanh"), dense(3, "softmax")], seed: 1 });
    network.compile({ optimizer: adam({ learningRate: 0.05 }), loss: "sparseCategoricalCrossentropy" });
    const validation = data(12);
    const noise = Int32Array.from({ length: 12 }, (_, i) => (i * 5 + 1) % 3);
    const history = await network.fit(x, y, { epochs: 200, validationData: [validation.x, noise], callbacks: [earlyStopping({ patience: 3, restoreBestWeights: true })] });
    expect(history.loss.length).toBeLessThan(200);
    expect(history.valLoss!.length - 1 - history.valLoss!.indexOf(Math.min(...history.valLoss!))).toBe(3);
    expect(network.evaluate(validation.x, noise).loss).toBeCloseTo(Math.min(...history.valLoss!), 12);
  });

  test("an abort ends after the current batch, and the network goes on working", async () => {
    const { x, y } = data(64);
    const network = make();
    const controller = new AbortController();
    let batches = 0;
    const callbacks = [{ onBatchEnd: () => void (++batches === 13 && controller.abort()) }];
    const history = await network.fit(x, y, { epochs: 1000, batchSize: 8, signal: controller.signal, callbacks });
    expect(batches).toBe(13);
    expect(history.loss.length).toBe(1);
    await network.fit(x, y);
    expect(network.predict(x).length).toBe(64 * 3);
  });

  test("yields to the event loop", async () => {
    const network = new Network({ inputs: 64, layers: [dense(256, "relu"), dense(10, "softmax")] });
    network.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy" });
    let turns = 0;
    const timer = setInterval(() => turns++, 5);
    await network.fit(random(20_000 * 64, 1), Int32Array.from({ length: 20_000 }, (_, i) => i % 10), { epochs: 3 });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
  });

  test("a learning-rate schedule sees every step", async () => {
    const { x, y } = data(20);
    const network = make();
    const steps: number[] = [];
    network.compile({ optimizer: sgd({ learningRate: (step) => (steps.push(step), 0) }), loss: "sparseCategoricalCrossentropy" });
    const before = digest(network);
    await network.fit(x, y, { epochs: 2, batchSize: 10 });
    expect(steps).toEqual([0, 1, 2, 3]);
    expect(digest(network)).toBe(before);
  });
});

describe("earlyStopping", () => {
  /** The epoch after which training stops, or −1. */
  function stopsAt(options: EarlyStoppingOptions, key: keyof Logs, values: number[]): number {
    const { onTrainBegin, onEpochEnd } = earlyStopping(options);
    void onTrainBegin!(new Network({ inputs: 1, layers: [dense(1)] }), { epochs: values.length, steps: 1, epoch: 0, batch: 0, numbers: [key] });
    return values.findIndex((value, epoch) => onEpochEnd!(epoch, { loss: 0, [key]: value }) === true);
  }

  test.each([
    ["any fall of a loss goes on", { monitor: "loss" }, "loss", [3, 2.9, 2.89], -1],
    ["a standstill stops", { monitor: "loss" }, "loss", [3, 2, 2], 2],
    ["a fall by less than minDelta stops", { monitor: "loss", minDelta: 0.5 }, "loss", [3, 2, 1.75], 2],
    ["a fall by just minDelta stops", { monitor: "loss", minDelta: 0.5 }, "loss", [3, 2.5], 1],
    ["a fall by more goes on", { monitor: "loss", minDelta: 0.5 }, "loss", [3, 2, 1], -1],
    ["a rise by less than minDelta stops too", { monitor: "valLoss", minDelta: 0.5 }, "valLoss", [3, 3.25], 1],
    ["small falls count from the best, not from the last", { monitor: "loss", minDelta: 0.5, patience: 2 }, "loss", [3, 2.75, 2.25, 2, 1.5], -1],
    ["any rise of an accuracy goes on", { monitor: "accuracy" }, "accuracy", [0.5, 0.51, 0.52], -1],
    ["a fall of an accuracy stops", { monitor: "valAccuracy" }, "valAccuracy", [0.5, 0.4], 1],
    ["a rise by less than minDelta stops", { monitor: "accuracy", minDelta: 0.125 }, "accuracy", [0.5, 0.75, 0.8125], 2],
    ["a rise by more goes on", { monitor: "valAccuracy", minDelta: 0.125 }, "valAccuracy", [0.25, 0.5, 0.75], -1],
    ["patience counts epochs without improvement", { monitor: "loss", patience: 2 }, "loss", [3, 4, 2, 3, 3, 3], 4],
    ["patience 1 is the first, as in Keras", { monitor: "loss", patience: 1 }, "loss", [3, 2, 2, 2], 2],
    ["patience 3 is the third in a row", { monitor: "loss", patience: 3 }, "loss", [3, 3, 3, 2, 2, 2, 2, 1], 6],
  ] as const)("%s", (_, options, key, values, epoch) => expect(stopsAt(options, key, [...values])).toBe(epoch));
});

describe("accuracy of one output", () => {
  /** A network that puts out f(x). */
  function identity(activation: "linear" | "sigmoid", loss: LossOptions): Network {
    const network = new Network({ inputs: 1, layers: [dense(1, activation)] });
    network.layers[0].setWeights({ weights: Float32Array.of(1), bias: Float32Array.of(0) });
    network.compile({ optimizer: sgd({ learningRate: () => 0 }), loss, metrics: ["accuracy"] });
    return network;
  }

  // Each value is tested alone, since errors of two can cancel in a mean.
  test.each([
    ["sigmoid, whose outputs are probabilities", "sigmoid", { name: "binaryCrossentropy" }, 0],
    ["logits", "linear", { name: "binaryCrossentropy", fromLogits: true }, 0],
    ["numbers", "linear", { name: "meanSquaredError" }, 0.5],
    ["numbers from sigmoid, of which 0.5 is σ(0)", "sigmoid", { name: "meanSquaredError" }, 0],
  ] as const)("%s: class 1 lies above the threshold", async (_, activation, loss, threshold) => {
    const network = identity(activation, loss);
    for (const z of [-4, -0.75, -0.25, -0.0625, 0, 0.0625, 0.25, 0.4375, 0.5, 0.5625, 0.75, 4]) {
      for (const target of [0, 1]) {
        const accuracy = (z > threshold ? 1 : 0) === target ? 1 : 0;
        expect(network.evaluate([[z]], [[target]]).accuracy, `${z} for ${target}`).toBe(accuracy);
        expect((await network.fit([[z]], [[target]])).accuracy, `${z} for ${target}`).toEqual([accuracy]);
      }
      // A target that is no class is never hit.
      expect(network.evaluate([[z]], [[0.25]]).accuracy).toBe(0);
    }
  });
});

test("one class is always hit", () => {
  const network = new Network({ inputs: 1, layers: [dense(1, "softmax")] });
  network.compile({ optimizer: "sgd", loss: "categoricalCrossentropy", metrics: ["accuracy"] });
  expect(network.evaluate([[-2], [3]], [[1], [1]])).toEqual({ loss: 0, accuracy: 1 });
});

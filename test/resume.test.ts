// fit() interrupted anywhere and resumed from a file gives what it gives uninterrupted: weights, optimizer, history, callbacks, to the bit.

import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  activation, adam, batchNormalization, cosineDecay, createBackend, dense, dropout, earlyStopping, gaussianNoise, LanewiseError, layerNormalization, Network, normalization, reduceOnPlateau,
  residual, sgd, StateError, type Callback, type CompileOptions, type FitOptions, type History, type LayerFactory, type Optimizer,
} from "../src/index.js";
import { random } from "./numbers.js";

const backend = createBackend();
const rows = 23;
const x = random(rows * 4, 1);
const y = Int32Array.from({ length: rows }, (_, i) => (i * 7) % 3);
const hooks = ["onTrainBegin", "onEpochBegin", "onBatchBegin", "onBatchEnd", "onEpochEnd", "onTrainEnd"] as const;

function make({ optimizer = adam({ learningRate: 0.05 }), layers = [dense(5, "tanh"), dense(3, "softmax")], metrics = ["accuracy"] }: Partial<Case> = {}): Network {
  const network = new Network({ inputs: 4, layers, seed: 3 }, { backend });
  network.compile({ optimizer, loss: "sparseCategoricalCrossentropy", metrics });
  return network;
}

const sha = (network: Network): string => createHash("sha256").update(network.save({ includeOptimizer: true })).digest("hex");

type Case = { optimizer?: Optimizer; layers?: LayerFactory[]; metrics?: CompileOptions["metrics"]; options: FitOptions; callbacks?: () => Callback[] };

const restless = [
  normalization(), dense(7, "linear", { l2: 0.01, maxNorm: 1.5 }), batchNormalization(), activation("relu"), dropout(0.3),
  residual([layerNormalization(), dense(7, "gelu"), dropout(0.2)]), gaussianNoise(0.1), dense(3, "softmax"),
];

/** Batches of 5 and a rest; groups of 3 that 4 batches do not fill. */
const cases: Record<string, Case> = {
  "shuffled, with validation": { options: { epochs: 3, batchSize: 5, validationSplit: 0.2 } },
  "in order": { options: { epochs: 3, batchSize: 5, shuffle: false }, optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }) },
  "three batches an update": { options: { epochs: 3, batchSize: 5, accumulateSteps: 3, validationSplit: 0.2 } },
  "stopping early, with the best weights": {
    options: { epochs: 4, batchSize: 5, validationData: [x.subarray(0, 12), [1, 2, 2]] },
    callbacks: () => [earlyStopping({ patience: 1, restoreBestWeights: true })],
  },
  "layers that draw and measure, metrics, a schedule and a plateau": {
    layers: restless, metrics: ["accuracy", "f1", { name: "topKAccuracy", k: 2 }], optimizer: adam({ learningRate: cosineDecay({ initial: 0.05, steps: 10, warmup: 2 }), clipNorm: 1 }),
    options: { epochs: 3, batchSize: 5, validationSplit: 0.2, classWeight: [1, 2, 0.5] }, callbacks: () => [reduceOnPlateau({ patience: 0, threshold: 0.9 })],
  },
  "layers that draw, two batches an update": { layers: restless, options: { epochs: 2, batchSize: 5, accumulateSteps: 2 } },
  "a callback that counts, and stops by what it counted": { options: { epochs: 9, batchSize: 6 }, callbacks: () => [counter()] },
};

/** Stops at the end of the epoch in which it has seen ten batches begin and end. */
function counter(): Callback {
  let seen: { begun: number; ended: number; losses: Float32Array };
  return {
    name: "counter",
    onTrainBegin: () => void (seen = { begun: 0, ended: 0, losses: new Float32Array(0) }),
    onBatchBegin: () => void seen.begun++,
    onBatchEnd: (_, { loss }) => void (seen.ended++, (seen.losses = Float32Array.from([...seen.losses, loss]))),
    onEpochEnd: () => seen.begun >= 10 && seen.ended >= 10,
    getState: () => ({ ...seen }),
    setState: (state) => void (seen = { ...state }),
  };
}

interface Outcome {
  sha: string;
  history: History;
}

/** How often each hook is called in a whole run. */
async function uninterrupted(item: Case): Promise<Outcome & { calls: Record<string, number> }> {
  const { options, callbacks } = item;
  const network = make(item);
  const calls: Record<string, number> = {};
  const count = Object.fromEntries(hooks.map((hook) => [hook, () => void (calls[hook] = (calls[hook] ?? 0) + 1)]));
  const history = await network.fit(x, y, { ...options, callbacks: [...(callbacks?.() ?? []), count] });
  return { sha: sha(network), history, calls };
}

async function resumed({ options, callbacks }: Case, bytes: Uint8Array): Promise<Outcome> {
  const network = Network.load(bytes, { backend });
  expect(network.save({ includeOptimizer: true })).toEqual(bytes);
  const history = await network.fit(x, y, { ...options, callbacks: callbacks?.(), resume: true });
  const outcome = { sha: sha(network), history };
  network.dispose();
  return outcome;
}

describe.each(Object.entries(cases))("%s", (_, item) => {
  test.each(["before", "after"] as const)("saved in any hook of a callback that stands %s", async (place) => {
    const { calls, ...expected } = await uninterrupted(item);
    for (const hook of hooks) {
      for (let nth = 0; nth < calls[hook]; nth++) {
        const network = make(item);
        let saved: Uint8Array | undefined;
        let call = 0;
        const saver = { [hook]: () => void (call++ === nth && (saved = network.save({ includeOptimizer: true }))) };
        const others = item.callbacks?.() ?? [];
        expect(await network.fit(x, y, { ...item.options, callbacks: place === "before" ? [saver, ...others] : [...others, saver] })).toEqual(expected.history);
        expect(sha(network)).toBe(expected.sha);
        network.dispose();
        // Callbacks are told by their place: one that does nothing stands where the saver stood.
        const callbacks = (): Callback[] => (place === "before" ? [{}, ...(item.callbacks?.() ?? [])] : item.callbacks?.() ?? []);
        expect(await resumed({ ...item, callbacks }, saved!), `${hook} ${nth}`).toEqual(expected);
      }
    }
  });

  test("a callback throws, in any hook", async () => {
    const { calls, ...expected } = await uninterrupted(item);
    for (const hook of hooks) {
      for (let nth = 0; nth < calls[hook]; nth++) {
        const network = make(item);
        let call = 0;
        const thrower = { [hook]: () => { if (call++ === nth) throw new Error("enough"); } };
        await expect(network.fit(x, y, { ...item.options, callbacks: [...(item.callbacks?.() ?? []), thrower] })).rejects.toThrow("enough");
        expect(await resumed(item, network.save({ includeOptimizer: true })), `${hook} ${nth}`).toEqual(expected);
        // And without a file.
        expect(await network.fit(x, y, { ...item.options, callbacks: item.callbacks?.(), resume: true })).toEqual(expected.history);
        expect(sha(network)).toBe(expected.sha);
        network.dispose();
      }
    }
  });

  test("an abort, after any batch", async () => {
    const { calls, ...expected } = await uninterrupted(item);
    for (let nth = 0; nth < calls.onBatchEnd; nth++) {
      const network = make(item);
      const controller = new AbortController();
      let call = 0;
      const aborter = { onBatchEnd: () => void (call++ === nth && controller.abort()) };
      await network.fit(x, y, { ...item.options, signal: controller.signal, callbacks: [...(item.callbacks?.() ?? []), aborter] });
      expect(call).toBe(nth + 1);
      expect(await resumed(item, network.save({ includeOptimizer: true })), `batch ${nth}`).toEqual(expected);
      network.dispose();
    }
  });

  test("interrupted after every single batch", async () => {
    const { calls: _, ...expected } = await uninterrupted(item);
    let network = make(item);
    let history: History;
    let runs = 0;
    for (let again = true; again; runs++) {
      const controller = new AbortController();
      again = false;
      const aborter = { onBatchEnd: () => void (controller.abort(), (again = true)) };
      history = await network.fit(x, y, { ...item.options, signal: controller.signal, callbacks: [...(item.callbacks?.() ?? []), aborter], resume: true });
      network = Network.load(network.save({ includeOptimizer: true }), { backend });
    }
    expect(runs).toBeGreaterThan(8);
    expect({ sha: sha(network), history: history! }).toEqual(expected);
  });
});

test("aborted during validation", async () => {
  const large = random(40_000 * 4, 5);
  const options: FitOptions = { epochs: 2, batchSize: 8, validationData: [large, new Int32Array(40_000)] };
  const whole = make();
  const history = await whole.fit(x, y, options);
  const network = make();
  let batches = 0;
  let checks = 0;
  // The signal is looked at before each of 3 batches, and then before each chunk of validation for which fit() steps aside.
  const signal = { get aborted() { return batches === 3 && checks++ > 0; } };
  const aborted = await network.fit(x, y, { ...options, signal, callbacks: [{ onBatchEnd: () => void batches++ }] });
  expect(aborted.loss).toEqual([]);
  expect(await resumed({ options }, network.save({ includeOptimizer: true }))).toEqual({ sha: sha(whole), history });
});

test("a step that fails is tried again", async () => {
  const options: FitOptions = { epochs: 2, batchSize: 5, shuffle: false, accumulateSteps: 2 };
  const whole = make();
  const history = await whole.fit(x, y, options);
  const network = make();
  // Weights so large that the logits of batch 2 are infinite; then those of before.
  const { weights } = network.layers[1].getWeights();
  let before: typeof weights;
  const spoil = (batch: number): void => {
    if (batch !== 2) return;
    before = network.layers[1].getWeights().weights;
    network.layers[1].setWeights({ weights: weights!.map(() => 3e38) });
  };
  await expect(network.fit(x, y, { ...options, callbacks: [{ onBatchBegin: spoil }] })).rejects.toMatchObject({ epoch: 0, batch: 2 });
  network.layers[1].setWeights({ weights: before });
  expect(await resumed({ options }, network.save({ includeOptimizer: true }))).toEqual({ sha: sha(whole), history });
});

test("more epochs than before go on from the end, also from behind the best weights", async () => {
  for (const callbacks of [() => [], () => [earlyStopping({ monitor: "loss", patience: 9, restoreBestWeights: true })]]) {
    const whole = make({ optimizer: adam({ learningRate: 1 }) });
    const history = await whole.fit(x, y, { epochs: 7, batchSize: 5, callbacks: callbacks() });
    const network = make({ optimizer: adam({ learningRate: 1 }) });
    await network.fit(x, y, { epochs: 4, batchSize: 5, callbacks: callbacks() });
    expect(await resumed({ options: { epochs: 7, batchSize: 5 }, callbacks }, network.save({ includeOptimizer: true }))).toEqual({ sha: sha(whole), history });
  }
});

test("a fit that is done stays done, and without a fit resume starts one", async () => {
  const network = make();
  const history = await network.fit(x, y, { epochs: 2, resume: true });
  const before = sha(network);
  expect(await network.fit(x, y, { epochs: 2, resume: true })).toEqual(history);
  expect(await network.fit(x, y, { epochs: 1, resume: true })).toEqual(history);
  expect(sha(network)).toBe(before);
  history.loss.length = 0;
  expect((await network.fit(x, y, { epochs: 2, resume: true })).loss.length).toBe(2);
  expect((await network.fit(x, y, { epochs: 2 })).loss.length).toBe(2);
  expect(sha(network)).not.toBe(before);
});

test("without resume an interrupted fit is forgotten, its half group too", async () => {
  const abort = (): FitOptions => ({ batchSize: 5, accumulateSteps: 4, signal: { aborted: true } });
  const network = make();
  let batches = 0;
  await network.fit(x, y, { ...abort(), signal: { get aborted() { return batches > 1; } }, callbacks: [{ onBatchEnd: () => void batches++ }] });
  expect(batches).toBe(2);
  const weights = network.layers.map((layer) => layer.getWeights());
  expect(weights).toEqual(make().layers.map((layer) => layer.getWeights()));
  const fresh = make();
  expect(await network.fit(x, y, { batchSize: 5, accumulateSteps: 4, epochs: 2 })).toEqual(await fresh.fit(x, y, { batchSize: 5, accumulateSteps: 4, epochs: 2 }));
  expect(sha(network)).toBe(sha(fresh));
});

test.each([
  ["batchSize", { batchSize: 6 }, "batchSize must be 5 as in the fit to resume, got 6"],
  ["shuffle", { batchSize: 5, shuffle: false }, "shuffle must be true as in the fit to resume, got false"],
  ["accumulateSteps", { batchSize: 5, accumulateSteps: 2 }, "accumulateSteps must be 1 as in the fit to resume, got 2"],
  ["validationSplit", { batchSize: 5, validationSplit: 0.5 }, "rows must be 23 as in the fit to resume, got 11"],
  ["validationData", { batchSize: 5, validationData: [x.subarray(0, 8), [0, 1]] }, "validationRows must be 0 as in the fit to resume, got 2"],
] as const)("another %s is refused", async (_, options, message) => {
  const network = make();
  await network.fit(x, y, { epochs: 2, batchSize: 5, signal: { aborted: true } });
  const before = sha(network);
  const error = await network.fit(x, y, { epochs: 2, ...options, resume: true } as FitOptions).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(StateError);
  expect((error as LanewiseError).message).toBe(`Network.fit: ${message}`);
  expect(sha(network)).toBe(before);
});

test("other rows, or a stream instead, are refused", async () => {
  const network = make();
  await network.fit(x, y, { epochs: 2, signal: { aborted: true } });
  await expect(network.fit(x.subarray(0, 40), y.subarray(0, 10), { epochs: 2, resume: true })).rejects.toThrow("rows must be 23 as in the fit to resume, got 10");
  await expect(network.fit(() => [[x, y]], { epochs: 2, resume: true })).rejects.toThrow("rows must be 23 as in the fit to resume, got undefined");
});

test("a validation loss that is infinite survives", async () => {
  const network = new Network({ inputs: 2, layers: [dense(1)] }, { backend });
  network.compile({ optimizer: "sgd", loss: "mse" });
  network.layers[0].setWeights({ weights: Float32Array.of(3e38, 3e38) });
  const fit = (each: Network): Promise<History> => each.fit([[0, 0]], [0], { validationData: [[[1, 1]], [0]], resume: true });
  const history = await fit(network);
  expect(history).toEqual({ loss: [0], valLoss: [Infinity] });
  expect(await fit(Network.load(network.save({ includeOptimizer: true }), { backend }))).toEqual(history);
});

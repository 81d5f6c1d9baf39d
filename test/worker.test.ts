// lanewise/worker: fit() in another thread gives the bits, the history and the errors of fit() here.

import { createHash } from "node:crypto";
import { Worker } from "node:worker_threads";
import { afterAll, describe, expect, test } from "vitest";
import {
  adam, ArgumentError, cosineDecay, custom, dense, DisposedError, dropout, earlyStopping, LanewiseError, Network, NonFiniteError, checkpoint, reduceOnPlateau, residual, ShapeError, StateError,
  type Callback, type CustomLayer, type FitOptions,
} from "../src/index.js";
import { createTrainingWorker, type Progress } from "../src/worker.js";
import { scaling as plainScaling } from "./worker/scaling-layer.mjs";

const scaling = plainScaling as unknown as CustomLayer;

const rows = 300;
const x = Float32Array.from({ length: rows * 4 }, (_, i) => Math.fround(((i * 7919) % 1000) / 500 - 1));
const y = Int32Array.from({ length: rows }, (_, i) => (x[4 * i] * x[4 * i + 1] > 0 ? 1 : 0));

function build(seed = 3): Network {
  const network = new Network({ inputs: 4, layers: [dense(24, "relu"), dropout(0.2), residual([dense(24, "tanh")]), dense(2, "softmax")], seed });
  network.compile({ optimizer: adam({ learningRate: cosineDecay({ initial: 0.02, steps: 200 }) }), loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
  return network;
}

const sha = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const digest = (network: Network) => sha(network.save({ includeOptimizer: true }));

/** What the same fit gives on this thread. */
async function here(options: FitOptions): Promise<{ history: unknown; bits: string }> {
  const network = build();
  const history = await network.fit(x, y, options);
  return { history, bits: digest(network) };
}

const shared = await createTrainingWorker();
afterAll(() => shared.dispose());

describe("the bits of fit() here", () => {
  const cases: Record<string, () => FitOptions> = {
    plain: () => ({ epochs: 3 }),
    "validation, weights of classes": () => ({ epochs: 3, validationSplit: 0.2, classWeight: { 1: 2 }, batchSize: 7 }),
    "callbacks of the library": () => ({ epochs: 12, validationSplit: 0.3, callbacks: [earlyStopping({ patience: 2, restoreBestWeights: true }), reduceOnPlateau({ patience: 0 })] }),
    "accumulated, unshuffled": () => ({ epochs: 2, accumulateSteps: 3, shuffle: false, sampleWeight: Float32Array.from({ length: rows }, (_, i) => i % 3) }),
  };
  test.each(Object.entries(cases))("%s", async (_, options) => {
    const network = build();
    const history = await shared.fit(network, x, y, options());
    expect({ history, bits: digest(network) }).toEqual(await here(options()));
  });

  test("a second fit goes on with optimizer and epochs", async () => {
    const [one, other] = [build(), build()];
    await shared.fit(one, x, y, { epochs: 1 });
    await shared.fit(one, x, y, { epochs: 2 });
    await other.fit(x, y, { epochs: 1 });
    await other.fit(x, y, { epochs: 2 });
    expect(digest(one)).toBe(digest(other));
  });

  test("on two threads of its own", async () => {
    const worker = await createTrainingWorker({ threads: 2 });
    expect([worker.threads, worker.threadsReason]).toEqual([2, undefined]);
    const network = build();
    await worker.fit(network, x, y, { epochs: 2 });
    worker.dispose();
    expect(digest(network)).toBe((await here({ epochs: 2 })).bits);
  });
});

describe("standing still", () => {
  test("pauses, saves and goes on anywhere without a trace", async () => {
    const network = build();
    const files: Uint8Array[] = [];
    let seen = 0;
    const running = shared.fit(network, x, y, { epochs: 2000, callbacks: [earlyStopping({ monitor: "loss", patience: 1e9, restoreBestWeights: true })], onProgress: () => void seen++ });
    for (let i = 0; i < 4; i++) {
      await shared.pause();
      const before = seen;
      files.push(await shared.save());
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(seen).toBe(before);
      shared.resume();
      files.push(await shared.save());
    }
    const history = await running;
    const wanted = await here({ epochs: 2000, callbacks: [earlyStopping({ monitor: "loss", patience: 1e9, restoreBestWeights: true })] });
    expect({ history, bits: digest(network) }).toEqual(wanted);
    const resumed = Network.load(files[1] as Uint8Array<ArrayBuffer>);
    const whole = await resumed.fit(x, y, { epochs: 2000, resume: true, callbacks: [earlyStopping({ monitor: "loss", patience: 1e9, restoreBestWeights: true })] });
    expect({ history: whole, bits: digest(resumed) }).toEqual(wanted);
  });

  test("an abort ends it after a batch; resume goes on here or there", async () => {
    const network = build();
    const controller = new AbortController();
    await shared.fit(network, x, y, { epochs: 30, signal: controller.signal, callbacks: [{ onBatchEnd: (batch) => void (batch === 4 && controller.abort()) }] });
    await shared.fit(network, x, y, { epochs: 3, resume: true });
    expect(digest(network)).toBe((await here({ epochs: 3 })).bits);
  });

  test("an abort ends a pause; what is aborted before trains nothing", async () => {
    const network = build();
    const controller = new AbortController();
    const running = shared.fit(network, x, y, { epochs: 1000, signal: controller.signal });
    await shared.pause();
    controller.abort();
    await running;
    const untouched = build();
    await shared.fit(untouched, x, y, { signal: controller.signal });
    expect(sha(untouched.save())).toBe(sha(build().save()));
  });

  test("without a fit there is nothing to pause and nothing to save", async () => {
    await shared.pause();
    shared.resume();
    await expect(shared.save()).rejects.toThrow(new StateError("TrainingWorker.save: a fit() must run, got a call without one"));
  });
});

describe("callbacks", () => {
  test("hooks run here in their order, training waits for them, and an epoch may be the last", async () => {
    const told = async (fit: (callbacks: Callback[], network: Network) => Promise<unknown>) => {
      const calls: unknown[] = [];
      const network = build();
      await fit([{
        onTrainBegin: (trained, run) => void calls.push(["train begin", trained === network, run]),
        onEpochBegin: (epoch) => void calls.push(["epoch begin", epoch]),
        onBatchBegin: (batch) => void calls.push(["batch begin", batch]),
        onBatchEnd: async (batch, logs) => void calls.push(["batch end", batch, logs]),
        onEpochEnd: (epoch, logs) => (calls.push(["epoch end", epoch, logs]), epoch === 1),
        onTrainEnd: () => void calls.push("train end"),
      }], network);
      return { calls, bits: digest(network) };
    };
    expect(await told((callbacks, network) => shared.fit(network, x, y, { epochs: 5, callbacks }))).toEqual(await told((callbacks, network) => network.fit(x, y, { epochs: 5, callbacks })));
  });

  test("what a hook throws ends training, and the network stands where it stood", async () => {
    const wrong = new Error("enough");
    const stop = (): Callback => ({ onBatchEnd: (batch) => { if (batch === 5) throw wrong; } });
    const [one, other] = [build(), build()];
    await expect(shared.fit(one, x, y, { callbacks: [stop()] })).rejects.toBe(wrong);
    await expect(other.fit(x, y, { callbacks: [stop()] })).rejects.toBe(wrong);
    await shared.fit(one, x, y, { resume: true });
    await other.fit(x, y, { resume: true });
    expect(sha(one.save())).toBe(sha(other.save()));
  });

  test("checkpoint() saves here what the worker wrote", async () => {
    const run = async (fit: (network: Network, options: FitOptions) => Promise<unknown>) => {
      const saved: string[] = [];
      await fit(build(), { epochs: 3, callbacks: [checkpoint({ every: { batches: 7 }, save: (bytes, place) => void saved.push(sha(bytes), JSON.stringify(place)) })] });
      return saved;
    };
    expect(await run((network, options) => shared.fit(network, x, y, options))).toEqual(await run((network, options) => network.fit(x, y, options)));
  });

  test("follow: at the end of an epoch the network here has its weights", async () => {
    const digests = async (fit: (network: Network, callbacks: Callback[]) => Promise<unknown>) => {
      const network = build();
      const seen: string[] = [];
      await fit(network, [{ onEpochEnd: () => void seen.push(sha(network.save())) }]);
      return seen;
    };
    expect(await digests((network, callbacks) => shared.fit(network, x, y, { epochs: 4, follow: true, callbacks }))).toEqual(await digests((network, callbacks) => network.fit(x, y, { epochs: 4, callbacks })));
  });

  test("progress tells where it is, up to the last batch", async () => {
    const seen: Progress[] = [];
    await shared.fit(build(), x, y, { epochs: 3, onProgress: (progress) => void seen.push(progress) });
    expect(seen.at(-1)).toMatchObject({ epoch: 2, batch: 9, steps: 10, epochs: 3, logs: { loss: expect.any(Number), accuracy: expect.any(Number) } });
    expect(seen.filter(({ batch }) => batch === 9).map(({ epoch }) => epoch)).toEqual([0, 1, 2]);
  });
});

describe("errors", () => {
  test("are those of fit(), of its classes, and the network is as before", async () => {
    const network = build();
    const before = digest(network);
    await expect(shared.fit(network, x.subarray(1), y)).rejects.toThrow(ShapeError);
    await expect(shared.fit(network, x.subarray(1), y)).rejects.toThrow(/^Network.fit: x must hold rows of 4 values, got 1199/);
    await expect(shared.fit(network, x, y, { epochs: 0 })).rejects.toThrow(ArgumentError);
    await expect(shared.fit(network, x, y, { epoch: 1 } as never)).rejects.toThrow(/epochs/);
    await expect(shared.fit(network, (() => 1) as never, y)).rejects.toThrow(/^TrainingWorker.fit: x, y and options must be values that can be sent/);
    await expect(shared.fit(network, x, y, { callbacks: [{ getState: () => ({}) }] })).rejects.toThrow(ArgumentError);
    await expect(shared.fit({} as never, x, y)).rejects.toThrow(ArgumentError);
    await expect(shared.fit(new Network({ inputs: 4, layers: [dense(1)] }), x, y)).rejects.toThrow(/^Network.fit: compile\(\) must come first/);
    await expect(shared.fit(network, x, y, { signal: { aborted: false } })).rejects.toThrow(ArgumentError);
    expect(digest(network)).toBe(before);
  });

  test("NonFiniteError names epoch, batch and layer", async () => {
    const network = new Network({ inputs: 4, layers: [dense(2, "exponential", { weightsInitializer: "ones" }), dense(1)], seed: 1 });
    network.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    const error: NonFiniteError = await shared.fit(network, new Float32Array(64).fill(100), new Float32Array(16)).catch((error) => error);
    expect(error).toBeInstanceOf(NonFiniteError);
    expect([error.name, error.code, error.epoch, error.batch]).toEqual(["NonFiniteError", "ERR_NON_FINITE", 0, 0]);
  });

  test("one fit at a time, and nothing may change the network meanwhile", async () => {
    const network = build();
    const running = shared.fit(network, x, y, { epochs: 20 });
    await expect(shared.fit(build(), x, y)).rejects.toThrow(StateError);
    expect(() => network.trainBatch(x, y)).toThrow(StateError);
    expect(() => network.compile({ optimizer: "sgd", loss: "meanSquaredError" })).toThrow(StateError);
    expect(network.predict(x)).toHaveLength(rows * 2);
    await running;
  });

  test("a network disposed of meanwhile takes nothing", async () => {
    const network = build();
    const running = shared.fit(network, x, y, { epochs: 5 });
    network.dispose();
    await running;
    expect(() => network.predict(x)).toThrow(DisposedError);
  });

  test("dispose() and a worker that dies end the fit", async () => {
    const disposed = await createTrainingWorker();
    const running = disposed.fit(build(), x, y, { epochs: 1e6 });
    const paused = disposed.pause();
    disposed.dispose();
    await expect(running).rejects.toThrow(DisposedError);
    await expect(paused).rejects.toThrow(DisposedError);
    await expect(disposed.fit(build(), x, y)).rejects.toThrow(DisposedError);

    const thread = new Worker(new URL("./worker/scaling.mjs", import.meta.url));
    const dying = await createTrainingWorker({ worker: thread });
    const lost = dying.fit(build(), x, y, { epochs: 1e6 });
    await thread.terminate();
    await expect(lost).rejects.toThrow("TrainingWorker.fit: the worker must be alive, got one that ended; make another");
  });

  test("of starting", async () => {
    await expect(createTrainingWorker({ threads: 0 })).rejects.toThrow(ArgumentError);
    await expect(createTrainingWorker({ worker: {} })).rejects.toThrow(/^createTrainingWorker: worker must be a Worker that calls serve\(\)/);
    await expect(createTrainingWorker({ module: { variant: "strict", text: "no" } })).rejects.toThrow(/module must be a build/);
    const broken = new Worker("throw new Error('no')", { eval: true });
    await expect(createTrainingWorker({ worker: broken })).rejects.toThrow(/^createTrainingWorker: a worker must start, got Error: no/);
  });
});

test("custom layers train in a worker that knows them, and are refused by one that does not", async () => {
  const make = () => {
    const network = new Network({ inputs: 4, layers: [custom(scaling), residual([custom(scaling)]), dense(2, "softmax")], seed: 2 });
    network.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy" });
    return network;
  };
  const worker = await createTrainingWorker({ worker: new Worker(new URL("./worker/scaling.mjs", import.meta.url)) });
  const [there, then] = [make(), make()];
  await worker.fit(there, x, y, { epochs: 2 });
  await then.fit(x, y, { epochs: 2 });
  worker.dispose();
  expect(digest(there)).toBe(digest(then));
  const error = await shared.fit(make(), x, y).catch((error) => error);
  expect(error).toBeInstanceOf(LanewiseError);
  expect(error.message).toMatch(/customLayers/);
});

test("transfer moves the data, without it they stay", async () => {
  const [mx, my] = [x.slice(), y.slice()];
  await shared.fit(build(), mx, my);
  expect([mx.length, my.length]).toEqual([x.length, y.length]);
  await shared.fit(build(), mx, my, { transfer: true });
  expect([mx.length, my.length]).toEqual([0, 0]);
});

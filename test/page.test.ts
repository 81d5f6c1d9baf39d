// What only a page, another system or a lack of memory takes, played here: test/browser has the real ones, whose lines no coverage counts.

import { resolveObjectURL } from "node:buffer";
import fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker as Thread } from "node:worker_threads";
import { afterEach, describe, expect, test, vi } from "vitest";
import { adam, checkpoint, createBackend, dense, earlyStopping, Network, OutOfMemoryError, type Callback, type FitOptions } from "../src/index.js";
import { progressBar, writeFileAtomically } from "../src/node.js";
import { serve } from "../src/serve.js";
import { createTrainingWorker, type TrainingWorker } from "../src/worker.js";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.resetModules();
});

const x = Float32Array.from({ length: 80 }, (_, i) => Math.fround(Math.sin(i)));
const y = Float32Array.from({ length: 40 }, (_, i) => Math.fround(Math.cos(i)));

function build(): Network {
  const network = new Network({ inputs: 2, layers: [dense(4, "tanh"), dense(1)], seed: 5 });
  network.compile({ optimizer: adam(), loss: "mse" });
  return network;
}
const file = (network: Network): string => Buffer.from(network.save({ includeOptimizer: true })).toString("hex");

/** serve() of a page's worker in this very thread: messages are cloned, and come a turn later. */
async function looped(options?: Parameters<typeof createTrainingWorker>[0]): Promise<TrainingWorker> {
  const scope = globalThis as unknown as { onmessage: (event: { data: unknown }) => void };
  const worker = {
    onmessage: undefined as unknown as (event: { data: unknown }) => void,
    postMessage: (message: unknown) => void setImmediate((data) => scope.onmessage({ data }), structuredClone(message)),
    terminate() {},
  };
  vi.stubGlobal("postMessage", (message: unknown) => void setImmediate((data) => worker.onmessage({ data }), structuredClone(message)));
  vi.spyOn(process, "getBuiltinModule").mockReturnValueOnce({ parentPort: null } as never);
  serve();
  return createTrainingWorker({ ...options, worker: worker as never });
}

describe("both sides of lanewise/worker in one thread", () => {
  const cases: Record<string, () => FitOptions> = {
    "progress, and callbacks of the library": () => ({ epochs: 4, callbacks: [earlyStopping({ monitor: "loss", patience: 2, restoreBestWeights: true }), checkpoint({ every: 2, save() {} })] }),
    hooks: () => ({ epochs: 2, callbacks: [{ onTrainBegin() {}, onBatchEnd() {}, onEpochEnd: (epoch) => epoch === 0 }] }),
  };
  test.each(Object.entries(cases))("%s", async (_, options) => {
    const worker = await looped();
    const [there, here] = [build(), build()];
    const seen: number[] = [];
    expect(await worker.fit(there, x, y, { ...options(), follow: true, onProgress: ({ epoch }) => void seen.push(epoch) })).toEqual(await here.fit(x, y, options()));
    expect(file(there)).toBe(file(here));
    expect(seen.length).toBeGreaterThan(0);
    worker.dispose();
  });

  test("pause, save, go on, abort", async () => {
    const worker = await looped();
    const [there, here] = [build(), build()];
    const controller = new AbortController();
    const running = worker.fit(there, x, y, { epochs: 1000, batchSize: 4, signal: controller.signal, callbacks: [{ onBatchBegin() {} }] });
    await worker.pause();
    const saved = await worker.save();
    worker.resume();
    await worker.save();
    await worker.pause();
    controller.abort();
    const { loss } = await running;
    expect(loss.length).toBeLessThan(1000);
    expect(Network.load(saved).predict(x)).toHaveLength(40);
    await worker.fit(there, x, y, { epochs: loss.length + 1, batchSize: 4, resume: true });
    await here.fit(x, y, { epochs: loss.length + 1, batchSize: 4 });
    expect(file(there)).toBe(file(here));
    worker.dispose();
  });

  test("errors of the fit, of a hook, of the start", async () => {
    const worker = await looped();
    const network = build();
    await expect(worker.fit(network, x.subarray(1), y)).rejects.toThrow(/^Network.fit: x must hold rows of 2 values/);
    const wrong = new Error("enough");
    await expect(worker.fit(network, x, y, { callbacks: [{ onEpochEnd() { throw wrong; } } as Callback] })).rejects.toBe(wrong);
    worker.dispose();
    await expect(looped({ module: { variant: "strict", text: "no" } })).rejects.toThrow(/module must be a build/);
    const two = await looped({ threads: 2 });
    expect([two.threads, two.threadsReason]).toEqual([2, undefined]);
    two.dispose();
  });
});

/** A page's Worker from a blob, on a thread of Node. */
class PageWorker {
  static readonly made: PageWorker[] = [];
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: ((event: { message?: string }) => void) | null = null;
  readonly #thread: Promise<Thread>;

  constructor(url: string) {
    PageWorker.made.push(this);
    const scope = `const { parentPort } = require("node:worker_threads"); let onmessage; const postMessage = (data) => parentPort.postMessage(data); parentPort.on("message", (data) => onmessage({ data }));`;
    this.#thread = resolveObjectURL(url)!.text().then((code) => {
      const thread = new Thread(`${scope}${code}`, { eval: true });
      thread.on("message", (data) => this.onmessage!({ data }));
      return thread;
    });
  }

  postMessage = (message: unknown): void => void this.#thread.then((thread) => thread.postMessage(message));
  terminate = (): void => void this.#thread.then((thread) => thread.terminate());
}

/** lanewise/threads as a page loads it: no Node, and what is given in its place. */
async function inPage(globals: Readonly<Record<string, unknown>>): Promise<typeof import("../src/threads.js") & { whole: typeof import("../src/index.js") }> {
  const own = process.versions.node;
  Object.defineProperty(process, "versions", { value: { ...process.versions, node: undefined }, configurable: true });
  try {
    vi.stubGlobal("navigator", { hardwareConcurrency: 3 });
    for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
    return { ...(await import("../src/threads.js")), whole: await import("../src/index.js") };
  } finally {
    Object.defineProperty(process, "versions", { value: { ...process.versions, node: own }, configurable: true });
  }
}

describe("threads in a page", () => {
  test("come from blobs, and give the bits of one", async () => {
    const { createThreadedBackend, whole } = await inPage({ Worker: PageWorker });
    const backend = await createThreadedBackend();
    expect([backend.threads, backend.threadsReason, PageWorker.made.length]).toEqual([3, undefined, 2]);
    const fill = (n: number) => Float32Array.from({ length: n * n }, (_, i) => Math.fround(Math.sin(i)));
    const product = (options?: object) => {
      const a = new whole.Matrix(200, 200, fill(200), options);
      return whole.matmul(a, a).data.slice();
    };
    expect(product({ backend })).toEqual(product());
    backend.dispose();
  });

  test.each([
    [{ SharedArrayBuffer: undefined, crossOriginIsolated: false }, 2, /^the page is not cross-origin isolated/],
    [{ SharedArrayBuffer: undefined, crossOriginIsolated: true }, 2, /^the engine has no SharedArrayBuffer/],
    [{ Worker: undefined }, 2, /^workers cannot be started from here/],
    [{ Worker: PageWorker, navigator: {} }, undefined, /^the machine runs one thread at a time/],
    [{ Worker: PageWorker, navigator: undefined }, undefined, /^the machine runs one thread at a time/],
    [{ Worker: class { onerror!: (event: object) => void; constructor() { setImmediate(() => this.onerror({})); } postMessage() {} terminate() {} } }, 2, /^workers could not be started: .*worker-src blob:/],
  ] as const)("or not: %o", async (globals, threads, reason) => {
    const { createThreadedBackend } = await inPage(globals);
    const backend = await createThreadedBackend(threads && { threads });
    expect(backend.threads).toBe(1);
    expect(backend.threadsReason).toMatch(reason);
    backend.dispose();
  });

  test("wait without sleeping where they may not sleep", async () => {
    const { createThreadedBackend } = await inPage({ Worker: PageWorker });
    vi.spyOn(Atomics, "wait").mockImplementation(() => {
      throw new TypeError("Atomics.wait cannot be called in this context");
    });
    const backend = await createThreadedBackend({ threads: 2 });
    expect(backend.threads).toBe(2);
    backend.dispose();
  });
});

describe("turns of the event loop", () => {
  const long = (): Promise<unknown> => {
    const end = performance.now() + 30;
    return build().fit(x, y, { epochs: 1e6, batchSize: 4, signal: { get aborted() { return performance.now() > end; } } });
  };
  test("by messages, as in a page", async () => {
    let turns = 0;
    const made = class {
      port1: { onmessage?: () => void; close(): void } = { close() {} };
      port2 = { postMessage: () => (turns++, setTimeout(() => this.port1.onmessage!(), 0)) };
    };
    vi.stubGlobal("setImmediate", undefined);
    vi.stubGlobal("MessageChannel", made);
    await long();
    expect(turns).toBeGreaterThan(0);
  });

  test("or none, as in an AudioWorklet", async () => {
    vi.stubGlobal("setImmediate", undefined);
    vi.stubGlobal("MessageChannel", undefined);
    await long();
  });
});

test("initialize() compiles off the main path, and refuses what the engine cannot run", async () => {
  const compile = vi.spyOn(WebAssembly, "compile");
  const { initialize, Network: Fresh } = await import("../src/index.js");
  await initialize();
  await initialize();
  expect(compile).toHaveBeenCalledOnce();
  expect(new Fresh({ inputs: 1, layers: [dense(1) as never] }).predict([[1]])).toHaveLength(1);
  vi.resetModules();
  compile.mockRejectedValueOnce(new Error("no SIMD"));
  await expect((await import("../src/index.js")).initialize()).rejects.toThrow(/no SIMD|SIMD/);
});

test("an engine without address space for another memory says so", () => {
  vi.spyOn(WebAssembly, "Memory").mockImplementation(function () {
    throw new RangeError("WebAssembly.Memory(): could not allocate memory");
  });
  expect(() => createBackend()).toThrow(OutOfMemoryError);
});

test("diagnose before a minimizer's first step", () => {
  const network = new Network({ inputs: 2, layers: [dense(1)], seed: 1 });
  network.compile({ optimizer: "lbfgs", loss: "mse" });
  const before = file(network);
  const { layers } = network.diagnose(x, y);
  expect(layers).toHaveLength(1);
  expect(file(network)).toBe(before);
});

test("verbose: a line an epoch", async () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  await build().fit(x, y, { epochs: 2, verbose: true });
  expect(log.mock.calls.map(([line]) => line)).toEqual([expect.stringMatching(/^epoch 1\/2 {2}\d+\.\d\d s {2}loss \d/), expect.stringMatching(/^epoch 2\/2 /)]);
});

test("the time left in minutes and hours", () => {
  const now = vi.spyOn(performance, "now").mockReturnValue(0);
  const lines: string[] = [];
  const bar = progressBar({ stream: { write: (text) => void lines.push(text), isTTY: true, columns: 200 } });
  bar.onTrainBegin!(undefined as never, { epochs: 1, steps: 1000, epoch: 0, batch: 0, numbers: ["loss"] });
  bar.onEpochBegin!(0);
  for (const [batch, time] of [[0, 10_000], [998, 20_000]] as const) {
    now.mockReturnValue(time);
    bar.onBatchEnd!(batch, { loss: 1 });
  }
  expect(lines.join("")).toMatch(/\d+ h \d\d min/);
});

test("on Windows the folder is not written to the disk by itself: there is no such thing", async () => {
  const folder = await fs.mkdtemp(join(tmpdir(), "lanewise-"));
  const open = vi.spyOn(fs, "open");
  vi.stubGlobal("process", Object.create(process, { platform: { value: "win32" } }));
  try {
    await writeFileAtomically(join(folder, "file"), new Uint8Array([1, 2]));
    expect([...(await fs.readFile(join(folder, "file")))]).toEqual([1, 2]);
    expect(open.mock.calls.map(([, flags]) => flags)).toEqual(["w"]);
  } finally {
    vi.unstubAllGlobals();
    await fs.rm(folder, { recursive: true });
  }
});

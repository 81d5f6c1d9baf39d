/// <reference lib="esnext.disposable" preserve="true" />
// "lanewise/threads": a backend whose products run on several threads, with the bits of one.

import { Backend, singleBackend } from "./backend.js";
import { checkCount, checkNumber, checkOptions } from "./check.js";
import { controlSize, WorkerCrew, type Worker } from "./crew.js";
import { strict } from "./default-backend.js";
import { threadsText } from "./embedded/threads.js";
import { ArgumentError } from "./errors.js";
import { Kernels } from "./kernels.js";
import { LinearMemory } from "./memory.js";
import { checkBuild, compileShared, decode, type WasmBuild } from "./wasm.js";
import { nodeWorkerSource, webWorkerSource } from "./worker-source.js";

export interface ThreadedBackendOptions {
  /** Threads, the caller's included (1 to 64). Default: as many as the machine runs at once. */
  threads?: number;
  /** A build such as `relaxed`; without it, the strict build. */
  module?: WasmBuild;
  /** As for createBackend. */
  maximumBytes?: number;
}

const where = "createThreadedBackend";

/**
 * A backend that works on several threads: workers that share its memory. Results have the same bits at any number of threads.
 *
 * Where threads cannot be had (a page that is not cross-origin isolated, or may not start workers) the backend works on one: `backend.threads` is 1 and `backend.threadsReason` says why.
 * dispose() ends the workers; they never keep a Node process alive.
 *
 * @throws (rejects) ArgumentError for a bad option
 * @example const backend = await createThreadedBackend({ threads: 2 });
 */
export async function createThreadedBackend(options?: ThreadedBackendOptions): Promise<Backend> {
  const { threads = hardwareThreads(), module: build = strict, maximumBytes } = checkOptions(where, options, ["threads", "module", "maximumBytes"]);
  checkCount(where, "threads", threads, 1, 64, ArgumentError);
  checkBuild(where, build);
  if (maximumBytes !== undefined) checkNumber(where, "maximumBytes", maximumBytes, { least: 65536, most: 2 ** 32 });
  const reason = whyNot(options?.threads, threads, build);
  if (reason !== undefined) return singleBackend(build, maximumBytes, reason);

  const [kernelsModule, threadsModule] = await Promise.all([compileShared(build, where), WebAssembly.compile(decode(threadsText))]);
  let linear: LinearMemory;
  try {
    linear = new LinearMemory(maximumBytes, true);
  } catch {
    return singleBackend(build, maximumBytes, `no address space for ${maximumBytes ?? 2 ** 32} bytes of shared memory: a smaller maximumBytes may help`);
  }
  const gate = new WebAssembly.Instance(threadsModule, { env: { memory: linear.memory, stalled: () => crew.checkProgress() } });
  const kernels = new Kernels(new WebAssembly.Instance(kernelsModule, { env: { memory: linear.memory } }), gate);
  linear.startAt(kernels.heapBase);
  const control = linear.allocate(controlSize(kernels.controlLayout, threads), where);

  const workers: Worker[] = [];
  const crew = new WorkerCrew(threads, workers, linear, kernels, control, mayBlock(), threads > hardwareThreads());
  try {
    await Promise.all(Array.from({ length: threads - 1 }, (_, i) => {
      const orders = { kernels: kernelsModule, threads: threadsModule, memory: linear.memory, control, slot: crew.slotOf(i + 1) };
      return startWorker(orders, workers, (what) => void crew.lost(what));
    }));
  } catch (error) {
    crew.dispose();
    return singleBackend(build, maximumBytes, `workers could not be started: ${error instanceof Error ? error.message : String(error)}`);
  }
  return new Backend({ variant: build.variant, linear, kernels, crew });
}

interface NodeWorker extends Worker {
  once(event: string, listener: (value: unknown) => void): void;
  unref(): void;
}
interface NodeModules {
  getBuiltinModule?(name: "node:worker_threads"): { Worker: new (url: URL, options: object) => NodeWorker };
  getBuiltinModule?(name: "node:os"): { availableParallelism(): number };
}
interface WebWorker extends Worker {
  postMessage(message: unknown): void;
  onmessage: (() => void) | null;
  onerror: ((event: { message?: string }) => void) | null;
}
declare const process: (NodeModules & { versions?: { node?: string } }) | undefined;
declare var crossOriginIsolated: boolean | undefined;
declare const Worker: (new (url: string) => WebWorker) | undefined;
declare const navigator: { hardwareConcurrency?: number } | undefined;

/** Node without a static import that browsers would trip over. */
const node: NodeModules | undefined = typeof process === "object" && process.versions?.node !== undefined ? process : undefined;

function hardwareThreads(): number {
  return Math.min(64, node?.getBuiltinModule?.("node:os").availableParallelism() ?? (typeof navigator === "object" ? navigator.hardwareConcurrency : undefined) ?? 1);
}

/** Why there will be one thread; `asked` is the caller's number, `threads` what it comes to. */
function whyNot(asked: number | undefined, threads: number, build: WasmBuild): string | undefined {
  if (threads === 1) return asked === 1 ? "one thread was asked for" : "the machine runs one thread at a time";
  if (build.module !== undefined) return "the build comes compiled, for memory that is not shared";
  if (node !== undefined) return node.getBuiltinModule === undefined ? "Node before 20.16 lacks process.getBuiltinModule" : undefined;
  if (typeof SharedArrayBuffer === "undefined") return globalThis.crossOriginIsolated ? "the engine has no SharedArrayBuffer" : "the page is not cross-origin isolated (headers Cross-Origin-Opener-Policy and Cross-Origin-Embedder-Policy)";
  return typeof Worker === "undefined" ? "workers cannot be started from here" : undefined;
}

/** Whether this thread may sleep: a page's main thread may not. */
function mayBlock(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0);
    return true;
  } catch {
    return false;
  }
}

function startWorker(orders: object, workers: Worker[], lost: (what: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    if (node !== undefined) {
      const { Worker: NodeWorkerClass } = node.getBuiltinModule!("node:worker_threads");
      const worker = new NodeWorkerClass(new URL(`data:text/javascript,${encodeURIComponent(nodeWorkerSource)}`), { workerData: orders });
      workers.push(worker);
      worker.once("message", () => {
        worker.unref();
        resolve();
      });
      worker.once("error", (error) => (lost(String(error)), reject(error)));
      worker.once("exit", () => (lost("one that ended"), reject(new Error("a worker that ended"))));
      return;
    }
    const url = URL.createObjectURL(new Blob([webWorkerSource], { type: "text/javascript" }));
    const worker = new Worker!(url);
    workers.push(worker);
    worker.onmessage = () => {
      URL.revokeObjectURL(url);
      resolve();
    };
    worker.onerror = ({ message }) => {
      URL.revokeObjectURL(url);
      const what = message || "one that did not load (a Content-Security-Policy must allow worker-src blob:)";
      lost(what);
      reject(new Error(what));
    };
    worker.postMessage(orders);
  });
}

// This side of lanewise/worker: fit() of a network here, run there, and the network brought up to date with what comes back.

import { checkBoolean, checkCount, checkOptions, describe, type MatrixLike } from "./check.js";
import { checkCallbacks, type Callback, type TrainingRun } from "./callbacks.js";
import { strict } from "./default-backend.js";
import { ArgumentError, DisposedError, errorClasses, LanewiseError, StateError } from "./errors.js";
import type { AbortSignalLike, FitOptions, History, TargetsLike } from "./fit-options.js";
import { Network } from "./network.js";
import { openWorker, type OpenWorker, type WorkerLike } from "./open-worker.js";
import type { FromWorker, PlainFitOptions, Progress, SentCallback, ToWorker, WorkerBackendOptions } from "./worker-messages.js";

export interface TrainingWorkerOptions extends WorkerBackendOptions {
  /** A worker of your own that calls serve(), as a Worker of the page or of node:worker_threads. Default: one started from text that comes with the library. */
  worker?: object;
}

export interface WorkerFitOptions extends FitOptions {
  /** Told how far training is, at most 60 times a second; training does not wait for it, as it does for callbacks. */
  onProgress?(progress: Progress): void;
  /** Bring the network here up to date before onEpochEnd of callbacks runs, so that predict() and evaluate() show the epoch. Costs a copy of weights and optimizer an epoch. Default false. */
  follow?: boolean;
  /** Move the buffers of typed arrays among the data to the worker instead of copying them: they are empty here afterwards. Default false. */
  transfer?: boolean;
}

/** A signal that tells when, as AbortSignal does. */
interface Signal extends AbortSignalLike {
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

const where = "TrainingWorker.fit";
const own = ["onProgress", "follow", "transfer", "callbacks", "signal"] as const;

interface Run {
  readonly network: Network;
  readonly callbacks: readonly Callback[];
  readonly onProgress: ((progress: Progress) => void) | undefined;
  adopt(file: Uint8Array<ArrayBuffer>): void;
  /** What a callback threw here. */
  error?: unknown;
  resolve(history: History): void;
  reject(error: unknown): void;
}

interface Waiting<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** Trains networks in a worker, one fit() at a time. Made by createTrainingWorker(). */
export class TrainingWorker {
  /** Threads it trains on, and why it is one where more were asked for. */
  readonly threads: number;
  readonly threadsReason: string | undefined;
  readonly #worker: OpenWorker;
  #run: Run | undefined;
  #paused: Waiting<void>[] = [];
  #saved: Waiting<Uint8Array<ArrayBuffer>>[] = [];
  #broken: LanewiseError | undefined;

  /** @internal */
  constructor(worker: OpenWorker, { threads, threadsReason }: FromWorker & { type: "ready" }) {
    this.threads = threads;
    this.threadsReason = threadsReason;
    this.#worker = worker;
    worker.listen((message) => this.#take(message), (what) => this.#end(new StateError(`${where}: the worker must be alive, got ${what}; make another`)));
  }

  /**
   * network.fit(x, y, options), off this thread: the same options, the same history, and afterwards the network here has the weights and the optimizer, to the bit. Meanwhile it
   * can predict, with the weights it had, and nothing may change it. Data are sent once. Callbacks made by the library run in the worker; hooks of your own run here, and training
   * waits for their answer.
   *
   * @throws (rejects) as Network.fit does; StateError while another fit() of this worker runs, or when the worker dies
   * @example const history = await worker.fit(network, x, y, { epochs: 20, onProgress: ({ epoch, logs }) => show(epoch, logs.loss) });
   */
  async fit(network: Network, x: MatrixLike, y: TargetsLike, options?: WorkerFitOptions): Promise<History> {
    if (this.#broken) throw this.#broken;
    if (!(network instanceof Network)) throw new ArgumentError(`${where}: network must be a Network, got ${describe(network)}`);
    if (this.#run) throw new StateError(`${where}: the fit() before must have ended, got a call while it runs`);
    const { onProgress, follow = false, transfer = false, callbacks = [], signal: given, ...plain } = checkOptions(where, options, [...own, ...fitKeys]);
    const signal = given as Signal | undefined;
    checkBoolean(where, "follow", follow);
    checkBoolean(where, "transfer", transfer);
    checkCallbacks(where, callbacks);
    if (onProgress !== undefined && typeof onProgress !== "function") throw new ArgumentError(`${where}: onProgress must be a function, got ${describe(onProgress)}`);
    if (signal !== undefined && typeof signal?.addEventListener !== "function") throw new ArgumentError(`${where}: signal must be an AbortSignal, got ${describe(signal)}`);
    const sent = callbacks.map(describeCallback);
    const abort = () => this.#worker.post({ type: "abort" });
    this.#worker.hold(true);
    try {
      return await network.trainElsewhere((file, adopt) => new Promise((resolve, reject) => {
        const message: ToWorker = { type: "fit", file, x, y, options: plain, callbacks: sent, progress: onProgress !== undefined, follow, aborted: signal?.aborted ?? false };
        try {
          this.#worker.post(message, transfer ? buffersOf([x, y, plain.sampleWeight, plain.validationData]) : []);
        } catch (error) {
          throw new ArgumentError(`${where}: x, y and options must be values that can be sent to a worker, got ${describe((error as Error).message)}`);
        }
        this.#run = { network, callbacks, onProgress, adopt, resolve, reject };
        signal?.addEventListener("abort", abort);
      }));
    } finally {
      signal?.removeEventListener("abort", abort);
      this.#worker.hold(false);
      if (!network.lease.disposed) for (const { onTrainEnd, options: made } of callbacks) if (!made) await onTrainEnd?.();
    }
  }

  /** Stops after the current batch and resolves when it stands; resume() goes on, to the bits of a run that never stood. Without a fit() it resolves at once. */
  pause(): Promise<void> {
    return this.#wish("pause", this.#paused, undefined);
  }

  resume(): void {
    if (!this.#run) return;
    for (const { resolve } of this.#paused.splice(0)) resolve();
    this.#worker.post({ type: "goOn" });
  }

  /**
   * The network as it stands in the worker, between two batches: what save({ includeOptimizer: true }) gives, with the place in training, for Network.load and fit(…, { resume: true }).
   * @throws (rejects) StateError unless a fit() runs
   */
  save(): Promise<Uint8Array<ArrayBuffer>> {
    if (!this.#run && !this.#broken) return Promise.reject(new StateError("TrainingWorker.save: a fit() must run, got a call without one"));
    return this.#wish("save", this.#saved, undefined as never);
  }

  /** Ends the worker; a fit() that runs rejects with DisposedError, and its network stays as it was. */
  dispose(): void {
    this.#end(new DisposedError(`${where}: the worker must not be disposed, got a call after dispose()`));
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #wish<T>(type: "pause" | "save", list: Waiting<T>[], standing: T): Promise<T> {
    if (this.#broken) return Promise.reject(this.#broken);
    if (!this.#run) return Promise.resolve(standing);
    this.#worker.post({ type });
    return new Promise((resolve, reject) => list.push({ resolve, reject }));
  }

  #end(error: LanewiseError): void {
    if (this.#broken) return;
    this.#broken = error;
    this.#worker.terminate();
    for (const { reject } of [...this.#paused.splice(0), ...this.#saved.splice(0)]) reject(error);
    this.#run?.reject(error);
    this.#run = undefined;
  }

  #take(message: FromWorker): void {
    const run = this.#run;
    if (!run) return;
    if (message.type === "progress") run.onProgress?.(message.progress);
    else if (message.type === "paused") this.#standing(this.#paused, undefined);
    else if (message.type === "saved") this.#standing(this.#saved, message.file);
    else if (message.type === "ask") void this.#answer(run, message);
    else if (message.type !== "ready") this.#finish(run, message);
  }

  #standing<T>(list: Waiting<T>[], value: T): void {
    for (const { resolve } of list.splice(0)) resolve(value);
  }

  #finish(run: Run, message: FromWorker & { type: "done" | "failed" | "unanswered" }): void {
    const file = message.file as Uint8Array<ArrayBuffer> | undefined;
    // At once: whoever waited for a pause must find it over.
    this.#run = undefined;
    try {
      if (file) run.adopt(file);
      this.#standing(this.#paused, undefined);
      this.#standing(this.#saved, file!);
      if (message.type === "done") run.resolve(message.history);
      else run.reject(message.type === "failed" ? revive(message) : run.error);
    } catch (error) {
      run.reject(error);
    }
  }

  async #answer(run: Run, { callback, key, args, file }: FromWorker & { type: "ask" }): Promise<void> {
    const { [callback]: asked } = run.callbacks;
    let answer: ToWorker;
    try {
      if (file) run.adopt(file as Uint8Array<ArrayBuffer>);
      const owner = (asked.options ?? asked) as Record<string, (...args: unknown[]) => unknown>;
      const value = await owner[key](...(key === "onTrainBegin" ? [run.network, args[0] as TrainingRun] : args));
      answer = { type: "answer", value: typeof value === "boolean" ? value : undefined };
    } catch (error) {
      run.error = error;
      answer = { type: "answer", failed: true };
    }
    if (this.#run === run && !this.#broken) this.#worker.post(answer);
  }
}

const fitKeys = ["epochs", "accumulateSteps", "validationData", "verbose", "resume", "batchSize", "shuffle", "validationSplit", "sampleWeight", "classWeight"] as const satisfies readonly (keyof PlainFitOptions)[];

/**
 * Starts a worker that trains: a page stays at its 60 frames a second meanwhile.
 *
 * @throws (rejects) StateError where workers cannot be started, with the reason; ArgumentError for a bad option
 * @example
 * const worker = await createTrainingWorker();
 * await worker.fit(network, x, y, { epochs: 20 });
 * worker.dispose();
 */
export async function createTrainingWorker(options?: TrainingWorkerOptions): Promise<TrainingWorker> {
  const place = "createTrainingWorker";
  const { worker: given, threads = 1, module = strict, maximumBytes } = checkOptions(place, options, ["worker", "threads", "module", "maximumBytes"]);
  checkCount(place, "threads", threads, 1, 64, ArgumentError);
  const worker = await openWorker(place, given as WorkerLike | undefined);
  try {
    const answer = await worker.ask({ type: "start", backend: { module, threads, maximumBytes } });
    if (answer.type !== "ready") throw revive(answer as FromWorker & { type: "failed" });
    return new TrainingWorker(worker, answer);
  } catch (error) {
    worker.terminate();
    throw error;
  }
}

function describeCallback(callback: Callback): SentCallback {
  const { name, options, getState, setState } = callback;
  const asked = (of: object) => Object.entries(of).filter(([, value]) => typeof value === "function").map(([key]) => key);
  if (options) return { name, options: Object.fromEntries(Object.entries(options).filter(([, value]) => typeof value !== "function")), asked: asked(options) };
  if (getState || setState) throw new ArgumentError(`${where}: callbacks with getState or setState must be those of the library, got ${describe(name)}`);
  return { name, asked: hooks.filter((hook) => callback[hook]) };
}

/** onTrainEnd is called on this side. */
const hooks = ["onTrainBegin", "onEpochBegin", "onBatchBegin", "onBatchEnd", "onEpochEnd"] as const;

function buffersOf(values: readonly unknown[]): ArrayBuffer[] {
  const found = values.flat().map((value) => (ArrayBuffer.isView(value) ? value.buffer : undefined));
  return [...new Set(found)].filter((buffer) => buffer instanceof ArrayBuffer);
}

/** An error of the worker's side, in the class it has here. */
function revive({ message, fields }: FromWorker & { type: "failed" }): Error {
  const { code } = fields as LanewiseError;
  const error = Object.assign(new Error(message), fields);
  return Object.hasOwn(errorClasses, code) ? Object.setPrototypeOf(error, errorClasses[code].prototype) : error;
}

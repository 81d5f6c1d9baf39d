// The worker's side of lanewise/worker: a file comes in, training runs here, files go out.

import { checkOptions } from "./check.js";
import { earlyStopping, reduceOnPlateau, type Callback } from "./callbacks.js";
import { checkpoint } from "./checkpoint.js";
import type { Backend } from "./backend.js";
import { createBackend } from "./default-backend.js";
import type { CustomLayer } from "./layers/custom.js";
import { Network } from "./network.js";
import { createThreadedBackend } from "./threads.js";
import type { FromWorker, SentCallback, ToWorker, WorkerBackendOptions } from "./worker-messages.js";

export interface ServeOptions {
  /** What custom() layers of the networks are; functions cannot be sent to a worker. */
  customLayers?: readonly CustomLayer[];
}

/** Progress is told this often at most, in ms: a page draws 60 frames a second. */
const FRAME = 16;

/** Callbacks of the library that are made anew here, where they cost no message. */
const makers: Readonly<Record<string, (options: never) => Callback>> = { earlyStopping, reduceOnPlateau, checkpoint };

interface Port {
  postMessage(message: FromWorker, transfer: readonly ArrayBuffer[]): void;
  on?(event: "message", listener: (message: ToWorker) => void): void;
  onmessage?: (event: { data: ToWorker }) => void;
}
declare const process: { getBuiltinModule?(name: "node:worker_threads"): { parentPort: Port | null } } | undefined;

/**
 * Trains what a page or program sends. For a worker of your own, where a Content-Security-Policy forbids workers from blobs, or layers are custom:
 *
 * @example
 * // training.js
 * import { serve } from "lanewise/worker";
 * serve();
 * // page.js
 * const trainer = await createTrainingWorker({ worker: new Worker(new URL("./training.js", import.meta.url), { type: "module" }) });
 */
export function serve(given?: ServeOptions): void {
  const options = checkOptions("serve", given, ["customLayers"]);
  const port = (typeof process === "object" && process.getBuiltinModule?.("node:worker_threads").parentPort) || (globalThis as unknown as Port);
  const post = (message: FromWorker): void => {
    const file = (message as { file?: Uint8Array<ArrayBuffer> }).file;
    port.postMessage(message, file ? [file.buffer] : []);
  };
  const training = new RemoteTraining(post, options);
  const take = (message: ToWorker) => void training.take(message);
  if (port.on) port.on("message", take);
  else port.onmessage = ({ data }) => take(data);
}

/** Thrown through fit() when what was asked for on the other side failed. */
const unanswered = new Error("unanswered");

class RemoteTraining {
  #backend: Backend | undefined;
  readonly #signal = { aborted: false };
  /** What the run is to stop for after the current batch. */
  #wishes = { abort: false, pause: false, save: false };
  #goOn: (() => void) | undefined;
  #answer: ((message: ToWorker & { type: "answer" }) => void) | undefined;

  constructor(readonly post: (message: FromWorker) => void, readonly options: ServeOptions) {}

  take(message: ToWorker): void {
    if (message.type === "start") void this.#start(message.backend);
    else if (message.type === "fit") void this.#fit(message);
    else if (message.type === "answer") this.#answer!(message);
    else {
      if (message.type === "goOn") this.#wishes.pause = false;
      else this.#signal.aborted = this.#wishes[message.type] = true;
      this.#goOn?.();
    }
  }

  async #start({ module, threads = 1, maximumBytes }: WorkerBackendOptions): Promise<void> {
    try {
      this.#backend = threads > 1 ? await createThreadedBackend({ threads, module, maximumBytes }) : createBackend({ module, maximumBytes });
      this.post({ type: "ready", threads: this.#backend.threads, threadsReason: this.#backend.threadsReason });
    } catch (error) {
      this.#fail(error);
    }
  }

  async #fit({ file, x, y, options, callbacks, progress, follow, aborted }: ToWorker & { type: "fit" }): Promise<void> {
    let network: Network | undefined;
    this.#wishes = { abort: aborted, pause: false, save: false };
    this.#signal.aborted = aborted;
    try {
      network = Network.load(file as Uint8Array<ArrayBuffer>, { backend: this.#backend!, ...this.options });
      const made = callbacks.map((sent, i) => this.#make(sent, i, follow ? network : undefined));
      if (progress) made.push(this.#reporter());
      for (let { resume } = options; ; resume = true) {
        const history = await network.fit(x, y, { ...options, resume, callbacks: made, signal: this.#signal });
        if (this.#wishes.abort || !(this.#wishes.pause || this.#wishes.save)) return this.post({ type: "done", file: network.save({ includeOptimizer: true }), history });
        await this.#stand(network);
      }
    } catch (error) {
      this.#fail(error, network);
    } finally {
      network?.dispose();
    }
  }

  /** Between two batches, for as long as is wished. The fit() that follows goes on to the bits of one that never stood: see position.ts. */
  async #stand(network: Network): Promise<void> {
    const wishes = this.#wishes;
    let standing = false;
    while (!wishes.abort) {
      this.#signal.aborted = false;
      if (wishes.save) this.post({ type: "saved", file: network.save({ includeOptimizer: true }) });
      wishes.save = false;
      if (!wishes.pause) return;
      if (!standing) this.post({ type: "paused" });
      standing = true;
      await new Promise<void>((resolve) => (this.#goOn = resolve));
      this.#goOn = undefined;
    }
  }

  /** The weights stand as fit() left them: as before the step that failed. */
  #fail(error: unknown, network?: Network): void {
    let file: Uint8Array | undefined;
    try {
      file = network?.save({ includeOptimizer: true });
    } catch {
      // The first error says more.
    }
    if (error === unanswered) this.post({ type: "unanswered", file });
    else this.post({ type: "failed", message: (error as Error).message, fields: { ...(error as object) }, file });
  }

  #make({ name, options, asked }: SentCallback, index: number, followed: Network | undefined): Callback {
    const ask = (key: string) => async (...args: unknown[]) => {
      const file = key === "onEpochEnd" ? followed?.save({ includeOptimizer: true }) : undefined;
      this.post({ type: "ask", callback: index, key, args: key === "onTrainBegin" ? args.slice(1) : args, file });
      const { value, failed } = await new Promise<ToWorker & { type: "answer" }>((resolve) => (this.#answer = resolve));
      if (failed) throw unanswered;
      return value;
    };
    const functions = Object.fromEntries(asked.map((key) => [key, ask(key)]));
    if (options) return makers[name!]({ ...options, ...functions } as never);
    // It begins once, however often it stands; that it ends, the other side knows.
    const { onTrainBegin, ...hooks } = functions as Callback;
    let begun = false;
    return {
      ...hooks, name,
      onTrainBegin(network, run) {
        if (begun) return undefined;
        begun = true;
        return onTrainBegin?.(network, run);
      },
    };
  }

  #reporter(): Callback {
    let last = 0;
    let run = { epochs: 0, steps: 0 };
    let epoch = 0;
    return {
      onTrainBegin(_, begun) {
        run = { epochs: begun.epochs, steps: begun.steps! };
        epoch = begun.epoch;
      },
      onEpochBegin: (number) => void (epoch = number),
      onBatchEnd: (batch, logs) => {
        const now = performance.now();
        if (now - last < FRAME && batch + 1 < run.steps) return;
        last = now;
        this.post({ type: "progress", progress: { epoch, batch, ...run, logs } });
      },
    };
  }
}

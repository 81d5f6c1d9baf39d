// The page's side of test/browser/threads.mjs, which calls what is in `checks`.
import * as lanewise from "../../dist/index.js";
import { relaxed } from "../../dist/relaxed.js";
import * as threads from "../../dist/threads.js";
import { compare, createNetwork, step } from "./subject.mjs";

/** Every worker that was started from here. */
const workers = [];
globalThis.Worker = class extends Worker {
  constructor(...options) {
    super(...options);
    workers.push(this);
  }
};

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

let held;

globalThis.checks = {
  isolated: () => crossOriginIsolated,

  compare: () => compare(lanewise, threads),

  compareRelaxed: () => compare(lanewise, threads, relaxed),

  /** What `compare` gives in a dedicated worker. */
  compareInWorker: () =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL("worker.mjs", import.meta.url), { type: "module" });
      worker.onmessage = ({ data }) => (worker.terminate(), resolve(data));
      worker.onerror = ({ message }) => reject(new Error(message));
    }),

  /** Keeps a backend of two threads for the checks from outside. */
  async hold() {
    held = await threads.createThreadedBackend({ threads: 2 });
    return held.threads;
  },
  release: () => held.dispose(),

  /** Whether this engine forbids the page's thread to sleep. */
  mayNotSleep() {
    try {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
      return false;
    } catch {
      return true;
    }
  },

  /** Steps after pauses in which the workers fall asleep: the page has to wait for them to wake up. */
  async stepsAfterPauses() {
    const network = createNetwork(lanewise, held);
    const losses = [];
    for (let turn = 0; turn < 10; turn++) {
      await pause(30);
      losses.push(step(network));
    }
    return losses.every((loss, turn) => turn === 0 || loss < losses[turn - 1]);
  },

  /** Ends a worker as a crash would, behind the library's back: { errors of two steps, ms until the first }. */
  async loseWorker() {
    const network = createNetwork(lanewise, held);
    step(network);
    workers.at(-1).terminate();
    await pause(3000); // Chromium ends a sleeping worker after two seconds; until then it goes on to help
    const errorOf = () => {
      try {
        return `no error, loss ${step(network)}`;
      } catch (error) {
        return `${error.name}: ${error.message}`;
      }
    };
    const start = performance.now();
    const first = errorOf();
    return { time: performance.now() - start, first, second: errorOf() };
  },

  /** How createThreadedBackend ends where workers are forbidden. */
  async start() {
    try {
      const backend = await threads.createThreadedBackend({ threads: 2 });
      return { threads: backend.threads, reason: backend.threadsReason };
    } catch (error) {
      return { error: `${error.name}: ${error.message}` };
    }
  },
};

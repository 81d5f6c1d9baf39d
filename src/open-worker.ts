// Workers of pages and of Node under one face: the first answer, messages, an end that is noticed.

import { describe } from "./check.js";
import { workerText } from "./embedded/worker.js";
import { ArgumentError, StateError } from "./errors.js";
import type { FromWorker, ToWorker } from "./worker-messages.js";

/** What both kinds have. */
export interface WorkerLike {
  postMessage(message: ToWorker, transfer?: readonly ArrayBuffer[]): void;
  terminate(): unknown;
}

interface NodeWorker extends WorkerLike {
  on(event: string, listener: (value: unknown) => void): void;
  ref(): void;
  unref(): void;
}
interface WebWorker extends WorkerLike {
  onmessage: ((event: { data: FromWorker }) => void) | null;
  onerror: ((event: { message?: string }) => void) | null;
}
declare const process: { getBuiltinModule?(name: "node:worker_threads"): { Worker: new (url: URL) => NodeWorker }; versions?: { node?: string } } | undefined;
declare const Worker: (new (url: string, options: object) => WebWorker) | undefined;

export interface OpenWorker {
  post(message: ToWorker, transfer?: readonly ArrayBuffer[]): void;
  /** Posts, and gives the next message. */
  ask(message: ToWorker): Promise<FromWorker>;
  listen(take: (message: FromWorker) => void, lost: (what: string) => void): void;
  /** Whether it keeps a Node process alive. */
  hold(busy: boolean): void;
  terminate(): void;
}

export async function openWorker(where: string, given: WorkerLike | undefined): Promise<OpenWorker> {
  if (given !== undefined && typeof given?.postMessage !== "function") throw new ArgumentError(`${where}: worker must be a Worker that calls serve(), got ${describe(given)}`);
  let url: string | undefined;
  const worker = given ?? (await start(where, (made) => (url = made)));
  let take: (message: FromWorker) => void = () => {};
  let lost: (what: string) => void = () => {};
  let ended = false;
  const hear = (message: FromWorker): void => {
    if (url) URL.revokeObjectURL(url);
    take(message);
  };
  const end = (what: string): void => {
    if (!ended) lost(what);
  };
  if ("on" in worker) {
    (worker as NodeWorker).on("message", (message) => hear(message as FromWorker));
    (worker as NodeWorker).on("error", (error) => end(String(error)));
    (worker as NodeWorker).on("exit", () => end("one that ended"));
  } else {
    (worker as WebWorker).onmessage = ({ data }) => hear(data);
    (worker as WebWorker).onerror = ({ message }) => end(message || "one that did not load (a Content-Security-Policy must allow worker-src blob:, or give a worker of your own)");
  }
  const hold = (busy: boolean): void => void ("ref" in worker && (worker as NodeWorker)[busy ? "ref" : "unref"]());
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    ask: (message) => new Promise((resolve, reject) => {
      take = (answer) => {
        hold(false);
        resolve(answer);
      };
      lost = (what) => reject(new StateError(`${where}: a worker must start, got ${what}`));
      worker.postMessage(message);
    }),
    listen: (next, gone) => void ([take, lost] = [next, gone]),
    hold,
    terminate() {
      ended = true;
      worker.terminate();
    },
  };
}

async function start(where: string, made: (url: string) => void): Promise<WorkerLike> {
  const node = typeof process === "object" && process.versions?.node !== undefined ? process : undefined;
  if (node) {
    const threads = node.getBuiltinModule?.("node:worker_threads");
    if (!threads) throw new StateError(`${where}: process.getBuiltinModule must be there, got Node before 20.16`);
    return new threads.Worker(new URL(`data:text/javascript,${encodeURIComponent(await workerScript())}`));
  }
  if (typeof Worker === "undefined") throw new StateError(`${where}: workers must be startable, got a place without Worker`);
  const url = URL.createObjectURL(new Blob([await workerScript()], { type: "text/javascript" }));
  made(url);
  return new Worker(url, { type: "module" });
}

/** What scripts/build.mjs deflated: as it is, it would be a third of all the library's files. */
function workerScript(): Promise<string> {
  const bytes = Uint8Array.from(atob(workerText), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text();
}

// What the two sides of lanewise/worker say to each other; plain values that a structured clone can carry.

import type { Logs } from "./callbacks.js";
import type { FitOptions, History, TargetsLike } from "./fit-options.js";
import type { MatrixLike } from "./check.js";
import type { WasmBuild } from "./wasm.js";

/** Where training runs in the worker. */
export interface WorkerBackendOptions {
  /** A build such as `relaxed`; without it, the strict build. */
  module?: WasmBuild;
  /** Threads of the worker's own backend, as for createThreadedBackend. Default 1. */
  threads?: number;
  /** As for createBackend. */
  maximumBytes?: number;
}

/** How far training is: the last batch that is done, and the means of its epoch so far. */
export interface Progress {
  readonly epoch: number;
  readonly batch: number;
  /** Batches an epoch. */
  readonly steps: number;
  readonly epochs: number;
  readonly logs: Logs;
}

/** A callback as it goes over: made there by the library's function of that name, or its hooks asked for here. `asked` are the keys that are functions. */
export interface SentCallback {
  readonly name?: string | undefined;
  readonly options?: object | undefined;
  readonly asked: readonly string[];
}

/** Options of fit() that are plain values. */
export type PlainFitOptions = Omit<FitOptions, "callbacks" | "signal">;

export type ToWorker =
  | { readonly type: "start"; readonly backend: WorkerBackendOptions }
  | { readonly type: "fit"; readonly file: Uint8Array; readonly x: MatrixLike; readonly y: TargetsLike; readonly options: PlainFitOptions; readonly callbacks: readonly SentCallback[]; readonly progress: boolean; readonly follow: boolean; readonly aborted: boolean }
  /** Stop after the current batch: for good, until "go on", or only to give the file. */
  | { readonly type: "abort" | "pause" | "save" | "goOn" }
  | { readonly type: "answer"; readonly value?: unknown; readonly failed?: boolean };

export type FromWorker =
  | { readonly type: "ready"; readonly threads: number; readonly threadsReason?: string | undefined }
  | { readonly type: "progress"; readonly progress: Progress }
  /** A hook or a function among a callback's options is to be called here, with the network's weights if it follows. */
  | { readonly type: "ask"; readonly callback: number; readonly key: string; readonly args: readonly unknown[]; readonly file?: Uint8Array | undefined }
  | { readonly type: "paused" }
  | { readonly type: "saved"; readonly file: Uint8Array<ArrayBuffer> }
  | { readonly type: "done"; readonly file: Uint8Array; readonly history: History }
  | { readonly type: "failed"; readonly file?: Uint8Array | undefined; readonly message: string; readonly fields: object }
  /** The fit failed because what was asked for here did: its error is known here. */
  | { readonly type: "unanswered"; readonly file?: Uint8Array | undefined };

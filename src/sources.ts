// Where the batches of an epoch come from: rows at hand, or a stream that the caller makes.

import type { Batch, Batches } from "./batches.js";
import { describe, type MatrixLike } from "./check.js";
import { ArgumentError } from "./errors.js";
import type { TargetsLike } from "./fit-options.js";
import type { SampleWeight } from "./row-weights.js";

/** One batch of a stream, of any number of rows: { x, y } or [x, y]; with a weight for each row { x, y, sampleWeight } or [x, y, sampleWeight]. */
export type StreamBatch = { readonly x: MatrixLike; readonly y: TargetsLike; readonly sampleWeight?: SampleWeight } | readonly TargetsLike[];

/**
 * Batches one after the other, or a function that gives those of an epoch (from 0). What can be read only once, a generator, a ReadableStream or a Readable of Node,
 * serves one epoch, or with stepsPerEpoch goes on through all of them; it is left open, where it stands. What the function gives is closed after its epoch.
 */
export type BatchStream =
  | Iterable<StreamBatch> | AsyncIterable<StreamBatch> | ((epoch: number) => Iterable<StreamBatch> | AsyncIterable<StreamBatch>)
  /** A ReadableStream, whose iterator not all libraries of types know. */
  | { getReader(): { read(): Promise<{ done: boolean; value?: StreamBatch }> } };

/** A batch that is there, but neither checked nor taken. */
export type Pending = () => Batch;

export interface Source {
  /** Batches an epoch; undefined if only its end can tell. */
  readonly steps: number | undefined;
  /** An epoch begins; `batch` batches of it are done already. */
  open(epoch: number, batch: number): void | Promise<void>;
  /** Batch number `batch`, always the next; undefined at the end. */
  next(batch: number): Pending | undefined | Promise<Pending | undefined>;
  /** No more of this epoch is wanted; `last`: nor of any other. */
  close?(last?: boolean): unknown;
}

export function sourceOfRows(rows: number, batchSize: number, batches: Batches, order: () => Int32Array | undefined): Source {
  return {
    steps: Math.ceil(rows / batchSize),
    open: () => batches.arrange(order()),
    next: (batch) => (batch * batchSize < rows ? () => batches.take(batch * batchSize, Math.min(rows, (batch + 1) * batchSize)) : undefined),
  };
}

/** Whether fit() was called with a stream: no y, and an x that cannot be rows. An array is a stream if its first item is a batch. */
export function isStream(x: unknown, y: unknown): x is BatchStream {
  if (Array.isArray(y) || ArrayBuffer.isView(y)) return false;
  if (typeof x === "function") return true;
  if (typeof x !== "object" || x === null || ArrayBuffer.isView(x) || x instanceof Float32Array) return false;
  const first: unknown = Array.isArray(x) ? x[0] : undefined;
  return first === undefined ? iteratorOf(x, true) !== undefined && !Array.isArray(x) : typeof first === "object" && first !== null && ("x" in first || typeof (first as unknown[])[0] === "object");
}

type AnyIterator = Iterator<unknown> | AsyncIterator<unknown>;

interface Readers {
  /** Of a ReadableStream, which not all browsers can iterate over. */
  getReader(): { read(): Promise<IteratorResult<unknown>>; releaseLock(): void; cancel(): Promise<void> };
  /** Of a Readable of Node, and of things of other kinds that are no streams. */
  iterator(options: { destroyOnReturn: boolean }): AsyncIterator<unknown>;
  pipe: unknown;
}

/** What makes an iterator; return() of that of a stream leaves it `open`, or ends it. */
function iteratorOf(value: unknown, open: boolean): (() => AnyIterator) | undefined {
  const given = value as Partial<Iterable<unknown> & AsyncIterable<unknown> & Readers> | null | undefined;
  if (given?.getReader) {
    return () => {
      const reader = given.getReader!();
      return { next: () => reader.read(), return: async () => (await (open ? reader.releaseLock() : reader.cancel()), { done: true, value: undefined }) };
    };
  }
  if (given?.pipe && given.iterator) return () => given.iterator!({ destroyOnReturn: !open });
  const make: (() => AnyIterator) | undefined = given?.[Symbol.asyncIterator] ?? given?.[Symbol.iterator];
  return make?.bind(given);
}

/** @throws ArgumentError, also later by open(), for what gives no batches or cannot be read often enough */
export function sourceOfStream(where: string, stream: BatchStream, epochs: number, steps: number | undefined, take: (x: MatrixLike, y: TargetsLike, weights: SampleWeight | undefined) => Batch): Source {
  let iterator: AnyIterator | undefined;
  const once = typeof stream !== "function" && ["next", "getReader", "pipe"].some((key) => key in stream);
  const start = (iterable: unknown): AnyIterator => {
    const make = iteratorOf(iterable, once);
    if (make === undefined) throw new ArgumentError(`${where}: the stream must be an iterable of batches, got ${describe(iterable)}`);
    return make();
  };
  if (once && epochs > 1 && steps === undefined) {
    throw new ArgumentError(`${where}: a stream that can be read only once must come with stepsPerEpoch, or as a function that makes one for each epoch, got epochs ${epochs}`);
  }
  const pull = async (batch: number): Promise<Pending | undefined> => {
    if (batch === steps) return undefined;
    const { done, value } = await iterator!.next();
    if (!done) {
      return () => {
        const item = value as { 0: MatrixLike; 1: TargetsLike; 2?: SampleWeight; length: number } & { x: MatrixLike; y: TargetsLike; sampleWeight?: SampleWeight };
        if (Array.isArray(item) && (item.length === 2 || item.length === 3)) return take(item[0], item[1], item[2]);
        const keys = typeof item === "object" && item !== null ? Object.keys(item).sort().join() : "";
        if (keys !== "x,y" && keys !== "sampleWeight,x,y") throw new ArgumentError(`${where}: a batch must be [x, y] or { x, y }, with sampleWeight or without, got ${describe(value)}`);
        return take(item.x, item.y, item.sampleWeight);
      };
    }
    if (steps !== undefined || batch === 0) {
      throw new ArgumentError(`${where}: the stream must give ${steps ?? "at least 1"} batches an epoch, got its end after ${batch}${batch === 0 ? "; what can be read only once serves one epoch" : ""}`);
    }
    return undefined;
  };
  return {
    steps,
    async open(epoch, batch) {
      iterator ??= start(typeof stream === "function" ? stream(epoch) : stream);
      // What can be read only once stands where it stands.
      for (let i = 0; i < batch && !once; i++) {
        if (!(await pull(i))) throw new ArgumentError(`${where}: the stream must give the ${batch} batches done already, got its end after ${i}`);
      }
    },
    next: pull,
    close(last) {
      if (once && !last) return;
      const ended = iterator;
      iterator = undefined;
      if (!(once && "next" in stream)) return ended?.return?.();
    },
  };
}

// Where fit() takes its batches from: data copied into linear memory once, if it is small, or else a batch at a time.

import { OutOfMemoryError } from "./errors.js";
import type { Lease } from "./memory.js";
import type { Targets } from "./targets.js";
import type { TrainingPlan } from "./training-plan.js";

/** Rows on their way into a plan. */
export interface Batch {
  readonly rows: number;
  load(plan: TrainingPlan): void;
}

export class CopiedBatch implements Batch {
  constructor(readonly x: Float32Array, readonly targets: Targets, readonly rows: number) {}

  load(plan: TrainingPlan): void {
    plan.load(this.x, this.targets);
  }
}

/** A data set up to this many bytes is copied whole: a batch of small rows then costs one call instead of a copy a row, which is as much as the step of a small network. */
const RESIDENT_BYTES = 64 << 20;

/** Cuts batches from a data set in a given order. */
export interface Batches {
  /** The rows in this order from now on; without one, as they stand. */
  arrange(order: Int32Array | undefined): void;
  /** Rows start … end − 1 of the order; valid until the next call. */
  take(start: number, end: number): Batch;
}

export function cutBatches(x: Float32Array, y: Targets, inputs: number, batchSize: number, lease: Lease, where: string): Batches {
  const bytes = x.byteLength + 4 * (y.data.length + (y.weights?.length ?? 0) + y.rows);
  // Half of what is left stays free, for what callbacks may want.
  if (bytes > Math.min(RESIDENT_BYTES, lease.memory.bytesLeft / 2)) return new CopiedBatches(x, y, inputs, batchSize);
  try {
    return new ResidentBatches(x, y, lease, where);
  } catch (error) {
    if (error instanceof OutOfMemoryError) return new CopiedBatches(x, y, inputs, batchSize);
    throw error;
  }
}

class ResidentBatches implements Batches {
  readonly #pointers: readonly [x: number, targets: number, weights: number, order: number];
  readonly #lease: Lease;
  readonly #rows: number;

  constructor(x: Float32Array, y: Targets, lease: Lease, where: string) {
    const targets = x.byteLength;
    const weights = targets + 4 * y.data.length;
    const order = weights + 4 * (y.weights?.length ?? 0);
    const base = lease.allocate(order + 4 * y.rows, where);
    lease.memory.f32(base, x.length).set(x);
    const words = y.data instanceof Float32Array ? lease.memory.f32(base + targets, y.data.length) : lease.memory.i32(base + targets, y.data.length);
    words.set(y.data);
    if (y.weights) lease.memory.f32(base + weights, y.rows).set(y.weights);
    this.#pointers = [base, base + targets, y.weights ? base + weights : 0, base + order];
    this.#lease = lease;
    this.#rows = y.rows;
  }

  arrange(order: Int32Array | undefined): void {
    const indices = this.#lease.memory.i32(this.#pointers[3], this.#rows);
    if (order) indices.set(order);
    else for (let i = 0; i < indices.length; i++) indices[i] = i;
  }

  take(start: number, end: number): Batch {
    const [x, targets, weights, order] = this.#pointers;
    return { rows: end - start, load: (plan) => plan.gather(x, targets, weights, order + 4 * start, end - start) };
  }
}

class CopiedBatches implements Batches {
  readonly #x: Float32Array;
  readonly #y: Targets;
  #order: Int32Array | undefined;

  constructor(readonly data: Float32Array, readonly targets: Targets, readonly inputs: number, batchSize: number) {
    const rows = Math.min(batchSize, targets.rows);
    this.#x = new Float32Array(rows * inputs);
    this.#y = targets.room(rows);
  }

  arrange(order: Int32Array | undefined): void {
    this.#order = order;
  }

  take(start: number, end: number): Batch {
    const { data, targets, inputs } = this;
    const rows = end - start;
    if (this.#order === undefined) return new CopiedBatch(data.subarray(start * inputs, end * inputs), targets.slice(start, end), rows);
    const indices = this.#order.subarray(start, end);
    for (let i = 0; i < rows; i++) this.#x.set(data.subarray(indices[i] * inputs, (indices[i] + 1) * inputs), i * inputs);
    return new CopiedBatch(this.#x.subarray(0, rows * inputs), targets.gather(indices, this.#y), rows);
  }
}

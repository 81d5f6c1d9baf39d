// Gradients of several batches on their way to one update (`accumulateSteps`): what would be lost between two batches otherwise.

import type { Lease } from "./memory.js";
import type { Stack } from "./plan.js";

/** The batches since the last update; JSON. */
export interface GroupState {
  readonly batches: number;
  readonly rows: number;
  /** Rows of the first batch. */
  readonly first: number;
}

export class GradientGroup {
  state: GroupState = { batches: 0, rows: 0, first: 0 };
  /** Σ rowsᵢ gᵢ / first, laid out like the gradients: for batches of one size a plain sum. */
  #sum: number | undefined;

  /** `gradients` is the block that a step writes to, `parameters` one of 64 bytes. */
  constructor(readonly stack: Stack, readonly lease: Lease, readonly gradients: number, readonly parameters: number) {}

  /** Takes the memory, so that none is missing later. */
  reserve(where: string): number {
    return (this.#sum ??= this.lease.zeros(this.stack.parameters.size, where));
  }

  /** The gradients are the mean over the `rows` rows of one more batch. */
  add(rows: number, where: string): void {
    const { batches, rows: before, first } = this.state;
    const sum = this.reserve(where);
    if (batches === 0) this.#array(sum).set(this.#array(this.gradients));
    else this.#axpy(this.gradients, sum, rows / first);
    this.state = { batches: batches + 1, rows: before + rows, first: first || rows };
  }

  /** gradients ← the mean over the group and the `rows` rows whose mean they are now (0: over the group alone). The group stays as it is, should the update fail. */
  merge(rows: number, where: string): void {
    const { rows: before, first } = this.state;
    const { kernels, linear } = this.stack.backend;
    if (rows === 0) this.#array(this.gradients).fill(0);
    linear.f32(this.parameters, 1)[0] = rows / (before + rows);
    kernels.call("scale", this.stack.parameters.size, this.gradients, this.parameters);
    this.#axpy(this.reserve(where), this.gradients, first / (before + rows));
  }

  /** A new group begins. */
  clear(): void {
    this.state = { batches: 0, rows: 0, first: 0 };
  }

  #array(block: number): Float32Array {
    return this.stack.backend.linear.f32(block, this.stack.parameters.size);
  }

  #axpy(x: number, y: number, factor: number): void {
    const { kernels, linear } = this.stack.backend;
    linear.f32(this.parameters, 1)[0] = factor;
    kernels.call("axpy", this.stack.parameters.size, x, y, this.parameters);
  }
}

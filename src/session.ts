// Inference at a fixed batch size with nothing left to do per call: weights copied once, kernels recorded once, views handed out.

import { disposeWithOwner, Lease } from "./memory.js";
import { foldBatchNormalization } from "./fold.js";
import { InferencePlan, type Stack } from "./plan.js";

export class Session {
  /** Rows a run works on. */
  readonly batch: number;
  readonly #lease: Lease;
  readonly #plan: InferencePlan;

  /** @internal */
  constructor(stack: Stack, batch: number, where: string) {
    const { linear } = stack.backend;
    this.batch = batch;
    this.#lease = new Lease(linear, "session");
    try {
      let own = foldBatchNormalization(stack, this.#lease, where);
      if (own === stack) {
        const { parameters: { total }, weights } = stack;
        own = { ...stack, weights: this.#lease.allocate(total * 4, where) };
        linear.f32(own.weights, total).set(linear.f32(weights, total));
      }
      this.#plan = new InferencePlan(own, this.#lease, batch, where);
    } catch (error) {
      this.#lease.dispose();
      throw error;
    }
    disposeWithOwner(this, this.#lease);
  }

  /** Write x here: a view of batch × inputs values. Take it anew before each use; memory growth elsewhere replaces it. */
  get input(): Float32Array<ArrayBuffer> {
    if (this.#lease.disposed) throw this.#lease.disposedError("Session.input");
    return this.#plan.x.array;
  }

  /** Read the prediction here after run(): a view of batch × outputs values. */
  get output(): Float32Array<ArrayBuffer> {
    if (this.#lease.disposed) throw this.#lease.disposedError("Session.output");
    return this.#plan.output.array;
  }

  /** Computes output from input. Allocates nothing and checks nothing: NaN goes through as NaN. */
  run(): void {
    if (this.#lease.disposed) throw this.#lease.disposedError("Session.run");
    this.#plan.run(this.batch);
  }

  dispose(): void {
    this.#lease.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

// What compile() sets up: loss, metric, optimizer and its state; and one step of training on a batch.

import type { Batch } from "./batches.js";
import { NonFiniteError, ShapeError } from "./errors.js";
import { GradientGroup } from "./gradient-group.js";
import type { LayerWeights } from "./layer-handle.js";
import { PANEL, type Block, type TrainableLayer } from "./layers/layer.js";
import type { Loss } from "./losses.js";
import type { Lease } from "./memory.js";
import type { Metric } from "./metrics.js";
import type { Optimizer } from "./optimizer.js";
import type { Stack } from "./plan.js";
import type { Position } from "./position.js";
import { PERMUTATION_BYTES } from "./random.js";
import { Tally } from "./tally.js";
import { TrainingPlan, type Watch } from "./training-plan.js";
import type { Targets } from "./targets.js";
import { TAME, Updater } from "./update.js";

/** Sums over the rows of a batch. */
export interface BatchResult {
  readonly loss: number;
  readonly hits: number;
}

/** Evaluation works on chunks whose arrays stay below this many bytes, unless a single row needs more. */
const EVALUATE_BYTES = 1 << 20;

export class Trainer {
  /** Laid out like the parameter block. */
  readonly gradients: number;
  readonly updater: Updater;
  /** Room for the random words of a shuffle: an epoch must not fail for want of memory. */
  readonly words: number;
  /** Whole passes over data that fit() has made: the stream the next order is drawn from. */
  epoch = 0;
  /** Where the last fit() stands, or ended. */
  position: Position | undefined;
  readonly group: GradientGroup;
  #trainPlan: TrainingPlan | undefined;
  #evaluatePlan: TrainingPlan | undefined;

  constructor(readonly stack: Stack<TrainableLayer>, readonly lease: Lease, readonly loss: Loss, readonly metrics: readonly Metric[], readonly optimizer: Optimizer, readonly seed: number, where: string) {
    const { size } = stack.parameters;
    const numbers = lease.allocate(64, where);
    this.gradients = lease.zeros(size, where);
    this.updater = new Updater(stack, lease, optimizer, this.gradients, numbers, where);
    this.words = lease.allocate(PERMUTATION_BYTES, where);
    this.group = new GradientGroup(stack, lease, this.gradients, numbers);
  }

  get outputs(): number {
    return this.stack.layers.at(-1)!.units;
  }

  /** Hits are counted. */
  get accuracy(): boolean {
    return this.metrics.some(({ id }) => id === "accuracy");
  }

  /**
   * Forward, loss and backward on one batch, which `tally` then counts, and an update after every `groupSize` of them. Non-finite loss, gradients or new weights throw,
   * with everything as it was before the batch.
   */
  train(batch: Batch, where: string, groupSize = 1, tally?: Tally): BatchResult {
    const { group } = this;
    const alone = groupSize === 1;
    const { rows } = batch;
    // A schedule is the user's code: it runs before anything is relied on.
    const rate = alone || group.state.batches + 1 === groupSize ? this.updater.rate : undefined;
    this.#checkAlive(where);
    this.checkRows(rows, where);
    const plan = this.#planFor(rows, where);
    batch.load(plan);
    const result = plan.run(rows, this.seed, this.updater.step, group.state.batches);
    if (!Number.isFinite(result.loss)) throw this.#nonFinite(plan, rows, "loss", result.loss, where);
    if (!alone && rate !== undefined) group.merge(rows, where);
    // A minimizer runs the batch again, with other weights: metrics are about those before the step.
    if (this.optimizer.isFullBatch) tally?.add(plan, rows, result);
    this.#learn(plan, rows, result.loss, rate, where);
    if (!alone && rate !== undefined) group.clear();
    plan.settle(rows);
    if (!this.optimizer.isFullBatch) tally?.add(plan, rows, result);
    return result;
  }

  /** The update of a group that is not whole at the end of an epoch. */
  endGroup(where: string): void {
    const { group } = this;
    if (group.state.batches === 0) return;
    const { rate } = this.updater;
    this.#checkAlive(where);
    const plan = this.#planFor(1, where);
    group.merge(0, where);
    this.#learn(plan, 0, 0, rate, where);
    group.clear();
    plan.settle(0);
  }

  /** What becomes of the gradients: an update, or without a rate their part in one to come. */
  #learn(plan: TrainingPlan, rows: number, loss: number, rate: number | undefined, where: string): void {
    const { size } = this.stack.parameters;
    const tame = plan.isFinite(this.gradients, size, TAME);
    if (!tame && !plan.isFinite(this.gradients, size)) throw this.#nonFinite(plan, rows, "gradients", NaN, where);
    if (rate === undefined) return this.group.add(rows, where);
    if (!this.optimizer.isFullBatch) return this.updater.apply(rate, plan, tame, where);
    const { step } = this.updater;
    this.updater.minimize(rate, this.mean(loss, rows), () => {
      const { loss: sum } = plan.run(rows, this.seed, step);
      return Number.isFinite(sum) && plan.isFinite(this.gradients, size) && plan.isFinite(this.stack.weights, size) ? this.mean(sum, rows) : Infinity;
    });
    // Running means are to be those of the weights it ended with, not of the last that it tried.
    if (plan.settles) plan.run(rows, this.seed, step);
  }

  /** Some layers cannot work with a single row. */
  checkRows(rows: number, where: string): void {
    const { layers } = this.stack;
    const i = layers.findIndex(({ leastRows = 1 }) => rows < leastRows);
    if (i >= 0) throw new ShapeError(`${where}: a batch must hold at least ${layers[i].leastRows} rows for layer ${i + 1}, ${layers[i].label}, got ${rows}`);
  }

  /** Makes the plans ahead of the first step; `rows` is 0 where nobody knows. */
  prepare(rows: number, evaluation: boolean, groupSize: number, where: string): void {
    if (rows > 0) this.#planFor(rows, where);
    if (evaluation) this.#planForEvaluation(where);
    if (groupSize > 1) this.group.reserve(where);
  }

  /** Capacity grows to the largest batch seen; smaller ones use the same plan. */
  #planFor(rows: number, where: string): TrainingPlan {
    if (this.#trainPlan === undefined || this.#trainPlan.capacity < rows) {
      const { stack, loss, accuracy, gradients } = this;
      const plan = this.lease.sublet((lease) => new TrainingPlan(stack, lease, { capacity: rows, loss, accuracy, gradients }, where));
      this.#trainPlan?.lease.dispose();
      this.#trainPlan = plan;
    }
    return this.#trainPlan;
  }

  #checkAlive(where: string): void {
    if (this.lease.disposed) throw this.lease.disposedError(where);
  }

  #planForEvaluation(where: string): TrainingPlan {
    const { stack, loss, accuracy } = this;
    const { inputs } = stack.layers[0];
    if (this.#evaluatePlan === undefined) {
      const widest = Math.max(inputs, ...stack.layers.map(({ units }) => units));
      const capacity = Math.max(1, Math.min(256, Math.floor(EVALUATE_BYTES / (16 * widest))));
      this.#evaluatePlan = this.lease.sublet((lease) => new TrainingPlan(stack, lease, { capacity, loss, accuracy, gradients: undefined }, where));
    }
    return this.#evaluatePlan;
  }

  /** Loss and metrics over all rows. */
  evaluate(x: Float32Array, targets: Targets, rows: number, where: string): Tally {
    const steps = this.evaluateSteps(x, targets, rows, where);
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
    }
  }

  /** The same a chunk at a time, with a chance to step aside between them. */
  *evaluateSteps(x: Float32Array, targets: Targets, rows: number, where: string): Generator<undefined, Tally> {
    this.#checkAlive(where);
    const { inputs } = this.stack.layers[0];
    const plan = this.#planForEvaluation(where);
    const tally = new Tally(this);
    for (let start = 0; start < rows; start += plan.capacity) {
      const end = Math.min(rows, start + plan.capacity);
      plan.load(x.subarray(start * inputs, end * inputs), targets.slice(start, end));
      tally.add(plan, end - start, plan.run(end - start));
      yield;
    }
    return tally;
  }

  /** Gradients of the mean loss, without an update. */
  differentiate(x: Float32Array, targets: Targets, rows: number, where: string, read: (layer: number, block: number) => LayerWeights): { loss: number; layers: LayerWeights[]; input: Float32Array } {
    const { backend: { linear, kernels }, layers } = this.stack;
    const { inputs } = layers[0];
    return this.look(x, targets, rows, where, (plan, gradients, loss, lease) => {
      const { pointer, ld } = plan.inputGradient!;
      const compact = lease.allocate(rows * inputs * 4, where);
      kernels.call("copyRows", rows, inputs, pointer, ld, compact, inputs);
      return { loss, layers: layers.map((_, i) => read(i, gradients)), input: linear.f32(compact, rows * inputs).slice() };
    });
  }

  /** Forward and backward without an update. `read` sees what is left of it, the mean loss too, and may allocate from `lease`. */
  look<T>(x: Float32Array, targets: Targets, rows: number, where: string, read: (plan: TrainingPlan, gradients: number, loss: number, lease: Lease) => T, watch?: Watch): T {
    const { stack, loss } = this;
    this.checkRows(rows, where);
    return this.lease.sublet((lease) => {
      try {
        const gradients = lease.zeros(stack.parameters.size, where);
        const plan = new TrainingPlan(stack, lease, { capacity: rows, loss, accuracy: false, gradients, differentiate: true, watch }, where);
        plan.load(x, targets);
        const result = plan.run(rows);
        if (!Number.isFinite(result.loss)) throw this.#nonFinite(plan, rows, "loss", result.loss, where, gradients);
        if (!plan.isFinite(gradients, stack.parameters.size)) throw this.#nonFinite(plan, rows, "gradients", NaN, where, gradients);
        return read(plan, gradients, this.mean(result.loss, rows), lease);
      } finally {
        lease.dispose();
      }
    });
  }

  /** The mean that a sum of losses over `rows` rows stands for. */
  mean(sum: number, rows: number): number {
    return sum / (this.loss.row.meanOver === "rows" ? rows : rows * this.outputs);
  }

  /** Share of hits: of rows, or of single outputs for the binary metric. */
  share(hits: number, rows: number): number {
    const binary = this.loss.row.accuracy === "binary";
    return hits / (binary ? rows * this.outputs : rows);
  }

  /** Names the first layer whose output, or the last whose gradient, is not finite. */
  #nonFinite(plan: TrainingPlan, rows: number, what: "loss" | "gradients", value: number, where: string, gradients = this.gradients): NonFiniteError {
    const { layers, parameters } = this.stack;
    // What goes in was checked, and its rows may be of any length.
    const bad = (block: Block | undefined) => block !== undefined && block.ld % PANEL === 0 && !plan.isFinite(block.pointer, rows * block.ld);
    let layer = plan.passes.findIndex(({ z, a }) => bad(z) || bad(a));
    let part = "output";
    if (layer < 0) {
      part = "gradient";
      layer = parameters.learned.findLast(({ offset, size }) => !plan.isFinite(gradients + offset * 4, size))?.layer ?? layers.length - 1;
    }
    const place = `the ${part} of layer ${layer + 1}, ${layers[layer].label}, is the first that is not`;
    const error = new NonFiniteError(`${where}: ${what} must be finite, got ${what === "loss" ? value : "NaN or Infinity"}; ${place}. A smaller learning rate, clipNorm or scaled inputs may help`);
    return Object.assign(error, { layer: layer + 1 });
  }
}

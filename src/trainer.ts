// What compile() sets up: loss, metric, optimizer and its state; and one step of training on a batch.

import type { Batch } from "./batches.js";
import { NonFiniteError, ShapeError } from "./errors.js";
import { GradientGroup } from "./gradient-group.js";
import type { LayerWeights } from "./layer-handle.js";
import { PANEL, type Block, type TrainableLayer } from "./layers/layer.js";
import type { Loss } from "./losses.js";
import type { Lease } from "./memory.js";
import type { Metric } from "./metrics.js";
import type { Optimizer, Update } from "./optimizer.js";
import type { Stack } from "./plan.js";
import type { Position } from "./position.js";
import { Program } from "./program.js";
import { PERMUTATION_BYTES } from "./random.js";
import { Tally } from "./tally.js";
import { TrainingPlan, type Watch } from "./training-plan.js";
import type { Targets } from "./targets.js";

/** Sums over the rows of a batch. */
export interface BatchResult {
  readonly loss: number;
  readonly hits: number;
}

/**
 * Numbers below 2^128 / TAME = 2^48, in gradients and weights, cannot overflow in a step: not as the 2^32 squares that Adagrad may add up in a lifetime, nor as
 * the 2^24 that a momentum of 1 − 2^-24 adds up after a division by an ε of 2^-40.
 */
const TAME = 2 ** 80;

/** Evaluation works on chunks whose arrays stay below this many bytes, unless a single row needs more. */
const EVALUATE_BYTES = 1 << 20;

export class Trainer {
  /** Blocks laid out like the parameter block. */
  readonly gradients: number;
  readonly state: number;
  /** Room for the random words of a shuffle: an epoch must not fail for want of memory. */
  readonly words: number;
  /** Steps taken; the optimizer's t is one more. */
  step = 0;
  /** Whole passes over data that fit() has made: the stream the next order is drawn from. */
  epoch = 0;
  /** The optimizer's running products. */
  powers: readonly number[];
  /** What callbacks have made of the learning rate: it is multiplied by this. */
  rateScale = 1;
  /** Where the last fit() stands, or ended. */
  position: Position | undefined;
  readonly group: GradientGroup;
  readonly #update: number;
  #program: Program | undefined;
  /** Weights and state before a step that may overflow. */
  #before: Float32Array | undefined;
  #trainPlan: TrainingPlan | undefined;
  #evaluatePlan: TrainingPlan | undefined;

  constructor(readonly stack: Stack<TrainableLayer>, readonly lease: Lease, readonly loss: Loss, readonly metrics: readonly Metric[], readonly optimizer: Optimizer, readonly seed: number, where: string) {
    const { size } = stack.parameters;
    this.powers = optimizer.powers;
    this.gradients = lease.zeros(size, where);
    this.state = lease.zeros(size * Math.max(1, optimizer.slots.length), where);
    this.#update = lease.allocate(64, where);
    this.words = lease.allocate(PERMUTATION_BYTES, where);
    this.group = new GradientGroup(stack, lease, this.gradients, this.#update);
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
    const rate = alone || group.state.batches + 1 === groupSize ? this.#nextRate() : undefined;
    this.#checkAlive(where);
    this.checkRows(rows, where);
    const plan = this.#planFor(rows, where);
    batch.load(plan);
    const result = plan.run(rows, this.seed, this.step, group.state.batches);
    if (!Number.isFinite(result.loss)) throw this.#nonFinite(plan, rows, "loss", result.loss, where);
    if (!alone && rate !== undefined) group.merge(rows, where);
    this.#learn(plan, rows, result.loss, rate, where);
    if (!alone && rate !== undefined) group.clear();
    plan.settle(rows);
    tally?.add(plan, rows, result);
    return result;
  }

  /** The update of a group that is not whole at the end of an epoch. */
  endGroup(where: string): void {
    const { group } = this;
    if (group.state.batches === 0) return;
    const rate = this.#nextRate();
    this.#checkAlive(where);
    const plan = this.#planFor(1, where);
    group.merge(0, where);
    this.#learn(plan, 0, 0, rate, where);
    group.clear();
    plan.settle(0);
  }

  #nextRate(): number {
    return this.rateScale * this.optimizer.rateAt(this.step);
  }

  /** What becomes of the gradients: an update, or without a rate their part in one to come. */
  #learn(plan: TrainingPlan, rows: number, loss: number, rate: number | undefined, where: string): void {
    const { size } = this.stack.parameters;
    const tame = plan.isFinite(this.gradients, size, TAME);
    if (!tame && !plan.isFinite(this.gradients, size)) throw this.#nonFinite(plan, rows, "gradients", NaN, where);
    if (rate === undefined) return this.group.add(rows, where);
    if (this.optimizer.isFullBatch) this.#minimize(rate, plan, rows, loss);
    else this.#apply(rate, plan, tame && plan.isFinite(this.stack.weights, size, TAME), where);
    this.step += 1;
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

  #apply(rate: number, plan: TrainingPlan, tame: boolean, where: string): void {
    const { stack, optimizer, gradients, state } = this;
    const { size } = stack.parameters;
    const { epsilon = 1, weightDecay = 0 } = optimizer.options as { epsilon?: number; weightDecay?: number };
    const update = this.#prepareUpdate(rate, gradients);
    // Finite gradients can still overflow a weight or a momentum: not with both TAME and a rate that can learn, but then the step may have to be taken
    // back. So it may with next to no ε, which a large momentum is divided by, and without any, where a gradient of 0 gives 0 / 0.
    const reckless = !tame || rate > 1 || weightDecay > 1 || epsilon < 2 ** -40;
    const program = (this.#program ??= this.#record(update.kernel, where));
    if (reckless) this.#remember();
    program.run(1);
    // The state too: an infinite mean of squares would turn a weight into NaN in a later, harmless step.
    if (reckless && !(plan.isFinite(stack.weights, size) && plan.isFinite(state, size * optimizer.slots.length))) throw this.#takeBack(plan, where);
    if (update.powers) this.powers = update.powers;
  }

  /** Clips `gradients` and puts down the numbers of the update by them. */
  #prepareUpdate(rate: number, gradients: number): Update {
    const { optimizer } = this;
    const { kernels, linear } = this.stack.backend;
    const { size } = this.stack.parameters;
    const parameters = this.#update;
    if (optimizer.clipValue !== undefined) {
      linear.f32(parameters, 1)[0] = optimizer.clipValue;
      kernels.call("clipValue", size, gradients, parameters);
    }
    if (optimizer.clipNorm !== undefined) {
      kernels.call("sumOfSquares", size, gradients, parameters);
      const norm = Math.sqrt(linear.f64(parameters, 1)[0]);
      if (norm > optimizer.clipNorm) {
        linear.f32(parameters, 1)[0] = optimizer.clipNorm / norm;
        kernels.call("scale", size, gradients, parameters);
      }
    }
    const update = optimizer.update(rate, this.step + 1, this.powers);
    linear.f32(parameters, update.parameters.length).set(update.parameters);
    return update;
  }

  /** What the next step would add to the weights, given `gradients`, which it may clip: a block of `lease`. A minimizer's is its first guess. */
  rehearse(rate: number, gradients: number, lease: Lease, where: string): number {
    const { kernels, linear } = this.stack.backend;
    const { size } = this.stack.parameters;
    const copy = (block: number, length: number) => {
      const pointer = lease.allocate(length * 4, where);
      linear.f32(pointer, length).set(linear.f32(block, length));
      return pointer;
    };
    if (this.optimizer.isFullBatch) {
      const steps = copy(gradients, size);
      linear.f32(steps, size).forEach((value, i, values) => (values[i] = -rate * value));
      return steps;
    }
    const weights = copy(this.stack.weights, size);
    const { kernel } = this.#prepareUpdate(rate, gradients);
    kernels.call(kernel, size, weights, gradients, copy(this.state, size * this.optimizer.slots.length), this.#update, size);
    const before = linear.f32(this.stack.weights, size);
    linear.f32(weights, size).forEach((value, i, values) => (values[i] = value - before[i]));
    return weights;
  }

  /** A step of an optimizer that runs the batch again. */
  #minimize(rate: number, plan: TrainingPlan, rows: number, loss: number): void {
    const { stack, optimizer, gradients, state } = this;
    const { linear } = stack.backend;
    const { size } = stack.parameters;
    optimizer.minimize(rate, {
      weights: linear.f32(stack.weights, size),
      gradients: linear.f32(gradients, size),
      state: linear.f32(state, size * optimizer.slots.length),
      loss: this.mean(loss, rows),
      evaluate: () => {
        const { loss } = plan.run(rows, this.seed, this.step);
        return Number.isFinite(loss) && plan.isFinite(gradients, size) && plan.isFinite(stack.weights, size) ? this.mean(loss, rows) : Infinity;
      },
    });
  }

  /** Multiplies the learning rate by `factor`, not below `minimum`; changes below 1e-8 are left out (PyTorch's ReduceLROnPlateau). */
  reduceRate(factor: number, minimum: number): void {
    // The rate of the last step, also of one that was taken before the network was saved.
    const last = this.rateScale * this.optimizer.rateAt(Math.max(0, this.step - 1));
    const rate = Math.max(last * factor, minimum);
    if (last - rate > 1e-8) this.rateScale *= rate / last;
  }

  /** The update as a program, which the threads share. */
  #record(kernel: Update["kernel"], where: string): Program {
    const { stack, gradients, state, lease } = this;
    const { size } = stack.parameters;
    const program = new Program(stack.backend);
    program.add(kernel, size, stack.weights, gradients, state, this.#update, size);
    program.write(lease, 1, where);
    return program;
  }

  #remember(): void {
    const { stack, state } = this;
    const { size } = stack.parameters;
    const slots = this.optimizer.slots.length;
    this.#before ??= new Float32Array(size * (1 + slots));
    this.#before.set(stack.backend.linear.f32(stack.weights, size));
    this.#before.set(stack.backend.linear.f32(state, size * slots), size);
  }

  #takeBack(plan: TrainingPlan, where: string): NonFiniteError {
    const { parameters, layers, weights, backend } = this.stack;
    const { size } = parameters;
    const blocks = [weights, ...this.optimizer.slots.map((_, slot) => this.state + slot * size * 4)];
    const { layer } = parameters.learned.find(({ offset, size: length }) => blocks.some((block) => !plan.isFinite(block + offset * 4, length)))!;
    backend.linear.f32(weights, size).set(this.#before!.subarray(0, size));
    backend.linear.f32(this.state, this.#before!.length - size).set(this.#before!.subarray(size));
    const error = new NonFiniteError(`${where}: weights and the optimizer's state must be finite after a step, got NaN or Infinity in layer ${layer + 1}, ${layers[layer].label}; the step was taken back. A smaller learning rate or a greater epsilon may help`);
    return Object.assign(error, { layer: layer + 1 });
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

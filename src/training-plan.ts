// The plan of a training or evaluation batch: forward, loss and metric, and backward into the gradient block.

import { Arena } from "./arena.js";
import { backwardChain, padded, stepChain } from "./layers/chain.js";
import type { Block, Pass, TrainableLayer } from "./layers/layer.js";
import type { Loss } from "./losses.js";
import type { Outcome } from "./metrics.js";
import { type Lease, MemoryView } from "./memory.js";
import { recordForward, type Stack } from "./plan.js";
import { Program, ROWS } from "./program.js";
import type { Targets } from "./targets.js";

export interface TrainingPlanOptions {
  readonly capacity: number;
  readonly loss: Loss;
  /** Count hits for the metric "accuracy". */
  readonly accuracy: boolean;
  /** Start of the gradient block, or undefined to evaluate only. */
  readonly gradients: number | undefined;
  /** For looking, not for learning: no chance, and the gradient of the input too. */
  readonly differentiate?: boolean;
  /** Called in each backward pass with the gradient of each layer's output: `length` floats, padding 0. */
  readonly watch?: Watch;
}

export type Watch = (layer: number, pointer: number, length: number) => void;

/**
 * Bytes of the control block: loss (f64), hits (f64), loss parameters (f32 divisor and option), metric parameters (f32 threshold), finite flag (i32), the factor for it (f32),
 * the sum of penalties (f64), and for what draws seed low, seed high, step and batches since the last.
 */
const CONTROL = { loss: 0, hits: 8, divisor: 16, threshold: 24, finite: 28, factor: 32, penalty: 40, random: 48, size: 64 };

export class TrainingPlan {
  readonly capacity: number;
  /** Contiguous rows of x, then of targets: floats, or class numbers as i32 in the same words. */
  readonly x: MemoryView;
  readonly targets: number;
  /** A weight for each row. */
  readonly #weights: number;
  /** Whether some of them are not 1. */
  #weighted = true;
  readonly #prediction: Block;
  /** Gradient of the input. */
  readonly inputGradient: Block | undefined;
  readonly passes: readonly Pass[];
  readonly #stack: Stack<TrainableLayer>;
  readonly #options: TrainingPlanOptions;
  readonly #program: Program;
  /** What follows a step that was taken. */
  readonly #settling: Program;
  readonly #control: number;
  readonly #penalized: boolean;
  #rows = 0;

  constructor(stack: Stack<TrainableLayer>, readonly lease: Lease, options: TrainingPlanOptions, where: string) {
    const { backend, layers, parameters, weights } = stack;
    const { capacity, loss, accuracy, gradients, differentiate = false, watch } = options;
    const { inputs } = layers[0];
    const { units } = layers.at(-1)!;
    const dense = loss.row.targets === "dense";
    const x = lease.allocate(capacity * inputs * 4, where);
    this.#stack = stack;
    this.#options = options;
    this.capacity = capacity;
    this.targets = lease.allocate(capacity * (dense ? units : 1) * 4, where);
    this.#weights = lease.allocate(capacity * 4, where);
    this.#control = lease.zeros(CONTROL.size / 4, where);
    const program = (this.#program = new Program(backend));
    const mode = gradients === undefined ? "infer" : differentiate ? "differentiate" : "train";
    const forward = new Arena(lease, capacity, mode === "infer", where);
    this.passes = recordForward(stack, program, forward, x, mode, loss.onLogits, this.#control + CONTROL.random);

    // Layers that do nothing hand x through as it came.
    const prediction = this.#prediction = padded({ program, arena: forward, input: this.passes.at(-1)!.a }, units);
    let targets = this.targets;
    if (dense && units !== prediction.ld) {
      targets = lease.allocate(capacity * prediction.ld * 4, where);
      program.add("copyRows", ROWS, units, this.targets, units, targets, prediction.ld);
    }
    const control = this.#control;
    if (accuracy) {
      program.add(`${accuracyKernel(loss, units)}AccuracyMetric`, ROWS, units, prediction.ld, prediction.pointer, targets, control + CONTROL.hits, control + CONTROL.threshold);
    }
    const arena = new Arena(lease, capacity, true, where);
    const da = gradients === undefined ? undefined : arena.matrix(units);
    program.add(`${loss.id}${loss.onLogits ? "FromLogits" : ""}Loss`, ROWS, units, prediction.ld, prediction.pointer, targets, da?.pointer ?? 0, control + CONTROL.loss, control + CONTROL.divisor, this.#weights);

    const parameter = (key: string) => weights + parameters.byteOffset(key);
    const gradient = gradients === undefined ? undefined : (key: string) => gradients + parameters.byteOffset(key);
    if (gradient !== undefined) {
      const scratch = lease.allocate(Math.max(...layers.map(({ scratchSize = 0 }) => scratchSize)) * backend.threads * 4, where);
      const dInput = differentiate ? arena.matrix(inputs) : undefined;
      backwardChain(layers, { program, arena, mode, logits: loss.onLogits, da: da!, dInput, parameter, gradient, scratch }, this.passes,
        watch && ((layer, { pointer, ld }) => program.host((rows) => watch(layer, pointer, rows * ld))));
      this.inputGradient = dInput;
    }
    const step = { arena, mode, parameter, gradient, penalty: control + CONTROL.penalty } as const;
    const { length } = program;
    stepChain("regularize", layers, { ...step, program }, this.passes);
    this.#penalized = program.length > length;
    this.#settling = new Program(backend);
    if (mode === "train") stepChain("settle", layers, { ...step, program: this.#settling }, this.passes);
    this.#settling.write(lease, capacity, where);
    program.write(lease, capacity, where);
    this.x = new MemoryView(backend.linear, x, capacity * inputs);
  }

  /** Copies a batch in. */
  load(x: Float32Array, { data, weights }: Targets): void {
    const { linear } = this.#stack.backend;
    this.x.array.set(x);
    const words = this.#options.loss.row.targets === "classes" ? linear.i32(this.targets, data.length) : linear.f32(this.targets, data.length);
    words.set(data);
    if (this.#weigh(weights !== undefined)) linear.f32(this.#weights, weights!.length).set(weights!);
  }

  /** The same from a data set in linear memory: the rows that `count` indices name. `weights` is 0 if there are none. */
  gather(x: number, targets: number, weights: number, indices: number, count: number): void {
    const { backend, layers } = this.#stack;
    backend.kernels.call("gatherRows", count, layers[0].inputs, x, indices, this.x.offset);
    backend.kernels.call("gatherRows", count, this.#options.loss.row.targets === "classes" ? 1 : layers.at(-1)!.units, targets, indices, this.targets);
    if (this.#weigh(weights !== 0)) backend.kernels.call("gatherRows", count, 1, weights, indices, this.#weights);
  }

  /** Whether weights are to be put in; if not, and some were, all are 1 again. */
  #weigh(weighted: boolean): boolean {
    if (this.#weighted && !weighted) this.#stack.backend.linear.f32(this.#weights, this.capacity).fill(1);
    return (this.#weighted = weighted);
  }

  /** Runs the batch that lies in x and targets. Losses and hits are sums over the rows, penalties included. `seed`, `step` and `part`, the batches since that step, settle what is drawn. */
  run(rows: number, seed = 0, step = 0, part = 0): { loss: number; hits: number } {
    const { linear } = this.#stack.backend;
    const { loss } = this.#options;
    const { units } = this.#stack.layers.at(-1)!;
    const count = loss.row.meanOver === "rows" ? rows : rows * units;
    linear.i32(this.#control + CONTROL.random, 4).set([seed, Math.floor(seed / 2 ** 32), step, part]);
    if (this.#penalized) linear.f64(this.#control + CONTROL.penalty, 1)[0] = 0;
    if (rows !== this.#rows) {
      linear.f32(this.#control + CONTROL.divisor, 3).set([count, loss.option, threshold(loss)]);
      this.#rows = rows;
    }
    this.#program.run(rows);
    const [total, hits] = linear.f64(this.#control, 2);
    return { loss: this.#penalized ? total + count * linear.f64(this.#control + CONTROL.penalty, 1)[0] : total, hits };
  }

  get settles(): boolean {
    return this.#settling.length > 0;
  }

  /** What layers do after a step that was taken: constraints, running means. */
  settle(rows: number): void {
    this.#settling.run(rows);
  }

  /** Predictions and targets of the batch that was run last, as views. */
  outcome(rows: number): Outcome {
    const { backend: { linear }, layers } = this.#stack;
    const { loss } = this.#options;
    const { pointer, ld } = this.#prediction;
    const columns = layers.at(-1)!.units;
    const targets = loss.row.targets === "classes" ? linear.i32(this.targets, rows) : linear.f32(this.targets, rows * columns);
    return { rows, columns, x: linear.f32(pointer, rows * ld), ld, targets, threshold: threshold(loss) };
  }

  /** Whether `length` floats at `pointer`, times `factor`, are all finite; length is a multiple of 8. */
  isFinite(pointer: number, length: number, factor = 1): boolean {
    const { kernels, linear } = this.#stack.backend;
    linear.f32(this.#control + CONTROL.factor, 1)[0] = factor;
    kernels.call("isFiniteBlock", length, pointer, this.#control + CONTROL.finite, this.#control + CONTROL.factor);
    return linear.i32(this.#control + CONTROL.finite, 1)[0] === 1;
  }
}

function accuracyKernel({ row }: Loss, units: number): string {
  if (row.heads === undefined && units === 1) return "binary";
  return row.accuracy;
}

/** Above it a single output says yes: half for probabilities, 0 for logits and for the sides of the hinge loss. */
function threshold({ onLogits, row }: Loss): number {
  return row.accuracy === "binary" && (onLogits || row.values === "sides") ? 0 : 0.5;
}

// The plan of a training or evaluation batch: forward, loss and metric, and backward into the gradient block.

import { rowStride, type Block, type TrainableLayer } from "./layers/layer.js";
import type { Loss } from "./losses.js";
import type { Outcome } from "./metrics.js";
import { type Lease, MemoryView } from "./memory.js";
import { type Place, recordForward, type Stack } from "./plan.js";
import { Program, ROWS } from "./program.js";
import type { Targets } from "./targets.js";

export interface TrainingPlanOptions {
  readonly capacity: number;
  readonly loss: Loss;
  /** Count hits for the metric "accuracy". */
  readonly accuracy: boolean;
  /** Start of the gradient block, or undefined to evaluate only. */
  readonly gradients: number | undefined;
  /** Also the gradient of the input. */
  readonly inputGradient: boolean;
}

/** Bytes of the control block: loss (f64), hits (f64), loss parameters (f32 divisor and option), metric parameters (f32 threshold), finite flag (i32) and the factor for it (f32). */
const CONTROL = { loss: 0, hits: 8, divisor: 16, threshold: 24, finite: 28, factor: 32, size: 40 };

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
  readonly places: readonly Place[];
  readonly #stack: Stack<TrainableLayer>;
  readonly #options: TrainingPlanOptions;
  readonly #program: Program;
  readonly #control: number;
  #rows = 0;

  constructor(stack: Stack<TrainableLayer>, readonly lease: Lease, options: TrainingPlanOptions, where: string) {
    const { backend, layers, parameters, weights } = stack;
    const { capacity, loss, accuracy, gradients, inputGradient } = options;
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
    this.places = recordForward(stack, program, lease, x, capacity, gradients === undefined ? "reuse" : "train", loss.onLogits, where);

    const last = this.places.at(-1)!;
    const prediction = (this.#prediction = loss.onLogits ? last.z : last.a);
    let targets = this.targets;
    if (dense && units !== prediction.ld) {
      targets = lease.allocate(capacity * prediction.ld * 4, where);
      program.add("copyRows", ROWS, units, this.targets, units, targets, prediction.ld);
    }
    const control = this.#control;
    if (accuracy) {
      program.add(`${accuracyKernel(loss, units)}AccuracyMetric`, ROWS, units, prediction.ld, prediction.pointer, targets, control + CONTROL.hits, control + CONTROL.threshold);
    }
    const widest = Math.max(rowStride(inputs), ...layers.map((layer) => rowStride(layer.units)));
    let da = gradients === undefined ? 0 : lease.allocate(capacity * widest * 4, where);
    program.add(`${loss.id}${loss.onLogits ? "FromLogits" : ""}Loss`, ROWS, units, prediction.ld, prediction.pointer, targets, da, control + CONTROL.loss, control + CONTROL.divisor, this.#weights);

    if (gradients !== undefined) {
      let dInput = lease.allocate(capacity * widest * 4, where);
      const scratch = lease.allocate(Math.max(...layers.map((layer) => layer.scratchSize)) * backend.threads * 4, where);
      for (let i = layers.length - 1; i >= 0; i--) {
        const layer = layers[i];
        const wanted = i > 0 || inputGradient;
        layer.backward({
          ...this.places[i],
          program,
          logits: loss.onLogits && i === layers.length - 1,
          parameter: (name) => weights + parameters.byteOffset(i, name),
          gradient: (name) => gradients + parameters.byteOffset(i, name),
          da: { pointer: da, ld: rowStride(layer.units) },
          dInput: wanted ? { pointer: dInput, ld: rowStride(layer.inputs) } : undefined,
          scratch,
        });
        [da, dInput] = [dInput, da];
      }
      if (inputGradient) this.inputGradient = { pointer: da, ld: rowStride(inputs) };
    }
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

  /** Runs the batch that lies in x and targets. Losses and hits are sums over the rows. */
  run(rows: number): { loss: number; hits: number } {
    const { linear } = this.#stack.backend;
    const { loss } = this.#options;
    if (rows !== this.#rows) {
      const { units } = this.#stack.layers.at(-1)!;
      linear.f32(this.#control + CONTROL.divisor, 3).set([loss.row.meanOver === "rows" ? rows : rows * units, loss.option, threshold(loss)]);
      this.#rows = rows;
    }
    this.#program.run(rows);
    const [total, hits] = linear.f64(this.#control, 2);
    return { loss: total, hits };
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

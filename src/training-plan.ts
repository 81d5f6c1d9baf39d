// The plan of a training or evaluation batch: forward, loss and metric, and backward into the gradient block.

import { rowStride, type Block, type TrainableLayer } from "./layers/layer.js";
import type { Loss } from "./losses.js";
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

/** Bytes of the control block: loss (f64), hits (f64), loss parameters (f32 divisor), metric parameters (f32 threshold), finite flag (i32) and the factor for it (f32). */
const CONTROL = { loss: 0, hits: 8, divisor: 16, threshold: 20, finite: 24, factor: 28, size: 32 };

export class TrainingPlan {
  readonly capacity: number;
  /** Contiguous rows of x, then of targets: floats, or class numbers as i32 in the same words. */
  readonly x: MemoryView;
  readonly targets: number;
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
    this.#control = lease.zeros(CONTROL.size / 4, where);
    const program = (this.#program = new Program(backend));
    this.places = recordForward(stack, program, lease, x, capacity, gradients === undefined ? "reuse" : "train", loss.onLogits, where);

    const last = this.places.at(-1)!;
    const prediction = loss.onLogits ? last.z : last.a;
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
    program.add(`${loss.id}${loss.onLogits ? "FromLogits" : ""}Loss`, ROWS, units, prediction.ld, prediction.pointer, targets, da, control + CONTROL.loss, control + CONTROL.divisor);

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
  load(x: Float32Array, { data }: Targets): void {
    const { linear } = this.#stack.backend;
    this.x.array.set(x);
    const words = this.#options.loss.row.targets === "classes" ? linear.i32(this.targets, data.length) : linear.f32(this.targets, data.length);
    words.set(data);
  }

  /** The same from a data set in linear memory: the rows that `count` indices name. */
  gather(x: number, targets: number, indices: number, count: number): void {
    const { backend, layers } = this.#stack;
    backend.kernels.call("gatherRows", count, layers[0].inputs, x, indices, this.x.offset);
    backend.kernels.call("gatherRows", count, this.#options.loss.row.targets === "classes" ? 1 : layers.at(-1)!.units, targets, indices, this.targets);
  }

  /** Runs the batch that lies in x and targets. Losses and hits are sums over the rows. */
  run(rows: number): { loss: number; hits: number } {
    const { linear } = this.#stack.backend;
    const { loss } = this.#options;
    if (rows !== this.#rows) {
      const { units } = this.#stack.layers.at(-1)!;
      const onLogits = loss.onLogits && loss.row.head === "sigmoid";
      linear.f32(this.#control + CONTROL.divisor, 2).set([loss.row.meanOver === "rows" ? rows : rows * units, onLogits ? 0 : 0.5]);
      this.#rows = rows;
    }
    this.#program.run(rows);
    const [total, hits] = linear.f64(this.#control, 2);
    return { loss: total, hits };
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
  if (row.head === undefined && units === 1) return "binary";
  return row.accuracy!;
}

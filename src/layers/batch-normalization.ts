// Batch normalization (Ioffe & Szegedy 2015): each column to mean 0 and variance 1 over the batch, then a learned scale and shift. Inference uses running means.

import { checkNumber, checkOptions } from "../check.js";
import { ROWS } from "../program.js";
import { padded } from "./chain.js";
import { LINEAR, ONES, ZEROS, rowStride, vector, type BackwardSite, type Factory, type ForwardSite, type Layer, type LayerFactory, type Parameter, type Pass, type StepSite, type TrainableLayer } from "./layer.js";

export interface BatchNormalizationOptions {
  /** Share of a batch's mean and variance in the running ones: running ← (1 − momentum) running + momentum batch. Default 0.1, as in PyTorch (Keras counts the other way: 0.99). */
  momentum?: number;
  /** Added to the variance. Default 1e-5, as in PyTorch (Keras: 1e-3). */
  epsilon?: number;
}

/**
 * a = γ (x − mean) / √(variance + ε) + β. In training, mean and variance (divided by n) are those of each column over the batch, which needs at least 2 rows;
 * otherwise the running ones (their variance divided by n − 1), as in PyTorch. γ and β learned, 1 and 0 at first.
 *
 * A session folds the layer into a dense layer without activation before it (not inside residual()): its predictions are then within 1e-6 of the largest, not the same bits.
 * @example [dense(64, "linear", { useBias: false }), batchNormalization(), activation("relu")]
 */
export function batchNormalization(options?: BatchNormalizationOptions): LayerFactory<"inputs"> {
  const settled = checkSettings(options);
  return { build: (_where, inputs) => new BatchNormalization(inputs, settled) };
}

export function rebuildBatchNormalization({ type: _, ...options }: BatchNormalizationOptions & { type: string }): LayerFactory {
  return batchNormalization(options);
}

export function rebuildBatchNormalizationForward({ type: _, ...options }: BatchNormalizationOptions & { type: string }): Factory<Layer> {
  const settled = checkSettings(options);
  return { build: (_where, inputs) => new BatchNormalizationForward(inputs, settled) };
}

function checkSettings(options: BatchNormalizationOptions | undefined): Required<BatchNormalizationOptions> {
  const { momentum = 0.1, epsilon = 1e-5 } = checkOptions("batchNormalization", options, ["momentum", "epsilon"]);
  checkNumber("batchNormalization", "momentum", momentum, { above: 0, most: 1 });
  checkNumber("batchNormalization", "epsilon", epsilon, { above: 0 });
  return { momentum, epsilon };
}

export class BatchNormalizationForward implements Layer {
  readonly type = "batchNormalization";
  readonly activation = LINEAR;
  readonly parameters: readonly Parameter[];

  constructor(readonly inputs: number, readonly settings: Required<BatchNormalizationOptions>) {
    // β follows γ, and the variance the mean, in the parameter block: the kernels count on it.
    this.parameters = [vector("gamma", inputs, ONES), vector("beta", inputs, ZEROS), vector("mean", inputs, ZEROS, { state: true }), vector("variance", inputs, ONES, { state: true, least: 0 })];
  }

  get units(): number {
    return this.inputs;
  }

  forward(site: ForwardSite): Pass {
    const { program, arena, parameter, mode } = site;
    const input = padded(site, this.inputs);
    const a = arena.matrix(this.inputs);
    const epsilon = arena.constants([this.settings.epsilon]);
    if (mode === "infer" || mode === "trace") {
      const scale = arena.lease.allocate(a.ld * 4, arena.where);
      program.add("batchNormalizationScale", a.ld, parameter("variance"), scale, epsilon);
      program.add("batchNormalizationApply", ROWS, a.ld, a.ld, input.pointer, a.pointer, parameter("mean"), scale, parameter("gamma"));
      return { input, a };
    }
    // Mean, 1 / √(variance + ε) and variance of the columns.
    const statistics = arena.lease.zeros(3 * a.ld, arena.where);
    program.add("batchNormalizationTrain", ROWS, a.ld, a.ld, input.pointer, a.pointer, statistics, parameter("gamma"), epsilon);
    return { input, a, kept: [statistics] };
  }
}

class BatchNormalization extends BatchNormalizationForward implements TrainableLayer {
  readonly label = "batchNormalization";
  readonly leastRows = 2;

  get config(): Readonly<Record<string, unknown>> {
    return { type: this.type, ...this.settings };
  }

  backward({ program, da, dInput, parameter, gradient }: BackwardSite, { input, kept }: Pass): void {
    // Also writes the gradients of γ and β, which that of x needs.
    program.add("batchNormalizationGradient", ROWS, da.ld, da.ld, input.pointer, da.pointer, dInput?.pointer ?? 0, kept![0], parameter("gamma"), gradient("gamma"));
  }

  settle({ program, arena, parameter }: StepSite, { kept }: Pass): void {
    program.add("batchNormalizationSettle", ROWS, rowStride(this.inputs), kept![0], parameter("mean"), arena.constants([this.settings.momentum]));
  }
}

// Layer normalization (Ba, Kiros, Hinton 2016): each row to mean 0 and variance 1, then a learned scale and shift a column.

import { checkNumber, checkOptions } from "../check.js";
import { ROWS } from "../program.js";
import { padded } from "./chain.js";
import { LINEAR, ONES, ZEROS, vector, type BackwardSite, type Factory, type ForwardSite, type Layer, type LayerFactory, type Parameter, type Pass, type TrainableLayer } from "./layer.js";

export interface LayerNormalizationOptions {
  /** Added to the variance. Default 1e-5, as in PyTorch (Keras: 1e-3). */
  epsilon?: number;
}

/**
 * a = γ (x − mean) / √(variance + ε) + β, mean and variance (divided by n) over the values of a row; γ and β learned, 1 and 0 at first.
 *
 * @example residual([layerNormalization(), dense(64, "relu")])
 */
export function layerNormalization(options?: LayerNormalizationOptions): LayerFactory<"inputs"> {
  const epsilon = checkEpsilon(options);
  return { build: (_where, inputs) => new LayerNormalization(inputs, epsilon) };
}

export function rebuildLayerNormalization({ type: _, ...options }: LayerNormalizationOptions & { type: string }): LayerFactory {
  return layerNormalization(options);
}

export function rebuildLayerNormalizationForward({ type: _, ...options }: LayerNormalizationOptions & { type: string }): Factory<Layer> {
  const epsilon = checkEpsilon(options);
  return { build: (_where, inputs) => new LayerNormalizationForward(inputs, epsilon) };
}

function checkEpsilon(options: LayerNormalizationOptions | undefined): number {
  const { epsilon = 1e-5 } = checkOptions("layerNormalization", options, ["epsilon"]);
  return checkNumber("layerNormalization", "epsilon", epsilon, { above: 0 });
}

class LayerNormalizationForward implements Layer {
  readonly type = "layerNormalization";
  readonly activation = LINEAR;
  readonly parameters: readonly Parameter[];

  constructor(readonly inputs: number, readonly epsilon: number) {
    // β follows γ in the parameter block: the kernels count on it.
    this.parameters = [vector("gamma", inputs, ONES), vector("beta", inputs, ZEROS)];
  }

  get units(): number {
    return this.inputs;
  }

  forward(site: ForwardSite): Pass {
    const { program, arena, parameter, mode } = site;
    const input = padded(site, this.inputs);
    const a = arena.matrix(this.inputs);
    // Mean and 1 / √(variance + ε) of each row, for the way back; rows of 8 floats, as matrices have.
    const statistics = mode === "infer" ? 0 : arena.matrix(2).pointer;
    program.add("layerNormalizationApply", ROWS, this.inputs, a.ld, input.pointer, a.pointer, statistics, parameter("gamma"), arena.constants([this.epsilon]));
    return { input, a, kept: [statistics] };
  }
}

class LayerNormalization extends LayerNormalizationForward implements TrainableLayer {
  readonly label = "layerNormalization";

  get config(): Readonly<Record<string, unknown>> {
    return { type: this.type, epsilon: this.epsilon };
  }

  backward({ program, da, dInput, parameter, gradient }: BackwardSite, { input, kept }: Pass): void {
    program.add("layerNormalizationGradient", ROWS, this.inputs, da.ld, input.pointer, da.pointer, kept![0], gradient("gamma"));
    if (dInput) program.add("layerNormalizationInputGradient", ROWS, this.inputs, da.ld, input.pointer, da.pointer, dInput.pointer, kept![0], parameter("gamma"));
  }
}

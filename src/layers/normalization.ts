// Brings features to mean 0 and deviation 1 by what was measured once, so that users need not scale their data by hand.

import { checkOptions } from "../check.js";
import { ROWS } from "../program.js";
import { padded } from "./chain.js";
import { LINEAR, ONES, ZEROS, vector, type BackwardSite, type Factory, type ForwardSite, type Layer, type LayerFactory, type Parameter, type Pass, type TrainableLayer } from "./layer.js";

/**
 * a = (x − mean) / deviation, by feature. Both are measured by `network.layers[l].adapt(x)`, saved with the network and never trained; until then 0 and 1.
 *
 * @example
 * const network = new Network({ inputs: 13, layers: [normalization(), dense(32, "relu"), dense(1)] });
 * network.layers[0].adapt(x);
 */
export function normalization(): LayerFactory<"inputs"> {
  return { build: (_where, inputs) => new Normalization(inputs) };
}

export function rebuildNormalization(config: { type: string }): LayerFactory {
  checkOptions("normalization", config, ["type"]);
  return normalization();
}

export function rebuildNormalizationForward(): Factory<Layer> {
  return { build: (_where, inputs) => new NormalizationForward(inputs) };
}

class NormalizationForward implements Layer {
  readonly type = "normalization";
  readonly activation = LINEAR;
  readonly parameters: readonly Parameter[];

  constructor(readonly inputs: number) {
    // The deviation follows the mean in the parameter block: the kernels count on it.
    this.parameters = [
      vector("mean", inputs, ZEROS, { state: true }),
      // Values are divided by it: 0 would make them NaN, a subnormal one Infinity.
      vector("deviation", inputs, ONES, { state: true, least: 2 ** -126 }),
    ];
  }

  get units(): number {
    return this.inputs;
  }

  forward(site: ForwardSite): Pass {
    const input = padded(site, this.inputs);
    const a = site.arena.matrix(this.inputs);
    site.program.add("normalizationApply", ROWS, this.inputs, a.ld, input.pointer, a.pointer, site.parameter("mean"));
    return { input, a };
  }
}

class Normalization extends NormalizationForward implements TrainableLayer {
  readonly label = "normalization";
  readonly config = { type: this.type };

  backward({ program, da, dInput, parameter }: BackwardSite): void {
    if (dInput) program.add("normalizationInputGradient", ROWS, this.inputs, da.ld, da.pointer, dInput.pointer, parameter("mean"));
  }
}

/** Mean and deviation (of the population) of each feature in f64; a feature that never changes gets deviation 1, so that it becomes 0. Source: Welford 1962. */
export function measure(data: Float32Array, rows: number, inputs: number): { mean: Float32Array; deviation: Float32Array } {
  const mean = new Float64Array(inputs);
  const squares = new Float64Array(inputs);
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < inputs; i++) {
      const value = data[r * inputs + i];
      const difference = value - mean[i];
      mean[i] += difference / (r + 1);
      squares[i] += difference * (value - mean[i]);
    }
  }
  return { mean: new Float32Array(mean), deviation: Float32Array.from(squares, (sum) => Math.fround(Math.sqrt(sum / rows)) || 1) };
}

// z = Wᵀa + b, then an activation. W is [inputs × units].

import { activationLabel, activationTable, checkActivation, type Activation, type ActivationName } from "../activations.js";
import { checkBoolean, checkCount, checkOptions } from "../check.js";
import { ShapeError } from "../errors.js";
import { checkInitializer, type Initializer, type InitializerLike } from "../initializers.js";
import { ROWS } from "../program.js";
import { rowStride, scratchSize, type BackwardSite, type ForwardSite, type Layer, type LayerFactory, type Parameter, type TrainableLayer } from "./layer.js";

export type ActivationLike = ActivationName | { readonly name: ActivationName; readonly negativeSlope?: number };

export interface DenseOptions {
  /** Default true. */
  useBias?: boolean;
  /** Default: heUniform for the relu family, else glorotUniform. */
  weightsInitializer?: InitializerLike;
  /** Default zeros. */
  biasInitializer?: InitializerLike;
}

/**
 * A fully connected layer: a = f(Wᵀx + b), W [inputs × units].
 *
 * @param units outputs, a whole number from 1
 * @param activation a name, or { name, …options }; none is linear
 * @throws ShapeError for units, NameError for an unknown activation, initializer or option
 * @example dense(128, "relu")
 * @example dense(10, { name: "leakyRelu", negativeSlope: 0.1 }, { useBias: false })
 */
export function dense(units: number, activation: ActivationLike = "linear", options?: DenseOptions): LayerFactory {
  checkCount("dense", "units", units);
  const f = settleActivation("dense", activation);
  const { useBias = true, weightsInitializer = activationTable[f.id].initializer, biasInitializer = "zeros" } = checkOptions("dense", options, ["useBias", "weightsInitializer", "biasInitializer"]);
  checkBoolean("dense", "useBias", useBias);
  const weights = checkInitializer("dense", "weightsInitializer", weightsInitializer);
  const bias = checkInitializer("dense", "biasInitializer", biasInitializer);
  return { build: (where, inputs) => new Dense(where, inputs, units, f, useBias, { weights, bias }) };
}

/** dense() from the config in a model file; without initializers, for the file has the values. */
export function rebuildDense(config: DenseConfig): LayerFactory {
  const { units, activation, useBias } = checkConfig(config);
  return { build: (where, inputs) => new Dense(where, inputs, units, activation, useBias) };
}

/** The same for inference only. */
export function rebuildDenseForward(config: DenseConfig): LayerFactory<Layer> {
  const { units, activation, useBias } = checkConfig(config);
  return { build: (where, inputs) => new DenseForward(where, inputs, units, activation, useBias) };
}

interface DenseConfig {
  type: string;
  units: number;
  activation: ActivationLike;
  useBias: boolean;
}

function checkConfig(config: DenseConfig): { units: number; activation: Activation; useBias: boolean } {
  const { units, activation, useBias } = checkOptions("dense", config, ["type", "units", "activation", "useBias"]);
  return { units: checkCount("dense", "units", units), activation: settleActivation("dense", activation), useBias: checkBoolean("dense", "useBias", useBias) };
}

/** A name or { name, …options } as a checked activation. */
export function settleActivation(where: string, activation: ActivationLike): Activation {
  if (typeof activation === "string") return checkActivation(where, activation, undefined);
  if (typeof activation !== "object" || activation === null || Array.isArray(activation)) return checkActivation(where, activation, undefined);
  const { name, ...options } = activation;
  return checkActivation(where, name, options);
}

class DenseForward implements Layer {
  readonly type = "dense";
  readonly preactivation = true;
  readonly anyStride = true;
  readonly parameters: readonly Parameter[];

  constructor(where: string, readonly inputs: number, readonly units: number, readonly activation: Activation, readonly useBias: boolean, initializers?: { weights: Initializer; bias: Initializer }) {
    const size = inputs * rowStride(units);
    // 2^29 floats are 2 GiB; weights and their gradient must both fit 4 GiB.
    if (size > 2 ** 29) throw new ShapeError(`${where}: a weight matrix must hold at most 536870912 values, got ${inputs} × ${units}`);
    this.parameters = [
      { name: "weights", shape: [inputs, units], initializer: initializers?.weights, size },
      ...(useBias ? [{ name: "bias", shape: [units], initializer: initializers?.bias, size: rowStride(units) } as const] : []),
    ];
  }

  forward({ program, input, z, a, parameter, options, logits }: ForwardSite): void {
    const { inputs, units, activation } = this;
    program.add("gemm", ROWS, units, inputs, input.pointer, input.ld, parameter("weights"), z.pointer, z.ld, this.useBias ? parameter("bias") : 0);
    if (logits || (activation.id === "linear" && z.pointer === a.pointer)) return;
    program.add(`${activation.id}Forward`, ROWS, units, z.ld, z.pointer, a.pointer, options);
  }
}

class Dense extends DenseForward implements TrainableLayer {
  get label(): string {
    return `dense(${this.units}${this.activation.id === "linear" ? "" : `, ${activationLabel(this.activation)}`}${this.useBias ? "" : ", no bias"})`;
  }

  get config(): Readonly<Record<string, unknown>> {
    return { type: "dense", units: this.units, activation: { name: this.activation.id, ...this.activation.options }, useBias: this.useBias };
  }

  get readsPreactivation(): boolean {
    return activationTable[this.activation.id].derivativeFrom === "preactivation";
  }

  get scratchSize(): number {
    return scratchSize(this.units);
  }

  backward({ program, input, z, a, da, dInput, parameter, gradient, scratch, options, logits }: BackwardSite): void {
    const { inputs, units, activation } = this;
    if (!logits && activation.id !== "linear") {
      const x = activationTable[activation.id].derivativeFrom === "output" ? a : z;
      program.add(`${activation.id}Backward`, ROWS, units, z.ld, x.pointer, da.pointer, da.pointer, options);
    }
    // From here on da holds dz.
    program.together(() => {
      program.add("gemmWeightGradient", ROWS, inputs, units, input.pointer, input.ld, da.pointer, da.ld, gradient("weights"), scratch);
      if (this.useBias) program.add("sumRows", ROWS, da.ld, da.ld, da.pointer, gradient("bias"));
      if (dInput) program.add("gemmInputGradient", ROWS, inputs, units, da.pointer, da.ld, parameter("weights"), dInput.pointer, dInput.ld, 0, inputs, scratch);
    });
  }
}

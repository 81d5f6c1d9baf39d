// z = Wᵀa + b, then an activation. W is [inputs × units].

import { activationLabel, activationRow, checkActivation, type Activation, type ActivationName, type ActivationOptions } from "../activations.js";
import { checkBoolean, checkCount, checkNumber, checkOptions } from "../check.js";
import { ShapeError } from "../errors.js";
import { checkInitializer, type Initializer, type InitializerLike } from "../initializers.js";
import { ROWS } from "../program.js";
import { activate, activateBackward, activationParameters } from "./activate.js";
import { rowStride, scratchSize, vector, type BackwardSite, type Factory, type ForwardSite, type Layer, type LayerFactory, type Parameter, type Pass, type StepSite, type TrainableLayer } from "./layer.js";

export type ActivationLike = ActivationName | (Readonly<ActivationOptions> & { readonly name: ActivationName });

export interface DenseOptions {
  /** Default true. */
  useBias?: boolean;
  /** Default: heUniform for relu and what is like it, lecunUniform for selu, else glorotUniform. */
  weightsInitializer?: InitializerLike;
  /** Default zeros. */
  biasInitializer?: InitializerLike;
  /** Adds l1 · Σ|w| over the weights to the loss, and its gradient. Default 0. */
  l1?: number;
  /** Adds l2 · Σw² over the weights to the loss, and its gradient. Default 0. */
  l2?: number;
  /** After each step, the weights into a unit are scaled down to this Euclidean norm if theirs is greater. Default: no limit. */
  maxNorm?: number;
}

interface Regularizers {
  readonly l1: number;
  readonly l2: number;
  readonly maxNorm: number | undefined;
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
export function dense<Units extends number>(units: Units, activation: ActivationLike = "linear", options?: DenseOptions): LayerFactory<Units> {
  checkCount("dense", "units", units);
  const f = settleActivation("dense", activation);
  const given = checkOptions("dense", options, ["useBias", "weightsInitializer", "biasInitializer", "l1", "l2", "maxNorm"]);
  const { useBias = true, weightsInitializer = activationRow(f.id).initializer, biasInitializer = "zeros" } = given;
  checkBoolean("dense", "useBias", useBias);
  const regularizers = checkRegularizers(given);
  const weights = checkInitializer("dense", "weightsInitializer", weightsInitializer);
  const bias = checkInitializer("dense", "biasInitializer", biasInitializer);
  return { build: (where, inputs) => new Dense(where, inputs, units, f, useBias, regularizers, { weights, bias }) };
}

/** dense() from the config in a model file; without initializers, for the file has the values. */
export function rebuildDense(config: DenseConfig): LayerFactory {
  const { units, activation, useBias } = checkConfig(config);
  const regularizers = checkRegularizers(config);
  return { build: (where, inputs) => new Dense(where, inputs, units, activation, useBias, regularizers) };
}

/** The same for inference only. */
export function rebuildDenseForward(config: DenseConfig): Factory<Layer> {
  const { units, activation, useBias } = checkConfig(config);
  return { build: (where, inputs) => new DenseForward(where, inputs, units, activation, useBias) };
}

function checkRegularizers({ l1 = 0, l2 = 0, maxNorm }: { l1?: number; l2?: number; maxNorm?: number }): Regularizers {
  checkNumber("dense", "l1", l1, { least: 0 });
  checkNumber("dense", "l2", l2, { least: 0 });
  return { l1, l2, maxNorm: maxNorm === undefined ? undefined : checkNumber("dense", "maxNorm", maxNorm, { above: 0 }) };
}

interface DenseConfig extends Partial<Regularizers> {
  type: string;
  units: number;
  activation: ActivationLike;
  useBias: boolean;
}

function checkConfig(config: DenseConfig): { units: number; activation: Activation; useBias: boolean } {
  const { units, activation, useBias } = checkOptions("dense", config, ["type", "units", "activation", "useBias", "l1", "l2", "maxNorm"]);
  return { units: checkCount("dense", "units", units), activation: settleActivation("dense", activation), useBias: checkBoolean("dense", "useBias", useBias) };
}

/** A name or { name, …options } as a checked activation. */
export function settleActivation(where: string, activation: ActivationLike): Activation {
  if (typeof activation === "string") return checkActivation(where, activation, undefined);
  if (typeof activation !== "object" || activation === null || Array.isArray(activation)) return checkActivation(where, activation, undefined);
  const { name, ...options } = activation;
  return checkActivation(where, name, options);
}

export class DenseForward implements Layer {
  readonly type = "dense";
  readonly parameters: readonly Parameter[];

  constructor(where: string, readonly inputs: number, readonly units: number, readonly activation: Activation, readonly useBias: boolean, initializers?: { weights: Initializer; bias: Initializer }) {
    const size = inputs * rowStride(units);
    // 2^29 floats are 2 GiB; weights and their gradient must both fit 4 GiB.
    if (size > 2 ** 29) throw new ShapeError(`${where}: a weight matrix must hold at most 536870912 values, got ${inputs} × ${units}`);
    const fans = [inputs, units] as const;
    this.parameters = [
      { name: "weights", shape: fans, initializer: initializers?.weights, size, fans },
      ...(useBias ? [vector("bias", units, initializers?.bias, { fans })] : []),
      ...activationParameters(activation, units),
    ];
  }

  forward(site: ForwardSite): Pass {
    const { program, arena, mode, input, parameter, logits } = site;
    const { inputs, units, activation } = this;
    const z = arena.matrix(units);
    program.add("gemm", ROWS, units, inputs, input.pointer, input.ld, parameter("weights"), z.pointer, z.ld, this.useBias ? parameter("bias") : 0);
    if (logits || (activation.id === "linear" && mode !== "trace")) return { input, z, a: z };
    const fromZ = activationRow(activation.id).derivativeFrom === "preactivation";
    const a = mode === "trace" || mode === "differentiate" || (mode === "train" && fromZ) ? arena.matrix(units) : z;
    return { input, z, a, kept: [activate(site, activation, units, z, a)] };
  }
}

class Dense extends DenseForward implements TrainableLayer {
  readonly preactivation = true;
  readonly #regularizers: Regularizers;

  constructor(where: string, inputs: number, units: number, activation: Activation, useBias: boolean, regularizers: Regularizers, initializers?: { weights: Initializer; bias: Initializer }) {
    super(where, inputs, units, activation, useBias, initializers);
    this.#regularizers = regularizers;
  }

  get label(): string {
    return `dense(${this.units}${this.activation.id === "linear" ? "" : `, ${activationLabel(this.activation)}`}${this.useBias ? "" : ", no bias"})`;
  }

  get config(): Readonly<Record<string, unknown>> {
    const { l1, l2, maxNorm } = this.#regularizers;
    const activation = { name: this.activation.id, ...this.activation.options };
    return { type: "dense", units: this.units, activation, useBias: this.useBias, ...(l1 && { l1 }), ...(l2 && { l2 }), maxNorm };
  }

  get scratchSize(): number {
    return scratchSize(this.units);
  }

  backward(site: BackwardSite, pass: Pass): void {
    const { program, da, dInput, parameter, gradient, scratch, logits } = site;
    const { input } = pass;
    const { inputs, units, activation } = this;
    if (!logits && activation.id !== "linear") activateBackward(site, activation, units, pass, da, da);
    // From here on da holds dz.
    program.together(() => {
      program.add("gemmWeightGradient", ROWS, inputs, units, input.pointer, input.ld, da.pointer, da.ld, gradient("weights"), scratch);
      if (this.useBias) program.add("sumRows", ROWS, da.ld, da.ld, da.pointer, gradient("bias"));
      if (dInput) program.add("gemmInputGradient", ROWS, inputs, units, da.pointer, da.ld, parameter("weights"), dInput.pointer, dInput.ld, 0, inputs, scratch);
    });
  }

  regularize({ program, arena, parameter, gradient, penalty }: StepSite): void {
    const { l1, l2 } = this.#regularizers;
    if (l1 + l2 > 0) program.add("addPenalty", this.parameters[0].size, parameter("weights"), gradient ? gradient("weights") : 0, penalty, arena.constants([l1, l2]));
  }

  settle({ program, arena, parameter }: StepSite): void {
    const { maxNorm } = this.#regularizers;
    if (maxNorm !== undefined) program.add("limitNorms", this.inputs, this.units, parameter("weights"), arena.constants([maxNorm]));
  }
}

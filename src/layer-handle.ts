// A network's layers as users see them: shapes, and weights in and out.

import { activationLabel } from "./activations.js";
import { checkAttached, checkOptions, describe, isFloats, type MatrixLike } from "./check.js";
import { ArgumentError, NonFiniteError, ShapeError, StateError } from "./errors.js";
import type { TrainableLayer } from "./layers/layer.js";
import { measure } from "./layers/normalization.js";
import type { Model } from "./model.js";
import { countLearned, elements, isPlain, type PlacedParameter } from "./parameters.js";

/** Weights of one layer: row-major [inputs × units], and [units], as far as the layer has them; other layers have other names, residual() "<layer inside>.<name>". */
export interface LayerWeights {
  weights?: Float32Array;
  bias?: Float32Array;
  [name: string]: Float32Array | undefined;
}

/** One layer of a network, as `network.layers[l]` gives it. */
export class LayerHandle {
  readonly type: string;
  /** Values a row going in. */
  readonly inputs: number;
  /** Values a row coming out. */
  readonly units: number;
  readonly parameterCount: number;
  /** "relu", "leakyRelu(negativeSlope 0.1)" */
  readonly activation: string;
  readonly #model: Model<TrainableLayer>;
  readonly #index: number;

  /** @internal */
  constructor(model: Model<TrainableLayer>, layer: TrainableLayer, index: number) {
    this.type = layer.type;
    this.inputs = layer.inputs;
    this.units = layer.units;
    this.parameterCount = countLearned(layer);
    this.activation = activationLabel(layer.activation);
    this.#model = model;
    this.#index = index;
  }

  /** Copies: weights row-major [inputs × units] (Keras layout), bias [units]. */
  getWeights(): LayerWeights {
    const where = "LayerHandle.getWeights";
    this.#model.checkAlive(where);
    return readLayer(this.#model, this.#index, where, this.#model.stack.weights);
  }

  /**
   * Measures mean and deviation of each feature, in a normalization() layer that is the first of its network.
   * @throws StateError elsewhere
   * @example network.layers[0].adapt(x)
   */
  adapt(x: MatrixLike): void {
    const where = "LayerHandle.adapt";
    if (this.type !== "normalization" || this.#index > 0) throw new StateError(`${where}: the layer must be normalization() and the first of its network, got layer ${this.#index + 1}, ${this.type}`);
    const { data, rows } = this.#model.checkRows(where, x);
    writeLayer(this.#model, 0, { ...measure(data, rows, this.inputs) }, where);
  }

  /**
   * Replaces weights, bias, or both.
   * @throws ShapeError for a wrong length, NonFiniteError for NaN or Infinity, ArgumentError for a variance below 0 or a deviation that is not above; then nothing has changed
   */
  setWeights(values: LayerWeights): void {
    const where = "LayerHandle.setWeights";
    this.#model.checkAlive(where);
    writeLayer(this.#model, this.#index, values, where);
  }
}

/** @internal Copies of a layer's parameters from the weights, or of their gradients from a block laid out like them. */
export function readLayer({ stack }: Model<TrainableLayer>, layer: number, where: string, block: number): LayerWeights {
  const { parameters, weights } = stack;
  const result: LayerWeights = {};
  for (const { name, state } of stack.layers[layer].parameters) {
    const parameter = parameters.find(`${layer + 1}.${name}`)!;
    if (block === weights || !state) result[name] = parameters.read(parameter, block, where);
  }
  return result;
}

function writeLayer({ stack }: Model<TrainableLayer>, layer: number, values: LayerWeights, where: string): void {
  if (typeof values !== "object" || values === null) throw new ArgumentError(`${where}: values must be an object with weights or bias, got ${describe(values)}`);
  const { backend, layers, parameters, weights } = stack;
  checkOptions(where, values, [...new Set(["weights", "bias", ...layers[layer].parameters.map(({ name }) => name)])], "values");
  const checked: [PlacedParameter, Float32Array][] = [];
  for (const [name, value] of Object.entries(values)) {
    const parameter = parameters.find(`${layer + 1}.${name}`);
    if (parameter === undefined) throw new ShapeError(`${where}: layer ${layer + 1} must have what is set, got ${describe(name)} for ${layers[layer].label}`);
    if (!isFloats(value)) throw new ArgumentError(`${where}: ${name} of layer ${layer + 1} must be a Float32Array, got ${describe(value)}`);
    checkAttached(where, name, value);
    const length = elements(parameter);
    if (value.length !== length) throw new ShapeError(`${where}: ${name} of layer ${layer + 1} must hold ${parameter.shape.join(" × ")} = ${length} values, got ${value.length}`);
    const bad = value.findIndex((number) => !Number.isFinite(number));
    if (bad >= 0) throw Object.assign(new NonFiniteError(`${where}: ${name} of layer ${layer + 1} must be finite, got ${value[bad]} at ${bad}`), { layer: layer + 1 });
    const low = value.find((number) => number < parameter.least!);
    if (low !== undefined) throw new ArgumentError(`${where}: ${name} of layer ${layer + 1} must be at least ${parameter.least}, got ${low}`);
    checked.push([parameter, backend.linear.steady(value)]);
  }
  // Only matrices in panels need memory: the largest first, so that nothing has changed should there be none.
  const room = (parameter: PlacedParameter) => (isPlain(parameter) ? 0 : elements(parameter));
  checked.sort(([a], [b]) => room(b) - room(a));
  for (const [parameter, value] of checked) parameters.write(parameter, weights, value, where);
}

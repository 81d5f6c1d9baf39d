// A network's layers as users see them: shapes, and weights in and out.

import { activationLabel } from "./activations.js";
import { checkOptions, describe } from "./check.js";
import { ArgumentError, NonFiniteError, ShapeError } from "./errors.js";
import type { TrainableLayer } from "./layers/layer.js";
import type { Model } from "./model.js";
import { elements, type PlacedParameter } from "./parameters.js";

/** Weights of one layer: row-major [inputs × units], and [units]. Absent where the layer has none. */
export interface LayerWeights {
  weights?: Float32Array;
  bias?: Float32Array;
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
    this.parameterCount = layer.parameters.reduce((sum, parameter) => sum + elements(parameter), 0);
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
   * Replaces weights, bias, or both.
   * @throws ShapeError for a wrong length, NonFiniteError for NaN or Infinity; then nothing has changed
   */
  setWeights(values: LayerWeights): void {
    const where = "LayerHandle.setWeights";
    this.#model.checkAlive(where);
    writeLayer(this.#model, this.#index, values, where);
  }
}

/** @internal Copies of a layer's parameters from a block laid out like the weights. */
export function readLayer({ stack }: Model<TrainableLayer>, layer: number, where: string, block: number): LayerWeights {
  const { parameters } = stack;
  const result: LayerWeights = {};
  for (const parameter of parameters.placed) if (parameter.layer === layer) result[parameter.name] = parameters.read(parameter, block, where);
  return result;
}

function writeLayer({ stack }: Model<TrainableLayer>, layer: number, values: LayerWeights, where: string): void {
  if (typeof values !== "object" || values === null) throw new ArgumentError(`${where}: values must be an object with weights or bias, got ${describe(values)}`);
  checkOptions(where, values, ["weights", "bias"], "values");
  const { backend, layers, parameters, weights } = stack;
  const checked: [PlacedParameter, Float32Array][] = [];
  for (const [name, value] of Object.entries(values)) {
    const parameter = parameters.find(layer, name);
    if (parameter === undefined) throw new ShapeError(`${where}: layer ${layer + 1} must have what is set, got ${describe(name)} for ${layers[layer].label}`);
    if (!(value instanceof Float32Array)) throw new ArgumentError(`${where}: ${name} of layer ${layer + 1} must be a Float32Array, got ${describe(value)}`);
    const length = elements(parameter);
    if (value.length !== length) throw new ShapeError(`${where}: ${name} of layer ${layer + 1} must hold ${parameter.shape.join(" × ")} = ${length} values, got ${value.length}`);
    const bad = value.findIndex((number) => !Number.isFinite(number));
    if (bad >= 0) throw Object.assign(new NonFiniteError(`${where}: ${name} of layer ${layer + 1} must be finite, got ${value[bad]} at ${bad}`), { layer: layer + 1 });
    checked.push([parameter, backend.linear.steady(value)]);
  }
  // Weights first: only they need memory, so nothing has changed should there be none.
  checked.sort(([a], [b]) => b.shape.length - a.shape.length);
  for (const [parameter, value] of checked) parameters.write(parameter, weights, value, where);
}

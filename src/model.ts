// A network as far as inference goes: layers, their weights, predict and sessions. Network adds training; "lanewise/infer" stops here.

import type { Backend } from "./backend.js";
import { checkCount, checkFinite, checkMatrix, checkOptions, describe, floats, type MatrixLike, type Rows } from "./check.js";
import { ArgumentError, NonFiniteError, ShapeError } from "./errors.js";
import type { Layer } from "./layers/layer.js";
import { rowStride } from "./layers/layer.js";
import { disposeWithOwner, Lease } from "./memory.js";
import { elements, ParameterBlock, type PlacedParameter } from "./parameters.js";
import { InferencePlan, type Stack } from "./plan.js";
import { Session } from "./session.js";

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
  readonly #model: Model;
  readonly #index: number;

  /** @internal */
  constructor(model: Model, layer: Layer, index: number) {
    this.type = layer.type;
    this.inputs = layer.inputs;
    this.units = layer.units;
    this.parameterCount = layer.parameters.reduce((sum, parameter) => sum + elements(parameter), 0);
    this.#model = model;
    this.#index = index;
  }

  /** Copies: weights row-major [inputs × units] (Keras layout), bias [units]. */
  getWeights(): LayerWeights {
    return this.#model.readLayer(this.#index, "LayerHandle.getWeights");
  }

  /**
   * Replaces weights, bias, or both.
   * @throws ShapeError for a wrong length, NonFiniteError for NaN or Infinity; then nothing has changed
   */
  setWeights(values: LayerWeights): void {
    this.#model.writeLayer(this.#index, values, "LayerHandle.setWeights");
  }
}

/** Working memory of predict() stays below this many bytes, unless a single row needs more. */
const PREDICT_BYTES = 1 << 20;
const PREDICT_ROWS = 256;

export class Model {
  /** Values in a row of x. */
  readonly inputs: number;
  /** Values in a row of the prediction. */
  readonly outputs: number;
  /** Layers, the input not counted. */
  readonly depth: number;
  /** layers[0] is the first layer after the input: layer 1 in the notation a[l] = f(z[l]). */
  readonly layers: readonly LayerHandle[];
  /** @internal */
  readonly lease: Lease;
  /** @internal */
  readonly stack: Stack;
  #predictPlan: InferencePlan | undefined;

  /** @internal */
  constructor(backend: Backend, layers: readonly Layer[], where: string) {
    this.inputs = layers[0].inputs;
    this.outputs = layers.at(-1)!.units;
    this.depth = layers.length;
    this.layers = layers.map((layer, i) => new LayerHandle(this, layer, i));
    this.lease = new Lease(backend.linear, "network");
    const parameters = new ParameterBlock(backend, this.lease, layers, where);
    this.stack = { backend, layers, parameters, weights: parameters.pointer };
    disposeWithOwner(this, this.lease);
  }

  /** Trainable numbers. */
  get parameterCount(): number {
    return this.stack.parameters.count;
  }

  /**
   * The output for each row of x: row-major, rows × outputs. Any number of rows; a row's result does not depend on the others.
   * @throws ShapeError unless x holds whole rows of `inputs` values, NonFiniteError for NaN or Infinity in x
   */
  predict(x: MatrixLike): Float32Array<ArrayBuffer> {
    const where = "Network.predict";
    const { data, rows } = this.checkRows(where, x);
    const out = floats(where, rows * this.outputs);
    const plan = this.#planFor(rows, where);
    for (let start = 0; start < rows; start += plan.capacity) {
      const count = Math.min(plan.capacity, rows - start);
      plan.x.array.set(data.subarray(start * this.inputs, (start + count) * this.inputs));
      plan.run(count);
      out.set(plan.output.array.subarray(0, count * this.outputs), start * this.outputs);
    }
    return out;
  }

  /** One plan serves every size of batch: for a single row until more are asked for, then for a chunk of fixed size. */
  #planFor(rows: number, where: string): InferencePlan {
    if (this.#predictPlan !== undefined && (rows === 1 || this.#predictPlan.capacity > 1)) return this.#predictPlan;
    const rowBytes = 4 * (this.inputs + 2 * Math.max(...this.stack.layers.map(({ units }) => rowStride(units))));
    const chunk = Math.max(2, Math.min(PREDICT_ROWS, Math.floor(PREDICT_BYTES / rowBytes)));
    const plan = this.lease.sublet((lease) => new InferencePlan(this.stack, lease, rows === 1 ? 1 : chunk, where));
    this.#predictPlan?.lease.dispose();
    return (this.#predictPlan = plan);
  }

  /**
   * A frozen copy for inference at a fixed batch size: later training does not change it, and it outlives the network.
   * @example const session = network.session(); session.input.set(row); session.run(); session.output[0]
   */
  session(options?: { batch?: number }): Session {
    const where = "Network.session";
    this.checkAlive(where);
    const { batch = 1 } = checkOptions(where, options, ["batch"]);
    checkCount(where, "batch", batch);
    return new Session(this.stack, batch, where);
  }

  /** A text table: each layer with the shapes of W, b, z and a, and its parameter count. */
  summary(): string {
    this.checkAlive("Network.summary");
    const rows = [["layer", "", "W", "b", "z", "a", "parameters"], ["0", "input", "", "", "", `batch × ${this.inputs}`, ""]];
    for (const [i, layer] of this.stack.layers.entries()) {
      const shape = (name: string) => layer.parameters.find((parameter) => parameter.name === name)?.shape.join(" × ") ?? "";
      const batch = `batch × ${layer.units}`;
      rows.push([String(i + 1), layer.label, shape("weights"), shape("bias"), layer.preactivation ? batch : "", batch, this.layers[i].parameterCount.toLocaleString("en")]);
    }
    const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
    const lines = rows.map((row) => row.map((cell, column) => (column === 6 ? cell.padStart(widths[6]) : cell.padEnd(widths[column]))).join("  ").trimEnd());
    lines.splice(1, 0, "─".repeat(Math.max(...lines.map(({ length }) => length))));
    return `${lines.join("\n")}\n\n${this.parameterCount.toLocaleString("en")} parameters, depth ${this.depth}`;
  }

  /** Frees the network's memory. Calls after it throw DisposedError; dispose() again does nothing. */
  dispose(): void {
    this.lease.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal */
  checkAlive(where: string): void {
    if (this.lease.disposed) throw this.lease.disposedError(where);
  }

  /** @internal Rows of finite values that stay where they are when memory grows. */
  checkRows(where: string, x: MatrixLike): Rows {
    this.checkAlive(where);
    const { data, rows } = checkMatrix(where, "x", x, this.inputs);
    checkFinite(where, "x", { data, rows }, this.inputs);
    return { data: this.stack.backend.linear.steady(data), rows };
  }

  /** @internal */
  readLayer(layer: number, where: string, block = this.stack.weights): LayerWeights {
    this.checkAlive(where);
    const { parameters } = this.stack;
    const result: LayerWeights = {};
    for (const parameter of parameters.placed) if (parameter.layer === layer) result[parameter.name] = parameters.read(parameter, block, where);
    return result;
  }

  /** @internal */
  writeLayer(layer: number, values: LayerWeights, where: string): void {
    this.checkAlive(where);
    if (typeof values !== "object" || values === null) throw new ArgumentError(`${where}: values must be an object with weights or bias, got ${describe(values)}`);
    checkOptions(where, values, ["weights", "bias"], "values");
    const { backend, parameters } = this.stack;
    const checked: [PlacedParameter, Float32Array][] = [];
    for (const [name, value] of Object.entries(values)) {
      const parameter = parameters.find(layer, name);
      if (parameter === undefined) throw new ShapeError(`${where}: layer ${layer + 1} must have what is set, got ${describe(name)} for ${this.stack.layers[layer].label}`);
      if (!(value instanceof Float32Array)) throw new ArgumentError(`${where}: ${name} of layer ${layer + 1} must be a Float32Array, got ${describe(value)}`);
      const length = elements(parameter);
      if (value.length !== length) throw new ShapeError(`${where}: ${name} of layer ${layer + 1} must hold ${parameter.shape.join(" × ")} = ${length} values, got ${value.length}`);
      const bad = value.findIndex((number) => !Number.isFinite(number));
      if (bad >= 0) throw Object.assign(new NonFiniteError(`${where}: ${name} of layer ${layer + 1} must be finite, got ${value[bad]} at ${bad}`), { layer: layer + 1 });
      checked.push([parameter, backend.linear.steady(value)]);
    }
    // Weights first: only they need memory, so nothing has changed should there be none.
    checked.sort(([a], [b]) => b.shape.length - a.shape.length);
    for (const [parameter, value] of checked) parameters.write(parameter, this.stack.weights, value, where);
  }
}

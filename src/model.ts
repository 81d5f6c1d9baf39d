// A network as far as inference goes: layers, their weights, predict and sessions. Network adds training; "lanewise/infer" stops here.

import type { Backend } from "./backend.js";
import { checkCount, checkFinite, checkMatrix, checkOptions, floats, type MatrixLike, type Rows } from "./check.js";
import { rowStride, type Layer } from "./layers/layer.js";
import { disposeWithOwner, Lease } from "./memory.js";
import { ParameterBlock } from "./parameters.js";
import { InferencePlan, type Stack } from "./plan.js";
import { Session } from "./session.js";

/** Working memory of predict() stays below this many bytes, unless a single row needs more. */
const PREDICT_BYTES = 1 << 20;
const PREDICT_ROWS = 256;

/** Floats a row of the widest matrix in a layer. */
function widest({ units, layers = [] }: Layer): number {
  return Math.max(rowStride(units), ...layers.map(widest));
}

export class Model<L extends Layer = Layer, Inputs extends number = number, Outputs extends number = number> {
  /** Values in a row of x. */
  readonly inputs: Inputs;
  /** Values in a row of the prediction. */
  readonly outputs: Outputs;
  /** Layers, the input not counted. */
  readonly depth: number;
  // Private, so that a printed network shows what it is and not how it lies in memory.
  readonly #lease: Lease;
  readonly #stack: Stack<L>;
  #predictPlan: InferencePlan | undefined;

  /** @internal */
  constructor(backend: Backend, layers: readonly L[], where: string) {
    this.inputs = layers[0].inputs as Inputs;
    this.outputs = layers.at(-1)!.units as Outputs;
    this.depth = layers.length;
    this.#lease = new Lease(backend.linear, "network");
    const parameters = new ParameterBlock(backend, this.#lease, layers, where);
    this.#stack = { backend, layers, parameters, weights: parameters.pointer };
    disposeWithOwner(this, this.#lease);
  }

  /** @internal */
  get lease(): Lease {
    return this.#lease;
  }

  /** @internal */
  get stack(): Stack<L> {
    return this.#stack;
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
    const rowBytes = 4 * (this.inputs + 2 * Math.max(...this.stack.layers.map(widest)));
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
}

// What the random calls work on: a network with its session and matrix, twice. The second, the twin, gets only the calls that succeed on the first.

import { adam, createBackend, dense, dropout, layerNormalization, matmul, Matrix, Network, type History, type Session } from "../../src/index.js";

export const x = new Float32Array([0.5, -1, 0.25, 1, 2, -0.75]);
export const y = new Float32Array([0.5, 0, 0.25, 1, 1, -0.5]);

const layers = [
  () => [dense(3, "tanh"), dense(2)],
  () => [dense(5, "relu"), dropout(0.25), layerNormalization(), dense(2)],
  () => [dense(2, "linear", { l2: 0.01, maxNorm: 2 })],
];

export class Half {
  readonly backend = createBackend({ maximumBytes: 1 << 23 });
  network: Network;
  session: Session;
  matrix: Matrix;
  /** A fit that waits before its first batch, and what lets it go on. */
  fitting: { readonly promise: Promise<History | Error>; release(): void; aborted: boolean } | undefined;

  constructor(kind: number) {
    this.network = new Network({ inputs: 2, layers: layers[kind](), seed: kind }, { backend: this.backend });
    this.session = this.network.session({ batch: 2 });
    this.matrix = new Matrix(3, 2, x, { backend: this.backend });
  }

  compile(): void {
    this.network.compile({ optimizer: adam({ learningRate: 0.01 }), loss: "mse", metrics: ["meanAbsoluteError"] });
  }

  /** Starts a fit that waits in onTrainBegin: at that point no weight has changed, however long it waits. */
  async startFit(epochs: number): Promise<void> {
    let release!: () => void;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const fitting = { release, aborted: false, promise: undefined as unknown as Promise<History | Error> };
    const promise = this.network.fit(x, y, { epochs, batchSize: 2, callbacks: [{ onTrainBegin: () => gate }], signal: { get aborted() { return fitting.aborted; } } });
    // A rejection counts when somebody waits for the end; but one of the checks comes at once.
    fitting.promise = promise.catch((error: Error) => error);
    const early = await Promise.race([fitting.promise, new Promise((resolve) => setImmediate(resolve))]);
    if (early instanceof Error) throw early;
    this.fitting = fitting;
  }

  async endFit(abort: boolean): Promise<History> {
    const fitting = this.fitting!;
    this.fitting = undefined;
    fitting.aborted = abort;
    fitting.release();
    const result = await fitting.promise;
    if (result instanceof Error) throw result;
    return result;
  }

  /** Everything that a failed call could spoil. */
  state(model: Model): unknown[] {
    const { network, session, matrix } = this;
    const state: unknown[] = [];
    if (!model.disposed) state.push(network.predict(x), network.save({ includeOptimizer: model.compiled }));
    if (!model.disposed && model.compiled) state.push(network.evaluate(x, y));
    if (!model.sessionDisposed) {
      session.input.set(x.subarray(0, 4));
      session.run();
      state.push(session.output.slice());
    }
    if (!model.matrixDisposed) state.push(matrix.data.slice());
    if (!model.matrixDisposed && !model.backendDisposed) state.push(product(matrix));
    return state;
  }

  dispose(): void {
    this.fitting?.release();
    for (const object of [this.network, this.session, this.matrix, this.backend]) object.dispose();
  }
}

/** a · aᵀ, as a copy. */
export function product(matrix: Matrix): Float32Array {
  const c = matmul(matrix, matrix, { transposeB: true });
  const values = c.data.slice();
  c.dispose();
  return values;
}

/** What is known of a Half: enough to say what a call with good arguments must do. */
export interface Model {
  readonly kind: number;
  compiled: boolean;
  fitting: boolean;
  disposed: boolean;
  sessionDisposed: boolean;
  matrixDisposed: boolean;
  backendDisposed: boolean;
}

export const newModel = (kind: number): Model => ({ kind, compiled: false, fitting: false, disposed: false, sessionDisposed: false, matrixDisposed: false, backendDisposed: false });
export const KINDS = layers.length;

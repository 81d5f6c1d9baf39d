// Network: a Model that learns.

import { checkBackend, type Backend } from "./backend.js";
import { CopiedBatch } from "./batches.js";
import { checkOptions, describe, type MatrixLike, type Rows } from "./check.js";
import { defaultBackend } from "./default-backend.js";
import { diagnose, type Diagnosis } from "./diagnosis.js";
import { ArgumentError, ShapeError, StateError } from "./errors.js";
import { runFit } from "./fit.js";
import { checkFit, type FitOptions, type History, type StreamFitOptions, type TargetsLike } from "./fit-options.js";
import { initializeParameters } from "./initializers.js";
import { buildLayers, checkSeed, type NetworkConfig, type Rebuilders } from "./layers/build.js";
import { checkCustomLayer, rebuildCustom, type CustomLayer } from "./layers/custom.js";
import type { TrainableLayer } from "./layers/layer.js";
import rebuilders from "./layers/table.js";
import { checkLoss, type Loss, type LossName, type LossOptions } from "./losses.js";
import { LayerHandle, readLayer, type LayerWeights } from "./layer-handle.js";
import { checkMetrics, type MetricName, type MetricOptions } from "./metrics.js";
import { Model } from "./model.js";
import type { Optimizer } from "./optimizer.js";
import { checkOptimizer } from "./check-optimizer.js";
import type { OptimizerName } from "./optimizers.js";
import { readTraining, writeModel, type SaveOptions } from "./model-file.js";
import { readModel, type ModelFile } from "./model-reader.js";
import { withSampleWeight, type SampleWeight } from "./row-weights.js";
import type { BatchStream } from "./sources.js";
import { summarize } from "./summary.js";
import { checkTargets, Targets } from "./targets.js";
import type { Scores } from "./tally.js";
import { traceForward, type Trace } from "./trace.js";
import { Trainer } from "./trainer.js";

export interface CompileOptions {
  /** From sgd(), adam() or the like, or a name for its defaults. */
  optimizer: Optimizer | OptimizerName;
  loss: LossName | LossOptions;
  /** Names, or { name, k } for topKAccuracy. */
  metrics?: readonly (MetricName | MetricOptions)[];
}

export interface EvaluateOptions {
  /** Factors of the rows' losses, as for fit(). */
  sampleWeight?: SampleWeight;
}

export interface NetworkOptions {
  /** From createBackend(); without it, the shared default: strict SIMD, one thread. */
  backend?: Backend;
}

export interface LoadOptions extends NetworkOptions {
  /** What custom() layers in the file are. */
  customLayers?: readonly CustomLayer[];
}

/** Gradients of the mean loss of a batch, in the layout of getWeights(). */
export interface Gradients {
  loss: number;
  /** gradients.layers[l] belongs to network.layers[l]. */
  layers: LayerWeights[];
  /** Row-major, rows × inputs. */
  input: Float32Array;
}

/**
 * A dense network.
 *
 * @example
 * const network = new Network({ inputs: 2, layers: [dense(8, "tanh"), dense(1, "sigmoid")], seed: 1 });
 * network.compile({ optimizer: adam({ learningRate: 0.05 }), loss: "binaryCrossentropy" });
 * await network.fit([[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]], { epochs: 300, batchSize: 4 });
 * network.predict([[1, 0]]); // Float32Array [ 0.99… ]
 */
export class Network<Inputs extends number = number, Outputs extends number = number> extends Model<TrainableLayer, Inputs, Outputs> {
  /** Reads what save() wrote; predictions are the same to the bit. @throws FormatError with the byte offset of what is wrong */
  static load(bytes: Uint8Array | ArrayBuffer, options?: LoadOptions): Network {
    const where = "Network.load";
    const { backend: given, customLayers = [] } = checkOptions(where, options, ["backend", "customLayers"]);
    const backend = checkBackend(where, given, defaultBackend);
    const file = readModel(where, bytes, withCustomLayers(where, customLayers));
    const training = file.training === undefined ? undefined : readTraining(where, file.training, file);
    const network = new Network(file.config, { backend });
    try {
      if (training !== undefined) network.compile(training.compile);
      network.#take(file, training);
      file.finish();
    } catch (error) {
      network.dispose();
      throw error;
    }
    return network;
  }

  /** layers[0] is the first layer after the input: layer 1 in the notation a[l] = f(z[l]). */
  readonly layers: readonly LayerHandle[];
  readonly seed: number;
  #trainer: Trainer | undefined;
  #fitting = false;

  constructor(config: NetworkConfig, options?: NetworkOptions) {
    const where = "Network";
    const layers = buildLayers(where, config);
    const seed = checkSeed(where, config);
    const { backend } = checkOptions(where, options, ["backend"]);
    super(checkBackend(where, backend, defaultBackend), layers, where);
    this.seed = seed;
    this.layers = layers.map((layer, i) => new LayerHandle(this, layer, i));
    try {
      initializeParameters(this.stack.parameters, seed, where);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /**
   * Sets optimizer, loss and metrics; anything an earlier optimizer remembered is gone.
   * @throws NameError for unknown names, ArgumentError where the loss does not suit the last layer or a metric does not suit the loss
   */
  compile(options: CompileOptions): void {
    const where = "Network.compile";
    this.#checkIdle(where);
    const { optimizer, loss, metrics = [] } = checkOptions(where, options, ["optimizer", "loss", "metrics"]);
    const settledLoss = checkLoss(where, loss, this.stack.layers.at(-1)!.activation.id);
    const settledOptimizer = checkOptimizer(where, optimizer);
    const settledMetrics = checkMetrics(where, metrics, settledLoss, this.outputs);
    const trainer = this.lease.sublet((lease) => new Trainer(this.stack, lease, settledLoss, settledMetrics, settledOptimizer, this.seed, where));
    this.#trainer?.lease.dispose();
    this.#trainer = trainer;
  }

  /**
   * Trains on all rows of x and y, or on the batches of a stream, for some epochs. Yields to the event loop after each batch that ends 12 ms or more after the last time.
   *
   * @returns one number an epoch: loss, the metrics, and valLoss, valAccuracy and so on where there are validation data
   * @throws (rejects) before any weight changes if x, y or an option is wrong; NonFiniteError, with epoch, batch and layer, at the first step that would
   * make weights NaN: the weights stay as they were before that step
   */
  fit(x: MatrixLike, y: TargetsLike, options?: FitOptions): Promise<History>;
  fit(stream: BatchStream, options?: StreamFitOptions): Promise<History>;
  async fit(x: MatrixLike | BatchStream, y?: TargetsLike | StreamFitOptions, options?: FitOptions): Promise<History> {
    const trainer = this.#compiled("Network.fit");
    const settled = checkFit(this, trainer, x, y, options);
    this.#fitting = true;
    try {
      return await runFit(this, trainer, settled);
    } finally {
      this.#fitting = false;
    }
  }

  /** One step on one batch of any size. @returns the mean loss before the update */
  trainBatch(x: MatrixLike, y: TargetsLike): number {
    const where = "Network.trainBatch";
    const trainer = this.#compiled(where);
    const { rows, targets } = this.checkPair(where, x, y, trainer.loss);
    return trainer.mean(trainer.train(new CopiedBatch(rows.data, targets, rows.rows), where).loss, rows.rows);
  }

  /** Mean loss, and the metrics compiled with, over all rows. Weights of rows count for the loss alone, whose divisor stays the number of rows. */
  evaluate(x: MatrixLike, y: TargetsLike, options?: EvaluateOptions): Scores {
    const where = "Network.evaluate";
    const trainer = this.#compiled(where, true);
    const { sampleWeight } = checkOptions(where, options, ["sampleWeight"]);
    const { rows, targets } = this.checkPair(where, x, y, trainer.loss);
    return trainer.evaluate(rows.data, withSampleWeight(where, targets, sampleWeight), rows.rows, where).scores(true);
  }

  /** Every z[l] and a[l] for the rows of x; a[0] = x, z[0] is undefined. */
  trace(x: MatrixLike): Trace {
    const where = "Network.trace";
    return traceForward(this, this.checkRows(where, x), where);
  }

  /** Gradients of the mean loss over the rows of x; no weight changes. @throws NonFiniteError where loss or gradients overflow */
  gradients(x: MatrixLike, y: TargetsLike): Gradients {
    const where = "Network.gradients";
    const trainer = this.#compiled(where, true);
    const { rows, targets } = this.checkPair(where, x, y, trainer.loss);
    return trainer.differentiate(rows.data, targets, rows.rows, where, (layer, block) => readLayer(this, layer, where, block));
  }

  /**
   * How the rows of x and their gradients fare in each layer, and a verdict in plain words; nothing changes. Needs the memory of gradients(), and some hundred
   * rows for a sound verdict. @throws as gradients() does
   * @example console.log(String(network.diagnose(x, y))); // a table, and the verdict
   */
  diagnose(x: MatrixLike, y: TargetsLike): Diagnosis {
    const where = "Network.diagnose";
    const trainer = this.#compiled(where, true);
    const { rate } = trainer.updater;
    const { rows, targets } = this.checkPair(where, x, y, trainer.loss);
    return diagnose(this.stack, trainer, rate, rows, targets, where);
  }

  /**
   * Takes the weights, and what layers have measured, from a file of a network with the same layers; the optimizer goes on as after setWeights().
   * @throws ShapeError that names the layer and both shapes where they differ, FormatError for a file that is none; then nothing has changed
   */
  loadWeights(bytes: Uint8Array | ArrayBuffer, options?: Pick<LoadOptions, "customLayers">): void {
    const where = "Network.loadWeights";
    this.#checkIdle(where);
    const { customLayers = [] } = checkOptions(where, options, ["customLayers"]);
    const { layers, apply } = readModel(where, bytes, withCustomLayers(where, customLayers));
    const { layers: own, parameters, weights } = this.stack;
    if (layers.length !== own.length) throw new ShapeError(`${where}: the file must hold ${own.length} layers, got ${layers.length}`);
    for (const [i, layer] of own.entries()) {
      const arrays = (of: TrainableLayer) => of.parameters.map(({ name, shape }) => `${name} ${shape.join(" × ")}`).join(", ") || "no weights";
      if (arrays(layer) !== arrays(layers[i])) throw new ShapeError(`${where}: layer ${i + 1}, ${layer.label}, must have ${arrays(layer)}, got ${arrays(layers[i])} of ${layers[i].label}`);
    }
    // The largest first: it needs the most memory, so nothing has changed should there be none.
    apply(parameters, weights, [...parameters.placed].sort((a, b) => b.size - a.size));
  }

  /** A text table: each layer with the shapes of W, b, z and a, and its parameter count. */
  summary(): string {
    this.checkAlive("Network.summary");
    return summarize(this.inputs, this.stack.layers);
  }

  /** The network as a safetensors file: weights row-major, config in the metadata, with { includeOptimizer: true } also what training needs to go on. */
  save(options?: SaveOptions): Uint8Array<ArrayBuffer> {
    const where = "Network.save";
    this.checkAlive(where);
    return writeModel(where, this, this.#trainer, options);
  }

  override dispose(): void {
    super.dispose();
    this.#trainer = undefined;
  }

  /** @internal x and y, checked against the layers, the loss and each other. */
  checkPair(where: string, x: MatrixLike, y: TargetsLike, loss: Loss): { rows: Rows; targets: Targets } {
    const rows = this.checkRows(where, x);
    const { data, width } = checkTargets(where, y, rows.rows, loss, this.outputs);
    return { rows, targets: new Targets(this.stack.backend.linear.steady(data), width) };
  }

  /** @internal All that the layers learn and measure, as it lies in memory, for restore(). */
  snapshot(): Float32Array {
    this.checkAlive("Network.fit");
    const { backend, parameters, weights } = this.stack;
    return backend.linear.f32(weights, parameters.total).slice();
  }

  /** @internal */
  restore(snapshot: Float32Array): void {
    this.checkAlive("Network.fit");
    const { backend, parameters, weights } = this.stack;
    if (snapshot.length !== parameters.total) throw new ShapeError(`Network.fit: weights to go back to must be ${parameters.total} numbers, got ${snapshot.length}`);
    backend.linear.f32(weights, parameters.total).set(snapshot);
  }

  /**
   * @internal For lanewise/worker: `train` gets what makes fit() go on elsewhere as a file, and gives files back through `adopt`; meanwhile this network may be read, not changed.
   */
  async trainElsewhere<T>(train: (file: Uint8Array<ArrayBuffer>, adopt: (bytes: Uint8Array<ArrayBuffer>) => void) => Promise<T>): Promise<T> {
    const where = "Network.fit";
    this.#compiled(where);
    const table = withCustomLayers(where, definitionsOf(this.stack.layers));
    const file = writeModel(where, this, this.#trainer, { includeOptimizer: true });
    this.#fitting = true;
    try {
      return await train(file, (bytes) => {
        // Disposed of meanwhile: nobody is left to take it.
        if (this.lease.disposed) return;
        const file = readModel(where, bytes, table);
        this.#take(file, readTraining(where, file.training!, file));
      });
    } finally {
      this.#fitting = false;
    }
  }

  #take(file: ModelFile<TrainableLayer>, training: ReturnType<typeof readTraining> | undefined): void {
    const { parameters, weights } = this.stack;
    file.apply(parameters, weights, parameters.placed);
    training?.apply(this.#trainer!);
  }

  /** @internal For callbacks. */
  reduceRate(factor: number, minimum: number): void {
    this.#trainer!.updater.reduceRate(factor, minimum);
  }

  #checkIdle(where: string): void {
    this.checkAlive(where);
    if (this.#fitting) throw new StateError(`${where}: fit() must have ended, got a call while it runs`);
  }

  #compiled(where: string, alsoWhileFitting = false): Trainer {
    if (alsoWhileFitting) this.checkAlive(where);
    else this.#checkIdle(where);
    if (this.#trainer === undefined) throw new StateError(`${where}: compile() must come first, got a network without loss and optimizer`);
    return this.#trainer;
  }
}

function definitionsOf(layers: readonly TrainableLayer[]): CustomLayer[] {
  return layers.flatMap((layer) => [...definitionsOf(layer.layers ?? []), ...("definition" in layer ? [layer.definition as CustomLayer] : [])]);
}

/** THE table of layers, and those of the user. */
function withCustomLayers(where: string, customLayers: readonly CustomLayer[]): Rebuilders<TrainableLayer> {
  if (!Array.isArray(customLayers)) throw new ArgumentError(`${where}: customLayers must be an array of layers, got ${describe(customLayers)}`);
  for (const layer of customLayers) checkCustomLayer(where, layer);
  return { ...rebuilders, custom: (config: { type: string; name: string }) => rebuildCustom(config, customLayers) };
}

// What fit() takes, checked before the first weight changes.

import { cutBatches, CopiedBatch } from "./batches.js";
import { checkCallbacks, type Callback } from "./callbacks.js";
import { checkBoolean, checkCount, checkNumber, checkOptions, describe, type ClassNumbers, type MatrixLike, type Rows } from "./check.js";
import { ArgumentError, ShapeError } from "./errors.js";
import type { Lease } from "./memory.js";
import type { Network } from "./network.js";
import { checkPosition, type Settings } from "./position.js";
import { permutation, SHUFFLE } from "./random.js";
import { validationKey, type MetricId, type ValidationKey } from "./metrics.js";
import { withClassWeight, withSampleWeight, type ClassWeight, type SampleWeight } from "./row-weights.js";
import { isStream, sourceOfRows, sourceOfStream, type BatchStream, type Source } from "./sources.js";
import { Tally } from "./tally.js";
import { Targets } from "./targets.js";
import type { Trainer } from "./trainer.js";

export type TargetsLike = MatrixLike | ClassNumbers;

/** What fit() needs of an AbortSignal. */
export interface AbortSignalLike {
  readonly aborted: boolean;
}

interface AnyFitOptions {
  /** Passes over the data. Default 1. */
  epochs?: number;
  /** Batches whose gradients are averaged, row by row, for one update: as one batch of all their rows, in the memory of one; up to 65,535. Default 1. */
  accumulateSteps?: number;
  /** Rows for validation, with weights if you like; instead of validationSplit. */
  validationData?: readonly [MatrixLike, TargetsLike, SampleWeight?];
  callbacks?: readonly Callback[];
  /** Ends training after the current batch; fit resolves with the history so far. */
  signal?: AbortSignalLike;
  /** One line an epoch through console.log. Default false. */
  verbose?: boolean;
  /**
   * Go on where the last fit() of this network stood, in this process or before save({ includeOptimizer: true }), in the middle of an epoch too: with the same data and
   * options, to the bits of a fit that was never interrupted. `epochs` counts from the start of that fit, and its history is given whole. Where there was none, fit()
   * starts anew, as it does without. Default false.
   */
  resume?: boolean;
}

export interface FitOptions extends AnyFitOptions {
  /** Rows a step. Default 32; the last batch of an epoch may be smaller. */
  batchSize?: number;
  /** A new order each epoch, by the network's seed. Default true. */
  shuffle?: boolean;
  /** Share of the rows, taken from the end, kept for validation. Default 0. */
  validationSplit?: number;
  /** A factor, at least 0, for each row's loss and gradient. The mean still divides by the number of rows, as in Keras; PyTorch's loss weights divide by their sum. */
  sampleWeight?: SampleWeight;
  /** The same by class, for targets of one class a row: a number for each class, or { class: weight } for those that are not 1. Not for validation. */
  classWeight?: ClassWeight;
}

export interface StreamFitOptions extends AnyFitOptions {
  /** Batches an epoch, for streams that do not end. Default: until the stream ends. */
  stepsPerEpoch?: number;
}

/** One number an epoch. An epoch that was aborted is not in it. */
export interface History extends Partial<Record<MetricId | ValidationKey<MetricId>, number[]>> {
  loss: number[];
  valLoss?: number[];
}

export interface Data {
  readonly x: Rows;
  readonly y: Targets;
}

export interface Settled extends Required<Pick<AnyFitOptions, "epochs" | "accumulateSteps" | "callbacks" | "verbose" | "resume">> {
  readonly signal: AbortSignalLike | undefined;
  readonly validation: Data | undefined;
  readonly settings: Settings;
  /** Those of an epoch: of training, and of validation. */
  readonly numbers: readonly string[];
  /** Batches an epoch, if it is known. */
  readonly steps: number | undefined;
  /** What must stay where it is while others run. */
  readonly data: readonly Data[];
  /** Batches, with a lease for what they take of linear memory. */
  source(lease: Lease): Source;
}

const where = "Network.fit";
/** The random streams of layers have 16 bits for the batch of an update. */
const MOST_BATCHES = 0xffff;
const common = ["epochs", "accumulateSteps", "validationData", "callbacks", "signal", "verbose", "resume"] as const;

export function checkFit(network: Network, trainer: Trainer, x: MatrixLike | BatchStream, y: unknown, given: unknown): Settled {
  const stream = isStream(x, y) ? x : undefined;
  const keys = [...common, ...(stream ? ["stepsPerEpoch"] : ["batchSize", "shuffle", "validationSplit", "sampleWeight", "classWeight"])];
  const options = checkOptions(where, (stream ? y : given) as FitOptions & StreamFitOptions | undefined, keys as never);
  const { epochs = 1, accumulateSteps = 1, validationData, callbacks = [], signal, verbose = false, resume = false } = options;
  const { batchSize = 32, shuffle = true, validationSplit = 0, sampleWeight, classWeight, stepsPerEpoch } = options;
  const count = (what: string, value: number, most?: number) => checkCount(where, what, value, 1, most, ArgumentError);
  count("epochs", epochs);
  count("batchSize", batchSize);
  count("accumulateSteps", accumulateSteps, MOST_BATCHES);
  if (stepsPerEpoch !== undefined) count("stepsPerEpoch", stepsPerEpoch);
  checkBoolean(where, "shuffle", shuffle);
  checkBoolean(where, "verbose", verbose);
  checkBoolean(where, "resume", resume);
  checkNumber(where, "validationSplit", validationSplit, { least: 0, below: 1 });
  checkCallbacks(where, callbacks);
  if (signal !== undefined && typeof signal?.aborted !== "boolean") throw new ArgumentError(`${where}: signal must be an AbortSignal, got ${describe(signal)}`);

  const pair = (px: MatrixLike, py: TargetsLike, weights: SampleWeight | undefined): Data => {
    const { rows, targets } = network.checkPair(where, px, py, trainer.loss);
    // Class numbers are indices: what was checked must not change while others run.
    const numbers = trainer.loss.row.targets === "classes" ? new Int32Array(targets.data) : targets.data;
    return { x: rows, y: withSampleWeight(where, new Targets(numbers, targets.width), weights) };
  };
  let training = stream ? undefined : pair(x as MatrixLike, y as TargetsLike, sampleWeight);
  let validation: Data | undefined;
  if (validationData !== undefined) {
    if (!Array.isArray(validationData) || validationData.length < 2 || validationData.length > 3) throw new ArgumentError(`${where}: validationData must be [x, y] or [x, y, sampleWeight], got ${describe(validationData)}`);
    if (validationSplit > 0) throw new ArgumentError(`${where}: validationSplit and validationData must not both be given, got ${validationSplit} and data`);
    validation = pair(validationData[0] as MatrixLike, validationData[1] as TargetsLike, validationData[2] as SampleWeight);
  } else if (training && validationSplit > 0) {
    const { rows } = training.x;
    const kept = Math.floor(rows * (1 - validationSplit));
    if (kept === 0 || kept === rows) throw new ShapeError(`${where}: validationSplit must leave rows on both sides, got ${validationSplit} of ${rows} rows`);
    validation = cut(training, network.inputs, kept, rows);
    training = cut(training, network.inputs, 0, kept);
  }

  if (training) training = { ...training, y: withClassWeight(where, training.y, classWeight, trainer.loss, network.outputs) };
  const { isFullBatch, id } = trainer.optimizer;
  if (isFullBatch && accumulateSteps > 1) throw new ArgumentError(`${where}: accumulateSteps must be 1 with ${id}, got ${accumulateSteps}`);

  let settings: Settings = { accumulateSteps, validationRows: validation?.x.rows ?? 0 };
  let source: Settled["source"];
  let steps = stepsPerEpoch;
  let largest = 0;
  if (training) {
    const { x: { data, rows }, y: targets } = training;
    if (isFullBatch && batchSize < rows) throw new ArgumentError(`${where}: batchSize must be at least ${rows}, all rows, with ${id}, got ${batchSize}`);
    trainer.checkRows(rows % batchSize || Math.min(rows, batchSize), where);
    // One batch of all rows needs no order, and its sums should not change.
    const shuffled = shuffle && !isFullBatch;
    settings = { rows, batchSize, shuffle, ...settings };
    largest = Math.min(batchSize, rows);
    steps = Math.ceil(rows / batchSize);
    source = (lease) => sourceOfRows(rows, batchSize, cutBatches(data, targets, network.inputs, batchSize, lease, where), () =>
      shuffled ? permutation(network.stack.backend, { seed: network.seed, purpose: SHUFFLE, stream: trainer.epoch }, rows, trainer.words) : undefined);
  } else {
    if (isFullBatch && steps !== 1) throw new ArgumentError(`${where}: a stream must come with stepsPerEpoch 1, all rows in one batch, with ${id}, got ${steps}`);
    settings = { stepsPerEpoch: stepsPerEpoch ?? 0, ...settings };
    const made = sourceOfStream(where, stream!, epochs, stepsPerEpoch, (px, py, weights) => {
      const { rows, targets } = network.checkPair(where, px, py, trainer.loss);
      return new CopiedBatch(rows.data, withSampleWeight(where, targets, weights), rows.rows);
    });
    source = () => made;
  }
  const own = Object.keys(new Tally(trainer).scores(true));
  const numbers = validation ? [...own, ...own.map(validationKey)] : own;
  if (resume && trainer.position) checkPosition(where, trainer.position, settings, numbers, steps);
  // All memory that training takes, so that none is missing once weights have changed.
  trainer.prepare(largest, validation !== undefined, accumulateSteps, where);
  const data = [training, validation].filter((each) => each !== undefined);
  return { epochs, accumulateSteps, callbacks: Array.from(callbacks), signal, verbose, resume, validation, settings, numbers, steps, data, source };
}

function cut({ x, y }: Data, columns: number, start: number, end: number): Data {
  return { x: { data: x.data.subarray(start * columns, end * columns), rows: end - start }, y: y.slice(start, end) };
}

// The training loop: epochs, batches, shuffling, validation, callbacks, and stepping aside for the event loop.

import { cutBatches, type Batches } from "./batches.js";
import type { Callback, Logs } from "./callbacks.js";
import { checkBoolean, checkCount, checkNumber, checkOptions, describe, type ClassNumbers, type MatrixLike, type Rows } from "./check.js";
import { ArgumentError, DisposedError, NonFiniteError, ShapeError } from "./errors.js";
import type { Network } from "./network.js";
import { validationKey, type MetricId, type ValidationKey } from "./metrics.js";
import { permutation, SHUFFLE } from "./random.js";
import { withClassWeight, withSampleWeight, type ClassWeight, type SampleWeight } from "./row-weights.js";
import { Tally } from "./tally.js";
import { Targets } from "./targets.js";
import type { Trainer } from "./trainer.js";

export type TargetsLike = MatrixLike | ClassNumbers;

/** What fit() needs of an AbortSignal. */
export interface AbortSignalLike {
  readonly aborted: boolean;
}

export interface FitOptions {
  /** Passes over the data. Default 1. */
  epochs?: number;
  /** Rows a step. Default 32; the last batch of an epoch may be smaller. */
  batchSize?: number;
  /** A new order each epoch, by the network's seed. Default true. */
  shuffle?: boolean;
  /** Share of the rows, taken from the end, kept for validation. Default 0. */
  validationSplit?: number;
  /** Rows for validation, with weights if you like; instead of validationSplit. */
  validationData?: readonly [MatrixLike, TargetsLike, SampleWeight?];
  /** A factor, at least 0, for each row's loss and gradient. The mean still divides by the number of rows, as in Keras; PyTorch's loss weights divide by their sum. */
  sampleWeight?: SampleWeight;
  /** The same by class, for targets of one class a row: a number for each class, or { class: weight } for those that are not 1. Not for validation. */
  classWeight?: ClassWeight;
  callbacks?: readonly Callback[];
  /** Ends training after the current batch; fit resolves with the history so far. */
  signal?: AbortSignalLike;
  /** One line an epoch through console.log. Default false. */
  verbose?: boolean;
}

/** One number an epoch. An epoch that was aborted is not in it. */
export interface History extends Partial<Record<MetricId | ValidationKey<MetricId>, number[]>> {
  loss: number[];
  valLoss?: number[];
}

const where = "Network.fit";
/** fit steps aside this often, in ms: a page stays responsive, and the cost stays far below 1 %. */
const SLICE = 12;

interface Data {
  readonly x: Rows;
  readonly y: Targets;
}

interface Settled extends Required<Omit<FitOptions, "validationData" | "validationSplit" | "sampleWeight" | "classWeight" | "signal">> {
  readonly signal: AbortSignalLike | undefined;
  readonly training: Data;
  readonly validation: Data | undefined;
}

/** Checks everything before the first weight changes. */
export function checkFit(network: Network, trainer: Trainer, x: MatrixLike, y: TargetsLike, given: FitOptions | undefined): Settled {
  const options = checkOptions(where, given, ["epochs", "batchSize", "shuffle", "validationSplit", "validationData", "sampleWeight", "classWeight", "callbacks", "signal", "verbose"]);
  const { epochs = 1, batchSize = 32, shuffle = true, validationSplit = 0, validationData, sampleWeight, classWeight, callbacks = [], signal, verbose = false } = options;
  checkCount(where, "epochs", epochs, 1, undefined, ArgumentError);
  checkCount(where, "batchSize", batchSize, 1, undefined, ArgumentError);
  checkBoolean(where, "shuffle", shuffle);
  checkBoolean(where, "verbose", verbose);
  checkNumber(where, "validationSplit", validationSplit, { least: 0, below: 1 });
  checkCallbacks(callbacks);
  if (signal !== undefined && typeof signal?.aborted !== "boolean") throw new ArgumentError(`${where}: signal must be an AbortSignal, got ${describe(signal)}`);
  const pair = (px: MatrixLike, py: TargetsLike, weights: SampleWeight | undefined): Data => {
    const { rows, targets } = network.checkPair(where, px, py, trainer.loss);
    // Class numbers are indices: what was checked must not change while others run.
    const numbers = trainer.loss.row.targets === "classes" ? new Int32Array(targets.data) : targets.data;
    return { x: rows, y: withSampleWeight(where, new Targets(numbers, targets.width), weights) };
  };
  let training = pair(x, y, sampleWeight);
  let validation: Data | undefined;
  if (validationData !== undefined) {
    if (!Array.isArray(validationData) || validationData.length < 2 || validationData.length > 3) throw new ArgumentError(`${where}: validationData must be [x, y] or [x, y, sampleWeight], got ${describe(validationData)}`);
    if (validationSplit > 0) throw new ArgumentError(`${where}: validationSplit and validationData must not both be given, got ${validationSplit} and data`);
    validation = pair(validationData[0] as MatrixLike, validationData[1] as TargetsLike, validationData[2] as SampleWeight);
  } else if (validationSplit > 0) {
    const { rows } = training.x;
    const kept = Math.floor(rows * (1 - validationSplit));
    if (kept === 0 || kept === rows) throw new ShapeError(`${where}: validationSplit must leave rows on both sides, got ${validationSplit} of ${rows} rows`);
    validation = cut(training, network.inputs, kept, rows);
    training = cut(training, network.inputs, 0, kept);
  }
  const { isFullBatch, id } = trainer.optimizer;
  if (isFullBatch && batchSize < training.x.rows) throw new ArgumentError(`${where}: batchSize must be at least ${training.x.rows}, all rows, with ${id}, got ${batchSize}`);
  training = { ...training, y: withClassWeight(where, training.y, classWeight, trainer.loss, network.outputs) };
  // All memory that training takes, so that none is missing once weights have changed.
  const { rows } = training.x;
  trainer.checkRows(rows % batchSize || Math.min(rows, batchSize), where);
  trainer.prepare(Math.min(batchSize, training.x.rows), validation !== undefined, where);
  // One batch of all rows needs no order, and its sums should not change.
  return { epochs, batchSize, shuffle: shuffle && !isFullBatch, callbacks: Array.from(callbacks), signal, verbose, training, validation };
}

const hooks = ["onTrainBegin", "onEpochBegin", "onBatchEnd", "onEpochEnd", "onTrainEnd"] as const;

function checkCallbacks(callbacks: readonly Callback[]): void {
  if (!Array.isArray(callbacks)) throw new ArgumentError(`${where}: callbacks must be an array of objects, got ${describe(callbacks)}`);
  for (const [i, callback] of Array.from(callbacks).entries()) {
    if (typeof callback !== "object" || callback === null) throw new ArgumentError(`${where}: callbacks[${i}] must be an object, got ${describe(callback)}`);
    for (const key of Object.keys(callback)) if (/^on[A-Z]/.test(key)) checkOptions(where, { [key]: true }, hooks as never, `hooks of callbacks[${i}]`);
    for (const hook of hooks) {
      if (callback[hook] !== undefined && typeof callback[hook] !== "function") throw new ArgumentError(`${where}: ${hook} of callbacks[${i}] must be a function, got ${describe(callback[hook])}`);
    }
  }
}

function cut({ x, y }: Data, columns: number, start: number, end: number): Data {
  return { x: { data: x.data.subarray(start * columns, end * columns), rows: end - start }, y: y.slice(start, end) };
}

export async function runFit(network: Network, trainer: Trainer, settled: Settled): Promise<History> {
  const { callbacks, validation } = settled;
  const keys = ["loss", ...trainer.metrics.map(({ id }) => id)];
  const history = Object.fromEntries([...keys, ...(validation ? keys.map(validationKey) : [])].map((key) => [key, []])) as unknown as History;

  for (const callback of callbacks) await callback.onTrainBegin?.(network);
  try {
    const { x, y } = settled.training;
    checkStillThere(network, settled);
    await network.lease.sublet(async (lease) => {
      try {
        await runEpochs(network, trainer, settled, cutBatches(x.data, y, network.inputs, settled.batchSize, lease, where), history);
      } finally {
        lease.dispose();
      }
    });
  } finally {
    if (!network.lease.disposed) for (const callback of callbacks) await callback.onTrainEnd?.();
  }
  return history;
}

async function runEpochs(network: Network, trainer: Trainer, settled: Settled, batches: Batches, history: History): Promise<void> {
  const { epochs, callbacks, signal, verbose, validation } = settled;
  const pause = stepAside();
  for (let epoch = 0, stop = false; epoch < epochs && !stop && !signal?.aborted; epoch++) {
    const began = performance.now();
    for (const callback of callbacks) await callback.onEpochBegin?.(epoch);
    checkStillThere(network, settled);
    const logs = await runEpoch(network, trainer, settled, batches, epoch, pause);
    checkStillThere(network, settled);
    if (logs === undefined) break;
    if (validation && !(await validate(network, trainer, settled, validation, logs, pause))) break;
    for (const [key, value] of Object.entries(logs)) history[key as keyof History]!.push(value);
    if (verbose) console.log(line(epoch, epochs, performance.now() - began, logs));
    for (const callback of callbacks) if ((await callback.onEpochEnd?.(epoch, { ...logs })) === true) stop = true;
    checkStillThere(network, settled);
  }
}

/** Adds the validation numbers to `logs`; false if it was aborted on the way. */
async function validate(network: Network, trainer: Trainer, settled: Settled, { x, y }: Data, logs: Logs, pause: () => Promise<void> | undefined): Promise<boolean> {
  const steps = trainer.evaluateSteps(x.data, y, x.rows, where);
  let step = steps.next();
  for (; !step.done; step = steps.next()) {
    const waiting = pause();
    if (waiting) await waiting;
    checkStillThere(network, settled);
    if (settled.signal?.aborted) return false;
  }
  for (const [key, value] of Object.entries(step.value.scores(true))) logs[validationKey(key) as keyof Logs] = value;
  return true;
}

/** One pass over the data; undefined if it was aborted on the way. */
async function runEpoch(network: Network, trainer: Trainer, settled: Settled, batches: Batches, epoch: number, pause: () => Promise<void> | undefined): Promise<Logs | undefined> {
  const { batchSize, shuffle, callbacks, signal, training } = settled;
  const { rows } = training.x;
  batches.arrange(shuffle ? permutation(network.stack.backend, { seed: network.seed, purpose: SHUFFLE, stream: trainer.epoch }, rows, trainer.words) : undefined);
  const tally = new Tally(trainer);
  for (let start = 0, batch = 0; start < rows; start += batchSize, batch++) {
    const end = Math.min(rows, start + batchSize);
    try {
      trainer.train(batches.take(start, end), where, tally);
    } catch (error) {
      if (error instanceof NonFiniteError) {
        error.message = error.message.replace(`${where}:`, `${where}: epoch ${epoch}, batch ${batch}:`);
        Object.assign(error, { epoch, batch });
      }
      throw error;
    }
    for (const callback of callbacks) if (callback.onBatchEnd) await callback.onBatchEnd(batch, tally.scores(false));
    const waiting = pause();
    if (waiting) await waiting;
    checkStillThere(network, settled);
    if (signal?.aborted && end < rows) return undefined;
  }
  trainer.epoch += 1;
  return tally.scores(true);
}

/** After others have run: callbacks, or whatever the event loop had waiting. */
function checkStillThere({ lease, inputs }: Network, { training, validation = training }: Settled): void {
  if (lease.disposed) throw new DisposedError(`${where}: the network must not be disposed while it trains, got a dispose()`);
  for (const { x, y } of [training, validation]) {
    if (x.data.length !== x.rows * inputs || y.rows !== x.rows || y.data.length !== y.rows * y.width) throw new ArgumentError(`${where}: x and y must keep their buffers while it trains, got a detached one`);
  }
}

/** A function that gives a promise of the event loop's next turn when SLICE ms have gone since the last one. */
function stepAside(): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    if (performance.now() - last < SLICE) return undefined;
    return nextTurn().then(() => void (last = performance.now()));
  };
}

declare const setImmediate: ((callback: () => void) => void) | undefined;

/** setImmediate where there is one; a message in browsers, where timers are held back to 4 ms. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === "function") return setImmediate(resolve);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

function line(epoch: number, epochs: number, ms: number, logs: Logs): string {
  const numbers = Object.entries(logs).map(([key, value]) => `${key} ${(value as number).toPrecision(4)}`);
  return `epoch ${epoch + 1}/${epochs}  ${(ms / 1000).toFixed(2)} s  ${numbers.join("  ")}`;
}

// What fit() tells the outside, and stopping early.

import { checkBoolean, checkCount, checkName, checkNumber, checkOptions, describe } from "./check.js";
import { ArgumentError } from "./errors.js";
import type { Network } from "./network.js";

/** Means so far: `loss` and `accuracy` of the batch or epoch, `valLoss` and `valAccuracy` at the end of an epoch with validation data. */
export interface Logs {
  loss: number;
  accuracy?: number;
  valLoss?: number;
  valAccuracy?: number;
}

/** What a training run is about to do, and where it begins: at 0 and 0 unless it is resumed. */
export interface TrainingRun {
  readonly epochs: number;
  /** Batches an epoch; undefined for a stream without stepsPerEpoch. */
  readonly steps: number | undefined;
  readonly epoch: number;
  readonly batch: number;
}

/** Hooks of a training run; each may be async, and is called for one callback after the other. Epochs and batches count from 0. */
export interface Callback {
  /** Tells callbacks with a state apart when a run is resumed with others. */
  readonly name?: string;
  onTrainBegin?(network: Network, run: TrainingRun): void | Promise<void>;
  onEpochBegin?(epoch: number): void | Promise<void>;
  onBatchBegin?(batch: number): void | Promise<void>;
  /** Runs after every batch; the means are those of the epoch so far. */
  onBatchEnd?(batch: number, logs: Logs): void | Promise<void>;
  /** Return true to stop training after this epoch. */
  onEpochEnd?(epoch: number, logs: Logs): void | boolean | Promise<void | boolean>;
  /** Runs at the end, however it comes: done, stopped, aborted, or by an error; not after dispose(). */
  onTrainEnd?(): void | Promise<void>;
  /** What the callback must know to go on when the run is resumed: a new object of JSON values and Float32Arrays. Saved with the network's optimizer. */
  getState?(): object;
  /** Takes back what getState() gave, after onTrainBegin. */
  setState?(state: any): void;
}

const hooks = ["onTrainBegin", "onEpochBegin", "onBatchBegin", "onBatchEnd", "onEpochEnd", "onTrainEnd", "getState", "setState"] as const;

export function checkCallbacks(where: string, callbacks: readonly Callback[]): void {
  if (!Array.isArray(callbacks)) throw new ArgumentError(`${where}: callbacks must be an array of objects, got ${describe(callbacks)}`);
  for (const [i, callback] of Array.from(callbacks).entries()) {
    if (typeof callback !== "object" || callback === null) throw new ArgumentError(`${where}: callbacks[${i}] must be an object, got ${describe(callback)}`);
    for (const key of Object.keys(callback)) if (/^on[A-Z]/.test(key)) checkOptions(where, { [key]: true }, hooks as never, `hooks of callbacks[${i}]`);
    for (const hook of hooks) {
      if (callback[hook] !== undefined && typeof callback[hook] !== "function") throw new ArgumentError(`${where}: ${hook} of callbacks[${i}] must be a function, got ${describe(callback[hook])}`);
    }
  }
}

/** A number of the logs, and the best it has been. */
export class Watch {
  /** Undefined until it has been better than Infinity. */
  best: number | undefined;
  readonly #key: keyof Logs;
  readonly #sign: number;

  constructor(readonly where: string, monitor: unknown, readonly minDelta = 0) {
    this.#key = checkName(where, "monitor", monitor, monitors) as keyof Logs;
    this.#sign = this.#key === "accuracy" || this.#key === "valAccuracy" ? -1 : 1;
    checkNumber(where, "minDelta", minDelta, { least: 0 });
  }

  /** Whether it is better than ever before, by more than minDelta; then this is the best from now on. */
  improves(logs: Logs): boolean {
    const key = this.#key;
    const value = logs[key];
    if (value === undefined) throw new ArgumentError(`${this.where}: monitor must be among ${Object.keys(logs).join(", ")}, the numbers of this fit, got ${key}`);
    const better = this.#sign * value < (this.best ?? Infinity) - this.minDelta;
    if (better) this.best = this.#sign * value;
    return better;
  }
}

export interface EarlyStoppingOptions {
  /** Which number to watch. Default "valLoss". */
  monitor?: keyof Logs | "val_loss" | "val_accuracy";
  /** Epochs without improvement before training stops. Default 0: the first. */
  patience?: number;
  /** An improvement is a change by more than this. Default 0. */
  minDelta?: number;
  /** At the end, however it comes, go back to the weights of the best epoch; the last ones are kept, should training be resumed. Default false. */
  restoreBestWeights?: boolean;
}

const monitors = { loss: {}, accuracy: {}, valLoss: {}, valAccuracy: {} };

/**
 * Stops training when a number has not improved for `patience` epochs.
 * @example fit(x, y, { validationSplit: 0.1, callbacks: [earlyStopping({ patience: 3, restoreBestWeights: true })] })
 */
export function earlyStopping(options?: EarlyStoppingOptions): Callback {
  const where = "earlyStopping";
  const { monitor = "valLoss", patience = 0, minDelta, restoreBestWeights = false } = checkOptions(where, options, ["monitor", "patience", "minDelta", "restoreBestWeights"]);
  const watch = new Watch(where, monitor, minDelta);
  checkCount(where, "patience", patience, 0, undefined, ArgumentError);
  checkBoolean(where, "restoreBestWeights", restoreBestWeights);
  let network: Network;
  let waited: number;
  let weights: Float32Array | undefined;
  /** Those that gave way to the best at the end. */
  let last: Float32Array | undefined;
  return {
    name: where,
    onTrainBegin(trained) {
      network = trained;
      watch.best = undefined;
      waited = 0;
      weights = last = undefined;
    },
    onEpochEnd(_epoch, logs) {
      if (watch.improves(logs)) {
        waited = 0;
        if (restoreBestWeights) weights = network.snapshot();
        return false;
      }
      waited += 1;
      return waited > patience;
    },
    onTrainEnd() {
      if (weights === undefined) return;
      last = network.snapshot();
      network.restore(weights);
    },
    getState: () => ({ best: watch.best, waited, weights, last }),
    setState(state) {
      ({ best: watch.best, waited, weights } = state);
      if (state.last) network.restore(state.last);
    },
  };
}

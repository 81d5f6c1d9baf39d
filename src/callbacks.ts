// What fit() tells the outside, and stopping early.

import { checkBoolean, checkCount, checkName, checkNumber, checkOptions } from "./check.js";
import { ArgumentError } from "./errors.js";
import { metricTable, validationKey, type MetricId, type ValidationKey } from "./metrics.js";
import type { Network } from "./network.js";

/** Values so far: `loss` and the metrics by id, of the batch or epoch; `valLoss`, `valAccuracy` and so on at the end of an epoch with validation data. */
export interface Logs extends Partial<Record<MetricId | ValidationKey<MetricId>, number>> {
  loss: number;
  valLoss?: number;
}

/** Hooks of a training run; each may be async. Epochs and batches count from 0. */
export interface Callback {
  onTrainBegin?(network: Network): void | Promise<void>;
  onEpochBegin?(epoch: number): void | Promise<void>;
  /** Runs after every batch; the means are those of the epoch so far. */
  onBatchEnd?(batch: number, logs: Logs): void | Promise<void>;
  /** Return true to stop training after this epoch. */
  onEpochEnd?(epoch: number, logs: Logs): void | boolean | Promise<void | boolean>;
  /** Runs at the end, however it comes: done, stopped, aborted, or by an error; not after dispose(). */
  onTrainEnd?(): void | Promise<void>;
}

export interface EarlyStoppingOptions {
  /** Which number to watch. Default "valLoss". */
  monitor?: keyof Logs | "val_loss" | "val_accuracy";
  /** Epochs without improvement before training stops. Default 0: the first. */
  patience?: number;
  /** An improvement is a change by more than this. Default 0. */
  minDelta?: number;
  /** At the end, however it comes, go back to the weights of the best epoch. Default false. */
  restoreBestWeights?: boolean;
}

/** What can be watched, on the training rows and on those for validation. */
const watched: readonly (readonly [string, { readonly aliases?: readonly string[]; readonly falls?: true }])[] = [["loss", { falls: true }], ...Object.entries(metricTable)];
const monitors = Object.fromEntries(
  [...watched, ...watched.map(([key, row]) => [validationKey(key), { ...row, aliases: row.aliases?.map(validationKey) }] as const)],
);

/**
 * Stops training when a number has not improved for `patience` epochs.
 * @example fit(x, y, { validationSplit: 0.1, callbacks: [earlyStopping({ patience: 3, restoreBestWeights: true })] })
 */
export function earlyStopping(options?: EarlyStoppingOptions): Callback {
  const where = "earlyStopping";
  const { monitor = "valLoss", patience = 0, minDelta = 0, restoreBestWeights = false } = checkOptions(where, options, ["monitor", "patience", "minDelta", "restoreBestWeights"]);
  const key = checkName(where, "monitor", monitor, monitors) as keyof Logs;
  checkCount(where, "patience", patience, 0, undefined, ArgumentError);
  checkNumber(where, "minDelta", minDelta, { least: 0 });
  checkBoolean(where, "restoreBestWeights", restoreBestWeights);
  const sign = monitors[key].falls ? 1 : -1;
  let network: Network;
  let best: number;
  let waited: number;
  let weights: Float32Array | undefined;
  return {
    onTrainBegin(trained) {
      network = trained;
      best = Infinity;
      waited = 0;
      weights = undefined;
    },
    onEpochEnd(_epoch, logs) {
      const value = logs[key];
      if (value === undefined) throw new ArgumentError(`${where}: monitor must be among ${Object.keys(logs).join(", ")}, the numbers of this fit, got ${key}`);
      if (sign * value < best - minDelta) {
        best = sign * value;
        waited = 0;
        if (restoreBestWeights) weights = network.snapshot();
        return false;
      }
      waited += 1;
      return waited > patience;
    },
    onTrainEnd() {
      if (weights !== undefined) network.restore(weights);
    },
  };
}

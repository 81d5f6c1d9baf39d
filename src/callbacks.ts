// What fit() tells the outside, and stopping early.

import { checkOptions, settle, type Rule, type Settled } from "./check.js";
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

type Monitor = keyof Logs | "val_loss" | "val_accuracy";

export interface EarlyStoppingOptions {
  /** Which number to watch. Default "valLoss". */
  monitor?: Monitor;
  /** Epochs without improvement before training stops. Default 0: the first. */
  patience?: number;
  /** An improvement is a change by more than this. Default 0. */
  minDelta?: number;
  /** At the end, however it comes, go back to the weights of the best epoch. Default false. */
  restoreBestWeights?: boolean;
}

export interface ReduceOnPlateauOptions {
  /** Which number to watch. Default "valLoss". */
  monitor?: Monitor;
  /** What the learning rate is multiplied by: above 0, below 1. Default 0.1. */
  factor?: number;
  /** Epochs without improvement before the rate falls. Default 10. */
  patience?: number;
  /** An improvement is a change by more than this share of the best: 0 to below 1. Default 1e-4. */
  threshold?: number;
  /** The rate does not fall below this. Default 0. */
  minimum?: number;
  /** Epochs after a fall that do not count. Default 0. */
  cooldown?: number;
}

/** What can be watched, on the training rows and on those for validation. */
const watched: readonly (readonly [string, { readonly aliases?: readonly string[]; readonly falls?: true }])[] = [["loss", { falls: true }], ...Object.entries(metricTable)];
const monitors = Object.fromEntries(
  [...watched, ...watched.map(([key, row]) => [validationKey(key), { ...row, aliases: row.aliases?.map(validationKey) }] as const)],
);

const monitor: Rule = { default: "valLoss", names: monitors };

/** Options by their rules; `read` gives the watched number of an epoch, negative where more is better, and `sign` says which. */
function watch<T>(where: string, given: object | undefined, rules: Readonly<Record<string, Rule>>): { options: Required<T>; sign: 1 | -1; read(logs: Logs): number } {
  const all = { monitor, ...rules };
  const options = settle(where, checkOptions(where, given as Settled, Object.keys(all)), all);
  const key = options.monitor as keyof Logs;
  const sign = monitors[key].falls ? 1 : -1;
  return {
    options: options as Required<T>,
    sign,
    read(logs) {
      const { [key]: value } = logs;
      if (value === undefined) throw new ArgumentError(`${where}: monitor must be among ${Object.keys(logs).join(", ")}, the numbers of this fit, got ${key}`);
      return sign * value;
    },
  };
}

/**
 * Stops training when a number has not improved for `patience` epochs.
 * @example fit(x, y, { validationSplit: 0.1, callbacks: [earlyStopping({ patience: 3, restoreBestWeights: true })] })
 */
export function earlyStopping(given?: EarlyStoppingOptions): Callback {
  const rules = { patience: { default: 0, whole: 0 }, minDelta: { default: 0, range: { least: 0 } }, restoreBestWeights: { default: false } };
  const { options: { patience, minDelta, restoreBestWeights }, read } = watch<EarlyStoppingOptions>("earlyStopping", given, rules);
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
      const value = read(logs);
      if (value < best - minDelta) {
        best = value;
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

/**
 * Lowers the learning rate when a number has not improved for `patience` epochs (PyTorch's ReduceLROnPlateau). It scales a schedule, too, and the scale is saved
 * with the optimizer.
 * @example fit(x, y, { validationSplit: 0.1, callbacks: [reduceOnPlateau({ factor: 0.5, patience: 5 })] })
 */
export function reduceOnPlateau(given?: ReduceOnPlateauOptions): Callback {
  const rules = {
    factor: { default: 0.1, range: { above: 0, below: 1 } }, patience: { default: 10, whole: 0 }, threshold: { default: 1e-4, range: { least: 0, below: 1 } },
    minimum: { default: 0, range: { least: 0 } }, cooldown: { default: 0, whole: 0 },
  };
  const { options: { factor, patience, threshold, minimum, cooldown }, sign, read } = watch<ReduceOnPlateauOptions>("reduceOnPlateau", given, rules);
  let network: Network;
  let best: number;
  let waited: number;
  let resting: number;
  return {
    onTrainBegin(trained) {
      network = trained;
      best = Infinity;
      waited = resting = 0;
    },
    onEpochEnd(_epoch, logs) {
      const value = read(logs);
      waited += 1;
      if (value < best * (1 - sign * threshold)) {
        best = value;
        waited = 0;
      }
      if (resting > 0) {
        resting -= 1;
        waited = 0;
      }
      if (waited <= patience) return;
      network.reduceRate(factor, minimum);
      resting = cooldown;
      waited = 0;
    },
  };
}

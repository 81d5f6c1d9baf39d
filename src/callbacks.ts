// What fit() tells the outside, and callbacks that watch a number of it.

import { checkName, checkOptions, describe, settle, type Rule, type Settled } from "./check.js";
import { ArgumentError } from "./errors.js";
import { metricTable, validationKey, type MetricId, type ValidationKey } from "./metrics.js";
import type { Network } from "./network.js";

/** Values so far: `loss` and the metrics by id, of the batch or epoch; `valLoss`, `valAccuracy` and so on at the end of an epoch with validation data. */
export interface Logs extends Partial<Record<MetricId | ValidationKey<MetricId>, number>> {
  loss: number;
  valLoss?: number;
}

/** What a training run is about to do, and where it begins: at 0 and 0 unless it is resumed. */
export interface TrainingRun {
  readonly epochs: number;
  /** Batches an epoch; undefined for a stream without stepsPerEpoch. */
  readonly steps: number | undefined;
  readonly epoch: number;
  readonly batch: number;
  /** The keys of the logs at the end of an epoch. */
  readonly numbers: readonly string[];
}

/** Hooks of a training run; each may be async, and is called for one callback after the other. Epochs and batches count from 0. */
export interface Callback {
  /** Tells callbacks with a state apart when a run is resumed with others. */
  readonly name?: string;
  /** What the library's function `name` was called with, for those that lanewise/worker makes anew on its side. */
  readonly options?: object;
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
  for (const [i, callback] of callbacks.entries()) {
    if (typeof callback !== "object" || callback === null) throw new ArgumentError(`${where}: callbacks[${i}] must be an object, got ${describe(callback)}`);
    for (const key of Object.keys(callback)) if (/^on[A-Z]/.test(key)) checkOptions(where, { [key]: true }, hooks as never, `hooks of callbacks[${i}]`);
    for (const hook of hooks) {
      if (callback[hook] !== undefined && typeof callback[hook] !== "function") throw new ArgumentError(`${where}: ${hook} of callbacks[${i}] must be a function, got ${describe(callback[hook])}`);
    }
  }
}

/** What can be watched, on the training rows and on those for validation. */
const watched: readonly (readonly [string, { readonly aliases?: readonly string[]; readonly falls?: true }])[] = [["loss", { falls: true }], ...Object.entries(metricTable)];
const monitors = Object.fromEntries(
  [...watched, ...watched.map(([key, row]) => [validationKey(key), { ...row, aliases: row.aliases?.map(validationKey) }] as const)],
);

/** A number of the logs, and the best it has been. */
export class Watch {
  /** Undefined until it has been better than Infinity. */
  best: number | undefined;
  readonly #key: keyof Logs;
  /** −1 where more is better. */
  readonly #sign: number;

  constructor(readonly where: string, monitor: unknown, readonly minDelta = 0, readonly threshold = 0) {
    this.#key = checkName(where, "monitor", monitor, monitors) as keyof Logs;
    this.#sign = monitors[this.#key].falls ? 1 : -1;
  }

  /** Forgets what was. @throws ArgumentError if the run has no such number */
  begin({ numbers }: TrainingRun): void {
    if (!numbers.includes(this.#key)) throw new ArgumentError(`${this.where}: monitor must be among ${numbers.join(", ")}, the numbers of this fit, got ${this.#key}${numbers.some((key) => key.startsWith("val")) ? "" : "; validationSplit or validationData gives val…"}`);
    this.best = undefined;
  }

  /** Whether it is better than ever before, by more than minDelta and by more than this share of it; then this is the best from now on. */
  improves(logs: Logs): boolean {
    const value = logs[this.#key]!;
    const better = this.#sign * value < (this.best ?? Infinity) * (1 - this.#sign * this.threshold) - this.minDelta;
    if (better) this.best = this.#sign * value;
    return better;
  }
}

type Monitor = keyof Logs | "val_loss" | "val_accuracy";

export interface EarlyStoppingOptions {
  /** Which number to watch. Default "valLoss". */
  monitor?: Monitor;
  /** Training stops after this many epochs in a row without improvement, as in Keras. Default 0, which is as 1: the first. */
  patience?: number;
  /** An improvement is a change by more than this. Default 0. */
  minDelta?: number;
  /** At the end, however it comes, go back to the weights of the best epoch; the last ones are kept, should training be resumed. Default false. */
  restoreBestWeights?: boolean;
}

export interface ReduceOnPlateauOptions {
  /** Which number to watch. Default "valLoss". */
  monitor?: Monitor;
  /** What the learning rate is multiplied by: above 0, below 1. Default 0.1. */
  factor?: number;
  /** Epochs without improvement that are let pass, as in PyTorch: the rate falls after one more. Default 10. */
  patience?: number;
  /** An improvement is a change by more than this share of the best: 0 to below 1. Default 1e-4. */
  threshold?: number;
  /** The rate does not fall below this. Default 0. */
  minimum?: number;
  /** Epochs after a fall that do not count. Default 0. */
  cooldown?: number;
}

/** Options by their rules, and the number to watch. */
function settleWatch<T>(where: string, given: object | undefined, rules: Readonly<Record<string, Rule>>): Required<T> {
  const all = { monitor: { default: "valLoss", names: monitors }, ...rules };
  return settle(where, checkOptions(where, given as Settled, Object.keys(all)), all) as Required<T>;
}

/**
 * Stops training when a number has not improved for `patience` epochs.
 * @example fit(x, y, { validationSplit: 0.1, callbacks: [earlyStopping({ patience: 3, restoreBestWeights: true })] })
 */
export function earlyStopping(given?: EarlyStoppingOptions): Callback {
  const where = "earlyStopping";
  const rules = { patience: { default: 0, whole: 0 }, minDelta: { default: 0, range: { least: 0 } }, restoreBestWeights: { default: false } };
  const { monitor, patience, minDelta, restoreBestWeights } = settleWatch<EarlyStoppingOptions>(where, given, rules);
  const watch = new Watch(where, monitor, minDelta);
  let network: Network;
  let waited: number;
  let weights: Float32Array | undefined;
  /** Those that gave way to the best at the end. */
  let last: Float32Array | undefined;
  return {
    name: where,
    options: { ...given },
    onTrainBegin(trained, run) {
      watch.begin(run);
      network = trained;
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
      return waited >= patience;
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

/**
 * Lowers the learning rate when a number has not improved for more than `patience` epochs (PyTorch's ReduceLROnPlateau). It scales a schedule, too, and the scale is saved
 * with the optimizer.
 * @example fit(x, y, { validationSplit: 0.1, callbacks: [reduceOnPlateau({ factor: 0.5, patience: 5 })] })
 */
export function reduceOnPlateau(given?: ReduceOnPlateauOptions): Callback {
  const where = "reduceOnPlateau";
  const rules = {
    factor: { default: 0.1, range: { above: 0, below: 1 } }, patience: { default: 10, whole: 0 }, threshold: { default: 1e-4, range: { least: 0, below: 1 } },
    minimum: { default: 0, range: { least: 0 } }, cooldown: { default: 0, whole: 0 },
  };
  const { monitor, factor, patience, threshold, minimum, cooldown } = settleWatch<ReduceOnPlateauOptions>(where, given, rules);
  const watch = new Watch(where, monitor, 0, threshold);
  let network: Network;
  let waited: number;
  let resting: number;
  return {
    name: where,
    options: { ...given },
    onTrainBegin(trained, run) {
      watch.begin(run);
      network = trained;
      waited = resting = 0;
    },
    onEpochEnd(_epoch, logs) {
      waited = watch.improves(logs) ? 0 : waited + 1;
      if (resting > 0) {
        resting -= 1;
        waited = 0;
      }
      if (waited <= patience) return;
      network.reduceRate(factor, minimum);
      resting = cooldown;
      waited = 0;
    },
    getState: () => ({ best: watch.best, waited, resting }),
    setState: (state) => void ({ best: watch.best, waited, resting } = state),
  };
}

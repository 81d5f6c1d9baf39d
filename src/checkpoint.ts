// Saving while training runs, so that a crash costs what came after the last checkpoint and no more.

import { checkCount, checkBoolean, checkOptions, describe } from "./check.js";
import { Watch, type Callback, type EarlyStoppingOptions, type Logs } from "./callbacks.js";
import { ArgumentError } from "./errors.js";
import type { Network } from "./network.js";

/** Where training stood: epochs and batches counted from 0. */
export interface CheckpointPlace {
  readonly epoch: number;
  /** The last batch of the epoch at the end of one. */
  readonly batch: number;
  readonly logs: Logs;
}

export interface CheckpointOptions {
  /** After how many epochs, or { batches: n }: after how many batches. Default 1, as is "epoch". */
  every?: number | "epoch" | { batches: number };
  /** Which number says what is best. Default "valLoss". */
  monitor?: EarlyStoppingOptions["monitor"];
  /** Only when `monitor` is better than ever before. Default false. */
  saveBestOnly?: boolean;
  /** Takes the file, as save({ includeOptimizer: true }) gives it; training waits for it, and ends with its error. */
  save(bytes: Uint8Array<ArrayBuffer>, place: CheckpointPlace): unknown;
}

/**
 * Hands out the network and where its training stands, for fit(…, { resume: true }) after Network.load. In Node, fileCheckpoint() of "lanewise/node" writes it to a file.
 * @example fit(x, y, { epochs: 10, callbacks: [checkpoint({ every: { batches: 1000 }, save: (bytes) => store.put("network", bytes) })] })
 */
export function checkpoint(options: CheckpointOptions): Callback {
  return makeCheckpoint("checkpoint", options);
}

/** @internal With messages that begin with `where`. */
export function makeCheckpoint(where: string, options: CheckpointOptions): Callback {
  const { every = 1, monitor = "valLoss", saveBestOnly = false, save } = checkOptions(where, options, ["every", "monitor", "saveBestOnly", "save"]);
  const perBatch = typeof every === "object" && every !== null;
  const period = perBatch ? checkOptions(where, every, ["batches"], "every").batches : every === "epoch" ? 1 : every;
  checkCount(where, "every", period, 1, undefined, ArgumentError);
  checkBoolean(where, "saveBestOnly", saveBestOnly);
  const watch = new Watch(where, monitor);
  if (perBatch && saveBestOnly) throw new ArgumentError(`${where}: saveBestOnly must go by epochs, got every ${period} batches`);
  if (typeof save !== "function") throw new ArgumentError(`${where}: save must be a function, got ${describe(save)}`);
  let network: Network;
  let epoch: number;
  let batch: number;
  /** Epochs or batches since the last time. */
  let since: number;
  const due = (logs: Logs): unknown => {
    if ((since += 1) < period) return undefined;
    since = 0;
    if (saveBestOnly && !watch.improves(logs)) return undefined;
    return save(network.save({ includeOptimizer: true }), { epoch, batch, logs });
  };
  return {
    name: "checkpoint",
    options: { ...options },
    onTrainBegin(trained, run) {
      if (saveBestOnly) watch.begin(run);
      network = trained;
      ({ epoch, batch } = run);
      since = 0;
      // What cannot be saved should say so before hours have gone.
      network.save({ includeOptimizer: true });
    },
    onEpochBegin: (number) => void (epoch = number),
    async onBatchEnd(number, logs) {
      batch = number;
      if (perBatch) await due(logs);
    },
    async onEpochEnd(_, logs) {
      if (!perBatch) await due(logs);
    },
    getState: () => ({ best: watch.best, since }),
    setState: (state) => void ({ best: watch.best, since } = state),
  };
}

// What a figure means nothing without.
import { cpus, loadavg, type } from "node:os";

export function machine() {
  return {
    date: new Date().toISOString(),
    engine: `Node ${process.versions.node} (V8 ${process.versions.v8})`,
    cpu: cpus()[0].model.trim(),
    cores: cpus().length,
    os: `${type()} ${process.arch}`,
    /** Processes that were running in the minute before: tells a quiet run from one that is not worth keeping. */
    load: Number(loadavg()[0].toFixed(2)),
  };
}

/** A warning if something else seems to run, else "". */
export function warnIfBusy() {
  const [lastMinute] = loadavg();
  return lastMinute > 0.5 ? `The machine looks busy (load ${lastMinute.toFixed(1)}): these figures are for debugging only.` : "";
}

/** The Node version that names a result file: figures of two engines live side by side. */
export const nodeMajor = process.versions.node.split(".")[0];

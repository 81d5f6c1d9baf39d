// How far training has come, on a terminal: one line that is written over. Elsewhere a line an epoch, without any control characters.

import type { Callback, Logs, TrainingRun } from "../callbacks.js";
import { ArgumentError } from "../errors.js";
import { checkOptions, describe } from "../check.js";

/** What the bar needs of process.stderr. */
export interface ProgressStream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

export interface ProgressBarOptions {
  /** Where to. Default process.stderr. */
  stream?: ProgressStream;
}

/** The line is written again after so many ms. */
const INTERVAL = 100;
/** The bar, if there is room for it. */
const WIDEST = 20;

/**
 * Shows epoch, batch, loss and metrics, speed and the time left.
 * @example fit(x, y, { epochs: 10, callbacks: [progressBar()] })
 */
export function progressBar(options?: ProgressBarOptions): Callback {
  const { stream = process.stderr as ProgressStream } = checkOptions("progressBar", options, ["stream"]);
  if (typeof stream?.write !== "function") throw new ArgumentError(`progressBar: stream must have write(), got ${describe(stream)}`);
  const live = stream.isTTY === true && process.env.TERM !== "dumb";
  let run: TrainingRun;
  let epoch: number;
  /** When the run and the epoch began, the line was written, and batches done since. */
  let start: number, epochStart: number, shown: number, done: number, inEpoch: number;
  /** Whether a line is there that the next one replaces. */
  let open = false;

  const label = (): string => `epoch ${String(epoch + 1).padStart(String(run.epochs).length)}/${run.epochs}`;
  const figures = (logs: Logs): string => Object.entries(logs).map(([name, value]) => `${name} ${(value as number).toPrecision(4)}`).join("  ");
  const rate = (now: number): string => {
    const perSecond = (1000 * inEpoch) / Math.max(1, now - epochStart);
    return `${perSecond.toFixed(perSecond < 10 ? 1 : 0)} batches/s`;
  };
  const replace = (line: string): void => void stream.write(`\r${line}\x1b[K`);
  return {
    name: "progressBar",
    onTrainBegin(_, begun) {
      run = begun;
      epoch = begun.epoch;
      start = epochStart = performance.now();
      shown = -Infinity;
      done = inEpoch = 0;
    },
    onEpochBegin(number) {
      epoch = number;
      epochStart = performance.now();
      inEpoch = 0;
    },
    onBatchEnd(batch, logs) {
      done += 1;
      inEpoch += 1;
      const now = performance.now();
      if (!live || now - shown < INTERVAL) return;
      shown = now;
      const { epochs, steps } = run;
      // A full line would make some terminals wrap, and the next one would not replace it.
      const room = (stream.columns || 80) - 1;
      let text = `batch ${batch + 1}  ${figures(logs)}  ${rate(now)}`;
      if (steps !== undefined) {
        const left = duration(((now - start) / done) * ((epochs - epoch) * steps - batch - 1));
        text = `${String(batch + 1).padStart(String(steps).length)}/${steps}  ${figures(logs)}  ${rate(now)}  ${left} left`;
        const width = Math.max(0, Math.min(WIDEST, room - `${label()}    ${text}`.length));
        const filled = Math.round((width * (batch + 1)) / steps);
        text = `${"█".repeat(filled)}${"░".repeat(width - filled)}  ${text}`;
      }
      replace(`${label()}  ${text}`.slice(0, room));
      open = true;
    },
    onEpochEnd(_, logs) {
      const now = performance.now();
      const line = `${label()}  ${figures(logs)}${inEpoch > 0 ? `  ${rate(now)}` : ""}  ${((now - epochStart) / 1000).toFixed(1)} s`;
      if (live) replace(line);
      stream.write(live ? "\n" : `${line}\n`);
      open = false;
    },
    onTrainEnd() {
      if (open) stream.write("\n");
      open = false;
    },
  };
}

/** 7 s, 1 min 05 s, 2 h 03 min */
function duration(ms: number): string {
  const whole = Math.ceil(ms / 1000);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

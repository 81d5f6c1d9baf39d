// Training progress: on a terminal a live bar that each finished epoch replaces with its line, elsewhere the lines alone.

import { SingleBar } from "cli-progress";
import type { Terminal } from "./terminal.js";

export interface Logs {
  loss: number;
  accuracy?: number;
}

export interface Progress {
  /** `examples` is the number in this batch. */
  batchEnd(examples: number, logs: Logs): void;
  epochEnd(logs: Logs): void;
  /** How far the training has come, such as "epoch 2/5, 40 % done". */
  position(): string;
  /** Clears the bar and gives the terminal back as it was. Safe to call at any time. */
  stop(): void;
}

const WIDEST_BAR = 40;

export function showProgress(terminal: Terminal, epochs: number, examplesPerEpoch: number): Progress {
  const start = performance.now();
  let epochStart = start;
  let epoch = 0;
  /** Examples trained on: in this epoch, and altogether. */
  let inEpoch = 0;
  let total = 0;
  let last: Logs = { loss: NaN };

  const label = (): string => `epoch ${String(epoch + 1).padStart(String(epochs).length)}/${epochs}`;
  const figures = (logs: Logs, seconds: number): string => {
    const accuracy = `accuracy ${(100 * (logs.accuracy ?? NaN)).toFixed(2)} %`;
    return `loss ${logs.loss.toFixed(4)}  ${accuracy}  ${grouped(inEpoch / seconds)} examples/s`;
  };
  const secondsLeft = (): number => {
    const elapsed = (performance.now() - start) / 1000;
    return (elapsed / total) * (epochs * examplesPerEpoch - total);
  };

  const bar = new SingleBar({
    stream: terminal.stream,
    format: () => {
      const text = `${figures(last, (performance.now() - epochStart) / 1000)}  ${duration(secondsLeft())} left`;
      // The bar takes what the text leaves of the line; a full line would make some terminals wrap.
      const width = Math.min(WIDEST_BAR, terminal.columns() - 1 - `${label()}    ${text}`.length);
      return `${label()}  ${drawBar(terminal, inEpoch / examplesPerEpoch, width)}  ${text}`;
    },
    hideCursor: true,
    clearOnComplete: true,
    // The figures change even when the value does not, and Ctrl-C is handled by the caller, who stops the bar.
    forceRedraw: true,
    gracefulExit: false,
  });

  return {
    batchEnd(examples, logs) {
      inEpoch += examples;
      total += examples;
      last = logs;
      if (!terminal.live) return;
      if (inEpoch === examples) bar.start(examplesPerEpoch, inEpoch);
      else bar.update(inEpoch);
    },
    epochEnd(logs) {
      bar.stop();
      // An epoch that was cut short has no figures worth keeping.
      if (inEpoch < examplesPerEpoch) return;
      const now = performance.now();
      const seconds = (now - epochStart) / 1000;
      const left = epoch + 1 < epochs ? `, ${duration(secondsLeft())} left` : "";
      terminal.stream.write(`${label()}  ${figures(logs, seconds)}  ${terminal.dim(`${seconds.toFixed(1)} s${left}`)}\n`);
      epoch++;
      inEpoch = 0;
      epochStart = now;
    },
    position: () => `${label()}, ${Math.floor((100 * inEpoch) / examplesPerEpoch)} % done`,
    stop() {
      bar.stop();
    },
  };
}

/** Empty when there is no room for it. */
function drawBar(terminal: Terminal, fraction: number, width: number): string {
  const filled = Math.max(0, Math.round(Math.min(1, fraction) * width));
  return terminal.good("█".repeat(filled)) + terminal.dim("░".repeat(Math.max(0, width - filled)));
}

/** 7 s, 1 min 05 s, 2 h 03 min */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

export function grouped(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

// Ctrl-C: the first stops training cleanly, the second leaves at once.

/**
 * npm passes the terminal's Ctrl-C on to a program that has already had it, so one key press arrives twice, a few
 * milliseconds apart. What comes this soon after the first is the same key press.
 */
const SAME_KEY_PRESS_MS = 300;
export const EXIT_INTERRUPTED = 130; // 128 + SIGINT, as shells count

export interface Interrupt {
  /** Aborted by the first Ctrl-C. */
  signal: AbortSignal;
  /** Called at the first Ctrl-C. */
  onStop: () => void;
  /** Called at the second, just before the program leaves. */
  onQuit: () => void;
  /** Gives Ctrl-C back its usual meaning, once no echo of the first can follow. */
  release(): Promise<void>;
}

export function handleInterrupt(): Interrupt {
  const controller = new AbortController();
  let settled = Promise.resolve();
  let firstAt = 0;

  const listener = (): void => {
    if (!controller.signal.aborted) {
      firstAt = performance.now();
      settled = new Promise((resolve) => setTimeout(resolve, SAME_KEY_PRESS_MS));
      interrupt.onStop();
      controller.abort();
    } else if (performance.now() - firstAt >= SAME_KEY_PRESS_MS) {
      interrupt.onQuit();
      process.exit(EXIT_INTERRUPTED);
    }
  };
  process.on("SIGINT", listener);

  const interrupt: Interrupt = {
    signal: controller.signal,
    onStop: () => {},
    onQuit: () => {},
    async release() {
      await settled;
      process.removeListener("SIGINT", listener);
    },
  };
  return interrupt;
}

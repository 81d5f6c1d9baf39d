// Stepping aside for the event loop: without it a page freezes while it trains.

/** fit steps aside this often, in ms: a page stays responsive, and the cost stays far below 1 %. */
const SLICE = 12;

/** Milliseconds. An AudioWorklet has no `performance`. */
export const now = (): number => (globalThis.performance ?? Date).now();

/** A function that gives a promise of the event loop's next turn when SLICE ms have gone since the last one. */
export function stepAside(): () => Promise<void> | undefined {
  let last = now();
  return () => {
    if (now() - last < SLICE) return undefined;
    return nextTurn().then(() => void (last = now()));
  };
}

declare const setImmediate: ((callback: () => void) => void) | undefined;

/** setImmediate where there is one; a message in browsers, where timers are held back to 4 ms. An AudioWorklet has neither, and no turns to wait for. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === "function") return setImmediate(resolve);
    if (typeof MessageChannel !== "function") return resolve();
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

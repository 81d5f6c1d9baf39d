// The worker's side: takes orders between slices of training, and answers each wish for a frame with one.

import { Engine } from "./engine";
import type { Frame, FromWorker, ToWorker, Wish } from "./protocol";

let engine: Engine | undefined;
let generation = 0;
let playing = false;
/** The loop that trains, while there is one. */
let loop: Promise<void> | undefined;
let wish: Wish | undefined;
/** When training has had as much time as the last frame took: pictures get no more than half. */
let due = 0;

const post = (message: FromWorker, transfer: Transferable[] = []): void => postMessage(message, { transfer });

/** A turn of the event loop: messages that wait come first. */
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });

function fail(error: unknown): void {
  playing = false;
  post({ type: "failed", generation, message: error instanceof Error ? error.message : String(error) });
}

function answer(): void {
  if (engine === undefined || wish === undefined) return;
  const start = performance.now();
  const asked = wish;
  wish = undefined;
  try {
    const frame = engine.frame(generation, asked);
    post(frame, buffersOf(frame));
  } catch (error) {
    fail(error);
  }
  const end = performance.now();
  due = 2 * end - start;
}

const buffersOf = ({ values, winners, units, weights }: Frame): Transferable[] =>
  [values, ...(winners ? [winners] : []), ...units, ...weights].map(({ buffer }) => buffer) as ArrayBuffer[];

/** Trains until paused; `once` for one epoch. */
async function train(own: Engine, once: boolean): Promise<void> {
  try {
    while (own === engine && (playing || once)) {
      await own.train(once ? 0 : undefined);
      if (own !== engine) return;
      if (performance.now() >= due) answer();
      once = false;
      if (playing) await turn();
    }
    answer();
  } catch (error) {
    if (own === engine) fail(error);
  }
}

function start(once: boolean): void {
  if (engine === undefined || loop !== undefined) return;
  loop = train(engine, once).finally(() => {
    loop = undefined;
    if (playing) start(false);
  });
}

const orders: { [T in ToWorker["type"]]: (order: Extract<ToWorker, { type: T }>) => void | Promise<void> } = {
  build(order) {
    engine?.dispose();
    engine = undefined;
    generation = order.generation;
    due = 0;
    engine = new Engine(order.recipe, order.data, order.features);
    post({ type: "built", generation, parameterCount: engine.network.parameterCount, outputs: engine.network.outputs });
    if (playing) start(false);
  },
  tune: ({ recipe }) => engine?.tune(recipe),
  play() {
    playing = true;
    start(false);
  },
  async pause() {
    playing = false;
    await engine?.interrupt();
  },
  step() {
    playing = false;
    start(true);
  },
  save() {
    const bytes = engine!.network.save();
    post({ type: "saved", bytes, epoch: engine!.epoch }, [bytes.buffer]);
  },
  frame(order) {
    wish = order.wish;
    // An epoch longer than a slice lets messages in between its batches; else the loop answers after its slice.
    if (loop === undefined) answer();
    else if (engine?.fitting) setTimeout(answer, Math.max(0, due - performance.now()));
  },
};

onmessage = async ({ data }: MessageEvent<ToWorker>) => {
  try {
    await (orders[data.type] as (order: ToWorker) => void | Promise<void>)(data);
  } catch (error) {
    fail(error);
  }
};

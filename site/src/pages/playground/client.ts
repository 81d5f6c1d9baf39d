// The page's side of the worker: at most one wish for a frame is under way, asked for once an animation frame.

import type { DataSet } from "./data";
import type { FeatureId } from "./features";
import type { Frame, FromWorker, ToWorker, Wish } from "./protocol";
import type { Recipe } from "./recipe";

/** Animation frames between two pictures of the units, and two diagnoses. */
const EVERY = { units: 5, diagnosis: 15 };
/** ms between any two pictures, for who asks the system for less motion. */
const CALM = 350;
const lessMotion = matchMedia("(prefers-reduced-motion: reduce)");

export interface Built {
  readonly parameterCount: number;
  readonly outputs: number;
}

type Listener = (frame: Frame) => void;

export class Client {
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  readonly #listeners = new Set<Listener>();
  #generation = 0;
  #playing = false;
  /** A frame is on its way. */
  #waiting = false;
  /** The next frame has to show all there is. */
  #stale = true;
  #tick = 0;
  /** When the last frame was asked for. */
  #asked = 0;
  #size = 96;
  #unit: Wish["unit"];
  #unitSize = 32;
  #saved: ((file: { bytes: Uint8Array<ArrayBuffer>; epoch: number }) => void)[] = [];

  constructor(readonly events: { built(built: Built): void; failed(message: string): void }) {
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#hear(data);
    this.#worker.onerror = ({ message }) => events.failed(message);
    const beat = () => {
      this.#beat();
      requestAnimationFrame(beat);
    };
    requestAnimationFrame(beat);
  }

  build(recipe: Recipe, data: DataSet, features: readonly FeatureId[]): void {
    this.#generation += 1;
    this.#stale = true;
    this.#waiting = false;
    this.#post({ type: "build", generation: this.#generation, recipe, data, features });
  }

  tune(recipe: Recipe): void {
    this.#post({ type: "tune", recipe });
  }

  set playing(playing: boolean) {
    this.#playing = playing;
    this.#stale = true;
    this.#post({ type: playing ? "play" : "pause" });
  }

  /** One epoch. */
  step(): void {
    this.#playing = false;
    this.#stale = true;
    this.#post({ type: "step" });
  }

  save(): Promise<{ bytes: Uint8Array<ArrayBuffer>; epoch: number }> {
    return new Promise((resolve) => {
      this.#saved.push(resolve);
      this.#post({ type: "save" });
    });
  }

  /** What the picture of the output shall show, and how fine. */
  show(size: number, unit: Wish["unit"]): void {
    this.#size = size;
    this.#unit = unit;
    this.#stale = true;
  }

  /** Cells along each side of the pictures of the units. */
  set unitSize(size: number) {
    if (size === this.#unitSize) return;
    this.#unitSize = size;
    this.#stale = true;
  }

  /** Calls `listener` with each frame of the present network; returns a function that ends it. */
  onFrame(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #beat(): void {
    this.#tick += 1;
    if (this.#waiting || !(this.#playing || this.#stale)) return;
    const now = performance.now();
    if (lessMotion.matches && !this.#stale && now < this.#asked + CALM) return;
    this.#asked = now;
    const all = this.#stale || lessMotion.matches;
    this.#stale = false;
    this.#waiting = true;
    this.#post({
      type: "frame",
      wish: { size: this.#size, unit: this.#unit, unitSize: all || this.#tick % EVERY.units === 0 ? this.#unitSize : 0, diagnosis: all || this.#tick % EVERY.diagnosis === 0 },
    });
  }

  #hear(message: FromWorker): void {
    if (message.type === "saved") return this.#saved.shift()?.(message);
    if (message.generation !== this.#generation) return;
    if (message.type === "built") return this.events.built(message);
    this.#waiting = false;
    if (message.type === "failed") return this.events.failed(message.message);
    for (const listener of this.#listeners) listener(message);
  }
}

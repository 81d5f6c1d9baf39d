// The page's state and what follows from it. Everything goes one way: a control calls update() or the like, the address and the worker follow, and the views are told.

import { Client, type Built } from "./client";
import { dataTable, generate, splitAt, type DataSet } from "./data";
import { History } from "./history";
import type { Frame } from "./protocol";
import { recipeOf, type Recipe } from "./recipe";
import { consequenceOf, withFittingLoss, type State } from "./state";
import { readAddress, writeAddress } from "./url";

export class Playground {
  state: State;
  data!: DataSet;
  recipe!: Recipe;
  /** From the user's file: all rows in drawn order. */
  own: DataSet | undefined;
  playing = false;
  built: Built | undefined;
  /** What went wrong, in words. */
  failure: string | undefined;
  /** Something to say of what was read. */
  notice: string | undefined;
  /** Optimizer, rate or batch were changed on the way, so that the printed code does not lead here. */
  tuned = false;
  frame: Frame | undefined;
  /** A hidden unit shown in place of the output, both counted from 0. */
  unit: readonly [layer: number, unit: number] | undefined;
  readonly history = new History();
  readonly client: Client;
  readonly #listeners = new Set<() => void>();
  #writing: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.client = new Client({
      built: (built) => this.#change(() => (this.built = built)),
      failed: (message) => this.#change(() => {
        this.failure ??= message;
        this.playing = false;
      }),
    });
    this.client.onFrame((frame) => {
      this.frame = frame;
      this.history.add(frame);
    });
    this.state = this.#read();
    addEventListener("hashchange", () => {
      if (location.hash.slice(1) === writeAddress(this.state)) return;
      this.#change(() => this.#take(this.#read(), "rebuild"));
      scrollTo({ top: 0 });
    });
    this.#rebuild();
  }

  /** Calls `listener` after each change but those of frames; returns a function that ends it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  update(patch: Partial<State>): void {
    const wanted = { ...this.state, ...patch };
    const next = withFittingLoss(wanted, wanted.data === "own" ? this.own?.classes : dataTable[wanted.data].classes);
    this.#change(() => this.#take(next, consequenceOf(this.state, next)));
    clearTimeout(this.#writing);
    // Browsers refuse an address that changes with every move of a slider.
    this.#writing = setTimeout(() => this.#write(), 250);
  }

  /** Takes the user's own points. */
  useOwn(data: DataSet): void {
    this.own = data;
    this.notice = undefined;
    this.update({ data: "own" });
    this.reset();
  }

  toggle(): void {
    this.#change(() => {
      this.playing = !this.playing;
      this.failure = undefined;
      this.client.playing = this.playing;
    });
  }

  step(): void {
    this.#change(() => {
      this.playing = false;
      this.client.step();
    });
  }

  /** The first weights again. */
  reset(): void {
    this.#change(() => this.#rebuild());
  }

  showUnit(unit: Playground["unit"]): void {
    this.#change(() => (this.unit = unit));
  }

  get address(): string {
    const hash = writeAddress(this.state);
    return `${location.origin}${location.pathname}${hash && `#${hash}`}`;
  }

  #take(next: State, consequence: ReturnType<typeof consequenceOf>): void {
    this.state = next;
    if (consequence === "rebuild") this.#rebuild();
    else if (consequence === "tune") {
      this.recipe = recipeOf(next, this.data);
      this.tuned ||= (this.frame?.epoch ?? 0) > 0;
      this.failure = undefined;
      this.client.tune(this.recipe);
    }
  }

  #rebuild(): void {
    const { data, count, noise, share, seed, features, layers } = this.state;
    this.data = data === "own" && this.own ? { ...this.own, trainCount: splitAt(this.own.y.length, share) } : generate(data === "own" ? "circles" : data, count, noise, share, seed);
    this.recipe = recipeOf(this.state, this.data);
    this.failure = undefined;
    this.tuned = false;
    this.frame = undefined;
    this.history.clear();
    if (this.unit && !(this.unit[0] < layers.length && this.unit[1] < layers[this.unit[0]].units)) this.unit = undefined;
    this.client.build(this.recipe, this.data, features);
    this.client.playing = this.playing;
  }

  #read(): State {
    const { state, refused } = readAddress(location.hash);
    this.notice = refused.length > 0 ? `The link holds what this page does not know: ${refused.join(", ")}. The rest was taken.` : undefined;
    if (state.data !== "own" || this.own) return state;
    this.notice = "The link was made with data of its own, which do not travel in it: open the file again, or choose other data.";
    return { ...state, data: "circles" };
  }

  #write(): void {
    const hash = writeAddress(this.state);
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
  }

  #change(action: () => void): void {
    action();
    for (const listener of this.#listeners) listener();
  }
}

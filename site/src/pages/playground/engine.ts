// A network in training, as the worker holds it: builds it from a recipe, trains it in slices, and makes the pictures and numbers of a frame.

import {
  activation, adadelta, adagrad, adam, adamW, batchNormalization, cosineDecay, dense, dropout, exponentialDecay, layerNormalization, lbfgs, lion, nadam, Network, oneCycle,
  residual, rmsprop, sgd, stepDecay, type LayerDiagnosis, type LayerFactory, type Optimizer,
} from "lanewise";
import { REACH, type DataSet } from "./data";
import { featuresOf, grid, type FeatureId } from "./features";
import { perform, rowsOf, type Recipe } from "./recipe";
import type { Frame, LayerReport, Report, Score, Wish } from "./protocol";

const factories = {
  activation, adadelta, adagrad, adam, adamW, batchNormalization, cosineDecay, dense, dropout, exponentialDecay, layerNormalization, lbfgs, lion, nadam, oneCycle, residual,
  rmsprop, sgd, stepDecay,
};

/** ms that fit takes between two looks at the messages, if an epoch is not longer. */
const SLICE = 6;
/** Rows that a diagnosis looks at. */
const LOOKED_AT = 256;
/** More weights than this are too many lines to draw. */
const MOST_LINKS = 1500;
/** Values of the units' pictures in one frame, and of the picture of a single one. */
const MOST_UNIT_VALUES = 400_000;
const MOST_TRACED_VALUES = 2_000_000;
/** What a cell of the output's picture may cost, about: ns by parameter and by unit, and ms for all. */
const COST = { parameter: 0.05, unit: 2, picture: 10 };

/** Features, and targets as the loss takes them. */
interface Rows {
  readonly x: Float32Array;
  readonly y: Float32Array | Int32Array;
}

export class Engine {
  readonly network: Network;
  epoch = 0;
  /** µs a step of the latest slice, smoothed. */
  stepTime = 0;
  readonly #train: Rows;
  readonly #test: Rows;
  readonly #units: number;
  #recipe: Recipe;
  /** A fit that was interrupted: the epoch it stood in is what is left of it. */
  #broken: { readonly epochs: number; readonly from: number } | undefined;
  #fitting: Promise<void> | undefined;
  #abort = new AbortController();

  constructor(recipe: Recipe, readonly data: DataSet, readonly features: readonly FeatureId[]) {
    const { inputs, layers, seed, shown } = recipe;
    this.#recipe = recipe;
    this.network = new Network({ inputs, layers: perform(layers, factories) as LayerFactory[], seed });
    this.#units = shown.reduce((sum, l) => sum + this.network.layers[l].units, 0);
    const rows = (from: number, to: number): Rows => {
      const { x, y } = rowsOf(data, features, recipe.targets, from, to);
      return { x, y: this.network.outputs > 1 ? Int32Array.from(y) : y };
    };
    this.#train = rows(0, data.trainCount);
    this.#test = rows(data.trainCount, data.y.length);
    this.#compile();
  }

  get batches(): number {
    return Math.ceil(this.data.trainCount / this.#recipe.batchSize);
  }

  get fitting(): boolean {
    return this.#fitting !== undefined;
  }

  #compile(): void {
    const { optimizer, loss } = this.#recipe;
    this.network.compile({ optimizer: perform(optimizer, factories) as Optimizer, loss });
  }

  /** Another optimizer, rate or batch; the weights stay. */
  async tune(recipe: Recipe): Promise<void> {
    await this.interrupt();
    this.#broken = undefined;
    this.#recipe = recipe;
    this.#compile();
  }

  /** Ends the fit that runs after its current batch; the next one goes on from there. */
  async interrupt(): Promise<void> {
    this.#abort.abort();
    await this.#fitting;
  }

  /** As many epochs as fit a slice, at least one or what is left of one. */
  train(slice = SLICE): Promise<void> {
    const epochTime = (this.stepTime * this.batches) / 1000;
    return this.#fit(epochTime > 0 ? Math.max(1, Math.min(10_000, Math.floor(slice / epochTime))) : 1);
  }

  async #fit(epochs: number): Promise<void> {
    const { x, y } = this.#train;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    const { epochs: wanted, from } = this.#broken ?? { epochs, from: this.epoch };
    const before = this.epoch;
    const start = performance.now();
    const run = this.network.fit(x, y, { epochs: wanted, batchSize: this.#recipe.batchSize, signal, resume: this.#broken !== undefined });
    this.#fitting = run.then(() => {}, () => {});
    try {
      const { loss } = await run;
      this.epoch = from + loss.length;
      this.#broken = loss.length < wanted ? { epochs: loss.length + 1, from } : undefined;
      const steps = (this.epoch - before) * this.batches;
      const time = ((performance.now() - start) * 1000) / steps;
      if (steps > 0) this.stepTime = this.stepTime > 0 ? 0.9 * this.stepTime + 0.1 * time : time;
    } finally {
      this.#fitting = undefined;
    }
  }

  dispose(): void {
    this.#abort.abort();
    this.network.dispose();
  }

  frame(generation: number, { size: most, unitSize, diagnosis, unit }: Wish): Frame {
    const { parameterCount } = this.network;
    const cells = (COST.picture * 1e6) / (parameterCount * COST.parameter + this.#units * COST.unit + 10);
    const size = Math.max(32, Math.min(most, Math.floor(Math.sqrt(cells) / 8) * 8));
    const picture = unit && unit[0] < this.#recipe.shown.length ? this.#unitPicture(unit, most) : this.#outputPicture(size);
    const side = unitSize === 0 ? 0 : Math.max(8, Math.min(unitSize, Math.floor(Math.sqrt(MOST_UNIT_VALUES / Math.max(1, this.#units)))));
    return {
      type: "frame", generation, epoch: this.epoch, steps: this.epoch * this.batches, stepTime: this.stepTime,
      train: this.#score(this.#train), test: this.#score(this.#test),
      ...picture,
      unitSize: side, units: side > 0 ? this.#trace(side) : [], weights: side > 0 ? this.#weights() : [],
      report: diagnosis ? this.#report() : undefined,
    };
  }

  #outputPicture(size: number): Pick<Frame, "size" | "values" | "winners"> {
    const out = this.network.predict(featuresOf(grid(size, REACH), this.features));
    const { outputs } = this.network;
    if (outputs > 1) return { size, ...winnersOf(out, outputs) };
    if (this.#recipe.loss === "binaryCrossentropy") for (let i = 0; i < out.length; i++) out[i] = 2 * out[i] - 1;
    return { size, values: out, winners: undefined };
  }

  /** Scaled by the greatest value, as in the pictures of the units. */
  #unitPicture([layer, unit]: readonly [number, number], most: number): Pick<Frame, "size" | "values" | "winners"> {
    const size = Math.max(16, Math.min(most, Math.floor(Math.sqrt(MOST_TRACED_VALUES / Math.max(1, this.#units)))));
    const values = this.#trace(size)[layer];
    const width = values.length / size ** 2;
    const scale = 1 / (values.reduce((greatest, value) => Math.max(greatest, Math.abs(value)), 0) || 1);
    return { size, values: Float32Array.from({ length: size ** 2 }, (_, i) => values[i * width + Math.min(unit, width - 1)] * scale), winners: undefined };
  }

  #trace(size: number): Float32Array[] {
    const { a } = this.network.trace(featuresOf(grid(size, REACH), this.features));
    return this.#recipe.shown.map((l) => a[l + 1]);
  }

  #weights(): Float32Array[] {
    const { links } = this.#recipe;
    const layers = this.network.layers;
    if (links.includes(undefined) || links.reduce((sum: number, l) => sum + layers[l!].inputs * layers[l!].units, 0) > MOST_LINKS) return [];
    return links.map((l) => layers[l!].getWeights().weights!);
  }

  #score({ x, y }: Rows): Score {
    const { loss } = this.network.evaluate(x, y);
    const out = this.network.predict(x);
    if (this.data.classes === undefined) return { loss, accuracy: r2(out, y) };
    const { outputs } = this.network;
    const threshold = this.#recipe.loss === "binaryCrossentropy" ? 0.5 : 0;
    const guess = outputs > 1 ? winnersOf(out, outputs).winners : out;
    let right = 0;
    for (let i = 0; i < y.length; i++) if (outputs > 1 ? guess[i] === y[i] : guess[i] > threshold === y[i] > threshold) right += 1;
    return { loss, accuracy: right / y.length };
  }

  /** Undefined where weights have grown so far that the loss is no number any more. */
  #report(): Report | undefined {
    const { x, y } = this.#train;
    const rows = Math.min(LOOKED_AT, y.length);
    if (!Number.isFinite(this.network.evaluate(x, y).loss)) return undefined;
    const { layers, gradientFactor, verdict } = this.network.diagnose(x.slice(0, rows * this.network.inputs), y.slice(0, rows));
    return { gradientFactor, verdict, layers: groupsOf(layers, this.#recipe.shown).map(summarize) };
  }
}

/** The layers of the network by hidden layer of the page: a dense one with its normalization and activation, or a block; the output last. */
function groupsOf<T>(layers: readonly T[], shown: readonly number[]): T[][] {
  return [...shown, layers.length - 1].map((last, l) => layers.slice(l > 0 ? shown[l - 1] + 1 : 0, last + 1));
}

function summarize(group: readonly LayerDiagnosis[]): LayerReport {
  const learner = group.find(({ label }) => /^(dense|residual)/.test(label))!;
  const found = (key: "slope" | "saturated" | "dead") => group.find((layer) => layer[key] !== undefined)?.[key];
  return {
    label: group.map(({ label }) => label).join(", "),
    gradientNorm: learner.gradientNorm!, outputGradientNorm: group.at(-1)!.outputGradientNorm, weightNorm: learner.weightNorm!, updateRatio: learner.updateRatio,
    slope: found("slope"), saturated: found("saturated"), dead: found("dead"),
  };
}

/** Of each row of class shares the greatest: which, and how far above chance, from 0 to 1. */
function winnersOf(out: Float32Array, classes: number): { values: Float32Array; winners: Uint8Array } {
  const count = out.length / classes;
  const values = new Float32Array(count);
  const winners = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    for (let c = 1; c < classes; c++) if (out[i * classes + c] > out[i * classes + winners[i]]) winners[i] = c;
    values[i] = (out[i * classes + winners[i]] - 1 / classes) / (1 - 1 / classes);
  }
  return { values, winners };
}

/** 1 − Σ(ŷ − y)² / Σ(y − mean)². */
function r2(out: Float32Array, y: Float32Array | Int32Array): number {
  const mean = Array.from(y).reduce((sum, value) => sum + value, 0) / y.length;
  let [rest, all] = [0, 0];
  for (let i = 0; i < y.length; i++) {
    rest += (out[i] - y[i]) ** 2;
    all += (y[i] - mean) ** 2;
  }
  return all > 0 ? 1 - rest / all : 0;
}

// Layers that disturb training and do nothing in inference. What they draw is settled by seed, step and layer (assembly/layers/noise.ts).

import { checkNumber, checkOptions } from "../check.js";
import { DROPOUT, NOISE } from "../random.js";
import { ROWS } from "../program.js";
import { padded } from "./chain.js";
import { LINEAR, type BackwardSite, type Factory, type ForwardSite, type Layer, type LayerFactory, type Pass, type TrainableLayer } from "./layer.js";

/**
 * Sets each value to 0 with probability `rate` in training and scales the others by 1 / (1 − rate), so that inference needs nothing (Srivastava et al. 2014).
 *
 * @param rate 0 to below 1
 * @example [dense(512, "relu"), dropout(0.2), dense(10, "softmax")]
 */
export function dropout(rate: number): LayerFactory<"inputs"> {
  checkNumber("dropout", "rate", rate, { least: 0, below: 1 });
  return { build: (_where, inputs) => new Dropout(inputs, rate) };
}

/**
 * Adds normal noise of this standard deviation in training.
 * @example [gaussianNoise(0.1), dense(64, "relu")]
 */
export function gaussianNoise(standardDeviation: number): LayerFactory<"inputs"> {
  checkNumber("gaussianNoise", "standardDeviation", standardDeviation, { least: 0 });
  return { build: (_where, inputs) => new GaussianNoise(inputs, standardDeviation) };
}

export function rebuildDropout(config: { type: string; rate: number }): LayerFactory {
  return dropout(checkOptions("dropout", config, ["type", "rate"]).rate);
}

export function rebuildGaussianNoise(config: { type: string; standardDeviation: number }): LayerFactory {
  return gaussianNoise(checkOptions("gaussianNoise", config, ["type", "standardDeviation"]).standardDeviation);
}

/** Either, for inference only. */
export function rebuildNothing({ type }: { type: string }): Factory<Layer> {
  return { build: (_where, inputs) => new Nothing(type, inputs) };
}

class Nothing implements Layer {
  readonly activation = LINEAR;
  readonly parameters = [];
  constructor(readonly type: string, readonly inputs: number) {}

  get units(): number {
    return this.inputs;
  }

  forward({ input }: ForwardSite): Pass {
    return { input, a: input };
  }
}

class Dropout extends Nothing implements TrainableLayer {
  constructor(inputs: number, readonly rate: number) {
    super("dropout", inputs);
  }

  get label(): string {
    return `dropout(${this.rate})`;
  }

  get config(): Readonly<Record<string, unknown>> {
    return { type: "dropout", rate: this.rate };
  }

  override forward(site: ForwardSite): Pass {
    const { program, arena, mode, random } = site;
    const stream = site.stream();
    if (mode !== "train" || this.rate === 0) return super.forward(site);
    const input = padded(site, this.inputs);
    const a = arena.matrix(this.units);
    // 1 / (1 − rate) or 0 for each value, for the way back.
    const mask = arena.matrix(this.units);
    const draw = arena.words([stream, DROPOUT, Math.floor(this.rate * 2 ** 32)]);
    program.add("dropoutDraw", ROWS, this.units, a.ld, input.pointer, a.pointer, mask.pointer, random, draw, 0);
    return { input, a, kept: [mask.pointer] };
  }

  backward({ program, da, dInput }: BackwardSite, { kept }: Pass): void {
    if (!dInput) return;
    if (kept) program.add("multiplyRows", ROWS, this.units, da.ld, da.pointer, kept[0], dInput.pointer);
    else program.add("copyRows", ROWS, da.ld, da.pointer, da.ld, dInput.pointer, dInput.ld);
  }
}

class GaussianNoise extends Nothing implements TrainableLayer {
  constructor(inputs: number, readonly standardDeviation: number) {
    super("gaussianNoise", inputs);
  }

  get label(): string {
    return `gaussianNoise(${this.standardDeviation})`;
  }

  get config(): Readonly<Record<string, unknown>> {
    return { type: "gaussianNoise", standardDeviation: this.standardDeviation };
  }

  override forward(site: ForwardSite): Pass {
    const { program, arena, mode, random } = site;
    const stream = site.stream();
    if (mode !== "train" || this.standardDeviation === 0) return super.forward(site);
    const input = padded(site, this.inputs);
    const a = arena.matrix(this.units);
    program.add("gaussianNoiseDraw", ROWS, this.units, a.ld, input.pointer, a.pointer, random, arena.words([stream, NOISE]), arena.constants([this.standardDeviation]), 0);
    return { input, a };
  }

  backward({ program, da, dInput }: BackwardSite): void {
    if (dInput) program.add("copyRows", ROWS, da.ld, da.pointer, da.ld, dInput.pointer, dInput.ld);
  }
}

// Networks worth training on the digits: layers, steps of the optimizer, and how long.

import { adam, dense, dropout, layerNormalization, residual, type ActivationName, type LayerFactory, type Optimizer } from "lanewise";
import { CLASSES } from "./digits.js";
import type { Options } from "./options.js";

export interface Recipe {
  readonly name: string;
  /** What it is, for the first line of the output. */
  title(options: Options): string;
  layers(options: Options): LayerFactory[];
  optimizer(learningRate: number, steps: number): Optimizer;
  /** The schedule in words. */
  readonly schedule: string;
  /** The same without what makes it work, for network.diagnose() to say what is wrong. */
  plainTwin?(activation: ActivationName): LayerFactory[];
  /** Used for flags that are not given. */
  readonly defaults: { epochs: number; batch: number; learningRate: number };
}

/** Up to `peak` in the first tenth of the steps, then down to almost nothing in a straight line. */
const rise = (peak: number, steps: number) => (step: number) => {
  const top = Math.max(1, steps / 10);
  return step < top ? peak * (0.1 + (0.9 * step) / top) : (peak * Math.max(1, steps - step)) / (steps - top);
};

export const recipes: Readonly<Record<string, Recipe>> = {
  plain: {
    name: "plain",
    title: ({ hidden, activation }) => `784-${[...hidden, CLASSES].join("-")}: ${hidden.length > 0 ? `${activation}, ` : ""}softmax`,
    layers: ({ hidden, activation }) => [...hidden.map((units) => dense(units, activation)), dense(CLASSES, "softmax")],
    // Small steps at the end settle the weights: about 0.3 % more test digits right after 5 epochs, whatever the seed.
    optimizer: (learningRate, steps) => adam({ learningRate: (step) => (step < 0.8 * steps ? learningRate : learningRate / 10) }),
    schedule: "a tenth of it for the last fifth",
    defaults: { epochs: 5, batch: 32, learningRate: 1e-3 },
  },
  // 98.7 % of the test digits: dropout keeps the 535,818 weights from learning 60,000 digits by heart.
  regularized: {
    name: "regularized",
    title: () => "784-512-256-10 with dropout: relu, softmax",
    layers: () => [dropout(0.1), dense(512, "relu"), dropout(0.4), dense(256, "relu"), dropout(0.3), dense(CLASSES, "softmax")],
    optimizer: (learningRate, steps) => adam({ learningRate: rise(learningRate, steps), clipNorm: 5 }),
    schedule: "rising for a tenth of the steps, then falling to 0",
    defaults: { epochs: 20, batch: 128, learningRate: 2e-3 },
  },
  // 97.7 % of the test digits after 5 epochs; 64 plain layers of sigmoid stay at chance, of tanh at 57 %.
  deep: {
    name: "deep",
    title: () => "64 layers: dense(64), 62 of residual([layerNormalization(), dense(64, relu)]), softmax",
    plainTwin: (activation) => [...Array.from({ length: 63 }, () => dense(64, activation)), dense(CLASSES, "softmax")],
    layers: () => [dense(64), ...Array.from({ length: 62 }, () => residual([layerNormalization(), dense(64, "relu")])), layerNormalization(), dense(CLASSES, "softmax")],
    optimizer: (learningRate, steps) => adam({ learningRate: rise(learningRate, steps), clipNorm: 5 }),
    schedule: "rising for a tenth of the steps, then falling to 0",
    defaults: { epochs: 5, batch: 128, learningRate: 2e-3 },
  },
};

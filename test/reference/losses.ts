// Losses in float64, one row at a time. Keys are the public ids, with `FromLogits` behind them where logits are taken.
// A dense target is a row of numbers; a sparse one is a row of one number, the class.

import { sigmoid, softmax } from "./activations.js";

export interface ReferenceLoss {
  /** The summed loss of one row. */
  loss(x: number[], target: number[]): number;
  /** ∂loss/∂x of one row. */
  gradient(x: number[], target: number[]): number[];
  /** What x must be: any numbers, probabilities each for itself, or a row of probabilities. */
  takes: "numbers" | "cells" | "distribution";
  /** What the mean is over. */
  mean: "cells" | "rows";
  sparse: boolean;
}

const sum = (values: number[]): number => values.reduce((s, v) => s + v, 0);
const oneHot = (columns: number, target: number[]): number[] => Array.from({ length: columns }, (_, i) => (i === target[0] ? 1 : 0));

const leastProbability = 1e-7;
const clip = (p: number): number => Math.min(Math.max(p, leastProbability), 1);
const clipped = (p: number): boolean => p < leastProbability || p > 1;

const categorical = {
  loss: (p: number[], y: number[]) => -sum(p.map((v, i) => (y[i] === 0 ? 0 : y[i] * Math.log(clip(v))))),
  gradient: (p: number[], y: number[]) => p.map((v, i) => (clipped(v) || y[i] === 0 ? 0 : -y[i] / v)),
};

const categoricalFromLogits = {
  loss(z: number[], y: number[]) {
    const most = Math.max(...z);
    // All but the largest, so that a nearly certain class keeps its digits.
    const first = z.indexOf(most);
    const logarithm = Math.log1p(sum(z.map((v, i) => (i === first ? 0 : Math.exp(v - most)))));
    return sum(z.map((v, i) => (y[i] === 0 ? 0 : y[i] * (logarithm + (most - v)))));
  },
  gradient(z: number[], y: number[]) {
    const weight = sum(y);
    return softmax(z).map((p, i) => p * weight - y[i]);
  },
};

export const losses = {
  meanSquaredError: {
    loss: (x, y) => sum(x.map((v, i) => (v - y[i]) ** 2)),
    gradient: (x, y) => x.map((v, i) => 2 * (v - y[i])),
    takes: "numbers",
    mean: "cells",
    sparse: false,
  },
  binaryCrossentropy: {
    loss: (p, y) => -sum(p.map((v, i) => y[i] * Math.max(Math.log(v), -100) + (1 - y[i]) * Math.max(Math.log1p(-v), -100))),
    gradient: (p, y) => p.map((v, i) => (v - y[i]) / Math.max(v * (1 - v), 1e-12)),
    takes: "cells",
    mean: "cells",
    sparse: false,
  },
  binaryCrossentropyFromLogits: {
    loss: (z, y) => sum(z.map((v, i) => Math.abs(v) * (v >= 0 ? 1 - y[i] : y[i]) + Math.log1p(Math.exp(-Math.abs(v))))),
    gradient: (z, y) => z.map((v, i) => sigmoid(v) - y[i]),
    takes: "numbers",
    mean: "cells",
    sparse: false,
  },
  categoricalCrossentropy: { ...categorical, takes: "distribution", mean: "rows", sparse: false },
  categoricalCrossentropyFromLogits: { ...categoricalFromLogits, takes: "numbers", mean: "rows", sparse: false },
  sparseCategoricalCrossentropy: {
    loss: (p, t) => categorical.loss(p, oneHot(p.length, t)),
    gradient: (p, t) => categorical.gradient(p, oneHot(p.length, t)),
    takes: "distribution",
    mean: "rows",
    sparse: true,
  },
  sparseCategoricalCrossentropyFromLogits: {
    loss: (z, t) => categoricalFromLogits.loss(z, oneHot(z.length, t)),
    gradient: (z, t) => categoricalFromLogits.gradient(z, oneHot(z.length, t)),
    takes: "numbers",
    mean: "rows",
    sparse: true,
  },
} satisfies Record<string, ReferenceLoss>;

export type LossId = keyof typeof losses;

/** The divisor of the mean over a batch. */
export function divisorOf(id: LossId, rows: number, columns: number): number {
  return losses[id].mean === "cells" ? rows * columns : rows;
}

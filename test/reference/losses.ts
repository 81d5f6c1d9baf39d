// Losses in float64, one row at a time. Keys are the public ids, with `FromLogits` behind them where logits are taken.
// A dense target is a row of numbers; a sparse one is a row of one number, the class.

import { sigmoid, softmax } from "./activations.js";

export interface ReferenceLoss {
  /** The summed loss of one row. `option` is δ, or ε of label smoothing, where the loss has one; else it is not looked at. */
  loss(x: number[], target: number[], option?: number): number;
  /** ∂loss/∂x of one row. */
  gradient(x: number[], target: number[], option?: number): number[];
  /** What x must be: any numbers, probabilities each for itself, or a row of probabilities. */
  takes: "numbers" | "cells" | "distribution";
  /** What the mean is over. */
  mean: "cells" | "rows";
  sparse: boolean;
  /** Targets are 0 or 1. */
  hard?: true;
  /** Values of the option that are worth a test; the first is the default. */
  options?: readonly number[];
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

const binary = {
  loss: (p: number[], y: number[]) => -sum(p.map((v, i) => y[i] * Math.max(Math.log(v), -100) + (1 - y[i]) * Math.max(Math.log1p(-v), -100))),
  gradient: (p: number[], y: number[]) => p.map((v, i) => (v - y[i]) / Math.max(v * (1 - v), 1e-12)),
};

const binaryFromLogits = {
  loss: (z: number[], y: number[]) => sum(z.map((v, i) => Math.abs(v) * (v >= 0 ? 1 - y[i] : y[i]) + Math.log1p(Math.exp(-Math.abs(v))))),
  gradient: (z: number[], y: number[]) => z.map((v, i) => sigmoid(v) - y[i]),
};

/** ε of the target goes evenly to all columns; to two of them where each column is a yes or no. */
const smooth = (y: number[], epsilon: number, classes = y.length): number[] => y.map((v) => v * (1 - epsilon) + epsilon / classes);

/** A dense loss with label smoothing. */
function smoothed(loss: Pick<ReferenceLoss, "loss" | "gradient">, classes?: number): Pick<ReferenceLoss, "loss" | "gradient" | "options"> {
  return {
    loss: (x, y, epsilon = 0) => loss.loss(x, smooth(y, epsilon, classes)),
    gradient: (x, y, epsilon = 0) => loss.gradient(x, smooth(y, epsilon, classes)),
    options: smoothings,
  };
}

/** The same with class numbers for targets. */
function withClasses(loss: Pick<ReferenceLoss, "loss" | "gradient">): Pick<ReferenceLoss, "loss" | "gradient" | "options"> {
  const dense = smoothed(loss);
  return {
    loss: (x, t, epsilon) => dense.loss(x, oneHot(x.length, t), epsilon),
    gradient: (x, t, epsilon) => dense.gradient(x, oneHot(x.length, t), epsilon),
    options: smoothings,
  };
}

const smoothings = [0, 0.1, 0.75].map(Math.fround);
const negativeEntropy = (y: number[]): number => sum(y.map((v) => (v === 0 ? 0 : v * Math.log(v))));

/** ln cosh d: by its series where the logarithm has lost its digits. */
const logCosh = (d: number): number => (d < 1e-3 ? d ** 2 / 2 - d ** 4 / 12 : d + Math.log1p(Math.exp(-2 * d)) - Math.LN2);

export const losses = {
  meanAbsoluteError: {
    loss: (x, y) => sum(x.map((v, i) => Math.abs(v - y[i]))),
    gradient: (x, y) => x.map((v, i) => Math.sign(v - y[i])),
    takes: "numbers",
    mean: "cells",
    sparse: false,
  },
  huber: {
    loss: (x, y, delta = 1) => sum(x.map((v, i) => (Math.abs(v - y[i]) < delta ? (v - y[i]) ** 2 / 2 : delta * (Math.abs(v - y[i]) - delta / 2)))),
    gradient: (x, y, delta = 1) => x.map((v, i) => Math.max(-delta, Math.min(delta, v - y[i]))),
    takes: "numbers",
    mean: "cells",
    sparse: false,
    options: [1, 0.25, 10],
  },
  logCosh: {
    loss: (x, y) => sum(x.map((v, i) => logCosh(Math.abs(v - y[i])))),
    gradient: (x, y) => x.map((v, i) => Math.tanh(v - y[i])),
    takes: "numbers",
    mean: "cells",
    sparse: false,
  },
  hinge: {
    loss: (x, y) => sum(x.map((v, i) => Math.max(0, 1 - (2 * y[i] - 1) * v))),
    gradient: (x, y) => x.map((v, i) => (1 - (2 * y[i] - 1) * v <= 0 ? 0 : Number.isNaN(v) ? NaN : 1 - 2 * y[i])),
    takes: "numbers",
    mean: "cells",
    sparse: false,
    hard: true,
  },
  meanSquaredError: {
    loss: (x, y) => sum(x.map((v, i) => (v - y[i]) ** 2)),
    gradient: (x, y) => x.map((v, i) => 2 * (v - y[i])),
    takes: "numbers",
    mean: "cells",
    sparse: false,
  },
  binaryCrossentropy: { ...smoothed(binary, 2), takes: "cells", mean: "cells", sparse: false },
  binaryCrossentropyFromLogits: { ...smoothed(binaryFromLogits, 2), takes: "numbers", mean: "cells", sparse: false },
  categoricalCrossentropy: { ...smoothed(categorical), takes: "distribution", mean: "rows", sparse: false },
  categoricalCrossentropyFromLogits: { ...smoothed(categoricalFromLogits), takes: "numbers", mean: "rows", sparse: false },
  sparseCategoricalCrossentropy: { ...withClasses(categorical), takes: "distribution", mean: "rows", sparse: true },
  sparseCategoricalCrossentropyFromLogits: { ...withClasses(categoricalFromLogits), takes: "numbers", mean: "rows", sparse: true },
  klDivergence: {
    loss: (p, y) => categorical.loss(p, y) + negativeEntropy(y),
    gradient: categorical.gradient,
    takes: "distribution",
    mean: "rows",
    sparse: false,
  },
  klDivergenceFromLogits: {
    loss: (z, y) => categoricalFromLogits.loss(z, y) + negativeEntropy(y),
    gradient: categoricalFromLogits.gradient,
    takes: "numbers",
    mean: "rows",
    sparse: false,
  },
} satisfies Record<string, ReferenceLoss>;

export type LossId = keyof typeof losses;

/** The divisor of the mean over a batch. */
export function divisorOf(id: LossId, rows: number, columns: number): number {
  return losses[id].mean === "cells" ? rows * columns : rows;
}

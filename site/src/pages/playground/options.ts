// THE tables of what can be chosen for a network and its training; the names are those of lanewise.

import type { ActivationId } from "lanewise";

type HiddenActivation = Exclude<ActivationId, "softmax" | "logSoftmax"> | "prelu";

export const activationTable: Readonly<Record<HiddenActivation, { readonly label: string }>> = {
  tanh: { label: "tanh" },
  relu: { label: "ReLU" },
  sigmoid: { label: "sigmoid" },
  arctan: { label: "arctan" },
  linear: { label: "linear" },
  leakyRelu: { label: "leaky ReLU" },
  prelu: { label: "PReLU (learned slope)" },
  elu: { label: "ELU" },
  selu: { label: "SELU" },
  celu: { label: "CELU" },
  gelu: { label: "GELU" },
  geluTanh: { label: "GELU, by tanh" },
  silu: { label: "SiLU (swish)" },
  mish: { label: "Mish" },
  softplus: { label: "softplus" },
  softsign: { label: "softsign" },
  hardSigmoid: { label: "hard sigmoid" },
  hardSwish: { label: "hard swish" },
  relu6: { label: "ReLU6" },
  exponential: { label: "exponential" },
};

export type ActivationChoice = HiddenActivation;

export const normTable = {
  none: { label: "none", call: undefined },
  layer: { label: "layer", call: "layerNormalization" },
  batch: { label: "batch", call: "batchNormalization" },
} as const;

export type NormChoice = keyof typeof normTable;

/** `auto` leaves it to the library, which goes by the activation. */
export const initTable = {
  auto: { label: "by activation" },
  glorotUniform: { label: "Glorot uniform" },
  glorotNormal: { label: "Glorot normal" },
  heUniform: { label: "He uniform" },
  heNormal: { label: "He normal" },
  lecunUniform: { label: "LeCun uniform" },
  lecunNormal: { label: "LeCun normal" },
  orthogonal: { label: "orthogonal" },
  zeros: { label: "zeros" },
} as const;

export type InitChoice = keyof typeof initTable;

/** `call` is the factory, `options` what it takes beside the learning rate, `rate` the one to begin with; `whole` wants all rows in one batch. */
export const optimizerTable = {
  sgd: { label: "SGD", call: "sgd", options: {}, rate: 0.03, whole: false },
  momentum: { label: "SGD, momentum", call: "sgd", options: { momentum: 0.9 }, rate: 0.01, whole: false },
  nesterov: { label: "SGD, Nesterov", call: "sgd", options: { momentum: 0.9, nesterov: true }, rate: 0.01, whole: false },
  adam: { label: "Adam", call: "adam", options: {}, rate: 0.01, whole: false },
  adamW: { label: "AdamW", call: "adamW", options: {}, rate: 0.01, whole: false },
  nadam: { label: "NAdam", call: "nadam", options: {}, rate: 0.01, whole: false },
  rmsprop: { label: "RMSprop", call: "rmsprop", options: {}, rate: 0.003, whole: false },
  adagrad: { label: "Adagrad", call: "adagrad", options: {}, rate: 0.1, whole: false },
  adadelta: { label: "Adadelta", call: "adadelta", options: {}, rate: 1, whole: false },
  lion: { label: "Lion", call: "lion", options: {}, rate: 0.001, whole: false },
  lbfgs: { label: "L-BFGS, all rows", call: "lbfgs", options: {}, rate: 1, whole: true },
} as const;

export type OptimizerChoice = keyof typeof optimizerTable;

/** `options` makes what the factory takes of the rate and the number of steps; without `call` the rate stays. */
export const scheduleTable = {
  constant: { label: "constant", call: undefined, options: undefined },
  stepDecay: { label: "steps, ÷ 2 ten times", call: "stepDecay", options: (rate: number, steps: number) => ({ initial: rate, factor: 0.5, every: Math.max(1, Math.round(steps / 10)) }) },
  exponentialDecay: { label: "exponential, to 1 %", call: "exponentialDecay", options: (rate: number, steps: number) => ({ initial: rate, rate: 0.01, every: steps }) },
  cosineDecay: { label: "cosine, warmed up", call: "cosineDecay", options: (rate: number, steps: number) => ({ initial: rate, steps, warmup: Math.floor(steps / 20) }) },
  oneCycle: { label: "one cycle", call: "oneCycle", options: (rate: number, steps: number) => ({ maximum: rate, steps }) },
} as const;

export type ScheduleChoice = keyof typeof scheduleTable;

/** `goesWith`: two classes, any number of them, or numbers. */
export const lossTable = {
  crossentropy: { label: "crossentropy", goesWith: ["two", "many"] },
  hinge: { label: "hinge", goesWith: ["two"] },
  meanSquaredError: { label: "mean squared error", goesWith: ["two", "numbers"] },
  meanAbsoluteError: { label: "mean absolute error", goesWith: ["numbers"] },
  huber: { label: "Huber", goesWith: ["numbers"] },
  logCosh: { label: "log cosh", goesWith: ["numbers"] },
} as const;

export type LossChoice = keyof typeof lossTable;

export const penaltyTable = { none: { label: "none" }, l1: { label: "L1" }, l2: { label: "L2" } } as const;

export type PenaltyChoice = keyof typeof penaltyTable;

/** Rows of a table for a Select. */
export function choices<T extends string>(table: Readonly<Record<T, { readonly label: string }>>): { value: T; label: string }[] {
  return Object.entries<{ readonly label: string }>(table).map(([value, { label }]) => ({ value: value as T, label }));
}

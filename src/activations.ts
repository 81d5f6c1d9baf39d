// THE table of activations: one row each. The kernels are `<id>Forward`, `<id>Backward` and `<id>Derivative`.

import { checkName, checkNumber, checkOptions, type NameIn, type Range } from "./check.js";

export interface ActivationRow {
  /** Other names that are accepted. */
  readonly aliases: readonly string[];
  /** Which of a layer's arrays the backward kernel reads. From the output, z need not be kept. */
  readonly derivativeFrom: "output" | "preactivation";
  /** Across: an output depends on the whole row (softmax, logSoftmax), not on its own z alone. */
  readonly across: boolean;
  /** Numbers the kernels read from their parameter block, in order, with defaults and what they must hold. */
  readonly options: Readonly<Record<string, Range & { readonly default: number }>>;
  /** The initializer that keeps the variance of a through a layer with this activation. */
  readonly initializer: "glorotUniform" | "heUniform" | "lecunUniform";
}

const plain = { aliases: [], across: false, options: {}, derivativeFrom: "output", initializer: "glorotUniform" } as const;
/** Like relu: 0 or little below zero, so that half of the variance is lost. */
const rectifier = { ...plain, initializer: "heUniform" } as const;
const smooth = { ...rectifier, derivativeFrom: "preactivation" } as const;

export const activationTable = {
  linear: { ...plain, aliases: ["identity"] },
  sigmoid: { ...plain, aliases: ["logistic"] },
  tanh: plain,
  arctan: { ...plain, aliases: ["atan"], derivativeFrom: "preactivation" },
  relu: rectifier,
  leakyRelu: { ...rectifier, aliases: ["lrelu", "leakyReLU"], options: { negativeSlope: { default: 0.05, least: 0 } } },
  softmax: { ...plain, across: true },
  elu: { ...rectifier, options: { alpha: { default: 1, least: 0 } } },
  selu: { ...plain, initializer: "lecunUniform" },
  celu: { ...rectifier, options: { alpha: { default: 1, above: 0 } } },
  gelu: smooth,
  geluTanh: smooth,
  silu: { ...smooth, aliases: ["swish"] },
  mish: smooth,
  softplus: plain,
  softsign: { ...plain, derivativeFrom: "preactivation" },
  hardSigmoid: { ...plain, aliases: ["hardsigmoid"], derivativeFrom: "preactivation" },
  hardSwish: { ...smooth, aliases: ["hardswish", "hardSilu"] },
  relu6: { ...rectifier, aliases: ["reLU6"] },
  exponential: { ...plain, aliases: ["exp"] },
  logSoftmax: { ...plain, aliases: ["logsoftmax"], across: true },
} as const satisfies Readonly<Record<string, ActivationRow>>;

/** Activations that learn, and so only live in layers. */
const learnedTable = {
  prelu: { ...smooth, options: { negativeSlope: { default: 0.25 } } },
} as const satisfies Readonly<Record<string, ActivationRow>>;

const allActivations = { ...activationTable, ...learnedTable };

export type ActivationId = keyof typeof activationTable;
export type LayerActivationId = ActivationId | keyof typeof learnedTable;

export function activationRow(id: LayerActivationId): ActivationRow {
  return allActivations[id];
}

/** Where a name stands for an activation: its id, an alias or the snake_case form. */
export type ActivationName = NameIn<typeof activationTable> | NameIn<typeof learnedTable>;

/** What an activation takes beside its name. */
export interface ActivationOptions {
  /** leakyRelu: the slope below 0. Default 0.05. prelu: the first value of the slopes it learns, one a column. Default 0.25. */
  negativeSlope?: number;
  /** elu and celu: the depth of the curve below 0. Default 1. */
  alpha?: number;
}

/** An activation with its numbers settled. */
export interface Activation {
  readonly id: LayerActivationId;
  readonly options: Readonly<Record<string, number>>;
}

/** { name, …options } or a name, checked and completed with defaults. */
export function checkActivation(where: string, name: unknown, options: object | undefined): Activation {
  const id = checkName(where, "activation", name, allActivations) as LayerActivationId;
  const known = activationRow(id).options;
  const given = checkOptions(where, options as Record<string, unknown> | undefined, Object.keys(known));
  const settled: Record<string, number> = {};
  for (const [key, range] of Object.entries(known)) settled[key] = checkNumber(where, key, given[key] === undefined ? range.default : given[key], range);
  return { id, options: settled };
}

/** "leakyRelu(negativeSlope 0.1)", as summaries and messages show it. */
export function activationLabel({ id, options }: Activation): string {
  const parts = Object.entries(options).map(([key, value]) => `${key} ${value}`);
  return parts.length > 0 ? `${id}(${parts.join(", ")})` : id;
}

// THE table of activations: one row each. The kernels are `<id>Forward`, `<id>Backward` and `<id>Derivative`.

import { checkName, checkNumber, checkOptions } from "./check.js";

export interface ActivationRow {
  /** Other names that are accepted. */
  readonly aliases: readonly string[];
  /** Which of a layer's arrays the backward kernel reads. From the output, z need not be kept. */
  readonly derivativeFrom: "output" | "preactivation";
  /** Across: an output depends on the whole row (softmax), not on its own z alone. */
  readonly across: boolean;
  /** Numbers the kernels read from their parameter block, in order, with defaults and what they must hold. */
  readonly options: Readonly<Record<string, { readonly default: number; readonly least: number }>>;
  /** The initializer that keeps the variance of a through a layer with this activation. */
  readonly initializer: "glorotUniform" | "heUniform";
}

const plain = { aliases: [], across: false, options: {}, initializer: "glorotUniform" } as const;

export const activationTable = {
  linear: { ...plain, aliases: ["identity"], derivativeFrom: "output" },
  sigmoid: { ...plain, aliases: ["logistic"], derivativeFrom: "output" },
  tanh: { ...plain, derivativeFrom: "output" },
  arctan: { ...plain, aliases: ["atan"], derivativeFrom: "preactivation" },
  relu: { ...plain, derivativeFrom: "output", initializer: "heUniform" },
  leakyRelu: { ...plain, aliases: ["lrelu", "leakyReLU"], derivativeFrom: "output", options: { negativeSlope: { default: 0.05, least: 0 } }, initializer: "heUniform" },
  softmax: { ...plain, derivativeFrom: "output", across: true },
} as const satisfies Readonly<Record<string, ActivationRow>>;

export type ActivationId = keyof typeof activationTable;

/** Where a name stands for an activation: its id, an alias or the snake_case form. */
export type ActivationName = ActivationId | "identity" | "logistic" | "atan" | "lrelu" | "leakyReLU" | "leaky_relu" | (string & {});

/** An activation with its numbers settled. */
export interface Activation {
  readonly id: ActivationId;
  readonly options: Readonly<Record<string, number>>;
}

/** { name, …options } or a name, checked and completed with defaults. */
export function checkActivation(where: string, name: unknown, options: Record<string, unknown> | undefined): Activation {
  const id = checkName(where, "activation", name, activationTable) as ActivationId;
  const known: ActivationRow["options"] = activationTable[id].options;
  checkOptions(where, options, Object.keys(known));
  const settled: Record<string, number> = {};
  for (const [key, { default: standard, least }] of Object.entries(known)) settled[key] = checkNumber(where, key, options?.[key] === undefined ? standard : options[key], { least });
  return { id, options: settled };
}

/** "leakyRelu(negativeSlope 0.1)", as summaries and messages show it. */
export function activationLabel({ id, options }: Activation): string {
  const parts = Object.entries(options).map(([key, value]) => `${key} ${value}`);
  return parts.length > 0 ? `${id}(${parts.join(", ")})` : id;
}

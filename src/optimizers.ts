// THE table of optimizers: one row each. A row turns options and the step number into the kernel to run and its parameter block.

import { checkBoolean, checkName, checkNumber, checkOptions, describe, type Range } from "./check.js";
import { ArgumentError } from "./errors.js";

/** A number, or a function from the step (0, 1, 2, … over the whole training) to one. */
export type LearningRate = number | ((step: number) => number);

interface CommonOptions {
  learningRate?: LearningRate;
  /** Gradients are scaled down together when their Euclidean norm is greater. */
  clipNorm?: number;
  /** Each gradient is limited to ± this. Applied before clipNorm. */
  clipValue?: number;
}

export interface SgdOptions extends CommonOptions {
  /** 0 to below 1. Default 0. */
  momentum?: number;
  /** Default 0. */
  dampening?: number;
  /** Needs momentum above 0 and no dampening. Default false. */
  nesterov?: boolean;
  /** L2 penalty added to the gradient. Default 0. */
  weightDecay?: number;
}

export interface AdamOptions extends CommonOptions {
  /** Decay of the mean of gradients. Default 0.9. */
  beta1?: number;
  /** Decay of the mean of squared gradients. Default 0.999. */
  beta2?: number;
  /** Default 1e-8, as in PyTorch (Keras: 1e-7). */
  epsilon?: number;
  /** Default false. */
  amsgrad?: boolean;
  /** adam: L2 penalty added to the gradient (default 0). adamW: decoupled decay (default 0.01). */
  weightDecay?: number;
}

type Settled = Record<string, number | boolean>;

/** What a step needs besides weights and gradients. */
export interface Update {
  readonly kernel: `${string}Update`;
  readonly parameters: readonly number[];
}

interface OptimizerRow {
  readonly aliases: readonly string[];
  readonly learningRate: number;
  /** Default and range of every option of its own. */
  readonly options: Readonly<Record<string, { readonly default: number | boolean; readonly range?: Range }>>;
  /** Throws where options contradict each other. */
  check?(where: string, options: Settled): void;
  /** Names of the state arrays, each as long as the parameter block; 0 before the first step. */
  slots(options: Settled): readonly string[];
  /** For step t = 1, 2, …; `powers` are beta1ᵗ and beta2ᵗ. */
  update(options: Settled, learningRate: number, t: number, powers: readonly [number, number]): Update;
}

const zeroToOne: Range = { least: 0, below: 1 };
const adamOptions = {
  beta1: { default: 0.9, range: zeroToOne },
  beta2: { default: 0.999, range: zeroToOne },
  epsilon: { default: 1e-8, range: { least: 0 } },
  amsgrad: { default: false },
} as const;

function adamUpdate(options: Settled, rate: number, [power1, power2]: readonly [number, number], l2: number, decoupled: number): Update {
  const { beta1, beta2, epsilon } = options as { beta1: number; beta2: number; epsilon: number };
  return {
    kernel: options.amsgrad ? "adamAmsgradUpdate" : "adamUpdate",
    parameters: [rate / (1 - power1), 1 - beta1, 1 - beta2, 1 / Math.sqrt(1 - power2), epsilon, l2, decoupled],
  };
}

const adamSlots = (options: Settled) => (options.amsgrad ? ["m", "v", "vMax"] : ["m", "v"]);

export const optimizerTable = {
  /** PyTorch's SGD; Keras scales the momentum by the learning rate instead. */
  sgd: {
    aliases: ["SGD"],
    learningRate: 1e-2,
    options: { momentum: { default: 0, range: zeroToOne }, dampening: { default: 0, range: { least: 0, most: 1 } }, nesterov: { default: false }, weightDecay: { default: 0, range: { least: 0 } } },
    check(where, { nesterov, momentum, dampening }) {
      if (nesterov && (momentum === 0 || dampening !== 0)) throw new ArgumentError(`${where}: nesterov must come with momentum above 0 and dampening 0, got momentum ${momentum}, dampening ${dampening}`);
    },
    slots: (options) => (options.momentum === 0 ? [] : ["momentum"]),
    update(options, rate, t) {
      const { momentum, dampening, weightDecay } = options as { momentum: number; dampening: number; weightDecay: number };
      // PyTorch starts the momentum from the whole first gradient: no dampening in step 1.
      return {
        kernel: momentum === 0 ? "sgdUpdate" : "sgdMomentumUpdate",
        parameters: [rate, momentum, t === 1 ? 1 : 1 - dampening, options.nesterov ? 1 : 0, weightDecay],
      };
    },
  },
  adam: {
    aliases: ["Adam"],
    learningRate: 1e-3,
    options: { ...adamOptions, weightDecay: { default: 0, range: { least: 0 } } },
    slots: adamSlots,
    update: (options, rate, _t, powers) => adamUpdate(options, rate, powers, options.weightDecay as number, 0),
  },
  adamW: {
    aliases: ["adamw", "AdamW"],
    learningRate: 1e-3,
    options: { ...adamOptions, weightDecay: { default: 1e-2, range: { least: 0 } } },
    slots: adamSlots,
    update: (options, rate, _t, powers) => adamUpdate(options, rate, powers, 0, rate * (options.weightDecay as number)),
  },
} as const satisfies Readonly<Record<string, OptimizerRow>>;

export type OptimizerId = keyof typeof optimizerTable;

/** An optimizer with its options settled: what sgd(), adam() and adamW() give and compile() takes. */
export class Optimizer {
  /** Default options of a name are used when only the name is given. */
  static from(where: string, value: unknown): Optimizer {
    if (value instanceof Optimizer) return value;
    if (typeof value !== "string") throw new ArgumentError(`${where}: optimizer must be a name or come from sgd(), adam() or adamW(), got ${describe(value)}`);
    return new Optimizer(checkName(where, "optimizer", value, optimizerTable) as OptimizerId, {});
  }

  readonly options: Readonly<Settled>;
  readonly learningRate: LearningRate;
  readonly clipNorm: number | undefined;
  readonly clipValue: number | undefined;
  readonly #row: OptimizerRow;

  /** @internal */
  constructor(readonly id: OptimizerId, given: object) {
    const row: OptimizerRow = optimizerTable[id];
    const options = checkOptions(id, given as Record<string, unknown>, [...Object.keys(row.options), "learningRate", "clipNorm", "clipValue"]);
    this.#row = row;
    const { learningRate: rate = row.learningRate } = options;
    this.learningRate = typeof rate === "function" ? (rate as LearningRate) : checkNumber(id, "learningRate", rate, { above: 0 });
    this.clipNorm = options.clipNorm === undefined ? undefined : checkNumber(id, "clipNorm", options.clipNorm, { above: 0 });
    this.clipValue = options.clipValue === undefined ? undefined : checkNumber(id, "clipValue", options.clipValue, { above: 0 });
    const settled: Settled = {};
    for (const [key, { default: standard, range }] of Object.entries(row.options)) {
      const { [key]: value = standard } = options;
      settled[key] = typeof standard === "boolean" ? checkBoolean(id, key, value) : checkNumber(id, key, value, range);
    }
    row.check?.(id, settled);
    this.options = settled;
  }

  /** @internal */
  get slots(): readonly string[] {
    return this.#row.slots(this.options);
  }

  /** @internal The learning rate of `step` (from 0), checked when it comes from a schedule. */
  rateAt(step: number): number {
    if (typeof this.learningRate === "number") return this.learningRate;
    return checkNumber(this.id, `learningRate of step ${step}`, this.learningRate(step), { least: 0 });
  }

  /** @internal */
  update(rate: number, t: number, powers: readonly [number, number]): Update {
    return this.#row.update(this.options, rate, t, powers);
  }
}

/**
 * Stochastic gradient descent: v ← μ v + (1 − dampening) g, w ← w − η v (PyTorch's definition).
 * @example sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true })
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  return new Optimizer("sgd", options);
}

/**
 * Adam (Kingma & Ba 2015), weight decay as an L2 penalty (PyTorch's definition). Default learning rate 0.001.
 * @example adam({ learningRate: 3e-4 })
 */
export function adam(options: AdamOptions = {}): Optimizer {
  return new Optimizer("adam", options);
}

/** Adam with decoupled weight decay (Loshchilov & Hutter 2019), 0.01 by default. */
export function adamW(options: AdamOptions = {}): Optimizer {
  return new Optimizer("adamW", options);
}

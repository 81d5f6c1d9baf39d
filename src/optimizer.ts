// What an optimizer is: a row of the table in optimizers.ts with its options settled.

import { checkNumber, checkOptions, settle, type Rule, type Settled } from "./check.js";
import type { Problem } from "./lbfgs.js";
import { Schedule } from "./schedules.js";

/** A number, a schedule from stepDecay() and its like, or a function from the step (0, 1, 2, … over the whole training) to a number. */
export type LearningRate = number | Schedule | ((step: number) => number);

export interface CommonOptions {
  learningRate?: LearningRate;
  /**
   * All gradients are scaled down together when their Euclidean norm is greater: `clip_grad_norm_` of PyTorch (which divides by the norm + 1e-6), `global_clipnorm` of
   * Keras (whose `clipnorm` goes by array).
   */
  clipNorm?: number;
  /** Each gradient is limited to ± this. Applied before clipNorm. */
  clipValue?: number;
}

/** What a step needs besides weights and gradients, and the running products after it. */
export interface Update {
  readonly kernel: `${string}Update`;
  readonly parameters: readonly number[];
  readonly powers?: readonly number[];
}

export interface OptimizerRow {
  readonly aliases: readonly string[];
  readonly learningRate: number;
  /** Default and range of every option of its own. */
  readonly options: Readonly<Record<string, Rule>>;
  /** Throws where options contradict each other. */
  check?(where: string, options: Settled): void;
  /** Names of the state arrays, each as long as the parameter block; 0 before the first step. */
  slots(options: Settled): readonly string[];
  /** How many running products it keeps, from 0 to 1 and 1 before the first step: Math.pow differs between engines. */
  readonly powers?: number;
  /** For step t = 1, 2, …; `powers` are those after step t − 1. */
  update?(options: Settled, learningRate: number, t: number, powers: readonly number[]): Update;
  /** Instead of update: a whole step in TypeScript, which may run the batch again. It takes all data as one batch, and no clipping. */
  minimize?(options: Settled, learningRate: number, problem: Problem): void;
}

/** An optimizer with its options settled: what sgd(), adam() and their like give and compile() takes. */
export class Optimizer {
  readonly options: Readonly<Settled>;
  readonly learningRate: LearningRate;
  readonly clipNorm: number | undefined;
  readonly clipValue: number | undefined;
  readonly #row: OptimizerRow;

  /** @internal */
  constructor(readonly id: string, row: OptimizerRow, given: object) {
    const options = checkOptions(id, given as Record<string, unknown>, [...Object.keys(row.options), "learningRate", ...(row.minimize ? [] : ["clipNorm", "clipValue"])]);
    const { learningRate: rate = row.learningRate } = options;
    const limit = (key: string) => (options[key] === undefined ? undefined : checkNumber(id, key, options[key], { above: 0 }));
    this.#row = row;
    this.learningRate =
      typeof rate === "function" ? (rate as LearningRate)
      : typeof (rate as Schedule | null)?.name === "string" ? Schedule.from(id, rate as object)
      : checkNumber(id, "learningRate", rate, { above: 0 });
    this.clipNorm = limit("clipNorm");
    this.clipValue = limit("clipValue");
    this.options = settle(id, options, row.options);
    row.check?.(id, this.options);
  }

  /** @internal */
  get slots(): readonly string[] {
    return this.#row.slots(this.options);
  }

  /** @internal A step takes all data as one batch. */
  get isFullBatch(): boolean {
    return this.#row.minimize !== undefined;
  }

  /** @internal Running products before the first step. */
  get powers(): readonly number[] {
    return new Array<number>(this.#row.powers ?? 0).fill(1);
  }

  /** @internal The learning rate of `step` (from 0), checked when it comes from a function. */
  rateAt(step: number): number {
    const rate = this.learningRate;
    if (typeof rate === "number") return rate;
    return checkNumber(this.id, `learningRate of step ${step}`, typeof rate === "function" ? rate(step) : rate.rateAt(step), { least: 0 });
  }

  /** @internal */
  update(rate: number, t: number, powers: readonly number[]): Update {
    return this.#row.update!(this.options, rate, t, powers);
  }

  /** @internal */
  minimize(rate: number, problem: Problem): void {
    this.#row.minimize!(this.options, rate, problem);
  }
}

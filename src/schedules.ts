// THE table of learning-rate schedules: one row each. A schedule is its name and options and nothing else, so model files keep it; its rate is a function of
// the step alone, in arithmetic that is the same on every engine.

import { checkName, checkOptions, settle, type Range, type Rule, type Settled } from "./check.js";
import { exp, halfCosine, log } from "./elementary.js";
import { ArgumentError } from "./errors.js";

export interface StepDecayOptions {
  /** Learning rate of the first `every` steps. */
  initial: number;
  /** What the rate is multiplied by each time: above 0, at most 1. Default 0.1. */
  factor?: number;
  /** Steps, not epochs, between two falls. */
  every: number;
}

export interface ExponentialDecayOptions {
  /** Learning rate of step 0. */
  initial: number;
  /** What the rate is multiplied by over `every` steps, a little at each: above 0, at most 1. */
  rate: number;
  /** Default 1. */
  every?: number;
}

export interface CosineDecayOptions {
  /** Where the cosine begins. */
  initial: number;
  /** Steps until `final` is reached, warm-up included. */
  steps: number;
  /** Default 0. */
  final?: number;
  /** Steps of linear rise before: step 0 has initial / (warmup + 1). Default 0. */
  warmup?: number;
}

export interface OneCycleOptions {
  /** The peak. */
  maximum: number;
  /** Steps of the whole cycle. */
  steps: number;
  /** Share of the steps that rise: below 1. Default 0.3. */
  warmupShare?: number;
  /** The first rate is maximum / divisor. Default 25. */
  divisor?: number;
  /** The last one is the first / finalDivisor. Default 10,000. */
  finalDivisor?: number;
}

interface ScheduleRow {
  readonly aliases?: readonly string[];
  readonly options: Readonly<Record<string, Rule>>;
  rateAt(options: Record<string, number>, step: number): number;
}

const positive: Range = { above: 0 };
const share: Range = { above: 0, most: 1 };
const atLeastOne: Range = { least: 1 };
/** factor^exponent */
const power = (factor: number, exponent: number) => exp(exponent * log(factor));

export const scheduleTable = {
  /** PyTorch's StepLR. */
  stepDecay: {
    options: { initial: { range: positive }, factor: { default: 0.1, range: share }, every: { whole: 1 } },
    rateAt: ({ initial, factor, every }, step) => initial * power(factor, Math.floor(step / every)),
  },
  /** Keras's ExponentialDecay; with every = 1, PyTorch's ExponentialLR. */
  exponentialDecay: {
    options: { initial: { range: positive }, rate: { range: share }, every: { default: 1, whole: 1 } },
    rateAt: ({ initial, rate, every }, step) => initial * power(rate, step / every),
  },
  /** Loshchilov & Hutter 2017, without restarts: PyTorch's CosineAnnealingLR, but what is reached stays. */
  cosineDecay: {
    options: { initial: { range: positive }, steps: { whole: 1 }, final: { default: 0, range: { least: 0 } }, warmup: { default: 0, whole: 0 } },
    rateAt({ initial, steps, final, warmup }, step) {
      if (step < warmup) return (initial * (step + 1)) / (warmup + 1);
      return between(final, initial, (steps - step) / (steps - warmup));
    },
  },
  /** Smith & Topin 2018: PyTorch's OneCycleLR with its cosine. The momentum stays as it is. */
  oneCycle: {
    options: {
      maximum: { range: positive }, steps: { whole: 1 }, warmupShare: { default: 0.3, range: { least: 0, below: 1 } },
      divisor: { default: 25, range: atLeastOne }, finalDivisor: { default: 1e4, range: atLeastOne },
    },
    rateAt({ maximum, steps, warmupShare, divisor, finalDivisor }, step) {
      const first = maximum / divisor;
      const peak = warmupShare * steps - 1;
      if (step < peak) return between(first, maximum, step / peak);
      return between(first / finalDivisor, maximum, (steps - 1 - step) / (steps - 1 - peak));
    },
  },
} as const satisfies Readonly<Record<string, ScheduleRow>>;

/** From low to high along half a cosine; `share` is how far, and what lies outside 0 to 1 counts as the end. */
function between(low: number, high: number, share: number): number {
  return low + (high - low) * halfCosine(Math.max(0, Math.min(1, share)));
}

export type ScheduleId = keyof typeof scheduleTable;

/** A learning rate that changes from step to step: what stepDecay() and its like give. Its own properties are its name and its options. */
export class Schedule {
  /** A schedule as it is, or from { name, …options }, as it is saved. */
  static from(where: string, value: object): Schedule {
    if (value instanceof Schedule) return value;
    const { name, ...options } = value as { name?: unknown };
    return new Schedule(checkName<ScheduleRow>(where, "schedule", name, scheduleTable) as ScheduleId, options);
  }

  /** @internal */
  constructor(readonly name: ScheduleId, given: object) {
    const rules: ScheduleRow["options"] = scheduleTable[name].options;
    const settled = settle(name, checkOptions(name, given as Settled, Object.keys(rules)), rules);
    const { steps, warmup } = settled;
    if (warmup !== undefined && warmup >= steps) throw new ArgumentError(`${name}: warmup must be below steps, ${steps}, got ${warmup}`);
    Object.assign(this, settled);
  }

  /** The learning rate of `step` = 0, 1, 2, … over the whole training. */
  rateAt(step: number): number {
    return scheduleTable[this.name].rateAt(this as never, step);
  }
}

/**
 * initial · factor^⌊step / every⌋.
 * @example adam({ learningRate: stepDecay({ initial: 0.01, every: 1000 }) })
 */
export function stepDecay(options: StepDecayOptions): Schedule {
  return new Schedule("stepDecay", options);
}

/**
 * initial · rate^(step / every).
 * @example adam({ learningRate: exponentialDecay({ initial: 0.01, rate: 0.5, every: 1000 }) })
 */
export function exponentialDecay(options: ExponentialDecayOptions): Schedule {
  return new Schedule("exponentialDecay", options);
}

/**
 * Half a cosine from `initial` down to `final`, which then stays, after a linear warm-up.
 * @example adam({ learningRate: cosineDecay({ initial: 0.01, steps: 5000, warmup: 100 }) })
 */
export function cosineDecay(options: CosineDecayOptions): Schedule {
  return new Schedule("cosineDecay", options);
}

/**
 * Half a cosine up from maximum / divisor to `maximum`, another one down to maximum / divisor / finalDivisor, which then stays.
 * @example sgd({ learningRate: oneCycle({ maximum: 0.1, steps: 5000 }), momentum: 0.9 })
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  return new Schedule("oneCycle", options);
}

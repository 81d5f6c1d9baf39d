// THE table of optimizers: one row each. A row turns options and the step number into the kernel to run and its parameter block.

import type { NameIn, Rule } from "./check.js";
import { exp } from "./elementary.js";
import { ArgumentError } from "./errors.js";
import { lbfgsSlots, lbfgsStep } from "./lbfgs.js";
import { Optimizer, type CommonOptions, type LearningRate, type OptimizerRow } from "./optimizer.js";

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

export interface RmspropOptions extends CommonOptions {
  /** Decay of the mean of squared gradients. Default 0.99, as in PyTorch (Keras: 0.9). */
  rho?: number;
  /** 0 to below 1. Default 0. */
  momentum?: number;
  /** Outside the root. Default 1e-8, as in PyTorch (Keras: 1e-7, inside the root). */
  epsilon?: number;
  /** Divides by the standard deviation of gradients instead. Default false. */
  centered?: boolean;
  /** L2 penalty added to the gradient. Default 0. */
  weightDecay?: number;
}

export interface AdagradOptions extends CommonOptions {
  /** The rate of step t = 0, 1, … is learningRate / (1 + t · this). Default 0. */
  learningRateDecay?: number;
  /** What the sum of squares starts from: at most 1e30. Default 0, as in PyTorch (Keras: 0.1). */
  initialAccumulator?: number;
  /** Outside the root. Default 1e-10, as in PyTorch (Keras: 1e-7, inside the root). */
  epsilon?: number;
  /** L2 penalty added to the gradient. Default 0. */
  weightDecay?: number;
}

export interface AdadeltaOptions extends CommonOptions {
  /** Decay of both means. Default 0.9, as in PyTorch (Keras: 0.95). */
  rho?: number;
  /** Default 1e-6, as in PyTorch (Keras: 1e-7). */
  epsilon?: number;
  /** L2 penalty added to the gradient. Default 0. */
  weightDecay?: number;
}

export interface NadamOptions extends CommonOptions {
  /** Decay of the mean of gradients. Default 0.9. */
  beta1?: number;
  /** Decay of the mean of squared gradients. Default 0.999. */
  beta2?: number;
  /** Default 1e-8, as in PyTorch (Keras: 1e-7). */
  epsilon?: number;
  /** How soon the momentum comes from beta1 / 2 to beta1. Default 0.004, as in PyTorch (Keras: always that). */
  momentumDecay?: number;
  /** L2 penalty added to the gradient. Default 0. */
  weightDecay?: number;
}

export interface LionOptions extends CommonOptions {
  /** Share of the mean in what the sign is taken of. Default 0.9. */
  beta1?: number;
  /** Decay of the mean. Default 0.99. */
  beta2?: number;
  /** Decoupled. Default 0. */
  weightDecay?: number;
}

export interface LbfgsOptions {
  /** The first length a line search tries. Default 1. */
  learningRate?: LearningRate;
  /** A step ends after so many iterations. Default 20. */
  maxIterations?: number;
  /** … or so many passes over the batch. Default 0: 1.25 · maxIterations. */
  maxEvaluations?: number;
  /** Steps that are remembered; each takes twice the memory of the weights. Default 10 (PyTorch: 100). */
  historySize?: number;
  /** … or when no gradient is greater than this. Default 1e-7. */
  toleranceGradient?: number;
  /** … or when neither loss nor weights change by more than this. Default 1e-9. */
  toleranceChange?: number;
  /** Default "strongWolfe" (PyTorch: none). */
  lineSearch?: "strongWolfe" | "none";
}

const atLeast0 = (standard: number): Rule => ({ default: standard, range: { least: 0 } });
const fraction = (standard: number): Rule => ({ default: standard, range: { least: 0, below: 1 } });
const whole = (least: number, standard: number): Rule => ({ default: standard, whole: least });
const weightDecay = atLeast0(0);
const means = { beta1: fraction(0.9), beta2: fraction(0.999), epsilon: atLeast0(1e-8) };

type Numbers = Record<string, number>;

/** An L2 penalty in adam, a decoupled decay in adamW. */
const adamRow = <const Alias extends string>(alias: Alias, decay: number, decoupled: boolean): OptimizerRow & { readonly aliases: readonly [Alias] } => ({
  aliases: [alias],
  learningRate: 1e-3,
  options: { ...means, amsgrad: { default: false }, weightDecay: atLeast0(decay) },
  slots: ({ amsgrad }) => (amsgrad ? ["m", "v", "vMax"] : ["m", "v"]),
  powers: 2,
  update(options, rate, _t, [before1, before2]) {
    const { beta1, beta2, epsilon, weightDecay } = options as Numbers;
    const powers = [before1 * beta1, before2 * beta2];
    return {
      kernel: options.amsgrad ? "adamAmsgradUpdate" : "adamUpdate",
      parameters: [rate / (1 - powers[0]), 1 - beta1, 1 - beta2, 1 / Math.sqrt(1 - powers[1]), epsilon, decoupled ? 0 : weightDecay, decoupled ? rate * weightDecay : 0],
      powers,
    };
  },
});

const LOG_0_96 = -0.040821994520255166;

const optimizerTable = {
  /** PyTorch's SGD; Keras scales the momentum by the learning rate instead. */
  sgd: {
    aliases: ["SGD"],
    learningRate: 1e-2,
    options: { momentum: fraction(0), dampening: { default: 0, range: { least: 0, most: 1 } }, nesterov: { default: false }, weightDecay },
    check(where, { nesterov, momentum, dampening }) {
      if (nesterov && (momentum === 0 || dampening !== 0)) throw new ArgumentError(`${where}: nesterov must come with momentum above 0 and dampening 0, got momentum ${momentum}, dampening ${dampening}`);
    },
    slots: ({ momentum }) => (momentum === 0 ? [] : ["momentum"]),
    update(options, rate, t) {
      const { momentum, dampening, weightDecay } = options as Numbers;
      // PyTorch starts the momentum from the whole first gradient: no dampening in step 1.
      return {
        kernel: momentum === 0 ? "sgdUpdate" : "sgdMomentumUpdate",
        parameters: [rate, momentum, t === 1 ? 1 : 1 - dampening, options.nesterov ? 1 : 0, weightDecay],
      };
    },
  },
  adam: adamRow("Adam", 0, false),
  adamW: adamRow("AdamW", 1e-2, true),
  rmsprop: {
    aliases: ["RMSprop", "rmsProp"],
    learningRate: 1e-2,
    options: { rho: fraction(0.99), momentum: fraction(0), epsilon: atLeast0(1e-8), centered: { default: false }, weightDecay },
    slots: ({ centered, momentum }) => [...(centered ? ["variance", "mean"] : ["square"]), ...(momentum === 0 ? [] : ["momentum"])],
    update(options, rate) {
      const { rho, momentum, epsilon, weightDecay } = options as Numbers;
      return { kernel: "rmspropUpdate", parameters: [rate, 1 - rho, momentum, epsilon, weightDecay, options.centered ? 1 : 0] };
    },
  },
  adagrad: {
    aliases: ["Adagrad", "adaGrad"],
    learningRate: 1e-2,
    options: { learningRateDecay: weightDecay, initialAccumulator: { default: 0, range: { least: 0, most: 1e30 } }, epsilon: atLeast0(1e-10), weightDecay },
    slots: () => ["sum"],
    update(options, rate, t) {
      const { learningRateDecay, initialAccumulator, epsilon, weightDecay } = options as Numbers;
      return { kernel: "adagradUpdate", parameters: [rate / (1 + (t - 1) * learningRateDecay), epsilon, weightDecay, initialAccumulator] };
    },
  },
  adadelta: {
    aliases: ["Adadelta", "adaDelta"],
    learningRate: 1,
    options: { rho: fraction(0.9), epsilon: atLeast0(1e-6), weightDecay },
    slots: () => ["square", "change"],
    update(options, rate) {
      const { rho, epsilon, weightDecay } = options as Numbers;
      return { kernel: "adadeltaUpdate", parameters: [rate, 1 - rho, epsilon, weightDecay] };
    },
  },
  nadam: {
    aliases: ["NAdam", "nAdam"],
    learningRate: 2e-3,
    options: { ...means, momentumDecay: atLeast0(4e-3), weightDecay },
    slots: () => ["m", "v"],
    powers: 2,
    update(options, rate, t, [before1, before2]) {
      const { beta1, beta2, epsilon, momentumDecay, weightDecay } = options as Numbers;
      const momentum = (step: number) => beta1 * (1 - 0.5 * exp(step * momentumDecay * LOG_0_96));
      const [now, next] = [momentum(t), momentum(t + 1)];
      const powers = [before1 * now, before2 * beta2];
      return {
        kernel: "nadamUpdate",
        parameters: [(rate * next) / (1 - powers[0] * next), 1 - beta1, 1 - beta2, 1 / Math.sqrt(1 - powers[1]), epsilon, weightDecay, (rate * (1 - now)) / (1 - powers[0])],
        powers,
      };
    },
  },
  lion: {
    aliases: ["Lion"],
    learningRate: 1e-4,
    options: { beta1: fraction(0.9), beta2: fraction(0.99), weightDecay },
    slots: () => ["m"],
    update(options, rate) {
      const { beta1, beta2, weightDecay } = options as Numbers;
      return { kernel: "lionUpdate", parameters: [rate, 1 - beta1, 1 - beta2, rate * weightDecay] };
    },
  },
  lbfgs: {
    aliases: ["LBFGS", "lBfgs"],
    learningRate: 1,
    options: {
      maxIterations: whole(1, 20), maxEvaluations: whole(0, 0), historySize: whole(1, 10), toleranceGradient: atLeast0(1e-7), toleranceChange: atLeast0(1e-9),
      lineSearch: { default: "strongWolfe", names: { strongWolfe: {}, none: {} } },
    },
    slots: ({ historySize }) => lbfgsSlots(historySize as number),
    minimize: (options, rate, problem) => lbfgsStep(options as never, rate, problem),
  },
} as const satisfies Readonly<Record<string, OptimizerRow>>;

type OptimizerId = keyof typeof optimizerTable;
export type OptimizerName = NameIn<typeof optimizerTable>;

/** What else is exported here is public: src/index.ts has no list of its own. */
export default optimizerTable;

function make(id: OptimizerId, options: object): Optimizer {
  return new Optimizer(id, optimizerTable[id], options);
}

/**
 * Stochastic gradient descent: v ← μ v + (1 − dampening) g, w ← w − η v (PyTorch's definition).
 * @example sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true })
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  return make("sgd", options);
}

/**
 * Adam (Kingma & Ba 2015), weight decay as an L2 penalty (PyTorch's definition). Default learning rate 0.001.
 * @example adam({ learningRate: 3e-4 })
 */
export function adam(options: AdamOptions = {}): Optimizer {
  return make("adam", options);
}

/**
 * Adam with decoupled weight decay (Loshchilov & Hutter 2019), 0.01 by default.
 * @example adamW({ learningRate: 1e-3, weightDecay: 0.05 })
 */
export function adamW(options: AdamOptions = {}): Optimizer {
  return make("adamW", options);
}

/**
 * RMSprop: v ← ρ v + (1 − ρ) g², w ← w − η g / (√v + ε) (PyTorch's definition and defaults; Keras has ε inside the root).
 * @example rmsprop({ learningRate: 1e-3, rho: 0.9 }) // Keras's rates
 */
export function rmsprop(options: RmspropOptions = {}): Optimizer {
  return make("rmsprop", options);
}

/**
 * Adagrad (Duchi, Hazan & Singer 2011): s ← s + g², w ← w − η g / (√s + ε). PyTorch's definition and defaults. Default learning rate 0.01.
 * @example adagrad({ learningRate: 0.05 })
 */
export function adagrad(options: AdagradOptions = {}): Optimizer {
  return make("adagrad", options);
}

/**
 * Adadelta (Zeiler 2012): steps of the size of earlier steps. PyTorch's definition and defaults; default learning rate 1, as in the paper (Keras: 0.001).
 * @example adadelta({ rho: 0.95 })
 */
export function adadelta(options: AdadeltaOptions = {}): Optimizer {
  return make("adadelta", options);
}

/**
 * Adam with Nesterov momentum (Dozat 2016), PyTorch's definition. Default learning rate 0.002 (Keras: 0.001).
 * @example nadam({ learningRate: 1e-3 })
 */
export function nadam(options: NadamOptions = {}): Optimizer {
  return make("nadam", options);
}

/**
 * Lion (Chen et al. 2023): steps of the learning rate in the direction of the sign of the mean gradient. Defaults of the paper: learning rate 0.0001, a third to a
 * tenth of adam's, with three to ten times its weightDecay.
 * @example lion({ learningRate: 1e-4, weightDecay: 0.1 })
 */
export function lion(options: LionOptions = {}): Optimizer {
  return make("lion", options);
}

/**
 * L-BFGS for small problems: quasi-Newton steps over all data at once, PyTorch's definition, with a strong Wolfe line search unless lineSearch is "none".
 * One step of training (fit with a batchSize of all rows, or trainBatch) is up to 20 iterations, each with a few passes over the batch.
 * @example network.compile({ optimizer: lbfgs(), loss: "mse" }); await network.fit(x, y, { batchSize: rows, epochs: 10 });
 */
export function lbfgs(options: LbfgsOptions = {}): Optimizer {
  return make("lbfgs", options);
}

// Optimisers in float64, as PyTorch defines them, one step at a time over plain arrays that are changed in place.

export interface ReferenceOptimizer {
  /** `learningRate` stands for the one of the options, for schedules. */
  step(weights: number[], gradients: number[], learningRate?: number): void;
}

export interface SgdOptions {
  learningRate: number;
  momentum?: number;
  dampening?: number;
  nesterov?: boolean;
  weightDecay?: number;
}

export interface AdamOptions {
  learningRate: number;
  beta1?: number;
  beta2?: number;
  epsilon?: number;
  weightDecay?: number;
  amsgrad?: boolean;
}

function sgd(options: SgdOptions): ReferenceOptimizer {
  const { momentum = 0, dampening = 0, nesterov = false, weightDecay = 0 } = options;
  let buffer: number[] | undefined;
  return {
    step(weights, gradients, learningRate = options.learningRate) {
      const g = gradients.map((v, i) => v + weightDecay * weights[i]);
      let direction = g;
      if (momentum !== 0) {
        const previous = buffer;
        const next = previous ? g.map((v, i) => momentum * previous[i] + (1 - dampening) * v) : [...g];
        buffer = next;
        direction = nesterov ? g.map((v, i) => v + momentum * next[i]) : next;
      }
      for (let i = 0; i < weights.length; i++) weights[i] -= learningRate * direction[i];
    },
  };
}

function adamLike(options: AdamOptions, decoupled: boolean): ReferenceOptimizer {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0, amsgrad = false } = options;
  const m: number[] = [];
  const v: number[] = [];
  const most: number[] = [];
  let t = 0;
  return {
    step(weights, gradients, learningRate = options.learningRate) {
      t++;
      for (let i = 0; i < weights.length; i++) {
        let g = gradients[i];
        if (decoupled) weights[i] *= 1 - learningRate * weightDecay;
        else g += weightDecay * weights[i];
        m[i] = beta1 * (m[i] ?? 0) + (1 - beta1) * g;
        v[i] = beta2 * (v[i] ?? 0) + (1 - beta2) * g * g;
        most[i] = Math.max(most[i] ?? 0, v[i]);
        const second = amsgrad ? most[i] : v[i];
        const denominator = Math.sqrt(second) / Math.sqrt(1 - beta2 ** t) + epsilon;
        weights[i] -= (learningRate / (1 - beta1 ** t)) * (m[i] / denominator);
      }
    },
  };
}

export interface RmspropOptions {
  learningRate: number;
  rho?: number;
  momentum?: number;
  epsilon?: number;
  centered?: boolean;
  weightDecay?: number;
}

function rmsprop(options: RmspropOptions): ReferenceOptimizer {
  const { rho = 0.99, momentum = 0, epsilon = 1e-8, centered = false, weightDecay = 0 } = options;
  const square: number[] = [];
  const mean: number[] = [];
  const buffer: number[] = [];
  return {
    step(weights, gradients, learningRate = options.learningRate) {
      for (let i = 0; i < weights.length; i++) {
        const g = gradients[i] + weightDecay * weights[i];
        square[i] = rho * (square[i] ?? 0) + (1 - rho) * g * g;
        mean[i] = rho * (mean[i] ?? 0) + (1 - rho) * g;
        const direction = g / (Math.sqrt(centered ? square[i] - mean[i] ** 2 : square[i]) + epsilon);
        buffer[i] = momentum * (buffer[i] ?? 0) + direction;
        weights[i] -= learningRate * buffer[i];
      }
    },
  };
}

export interface AdagradOptions {
  learningRate: number;
  learningRateDecay?: number;
  initialAccumulator?: number;
  epsilon?: number;
  weightDecay?: number;
}

function adagrad(options: AdagradOptions): ReferenceOptimizer {
  const { learningRateDecay = 0, initialAccumulator = 0, epsilon = 1e-10, weightDecay = 0 } = options;
  const sum: number[] = [];
  let t = 0;
  return {
    step(weights, gradients, learningRate = options.learningRate) {
      const rate = learningRate / (1 + t++ * learningRateDecay);
      for (let i = 0; i < weights.length; i++) {
        const g = gradients[i] + weightDecay * weights[i];
        sum[i] = (sum[i] ?? initialAccumulator) + g * g;
        weights[i] -= (rate * g) / (Math.sqrt(sum[i]) + epsilon);
      }
    },
  };
}

export interface AdadeltaOptions {
  learningRate: number;
  rho?: number;
  epsilon?: number;
  weightDecay?: number;
}

function adadelta(options: AdadeltaOptions): ReferenceOptimizer {
  const { rho = 0.9, epsilon = 1e-6, weightDecay = 0 } = options;
  const square: number[] = [];
  const change: number[] = [];
  return {
    step(weights, gradients, learningRate = options.learningRate) {
      for (let i = 0; i < weights.length; i++) {
        const g = gradients[i] + weightDecay * weights[i];
        square[i] = rho * (square[i] ?? 0) + (1 - rho) * g * g;
        const delta = (Math.sqrt((change[i] ?? 0) + epsilon) / Math.sqrt(square[i] + epsilon)) * g;
        change[i] = rho * (change[i] ?? 0) + (1 - rho) * delta * delta;
        weights[i] -= learningRate * delta;
      }
    },
  };
}

export interface NadamOptions {
  learningRate: number;
  beta1?: number;
  beta2?: number;
  epsilon?: number;
  momentumDecay?: number;
  weightDecay?: number;
}

function nadam(options: NadamOptions): ReferenceOptimizer {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, momentumDecay = 4e-3, weightDecay = 0 } = options;
  const m: number[] = [];
  const v: number[] = [];
  let t = 0;
  let product = 1;
  const momentum = (step: number) => beta1 * (1 - 0.5 * 0.96 ** (step * momentumDecay));
  return {
    step(weights, gradients, learningRate = options.learningRate) {
      t++;
      const [now, next] = [momentum(t), momentum(t + 1)];
      product *= now;
      for (let i = 0; i < weights.length; i++) {
        const g = gradients[i] + weightDecay * weights[i];
        m[i] = beta1 * (m[i] ?? 0) + (1 - beta1) * g;
        v[i] = beta2 * (v[i] ?? 0) + (1 - beta2) * g * g;
        const mean = (next * m[i]) / (1 - product * next) + ((1 - now) * g) / (1 - product);
        weights[i] -= (learningRate * mean) / (Math.sqrt(v[i] / (1 - beta2 ** t)) + epsilon);
      }
    },
  };
}

export interface LionOptions {
  learningRate: number;
  beta1?: number;
  beta2?: number;
  weightDecay?: number;
}

function lion(options: LionOptions): ReferenceOptimizer {
  const { beta1 = 0.9, beta2 = 0.99, weightDecay = 0 } = options;
  const m: number[] = [];
  return {
    step(weights, gradients, learningRate = options.learningRate) {
      for (let i = 0; i < weights.length; i++) {
        const direction = Math.sign(beta1 * (m[i] ?? 0) + (1 - beta1) * gradients[i]);
        weights[i] -= learningRate * (direction + weightDecay * weights[i]);
        m[i] = beta2 * (m[i] ?? 0) + (1 - beta2) * gradients[i];
      }
    },
  };
}

export const optimizers = {
  sgd,
  adam: (options: AdamOptions) => adamLike(options, false),
  adamW: (options: AdamOptions) => adamLike({ weightDecay: 0.01, ...options }, true),
  rmsprop,
  adagrad,
  adadelta,
  nadam,
  lion,
};

/** What the tests run each with. */
export const optionSets: { readonly [K in keyof typeof optimizers]: readonly Parameters<(typeof optimizers)[K]>[0][] } = {
  sgd: [
    { learningRate: 0.1 },
    { learningRate: 0.05, weightDecay: 0.01 },
    { learningRate: 0.05, momentum: 0.9 },
    { learningRate: 0.05, momentum: 0.9, dampening: 0.5, weightDecay: 0.01 },
    { learningRate: 0.05, momentum: 0.9, nesterov: true, weightDecay: 0.01 },
  ],
  adam: [
    { learningRate: 1e-3 },
    { learningRate: 0.01, beta1: 0.8, beta2: 0.99, epsilon: 1e-6, weightDecay: 0.1 },
    { learningRate: 1e-3, amsgrad: true, weightDecay: 0.01 },
  ],
  adamW: [{ learningRate: 1e-3 }, { learningRate: 0.01, weightDecay: 0.1, amsgrad: true }],
  rmsprop: [
    { learningRate: 0.01 },
    { learningRate: 0.01, rho: 0.9, epsilon: 1e-6, weightDecay: 0.1 },
    { learningRate: 1e-3, momentum: 0.9 },
    { learningRate: 0.01, centered: true },
    { learningRate: 1e-3, centered: true, momentum: 0.9, weightDecay: 0.01 },
  ],
  adagrad: [
    { learningRate: 0.01 },
    { learningRate: 0.1, learningRateDecay: 0.01, epsilon: 1e-6, weightDecay: 0.1 },
    { learningRate: 0.05, initialAccumulator: 0.1 },
  ],
  adadelta: [{ learningRate: 1 }, { learningRate: 0.5, rho: 0.95, epsilon: 1e-7, weightDecay: 0.1 }],
  nadam: [{ learningRate: 2e-3 }, { learningRate: 0.01, beta1: 0.8, beta2: 0.99, epsilon: 1e-6, momentumDecay: 0.1, weightDecay: 0.1 }],
  lion: [{ learningRate: 1e-3 }, { learningRate: 0.01, beta1: 0.8, beta2: 0.95, weightDecay: 0.1 }],
};

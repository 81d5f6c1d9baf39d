// Optimisers in float64, as PyTorch defines them, one step at a time over plain arrays that are changed in place.

export interface ReferenceOptimizer {
  step(weights: number[], gradients: number[]): void;
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
  const { learningRate, momentum = 0, dampening = 0, nesterov = false, weightDecay = 0 } = options;
  let buffer: number[] | undefined;
  return {
    step(weights, gradients) {
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
  const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0, amsgrad = false } = options;
  const m: number[] = [];
  const v: number[] = [];
  const most: number[] = [];
  let t = 0;
  return {
    step(weights, gradients) {
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

export const optimizers = {
  sgd,
  adam: (options: AdamOptions) => adamLike(options, false),
  adamW: (options: AdamOptions) => adamLike({ weightDecay: 0.01, ...options }, true),
};

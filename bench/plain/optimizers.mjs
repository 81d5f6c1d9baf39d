// One pass over the contiguous block of all weights and biases. Each returns step().

export const optimizers = {
  sgd(weights, gradients, { learningRate }) {
    return () => {
      for (let i = 0; i < weights.length; i++) weights[i] -= learningRate * gradients[i];
    };
  },

  /** As in PyTorch: epsilon is added after the root, and the corrections for the zero start are folded into two scalars. */
  adam(weights, gradients, { learningRate, beta1, beta2, epsilon }) {
    const mean = new Float32Array(weights.length);
    const square = new Float32Array(weights.length);
    let step = 0;
    return () => {
      step++;
      const rate = learningRate / (1 - beta1 ** step);
      const scale = 1 / Math.sqrt(1 - beta2 ** step);
      for (let i = 0; i < weights.length; i++) {
        const g = gradients[i];
        const m = mean[i] + (1 - beta1) * (g - mean[i]);
        const v = beta2 * square[i] + (1 - beta2) * g * g;
        mean[i] = m;
        square[i] = v;
        weights[i] -= (rate * m) / (Math.sqrt(v) * scale + epsilon);
      }
    };
  },
};

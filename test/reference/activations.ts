// Activations in float64, as plainly as they can be written. Keys are the ids of the public API.

export interface ReferenceActivation {
  /** a = f(z) for one row. */
  forward(z: number[], negativeSlope: number): number[];
  /** dz for one row, given da: the transposed Jacobian times da. */
  backward(z: number[], da: number[], negativeSlope: number): number[];
  /** f′(z) of one number; absent where a row does not split into numbers (softmax). */
  derivative?(z: number, negativeSlope: number): number;
  /** True if f′ jumps at 0. */
  kink: boolean;
}

function elementwise(
  value: (z: number, negativeSlope: number) => number,
  derivative: (z: number, negativeSlope: number) => number,
  kink = false,
): Required<ReferenceActivation> {
  return {
    forward: (z, slope) => z.map((x) => value(x, slope)),
    backward: (z, da, slope) => z.map((x, i) => da[i] * derivative(x, slope)),
    derivative,
    kink,
  };
}

export function sigmoid(z: number): number {
  const e = Math.exp(-Math.abs(z));
  return z >= 0 ? 1 / (1 + e) : e / (1 + e);
}

function sigmoidDerivative(z: number): number {
  const e = Math.exp(-Math.abs(z));
  return e / (1 + e) ** 2;
}

export function softmax(z: number[]): number[] {
  const most = Math.max(...z);
  const e = z.map((x) => Math.exp(x - most));
  const sum = e.reduce((s, x) => s + x, 0);
  return e.map((x) => x / sum);
}

export const activations = {
  linear: elementwise((z) => z, () => 1),
  sigmoid: elementwise(sigmoid, sigmoidDerivative),
  tanh: elementwise(Math.tanh, (z) => 1 / Math.cosh(z) ** 2),
  arctan: elementwise(Math.atan, (z) => 1 / (1 + z * z)),
  relu: elementwise((z) => (z > 0 ? z : z <= 0 ? 0 : NaN), (z) => (z > 0 ? 1 : z <= 0 ? 0 : NaN), true),
  leakyRelu: elementwise((z, slope) => (z > 0 ? z : slope * z), (z, slope) => (z > 0 ? 1 : z <= 0 ? slope : NaN), true),
  softmax: {
    forward: softmax,
    backward(z, da) {
      const a = softmax(z);
      const mean = a.reduce((s, p, i) => s + p * da[i], 0);
      return a.map((p, i) => p * (da[i] - mean));
    },
    kink: false,
  },
} satisfies Record<string, ReferenceActivation>;

export type ActivationId = keyof typeof activations;

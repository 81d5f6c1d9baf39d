// Activations in float64, as plainly as they can be written, and what their kernels are held to. Keys are the ids of the public API.

export interface ReferenceActivation {
  /** a = f(z) for one row. */
  forward(z: number[], negativeSlope: number): number[];
  /** dz for one row, given da: the transposed Jacobian times da. */
  backward(z: number[], da: number[], negativeSlope: number): number[];
  /** True if f′ jumps at 0. */
  kink: boolean;
  /** f and f′ of one number, and what the tests of the kernels need; absent where a row does not split into numbers (softmax). */
  value?(z: number, negativeSlope: number): number;
  derivative?(z: number, negativeSlope: number): number;
  kernel?: KernelFacts;
}

/** What `<id>Forward`, `<id>Derivative` and `<id>Backward` must do, with `slope` for a slope. */
export interface KernelFacts {
  /** Largest errors in ULP over all floats, as the headers in assembly/ state them; 0 is exact. */
  ulp: number;
  derivativeUlp: number;
  /** In place of `ulp` for the relaxed build, where it has a core of its own (assembly/math-relaxed.ts). */
  relaxedUlp?: number;
  /** f never falls from one float to the next. */
  monotone: boolean;
  /** f(−z) is −f(z), bit for bit. */
  odd: boolean;
  /** Smallest and largest result over all floats. */
  range: [number, number];
  /** Results for specialInputs, bit for bit, NaN as a class. */
  special: number[];
  derivativeSpecial: number[];
  /** What the backward kernel takes as x, f′ from it, and its error beside half an ULP, in units of da. */
  backward: { from: "output" | "preactivation"; derivative(x: number): number; absolute: number };
}

/** The negative slope that kernels are tested with: the default, as float32. */
export const slope = Math.fround(0.05);

const subnormal = 2 ** -149, tiny = 2 ** -126, huge = 2 ** 128 - 2 ** 104, halfPi = Math.fround(Math.PI / 2);
export const specialInputs = [NaN, Infinity, -Infinity, 0, -0, subnormal, -subnormal, tiny, -tiny, huge, -huge];

function elementwise(
  value: (z: number, negativeSlope: number) => number,
  derivative: (z: number, negativeSlope: number) => number,
  kernel: KernelFacts,
  kink = false,
): Required<ReferenceActivation> {
  return {
    forward: (z, slope) => z.map((x) => value(x, slope)),
    backward: (z, da, slope) => z.map((x, i) => da[i] * derivative(x, slope)),
    value,
    derivative,
    kernel,
    kink,
  };
}

export function sigmoid(z: number): number {
  const e = Math.exp(-Math.abs(z));
  return z >= 0 ? 1 / (1 + e) : e / (1 + e);
}

/** e / (1 + e)² with e = e^−|z|, which neither cancels nor overflows. */
function sigmoidDerivative(z: number): number {
  const e = Math.exp(-Math.abs(z));
  return e / (1 + e) ** 2;
}

/** Math.tanh is within an ULP of float64; 1 − tanh² would cancel. */
function tanhDerivative(z: number): number {
  const e = Math.exp(-2 * Math.abs(z));
  return (4 * e) / (1 + e) ** 2;
}

export function softmax(z: number[]): number[] {
  const most = Math.max(...z);
  const e = z.map((x) => Math.exp(x - most));
  const sum = e.reduce((s, x) => s + x, 0);
  return e.map((x) => x / sum);
}

export const activations = {
  linear: elementwise((z) => z, () => 1, {
    ulp: 0, derivativeUlp: 0, monotone: true, odd: true, range: [-Infinity, Infinity],
    special: specialInputs,
    derivativeSpecial: specialInputs.map(() => 1),
    backward: { from: "output", derivative: () => 1, absolute: 0 },
  }),
  sigmoid: elementwise(sigmoid, sigmoidDerivative, {
    ulp: 0.51, relaxedUlp: 2, derivativeUlp: 0.51, monotone: true, odd: false, range: [0, 1],
    special: [NaN, 1, 0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1, 0],
    derivativeSpecial: [NaN, 0, 0, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0, 0],
    backward: { from: "output", derivative: (a) => a * (1 - a), absolute: 2 ** -25 },
  }),
  tanh: elementwise(Math.tanh, tanhDerivative, {
    ulp: 0.51, relaxedUlp: 1.5, derivativeUlp: 0.51, monotone: true, odd: true, range: [-1, 1],
    special: [NaN, 1, -1, 0, -0, subnormal, -subnormal, tiny, -tiny, 1, -1],
    derivativeSpecial: [NaN, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0],
    backward: { from: "output", derivative: (a) => 1 - a * a, absolute: 2 ** -23 },
  }),
  arctan: elementwise(Math.atan, (z) => 1 / (1 + z * z), {
    ulp: 0.85, relaxedUlp: 1.5, derivativeUlp: 0.51, monotone: true, odd: true, range: [-halfPi, halfPi],
    special: [NaN, halfPi, -halfPi, 0, -0, subnormal, -subnormal, tiny, -tiny, halfPi, -halfPi],
    derivativeSpecial: [NaN, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0],
    backward: { from: "preactivation", derivative: (z) => 1 / (1 + z * z), absolute: 2 ** -23 },
  }),
  relu: elementwise((z) => (z > 0 ? z : z <= 0 ? 0 : NaN), (z) => (z > 0 ? 1 : z <= 0 ? 0 : NaN), {
    ulp: 0, derivativeUlp: 0, monotone: true, odd: false, range: [0, Infinity],
    special: [NaN, Infinity, 0, 0, 0, subnormal, 0, tiny, 0, huge, 0],
    derivativeSpecial: [NaN, 1, 0, 0, 0, 1, 0, 1, 0, 1, 0],
    backward: { from: "output", derivative: (a) => (a > 0 ? 1 : 0), absolute: 0 },
  }, true),
  leakyRelu: elementwise((z, slope) => (z > 0 ? z : slope * z), (z, slope) => (z > 0 ? 1 : z <= 0 ? slope : NaN), {
    ulp: 0.5, derivativeUlp: 0, monotone: true, odd: false, range: [-Infinity, Infinity],
    special: [NaN, Infinity, -Infinity, 0, -0, subnormal, -0, tiny, -Math.fround(slope * tiny), huge, -Math.fround(slope * huge)],
    derivativeSpecial: [NaN, 1, slope, slope, slope, 1, slope, 1, slope, 1, slope],
    backward: { from: "output", derivative: (a) => (a > 0 ? 1 : slope), absolute: 0 },
  }, true),
  softmax: {
    forward: softmax,
    backward(z, da) {
      const a = softmax(z);
      const mean = a.reduce((s, p, i) => s + p * da[i], 0);
      return a.map((p, i) => p * (da[i] - mean));
    },
    kink: false,
  } as ReferenceActivation,
} satisfies Record<string, ReferenceActivation>;

export type ActivationId = keyof typeof activations;

// Activations in float64, as plainly as they can be written, and what their kernels are held to. Keys are the ids of the public API.

import { density, distribution } from "./normal.js";

export interface ReferenceActivation {
  /** a = f(z) for one row. */
  forward(z: number[], negativeSlope: number): number[];
  /** dz for one row, given da: the transposed Jacobian times da. */
  backward(z: number[], da: number[], negativeSlope: number): number[];
  /** Where f′ jumps. */
  kinks: readonly number[];
  /** f and f′ of one number, and what the tests of the kernels need; absent where a row does not split into numbers (softmax, logSoftmax). */
  value?(z: number, negativeSlope: number): number;
  derivative?(z: number, negativeSlope: number): number;
  kernel?: KernelFacts;
}

export type Series = readonly [number, number, number];
export type Far = readonly [below: number, above: number | ((z: number) => number)];

/** What `<id>Forward`, `<id>Derivative` and `<id>Backward` must do. */
export interface KernelFacts {
  /** What their parameter holds: `slope` unless it is something else. */
  parameter?: number;
  /** Largest errors in ULP over all floats, as the headers in assembly/ state them; 0 is exact. */
  ulp: number;
  derivativeUlp: number;
  /** In place of `ulp` for the relaxed build, where it has a core of its own (assembly/math-relaxed.ts). */
  relaxedUlp?: number;
  /** The same for the derivative. */
  relaxedDerivativeUlp?: number;
  /** A root of f′ where it is a difference: the largest error is next to it. */
  root?: number;
  /** f is c[0] + c[1] z + c[2] z² near 0: one triple, or one for z ≤ 0 and one for z > 0. The sweep takes it, and from it f′, for |z| < 2^-30. */
  series?: Series | readonly [Series, Series];
  /** What f and f′ are, to within 2^-150, for z ≤ −128 and for z ≥ 128; the sweep does not compute it there. */
  far?: Far;
  farDerivative?: Far;
  /** f never falls from one float to the next. */
  monotone: boolean;
  /** f(−z) is −f(z), bit for bit. */
  odd: boolean;
  /** Smallest and largest result over all floats. */
  range: [number, number];
  /** Results for specialInputs, bit for bit, NaN as a class. */
  special: number[];
  derivativeSpecial: number[];
  /** What the backward kernel takes as x, f′ from it, and its error beside half an ULP, in units of da; that of the relaxed build where it is another. */
  backward: { from: "output" | "preactivation"; derivative(x: number): number; absolute: number; relaxedAbsolute?: number };
}

/** The negative slope that kernels are tested with: the default, as float32. */
export const slope = Math.fround(0.05);

const subnormal = 2 ** -149, tiny = 2 ** -126, huge = 2 ** 128 - 2 ** 104, halfPi = Math.fround(Math.PI / 2);
export const specialInputs = [NaN, Infinity, -Infinity, 0, -0, subnormal, -subnormal, tiny, -tiny, huge, -huge];

function elementwise(
  value: (z: number, negativeSlope: number) => number,
  derivative: (z: number, negativeSlope: number) => number,
  kernel: KernelFacts,
  kinks: readonly number[] = [],
): Required<ReferenceActivation> {
  return {
    forward: (z, slope) => z.map((x) => value(x, slope)),
    backward: (z, da, slope) => z.map((x, i) => da[i] * derivative(x, slope)),
    value,
    derivative,
    kernel,
    kinks,
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

/** max z + log of the sum of e^(z − max z), the sum less one of its largest terms: log1p keeps what little the others add. */
export function logSoftmax(z: number[]): number[] {
  const most = Math.max(...z), first = z.indexOf(most);
  const rest = z.reduce((s, x, i) => (i === first ? s : s + Math.exp(x - most)), 0);
  return z.map((x) => x - most - Math.log1p(rest));
}

export const lambda = 1.0507009873554804934193349852946, lambdaAlpha = lambda * 1.6732632423543772848170429916717;
const log2 = Math.fround(Math.LN2), sixth = Math.fround(1 / 6);

/** elu for one alpha, and the same with other constants: scale · z above 0, depth · expm1(rate · z) below. */
const bend = (scale: number, depth: number, rate: number) => (z: number): number => (z < 0 ? depth * Math.expm1(rate * z) : scale * z);
const bendDerivative = (scale: number, depth: number, rate: number) => (z: number): number => (z > 0 ? scale : depth * rate * Math.exp(rate * z));
const bendDerivativeOf = (scale: number, depth: number, rate: number) => (a: number): number => (a > 0 ? scale : (a + depth) * rate);

/** z g(z) with g from 0 to 1, and its derivative; −∞ · 0 and ∞ · 0 count as 0. */
const gated = (gate: (z: number) => number) => (z: number): number => (z < -1e3 ? -0 : z * gate(z));
const gatedDerivative = (gate: (z: number) => number, rise: (z: number) => number, far = 1e3) => (z: number): number => (Math.abs(z) > far ? (z > 0 ? 1 : -0) : gate(z) + z * rise(z));

const cubic = (z: number) => 2 * Math.sqrt(2 / Math.PI) * (z + 0.044715 * z ** 3);
const cubicDerivative = (z: number) => 2 * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * z * z);
const sigmoidOfCubic = (z: number) => sigmoid(cubic(z));
const softplus = (z: number) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
const tanhOfSoftplus = (z: number) => Math.tanh(softplus(z));
const ramp = (z: number) => Math.min(Math.max(z + 3, 0), 6) / 6;
const rampDerivative = (z: number) => (Number.isNaN(z) ? NaN : Math.abs(z) < 3 ? 1 / 6 : 0);

const silu = gated(sigmoid), siluDerivative = gatedDerivative(sigmoid, (z) => sigmoid(z) * sigmoid(-z));
const gelu = gated(distribution), geluDerivative = gatedDerivative(distribution, density, 20);
const geluTanh = gated(sigmoidOfCubic), geluTanhDerivative = gatedDerivative(sigmoidOfCubic, (z) => sigmoid(cubic(z)) * sigmoid(-cubic(z)) * cubicDerivative(z), 20);
const mish = gated(tanhOfSoftplus), mishDerivative = gatedDerivative(tanhOfSoftplus, (z) => (1 - tanhOfSoftplus(z) ** 2) * sigmoid(z));
const hardSwish = gated(ramp), hardSwishDerivative = gatedDerivative(ramp, rampDerivative);
const softsign = (z: number) => (Math.abs(z) === Infinity ? Math.sign(z) : z / (1 + Math.abs(z)));
const softsignDerivative = (z: number) => (1 + Math.abs(z)) ** -2;

const itself = (z: number) => z;

/** The facts of a gate: the place and the depth of its valley, f′(0), half of f″(0), f′. */
const gateFacts = (root: number, lowest: number, at0: number, bend0: number, derivative: (z: number) => number, derivativeUlp = 0.51): KernelFacts => ({
  series: [0, at0, bend0], far: [-0, itself], farDerivative: [-0, 1],
  ulp: 0.51, derivativeUlp, root, monotone: false, odd: false, range: [Math.fround(lowest), Infinity],
  special: [NaN, Infinity, -0, 0, -0, subnormal * at0, -subnormal * at0, at0 * tiny, -at0 * tiny, huge, -0].map(Math.fround),
  derivativeSpecial: [NaN, 1, -0, at0, at0, at0, at0, at0, at0, 1, -0].map(Math.fround),
  backward: { from: "preactivation", derivative, absolute: 0 },
});

/** The facts of elu and what is like it. */
const bendFacts = (scale: number, depth: number, rate: number, parameter?: number): KernelFacts => ({
  parameter, ulp: 0.51, derivativeUlp: 0.51, monotone: true, odd: false, range: [Math.fround(-depth), Infinity],
  series: [[0, depth * rate, (depth * rate * rate) / 2], [0, scale, 0]], far: [-depth, (z) => scale * z], farDerivative: [0, scale],
  special: [NaN, Infinity, -depth, 0, -0, scale * subnormal, -depth * rate * subnormal, scale * tiny, -depth * rate * tiny, Math.min(scale * huge, Infinity), -depth].map(Math.fround),
  derivativeSpecial: [NaN, scale, 0, depth * rate, depth * rate, scale, depth * rate, scale, depth * rate, scale, 0].map(Math.fround),
  backward: { from: "output", derivative: bendDerivativeOf(scale, depth, rate), absolute: 0 },
});

export const activations = {
  linear: elementwise((z) => z, () => 1, {
    ulp: 0, derivativeUlp: 0, monotone: true, odd: true, range: [-Infinity, Infinity],
    special: specialInputs,
    derivativeSpecial: specialInputs.map(() => 1),
    backward: { from: "output", derivative: () => 1, absolute: 0 },
  }),
  sigmoid: elementwise(sigmoid, sigmoidDerivative, {
    series: [0.5, 0.25, 0], far: [0, 1], farDerivative: [0, 0],
    ulp: 0.51, relaxedUlp: 2, derivativeUlp: 0.51, monotone: true, odd: false, range: [0, 1],
    special: [NaN, 1, 0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1, 0],
    derivativeSpecial: [NaN, 0, 0, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0, 0],
    backward: { from: "output", derivative: (a) => a * (1 - a), absolute: 2 ** -25 },
  }),
  tanh: elementwise(Math.tanh, tanhDerivative, {
    series: [0, 1, 0], far: [-1, 1], farDerivative: [0, 0],
    ulp: 0.51, relaxedUlp: 1.5, derivativeUlp: 0.51, monotone: true, odd: true, range: [-1, 1],
    special: [NaN, 1, -1, 0, -0, subnormal, -subnormal, tiny, -tiny, 1, -1],
    derivativeSpecial: [NaN, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0],
    backward: { from: "output", derivative: (a) => 1 - a * a, absolute: 0, relaxedAbsolute: 2 ** -24 },
  }),
  arctan: elementwise(Math.atan, (z) => 1 / (1 + z * z), {
    series: [0, 1, 0],
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
  }, [0]),
  leakyRelu: elementwise((z, slope) => (z > 0 ? z : slope * z), (z, slope) => (z > 0 ? 1 : z <= 0 ? slope : NaN), {
    ulp: 0.5, derivativeUlp: 0, monotone: true, odd: false, range: [-Infinity, Infinity],
    special: [NaN, Infinity, -Infinity, 0, -0, subnormal, -0, tiny, -Math.fround(slope * tiny), huge, -Math.fround(slope * huge)],
    derivativeSpecial: [NaN, 1, slope, slope, slope, 1, slope, 1, slope, 1, slope],
    backward: { from: "output", derivative: (a) => (a > 0 ? 1 : slope), absolute: 0 },
  }, [0]),
  softmax: {
    forward: softmax,
    backward(z, da) {
      const a = softmax(z);
      const mean = a.reduce((s, p, i) => s + p * da[i], 0);
      return a.map((p, i) => p * (da[i] - mean));
    },
    kinks: [],
  } as ReferenceActivation,
  elu: elementwise(bend(1, 1, 1), bendDerivative(1, 1, 1), bendFacts(1, 1, 1, 1)),
  selu: elementwise(bend(lambda, lambdaAlpha, 1), bendDerivative(lambda, lambdaAlpha, 1), bendFacts(lambda, lambdaAlpha, 1), [0]),
  celu: elementwise(bend(1, 1, 1), bendDerivative(1, 1, 1), bendFacts(1, 1, 1, 1)),
  gelu: elementwise(gelu, geluDerivative, gateFacts(-0.75179152469, -0.16997120747990369, 0.5, Math.sqrt(0.5 / Math.PI), geluDerivative, 0.58)),
  geluTanh: elementwise(geluTanh, geluTanhDerivative, gateFacts(-0.75246142207, -0.17004075057125405, 0.5, Math.sqrt(0.5 / Math.PI), geluTanhDerivative)),
  silu: elementwise(silu, siluDerivative, gateFacts(-1.27846454276, -0.27846454276107382, 0.5, 0.25, siluDerivative)),
  mish: elementwise(mish, mishDerivative, gateFacts(-1.19243121452, -0.3088434130172504, 0.6, 0.32, mishDerivative, 1.12)),
  softplus: elementwise(softplus, sigmoid, {
    series: [Math.LN2, 0.5, 0.125], far: [0, itself], farDerivative: [0, 1],
    ulp: 0.51, relaxedDerivativeUlp: 2, derivativeUlp: 0.51, monotone: true, odd: false, range: [0, Infinity],
    special: [NaN, Infinity, 0, log2, log2, log2, log2, log2, log2, huge, 0],
    derivativeSpecial: [NaN, 1, 0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1, 0],
    backward: { from: "output", derivative: (a) => -Math.expm1(-a), absolute: 0 },
  }),
  softsign: elementwise(softsign, softsignDerivative, {
    series: [[0, 1, 1], [0, 1, -1]],
    ulp: 0.51, derivativeUlp: 0.51, monotone: true, odd: true, range: [-1, 1],
    special: [NaN, 1, -1, 0, -0, subnormal, -subnormal, tiny, -tiny, 1, -1],
    derivativeSpecial: [NaN, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0],
    backward: { from: "preactivation", derivative: softsignDerivative, absolute: 0 },
  }),
  hardSigmoid: elementwise(ramp, rampDerivative, {
    series: [0.5, 1 / 6, 0], far: [0, 1], farDerivative: [0, 0],
    ulp: 0.51, derivativeUlp: 0.5, monotone: true, odd: false, range: [0, 1],
    special: [NaN, 1, 0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1, 0],
    derivativeSpecial: [NaN, 0, 0, sixth, sixth, sixth, sixth, sixth, sixth, 0, 0],
    backward: { from: "preactivation", derivative: rampDerivative, absolute: 0 },
  }, [-3, 3]),
  hardSwish: elementwise(hardSwish, hardSwishDerivative, {
    ...gateFacts(-1.5, -0.375, 0.5, 1 / 6, hardSwishDerivative), farDerivative: [0, 1],
    derivativeSpecial: [NaN, 1, 0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1, 0],
  }, [-3, 3]),
  relu6: elementwise((z) => (z > 0 ? Math.min(z, 6) : z <= 0 ? 0 : NaN), (z) => (z > 0 && z < 6 ? 1 : Number.isNaN(z) ? NaN : 0), {
    ulp: 0, derivativeUlp: 0, monotone: true, odd: false, range: [0, 6],
    special: [NaN, 6, 0, 0, 0, subnormal, 0, tiny, 0, 6, 0],
    derivativeSpecial: [NaN, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0],
    backward: { from: "output", derivative: (a) => (a > 0 && a < 6 ? 1 : 0), absolute: 0 },
  }, [0, 6]),
  exponential: elementwise(Math.exp, Math.exp, {
    series: [1, 1, 0.5], far: [0, Infinity], farDerivative: [0, Infinity],
    ulp: 0.51, derivativeUlp: 0.51, monotone: true, odd: false, range: [0, Infinity],
    special: [NaN, Infinity, 0, 1, 1, 1, 1, 1, 1, Infinity, 0],
    derivativeSpecial: [NaN, Infinity, 0, 1, 1, 1, 1, 1, 1, Infinity, 0],
    backward: { from: "output", derivative: (a) => a, absolute: 0 },
  }),
  logSoftmax: {
    forward: logSoftmax,
    backward(z, da) {
      const sum = da.reduce((s, d) => s + d, 0);
      return softmax(z).map((p, i) => da[i] - p * sum);
    },
    kinks: [],
  } as ReferenceActivation,
} satisfies Record<string, ReferenceActivation>;

/** Kernels whose names end as those of activations do, but which take parameters that are learned: each is a layer. */
export const layerKernels = ["prelu"];


export type ActivationId = keyof typeof activations;

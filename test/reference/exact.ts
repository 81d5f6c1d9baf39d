// The functions of one number to 150 digits, in fixed point: where float64 cannot tell which of two floats is nearer, and where its differences lose digits.
// Slow (0.1 to 1 ms) and independent of Math. Every intermediate is absolute to 2^-512, so a result of 2^-150 keeps 300 bits.

const precision = 512n;
const one = 1n << precision;
const mul = (a: bigint, b: bigint) => (a * b) >> precision;
const div = (a: bigint, b: bigint) => (a << precision) / b;
const rational = (n: bigint, d: bigint) => (n << precision) / d;
const magnitude = (a: bigint) => (a < 0n ? -a : a);
const bitLength = (a: bigint) => a.toString(2).length;

const words = new DataView(new ArrayBuffer(8));

/** A float64, exactly if it is a multiple of 2^-512. */
function fixed(x: number): bigint {
  words.setFloat64(0, x);
  const bits = words.getBigUint64(0), field = (bits >> 52n) & 0x7ffn;
  const significand = (bits & 0xfffffffffffffn) | (field ? 1n << 52n : 0n);
  const shift = (field || 1n) - 1075n + precision;
  const size = shift < 0n ? significand >> -shift : significand << shift;
  return x < 0 ? -size : size;
}

/** Rounded to the nearest multiple of 2^(shift − 512), to even between two. */
function round(a: bigint, shift: bigint): bigint {
  const whole = a >> shift, rest = a - (whole << shift), half = 1n << (shift - 1n);
  return rest > half || (rest === half && whole & 1n) ? whole + 1n : whole;
}

/** The nearest float32. */
function toFloat32(a: bigint): number {
  const size = magnitude(a);
  const shift = BigInt(Math.max(bitLength(size) - 24, Number(precision) - 149));
  return Math.sign(Number(a)) * Math.min(Number(round(size, shift)) * 2 ** Number(shift - precision), Infinity);
}

/** The nearest float64. */
function toFloat64(a: bigint): number {
  const shift = BigInt(Math.max(bitLength(magnitude(a)) - 64, 1));
  return Math.sign(Number(a)) * Number(round(magnitude(a), shift)) * 2 ** Number(shift - precision);
}

const log2 = (() => {
  let sum = 0n; // 2 artanh(1/3)
  for (let n = 1n, power = one / 3n; power > 0n; n += 2n, power /= 9n) sum += power / n;
  return 2n * sum;
})();

/** e^x: x = k log 2 + 256 r, Taylor's series for r, eight squarings. */
function exp(x: bigint): bigint {
  const k = (x + log2 / 2n) / log2 - (x + log2 / 2n < 0n ? 1n : 0n);
  const r = (x - k * log2) >> 8n;
  let sum = one, term = one;
  for (let n = 1n; term !== 0n && n < 200n; n++) sum += term = mul(term, r) / n;
  for (let i = 0; i < 8; i++) sum = mul(sum, sum);
  return k < 0n ? sum >> -k : sum << k;
}

/** log x by Halley's method on e^y = x, from what float64 says: each step triples the digits. */
function log(x: bigint): bigint {
  const k = BigInt(bitLength(x)) - precision;
  const near = k < 0n ? x << -k : x >> k;
  let y = fixed(Math.log(toFloat64(near)));
  for (let i = 0; i < 3; i++) {
    const e = exp(y);
    y += 2n * div(near - e, near + e);
  }
  return y + k * log2;
}

/** atan x for 0 ≤ x ≤ 1 by Euler's series, in which every term is positive. */
function arctanSmall(x: bigint): bigint {
  const square = mul(x, x), ratio = div(square, one + square);
  let sum = 0n;
  for (let n = 1n, term = div(x, one + square); term > 0n; n++) {
    sum += term;
    term = (mul(term, ratio) * 2n * n) / (2n * n + 1n);
  }
  return sum;
}

const pi = 4n * arctanSmall(one);

function arctan(x: bigint): bigint {
  const size = magnitude(x), result = size <= one ? arctanSmall(size) : pi / 2n - arctanSmall(div(one, size));
  return x < 0n ? -result : result;
}

function squareRoot(x: bigint): bigint {
  let root = fixed(Math.sqrt(toFloat64(x)));
  for (let i = 0; i < 5; i++) root = (root + div(x, root)) / 2n;
  return root;
}

const rootOf2Pi = squareRoot(2n * pi);
const density = (x: bigint) => div(exp(-mul(x, x) / 2n), rootOf2Pi);

/** Φ(x) = 1/2 + φ(x) (x + x³/3 + x⁵/(3 · 5) + …): no term changes sign. The difference keeps its digits up to 15; beyond 20 Φ is below 2^-290. */
function distribution(x: bigint): bigint {
  if (magnitude(x) > 20n * one) return x < 0n ? 0n : one;
  const square = mul(x, x);
  let sum = 0n;
  for (let n = 1n, term = x; term !== 0n && term !== -1n; n += 2n, term = mul(term, square) / n) sum += term;
  return one / 2n + mul(density(x), sum);
}

const sigmoid = (x: bigint) => div(one, one + exp(-x));
const sigmoidDerivative = (x: bigint) => mul(sigmoid(x), one - sigmoid(x));
const expm1 = (x: bigint) => exp(x) - one;
const softplus = (x: bigint) => log(one + exp(x));
/** tanh(log(1 + e^x)) = n / (n + 2). */
function mishGate(x: bigint): bigint {
  const e = exp(x), n = mul(e, e + 2n * one);
  return div(n, n + 2n * one);
}
const lambda = rational(10507009873554804934193349852946n, 10n ** 31n);
const alpha = rational(16732632423543772848170429916717n, 10n ** 31n);
const bend = (scale: bigint, depth: bigint) => ({
  value: (x: bigint) => (x < 0n ? mul(depth, expm1(x)) : mul(scale, x)),
  derivative: (x: bigint) => (x > 0n ? scale : mul(depth, exp(x))),
});
const gated = (gate: (x: bigint) => bigint, rise: (x: bigint) => bigint) => ({
  value: (x: bigint) => mul(x, gate(x)),
  derivative: (x: bigint) => gate(x) + mul(x, rise(x)),
});
const rootOf8ByPi = squareRoot(div(8n * one, pi));
const cubic = (x: bigint) => mul(rootOf8ByPi, x + (mul(x, mul(x, x)) * 44715n) / 1000000n);
const cubicDerivative = (x: bigint) => mul(rootOf8ByPi, one + (mul(x, x) * 3n * 44715n) / 1000000n);
const ramp = (x: bigint) => (x <= -3n * one ? 0n : x >= 3n * one ? one : (x + 3n * one) / 6n);
const rampDerivative = (x: bigint) => (magnitude(x) < 3n * one ? one / 6n : 0n);

type Pair = Record<"value" | "derivative", (x: bigint) => bigint>;

const functions: Record<string, Pair> = {
  sigmoid: { value: sigmoid, derivative: sigmoidDerivative },
  tanh: { value: (x) => 2n * sigmoid(2n * x) - one, derivative: (x) => 4n * sigmoidDerivative(2n * x) },
  arctan: { value: arctan, derivative: (x) => div(one, one + mul(x, x)) },
  elu: bend(one, one),
  selu: bend(lambda, mul(lambda, alpha)),
  celu: bend(one, one),
  gelu: gated(distribution, density),
  geluTanh: gated((x) => sigmoid(cubic(x)), (x) => mul(sigmoidDerivative(cubic(x)), cubicDerivative(x))),
  silu: gated(sigmoid, sigmoidDerivative),
  mish: gated(mishGate, (x) => mul(one - mul(mishGate(x), mishGate(x)), sigmoid(x))),
  softplus: { value: softplus, derivative: sigmoid },
  softsign: { value: (x) => div(x, one + magnitude(x)), derivative: (x) => div(one, mul(one + magnitude(x), one + magnitude(x))) },
  hardSigmoid: { value: ramp, derivative: rampDerivative },
  // One division at the end: where z is a multiple of 3, results lie halfway between two floats.
  hardSwish: {
    value: (x) => (magnitude(x) < 3n * one ? mul(x, x + 3n * one) / 6n : mul(x, ramp(x))),
    derivative: (x) => (magnitude(x) < 3n * one ? (2n * x + 3n * one) / 6n : ramp(x)),
  },
  exponential: { value: exp, derivative: exp },
};

/** What the cores of assembly/ compute; `normal` is Φ. */
const cores = { exp, expm1, log, log1p: (x: bigint) => log(one + x), normal: distribution };

export interface Exact {
  /** The nearest float32 to f(x), x finite and a multiple of 2^-149. */
  float32(x: number): number;
  /** The nearest float64. */
  float64(x: number): number;
}

const exactly = (f: (x: bigint) => bigint): Exact => ({ float32: (x) => toFloat32(f(fixed(x))), float64: (x) => toFloat64(f(fixed(x))) });

/** By the id of an activation; those that are exact in float64 are not here. */
export const exactActivations: Record<string, { value: Exact; derivative: Exact }> = Object.fromEntries(
  Object.entries(functions).map(([id, { value, derivative }]) => [id, { value: exactly(value), derivative: exactly(derivative) }]),
);
export const exactCores = Object.fromEntries(Object.entries(cores).map(([id, f]) => [id, exactly(f)])) as Record<keyof typeof cores, Exact>;

// Losses that are a sum over all elements: one loop for all of them but the square, whose arithmetic is too little to share it.
//
// total = Σ over rows r of w[r] Σ ℓ(x, y), gradient = w[r] ℓ′(x, y) / parameters[0]; w = rowWeights, one f32 a row, or 1 everywhere if that is 0.
// x, target, gradient: [rows × columns], ld floats from row to row; gradient may be x or 0 (not written). Padding of x and target never counts; padding of the
// gradient becomes 0. An element's ℓ is a product of two f32, taken and summed in f64, so that no square overflows.

import { exp, log1p, tanh } from "../cores";
import { clearPadding, highPair, laneMask, lowPair, rowWeight, sumPairs } from "../row";
import { madd } from "../simd";

// 1, the sign bit, −½
const CONSTANTS: usize = memory.data<f32>([1, 1, 1, 1, -0.0, -0.0, -0.0, -0.0, -0.5, -0.5, -0.5, -0.5], 16);

const ABSOLUTE = 0;
const HUBER = 1;
const LOG_COSH = 2;
const HINGE = 3;
const BINARY = 4;

function elementwise(
  kind: i32, rows: i32, columns: i32, ld: i32, x: usize, target: usize, gradient: usize, total: usize, parameters: usize, rowWeights: usize,
): void {
  const divisor = load<f32>(parameters);
  const option = load<f32>(parameters, 4);
  const delta = f32x4.splat(option);
  const kept = f32x4.splat(1 - option);
  const spread = f32x4.splat(option * 0.5);
  const zero = f32x4.splat(0);
  const stride = (<usize>ld) << 2;
  let sum: f64 = 0;
  for (let r = 0; r < rows; r++) {
    const weight = rowWeight(rowWeights, r);
    const scale = f32x4.splat(weight / divisor);
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    for (let c = 0; c < columns; c += 4) {
      const at = (<usize>c) << 2;
      const mask = laneMask(columns - c);
      const one = v128.load(CONSTANTS);
      const z = v128.and(v128.load(x + at), mask);
      const y = v128.and(v128.load(target + at), mask);
      const d = f32x4.sub(z, y);
      const size = f32x4.abs(d);
      const sign = v128.and(d, v128.load(CONSTANTS, 16));
      // ℓ = p q
      let p = size, q = one, slope = d;
      switch (kind) {
        case ABSOLUTE: {
          slope = v128.or(v128.and(v128.or(one, sign), f32x4.ne(d, zero)), f32x4.ne(d, d));
          break;
        }
        case HUBER: {
          p = f32x4.pmin(size, delta);
          q = madd(p, v128.load(CONSTANTS, 32), size);
          slope = v128.or(p, sign);
          break;
        }
        case LOG_COSH: {
          const t = tanh(size);
          const small = f32x4.lt(size, one);
          const logarithm = log1p(v128.bitselect(f32x4.neg(f32x4.mul(t, t)), t, small));
          p = v128.bitselect(f32x4.mul(logarithm, v128.load(CONSTANTS, 32)), f32x4.sub(size, logarithm), small);
          slope = v128.or(t, sign);
          break;
        }
        case HINGE: {
          const side = f32x4.sub(f32x4.add(y, y), one);
          const margin = f32x4.sub(one, f32x4.mul(side, z));
          const met = f32x4.le(margin, zero);
          p = v128.andnot(margin, met);
          slope = v128.or(v128.andnot(f32x4.neg(side), met), f32x4.ne(margin, margin));
          break;
        }
        default: {
          const negative = i32x4.shr_s(z, 31);
          const here = madd(y, kept, spread);
          const there = madd(f32x4.sub(one, y), kept, spread);
          const s = v128.bitselect(here, there, negative);
          const t = v128.bitselect(there, here, negative);
          const distance = f32x4.abs(z);
          const e = exp(f32x4.neg(distance));
          p = madd(distance, s, log1p(e));
          slope = v128.xor(f32x4.div(f32x4.sub(s, f32x4.mul(t, e)), f32x4.add(one, e)), v128.and(z, v128.load(CONSTANTS, 16)));
        }
      }
      p = v128.and(p, mask);
      low = f64x2.add(low, f64x2.mul(lowPair(p), lowPair(q)));
      high = f64x2.add(high, f64x2.mul(highPair(p), highPair(q)));
      if (gradient) v128.store(gradient + at, f32x4.mul(slope, scale));
    }
    sum += <f64>weight * sumPairs(low, high);
    x += stride;
    target += stride;
    if (gradient) gradient += stride;
  }
  if (gradient) clearPadding(rows, columns, ld, gradient - <usize>rows * stride);
  store<f64>(total, sum);
}

/**
 * Mean squared error: ℓ = (x − y)².
 * Accuracy: x − y is rounded to f32; total and gradient within 2 ULP. Specials: NaN and ±∞ reach both. Source: PyTorch `MSELoss`, summed.
 */
export function meanSquaredErrorLoss(rows: i32, columns: i32, ld: i32, x: usize, target: usize, gradient: usize, total: usize, parameters: usize, rowWeights: usize): void {
  const divisor = load<f32>(parameters);
  const stride = (<usize>ld) << 2;
  let sum: f64 = 0;
  for (let r = 0; r < rows; r++) {
    const weight = rowWeight(rowWeights, r);
    const scale = f32x4.splat(2 * weight / divisor);
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    for (let c = 0; c < columns; c += 4) {
      const at = (<usize>c) << 2;
      const difference = v128.and(f32x4.sub(v128.load(x + at), v128.load(target + at)), laneMask(columns - c));
      const a = lowPair(difference);
      const b = highPair(difference);
      low = f64x2.add(low, f64x2.mul(a, a));
      high = f64x2.add(high, f64x2.mul(b, b));
      if (gradient) v128.store(gradient + at, f32x4.mul(difference, scale));
    }
    sum += <f64>weight * sumPairs(low, high);
    x += stride;
    target += stride;
    if (gradient) gradient += stride;
  }
  if (gradient) clearPadding(rows, columns, ld, gradient - <usize>rows * stride);
  store<f64>(total, sum);
}

/** Mean absolute error: ℓ = |x − y|, ℓ′ = sign(x − y), 0 at 0. Accuracy: 1 ULP. Specials: NaN reaches both, ±∞ the total. Source: PyTorch `L1Loss`, summed. */
export function meanAbsoluteErrorLoss(rows: i32, columns: i32, ld: i32, x: usize, target: usize, gradient: usize, total: usize, parameters: usize, rowWeights: usize): void {
  elementwise(ABSOLUTE, rows, columns, ld, x, target, gradient, total, parameters, rowWeights);
}

/**
 * Huber loss with δ = parameters[1] > 0: ℓ = m (|d| − m / 2), d = x − y, m = min(|d|, δ): d² / 2 up to δ, δ (|d| − δ / 2) beyond. ℓ′ = d, held in [−δ, δ].
 * Accuracy: 2 ULP. Specials: NaN reaches both, ±∞ the total. Source: PyTorch `HuberLoss`, summed.
 */
export function huberLoss(rows: i32, columns: i32, ld: i32, x: usize, target: usize, gradient: usize, total: usize, parameters: usize, rowWeights: usize): void {
  elementwise(HUBER, rows, columns, ld, x, target, gradient, total, parameters, rowWeights);
}

/**
 * Log-cosh: ℓ = ln cosh d, ℓ′ = tanh d, d = x − y.
 * With t = tanh |d|, ℓ = −ln(1 − t²) / 2 for |d| < 1, where it keeps its digits down to d² / 2, and |d| − ln(1 + t) beyond, where nothing overflows.
 * Accuracy: total 4 ULP, gradient 2 ULP. Specials: NaN reaches both, ±∞ the total. Source: Keras `LogCosh`, summed; the two forms are ours.
 */
export function logCoshLoss(rows: i32, columns: i32, ld: i32, x: usize, target: usize, gradient: usize, total: usize, parameters: usize, rowWeights: usize): void {
  elementwise(LOG_COSH, rows, columns, ld, x, target, gradient, total, parameters, rowWeights);
}

/**
 * Hinge loss: ℓ = max(0, 1 − s x), s = 2 y − 1: targets 0 and 1 stand for the sides −1 and 1. ℓ′ = −s where ℓ > 0, else 0, at the kink too.
 * Accuracy: s x is exact and 1 − s x rounded once. Specials: NaN reaches both. Source: Keras `Hinge`, summed.
 */
export function hingeLoss(rows: i32, columns: i32, ld: i32, x: usize, target: usize, gradient: usize, total: usize, parameters: usize, rowWeights: usize): void {
  elementwise(HINGE, rows, columns, ld, x, target, gradient, total, parameters, rowWeights);
}

/**
 * Binary crossentropy of logits z = x, ε = parameters[1]: ℓ = max(z, 0) − z y + log1p(exp(−|z|)), ℓ′ = sigmoid(z) − y, with y (1 − ε) + ε / 2 for y in [0, 1].
 *
 * With e = exp(−|z|), and s = 1 − y, t = y for z ≥ 0, the two swapped for z < 0, ℓ is |z| s + log1p(e) and ℓ′ is ±(s − t e) / (1 + e), its sign that of z:
 * nothing cancels for hard targets, and ℓ is finite for every finite z.
 * Accuracy: total 4 ULP; gradient 4 ULP for y = 0 or 1 and ε = 0, else 4 ULP of 1. Specials: NaN gives NaN, and so does z = ±∞ on its target's side.
 * Source: PyTorch `BCEWithLogitsLoss`, summed; Keras `BinaryCrossentropy` for ε; the regrouping is ours.
 */
export function binaryCrossentropyFromLogitsLoss(rows: i32, columns: i32, ld: i32, x: usize, target: usize, gradient: usize, total: usize, parameters: usize, rowWeights: usize): void {
  elementwise(BINARY, rows, columns, ld, x, target, gradient, total, parameters, rowWeights);
}

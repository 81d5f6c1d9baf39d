import { highPair, lowPair, sumPairs } from "../row";

// What clipNorm and clipValue need, and the check that stops a training run that has left the numbers.
// In all of them n is a multiple of 8.

/**
 * total = Σ xᵢ², one f64. Squares are exact in f64, so nothing overflows or underflows.
 *
 * Order: eight running sums, sum j over x[8k + j]; then in pairs. The same for the same n, whatever the build. NaN and ±∞ pass through.
 */
export function sumOfSquares(n: i32, x: usize, total: usize): void {
  const end = x + ((<usize>n) << 2);
  let s0 = f64x2.splat(0);
  let s1 = f64x2.splat(0);
  let s2 = f64x2.splat(0);
  let s3 = f64x2.splat(0);
  while (x < end) {
    const u = v128.load(x);
    const v = v128.load(x, 16);
    const a = lowPair(u);
    const b = highPair(u);
    const c = lowPair(v);
    const d = highPair(v);
    s0 = f64x2.add(s0, f64x2.mul(a, a));
    s1 = f64x2.add(s1, f64x2.mul(b, b));
    s2 = f64x2.add(s2, f64x2.mul(c, c));
    s3 = f64x2.add(s3, f64x2.mul(d, d));
    x += 32;
  }
  store<f64>(total, sumPairs(s0, s1) + sumPairs(s2, s3));
}

/** x = x · parameters[0], in place. To clip a norm the caller passes limit / √(sum of squares), rounded to f32, when that is below 1. */
export function scale(n: i32, x: usize, parameters: usize): void {
  const factor = v128.load32_splat(parameters);
  const end = x + ((<usize>n) << 2);
  while (x < end) {
    v128.store(x, f32x4.mul(v128.load(x), factor));
    x += 16;
  }
}

/** x = min(max(x, −limit), limit) with limit = parameters[0] ≥ 0, in place; exact. NaN stays NaN, ±∞ becomes ±limit. */
export function clipValue(n: i32, x: usize, parameters: usize): void {
  const limit = v128.load32_splat(parameters);
  const lowest = f32x4.neg(limit);
  const end = x + ((<usize>n) << 2);
  while (x < end) {
    // pmax and pmin answer their first operand if either is NaN.
    v128.store(x, f32x4.pmin(f32x4.pmax(v128.load(x), lowest), limit));
    x += 16;
  }
}

/**
 * flag = 1 if all of x · parameters[0] is finite, else 0, as i32: with 1 whether x is finite, with 2^k whether it also stays below 2^(128 − k).
 * y · 0 is ±0 for a finite y and NaN for any other, and sums keep a NaN.
 */
export function isFiniteBlock(n: i32, x: usize, flag: usize, parameters: usize): void {
  const zero = f32x4.splat(0), factor = v128.load32_splat(parameters);
  const end = x + ((<usize>n) << 2);
  const fours = x + ((<usize>(n & ~15)) << 2);
  let s0 = zero;
  let s1 = zero;
  let s2 = zero;
  let s3 = zero;
  while (x < fours) {
    s0 = f32x4.add(s0, f32x4.mul(f32x4.mul(v128.load(x), factor), zero));
    s1 = f32x4.add(s1, f32x4.mul(f32x4.mul(v128.load(x, 16), factor), zero));
    s2 = f32x4.add(s2, f32x4.mul(f32x4.mul(v128.load(x, 32), factor), zero));
    s3 = f32x4.add(s3, f32x4.mul(f32x4.mul(v128.load(x, 48), factor), zero));
    x += 64;
  }
  while (x < end) {
    s0 = f32x4.add(s0, f32x4.mul(f32x4.mul(v128.load(x), factor), zero));
    x += 16;
  }
  const s = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
  store<i32>(flag, <i32>i32x4.all_true(f32x4.eq(s, s)));
}

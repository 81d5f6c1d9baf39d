// Vector cores of the elementary functions, four f32 lanes at a time.
//
// sigmoid, tanh and the derivatives work in f64, two lanes at a time, and round once at the end, so underflow is gradual. The others work
// in f32 with error-free sums where rounding would cost half an ULP. Two builds, two cores: what `relaxed` stands for has its own there, faster and
// with its own bounds (math-relaxed.ts). Every other bound is stated for all inputs and both builds
// (`npm run sweep` measures it; test/sweep.kernels.test.ts asserts it on a stratified sample, and of what the sweep found).
//
// Methods and coefficients are our own: minimax fits of the relative error (Remez exchange; for atan weighted least squares after Lawson,
// each coefficient rounded to f32 before the next is fitted). Constants are read from memory: an engine rebuilds a splat constant on every
// iteration of a loop, a load it does not. pmin and pmax are one instruction on x64 where min and max are many; pmin(a, b) is a if a is NaN.

import * as relaxed from "./math-relaxed";
import { demote, highPair, lowPair } from "./row";
import { madd, madd64 } from "./simd";

const F64 = memory.data<f64>([
  -1.4426950408889634, -1.4426950408889634, //   0  -log2 e
  2.8853900817779268, 2.8853900817779268, //    16  2 log2 e
  6755399441055744.0, 6755399441055744.0, //    32  1.5 · 2^52
  1.0, 1.0, //                                  48
  7.21502538944534, 7.21502538944534, //        64  u = f · (this + the next · f²)
  0.057700476757351064, 0.057700476757351064, // 80
  20.81816270955837, 20.81816270955837, //      96  b = this + f²; u / b within 2^-30.8
  4.0, 4.0, //                                 112
  -2.8853900817779268, -2.8853900817779268, // 128  -2 log2 e
], 16);

const F32 = memory.data<f32>([
  1.0, 1.0, 1.0, 1.0,                                                      // 0
  -0.0, -0.0, -0.0, -0.0,                                                  // 16  sign bits
  1.442695, 1.442695, 1.442695, 1.442695,                                  // 32  log2 e
  12582912.0, 12582912.0, 12582912.0, 12582912.0,                          // 48  1.5 · 2^23
  0.69314575, 0.69314575, 0.69314575, 0.69314575,                          // 64  ln 2 to 15 bits: n times it is exact
  0.0000014286068, 0.0000014286068, 0.0000014286068, 0.0000014286068,      // 80  ln 2 less that
  // 96: (e^r − 1 − r) / r², 2^-28.2 of e^r, lowest power first
  0.49999994, 0.49999994, 0.49999994, 0.49999994, 0.16666521, 0.16666521, 0.16666521, 0.16666521, 0.04166839, 0.04166839, 0.04166839, 0.04166839,
  0.00836871, 0.00836871, 0.00836871, 0.00836871, 0.0013814613, 0.0013814613, 0.0013814613, 0.0013814613,
  -104.0, -104.0, -104.0, -104.0,                                          // 176  e^x rounds to 0 below
  89.0, 89.0, 89.0, 89.0,                                                  // 192  e^x overflows above
  110.0, 110.0, 110.0, 110.0,                                              // 208  sigmoid is constant beyond
  10.0, 10.0, 10.0, 10.0,                                                  // 224  tanh is 1 beyond
  1e30, 1e30, 1e30, 1e30,                                                  // 240  atan is π/2 beyond
  // 256: (log(1+f) − f + f²/2) / f³, 2^-30.3, lowest power first
  0.33333313, 0.33333313, 0.33333313, 0.33333313, -0.2500001, -0.2500001, -0.2500001, -0.2500001, 0.20002119, 0.20002119, 0.20002119, 0.20002119,
  -0.16667996, -0.16667996, -0.16667996, -0.16667996, 0.14219552, 0.14219552, 0.14219552, 0.14219552, -0.12405589, -0.12405589, -0.12405589, -0.12405589,
  0.11888162, 0.11888162, 0.11888162, 0.11888162, -0.116756506, -0.116756506, -0.116756506, -0.116756506, 0.06746639, 0.06746639, 0.06746639, 0.06746639,
  0.5, 0.5, 0.5, 0.5,                                                      // 400
  1.1754944e-38, 1.1754944e-38, 1.1754944e-38, 1.1754944e-38,              // 416  2^-126
  8388608.0, 8388608.0, 8388608.0, 8388608.0,                              // 432  2^23
  23.0, 23.0, 23.0, 23.0,                                                  // 448
  0.70710677, 0.70710677, 0.70710677, 0.70710677,                          // 464  √½
  Infinity, Infinity, Infinity, Infinity,                                  // 480
  -Infinity, -Infinity, -Infinity, -Infinity,                              // 496
  // 512: (atan(t) / t − 1) / t², 2^-27.4 of atan, lowest power first
  -0.33333233, -0.33333233, -0.33333233, -0.33333233, 0.19994178, 0.19994178, 0.19994178, 0.19994178, -0.14174451, -0.14174451, -0.14174451, -0.14174451,
  0.10157429, 0.10157429, 0.10157429, 0.10157429, -0.051284444, -0.051284444, -0.051284444, -0.051284444,
  2.0, 2.0, 2.0, 2.0,                                                      // 592
  0.7853982, 0.7853982, 0.7853982, 0.7853982,                              // 608  π / 4
  -2.7827534e-8, -2.7827534e-8, -2.7827534e-8, -2.7827534e-8,              // 624  what is missing from it, over it
], 16);

/** Keeps the upper 12 bits of a significand. */
const TOP = memory.data<i32>([-4096, -4096, -4096, -4096], 16);

// @ts-ignore: decorator
@inline
function c64(offset: usize): v128 { return v128.load(F64 + offset); }

// @ts-ignore: decorator
@inline
function c32(offset: usize): v128 { return v128.load(F32 + offset); }

// Below, x · scale = n + f with |f| ≤ 1/2, s = 2^n, and 2^f = (b + u) / (b − u), u odd and b even in f. Multiplying with s instead of
// adding n to an exponent keeps a NaN a NaN. Both halves of a vector take the constants as arguments: they are loaded once.

/** 1 / (1 + e^−x) in f64, |x| ≤ 110; scale = −log2 e. */
// @ts-ignore: decorator
@inline
function sigmoid64(x: v128, scale: v128, magic: v128, one: v128, a0: v128, a1: v128, b0: v128): v128 {
  const y = f64x2.mul(x, scale);
  const t = f64x2.add(y, magic); // the low bits of t hold n
  const f = f64x2.sub(y, f64x2.sub(t, magic));
  const w = f64x2.mul(f, f);
  const u = f64x2.mul(f, madd64(w, a1, a0));
  const b = f64x2.add(w, b0);
  const s = i64x2.add(i64x2.shl(t, 52), one); // 2^n
  const q = f64x2.sub(b, u);
  return f64x2.div(q, madd64(s, f64x2.add(b, u), q));
}

/** e / (1 + e)² in f64, e = 2^(−x · scale); x · scale ≥ 0 and scale < 0. */
// @ts-ignore: decorator
@inline
function sigmoidPrime64(x: v128, scale: v128, magic: v128, one: v128, a0: v128, a1: v128, b0: v128): v128 {
  const y = f64x2.mul(x, scale);
  const t = f64x2.add(y, magic);
  const f = f64x2.sub(y, f64x2.sub(t, magic));
  const w = f64x2.mul(f, f);
  const u = f64x2.mul(f, madd64(w, a1, a0));
  const b = f64x2.add(w, b0);
  const s = i64x2.add(i64x2.shl(t, 52), one);
  const q = f64x2.sub(b, u);
  const p = f64x2.mul(s, f64x2.add(b, u));
  const d = f64x2.add(p, q);
  return f64x2.div(f64x2.mul(p, q), f64x2.mul(d, d));
}

/** tanh in f64, 0 ≤ x ≤ 10; scale = 2 log2 e. (e^2x − 1) / (e^2x + 1), arranged so that nothing cancels at 0. */
// @ts-ignore: decorator
@inline
function tanh64(x: v128, scale: v128, magic: v128, one: v128, a0: v128, a1: v128, b0: v128): v128 {
  const y = f64x2.mul(x, scale);
  const t = f64x2.add(y, magic);
  const f = f64x2.sub(y, f64x2.sub(t, magic));
  const w = f64x2.mul(f, f);
  const u = f64x2.mul(f, madd64(w, a1, a0));
  const b = f64x2.add(w, b0);
  const s = i64x2.add(i64x2.shl(t, 52), one);
  const minus = f64x2.sub(s, one), plus = f64x2.add(s, one);
  return f64x2.div(madd64(minus, b, f64x2.mul(plus, u)), madd64(plus, b, f64x2.mul(minus, u)));
}

/** sigmoid. Domain: all x. Max 0.51 ULP, monotone, in [0, 1]. NaN → NaN, +∞ → 1, −∞ → 0, ±0 → 0.5; subnormal results kept. */
// @ts-ignore: decorator
@inline
export function sigmoid(x: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return relaxed.sigmoid(x);
  const c = f32x4.pmin(f32x4.pmax(x, v128.xor(c32(208), c32(16))), c32(208));
  const scale = c64(0), magic = c64(32), one = c64(48), a0 = c64(64), a1 = c64(80), b0 = c64(96);
  return demote(
    sigmoid64(lowPair(c), scale, magic, one, a0, a1, b0),
    sigmoid64(highPair(c), scale, magic, one, a0, a1, b0));
}

/** sigmoid′. Domain: all x. Max 0.51 ULP, even. NaN → NaN, ±∞ → 0, ±0 → 0.25; subnormal results kept. */
// @ts-ignore: decorator
@inline
export function sigmoidPrime(x: v128): v128 {
  const c = v128.or(f32x4.pmin(v128.andnot(x, c32(16)), c32(208)), c32(16));
  const scale = c64(0), magic = c64(32), one = c64(48), a0 = c64(64), a1 = c64(80), b0 = c64(96);
  return demote(
    sigmoidPrime64(lowPair(c), scale, magic, one, a0, a1, b0),
    sigmoidPrime64(highPair(c), scale, magic, one, a0, a1, b0));
}

/** tanh. Domain: all x. Max 0.51 ULP, odd, monotone, in [−1, 1]. NaN → NaN, ±∞ → ±1, ±0 → ±0, subnormal x → x. */
// @ts-ignore: decorator
@inline
export function tanh(x: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return relaxed.tanh(x);
  const sign = v128.and(x, c32(16));
  const c = f32x4.pmin(v128.xor(x, sign), c32(224));
  const scale = c64(16), magic = c64(32), one = c64(48), a0 = c64(64), a1 = c64(80), b0 = c64(96);
  return v128.or(sign, demote(
    tanh64(lowPair(c), scale, magic, one, a0, a1, b0),
    tanh64(highPair(c), scale, magic, one, a0, a1, b0)));
}

/** tanh′ = 4 sigmoid′(2x). Domain: all x. Max 0.51 ULP, even. NaN → NaN, ±∞ → 0, ±0 → 1; subnormal results kept. */
// @ts-ignore: decorator
@inline
export function tanhPrime(x: v128): v128 {
  const c = v128.or(f32x4.pmin(v128.andnot(x, c32(16)), c32(208)), c32(16));
  const scale = c64(128), magic = c64(32), one = c64(48), a0 = c64(64), a1 = c64(80), b0 = c64(96), four = c64(112);
  return demote(
    f64x2.mul(four, sigmoidPrime64(lowPair(c), scale, magic, one, a0, a1, b0)),
    f64x2.mul(four, sigmoidPrime64(highPair(c), scale, magic, one, a0, a1, b0)));
}

/**
 * atan. Domain: all x. Max 0.85 ULP, odd, monotone. NaN → NaN, ±∞ → ±π/2, ±0 → ±0, subnormal x → x.
 * |x| < 1/2: t = |x|. |x| ≤ 2: π/4 + atan t, t = (|x| − 1) / (|x| + 1). Beyond: π/2 + atan t, t = −1 / |x|. The rounding error of t counts.
 */
// @ts-ignore: decorator
@inline
export function atan(x: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return relaxed.atan(x);
  const sign = v128.and(x, c32(16));
  const m = f32x4.pmin(v128.xor(x, sign), c32(240));
  const middle = f32x4.ge(m, c32(400)), large = f32x4.gt(m, c32(592));
  const one = v128.andnot(c32(0), large);
  const a = f32x4.sub(v128.andnot(m, large), v128.and(c32(0), middle));
  const added = v128.and(m, middle);
  const b = f32x4.add(added, one);
  const t = f32x4.div(a, b);
  // e = t · (b + its rounding error) − a, from halves whose products are exact; d = −e / b, near enough (and 0 where b is 1).
  const top = v128.load(TOP);
  const th = v128.and(t, top), bh = v128.and(b, top);
  const bl = f32x4.add(f32x4.sub(b, bh), f32x4.sub(added, f32x4.sub(b, one)));
  const e = madd(f32x4.sub(t, th), b, madd(th, bl, f32x4.sub(f32x4.mul(th, bh), a)));
  const d = f32x4.mul(e, f32x4.mul(f32x4.sub(t, one), c32(400)));
  const w = f32x4.mul(t, t), v = f32x4.mul(w, w);
  const p = madd(madd(v, c32(576), madd(w, c32(560), c32(544))), v, madd(w, c32(528), c32(512)));
  const base = f32x4.add(v128.and(middle, c32(608)), v128.and(large, c32(608)));
  const s = f32x4.add(base, t);
  const r = f32x4.add(madd(base, c32(624), f32x4.add(f32x4.sub(base, s), t)), d);
  return v128.or(f32x4.add(s, madd(f32x4.mul(t, w), p, r)), sign);
}

/** atan′ = 1 / (1 + x²). Domain: all x. Max 0.51 ULP, even. NaN → NaN, ±∞ → 0, ±0 → 1; subnormal results kept. */
// @ts-ignore: decorator
@inline
export function atanPrime(x: v128): v128 {
  const low = lowPair(x), high = highPair(x), one = c64(48);
  return demote(f64x2.div(one, madd64(low, low, one)), f64x2.div(one, madd64(high, high, one)));
}

/**
 * e^x. Domain: all x. Max 0.8 ULP, monotone. NaN → NaN, +∞ → +∞, −∞ → 0, ±0 → 1; subnormal results kept.
 * x = n ln 2 + r + d, d the rounding error of r; e^r = (1 + r) + (r² Q(r) + d), the sum 1 + r error-free; 2^n as two factors.
 */
// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  const c = f32x4.pmin(f32x4.pmax(x, c32(176)), c32(192));
  const t = madd(c, c32(32), c32(48));
  const n = f32x4.sub(t, c32(48));
  const exact = f32x4.sub(c, f32x4.mul(n, c32(64)));
  const small = f32x4.mul(n, c32(80));
  const r = f32x4.sub(exact, small);
  const d = f32x4.sub(f32x4.sub(exact, r), small);
  const s = f32x4.mul(r, r);
  const q = madd(madd(s, c32(160), madd(r, c32(144), c32(128))), s, madd(r, c32(112), c32(96)));
  const low = madd(s, q, d);
  const high = f32x4.add(c32(0), r);
  const e = f32x4.add(high, f32x4.add(f32x4.add(f32x4.sub(c32(0), high), r), low));
  const k = i32x4.sub(t, c32(48)); // n as an integer
  const half = i32x4.shr_s(k, 1);
  const first = i32x4.add(i32x4.shl(half, 23), c32(0));
  const second = i32x4.add(i32x4.shl(i32x4.sub(k, half), 23), c32(0));
  return f32x4.mul(f32x4.mul(e, first), second);
}

/**
 * k ln 2 + log(1 + f) + d, for √½ ≤ 1 + f ≤ √2 and d below an ULP of f or of k ln 2.
 * log(1 + f) = f − f²/2 + f³ P(f); the sum of k ln 2 and f is error-free.
 */
// @ts-ignore: decorator
@inline
function logSum(k: v128, f: v128, d: v128): v128 {
  const s = f32x4.mul(f, f), s2 = f32x4.mul(s, s);
  const p0 = madd(madd(f, c32(304), c32(288)), s, madd(f, c32(272), c32(256)));
  const p1 = madd(madd(f, c32(368), c32(352)), s, madd(f, c32(336), c32(320)));
  const p = madd(madd(s2, c32(384), p1), s2, p0);
  const rest = f32x4.sub(f32x4.mul(s, c32(400)), f32x4.mul(f32x4.mul(s, f), p));
  const whole = f32x4.mul(k, c32(64));
  const high = f32x4.add(whole, f);
  const low = f32x4.add(f32x4.sub(whole, high), f);
  return f32x4.add(high, f32x4.add(low, f32x4.sub(madd(k, c32(80), d), rest)));
}

/** log. Domain: x ≥ 0. Max 0.9 ULP. NaN → NaN, x < 0 → NaN, ±0 → −∞, +∞ → +∞; subnormal x as any other. */
// @ts-ignore: decorator
@inline
export function log(x: v128): v128 {
  const tiny = f32x4.lt(x, c32(416));
  const v = v128.bitselect(f32x4.mul(x, c32(432)), x, tiny);
  const k = i32x4.shr_s(i32x4.sub(v, c32(464)), 23); // v = 2^k (1 + f)
  const f = f32x4.sub(i32x4.sub(v, i32x4.shl(k, 23)), c32(0));
  const n = f32x4.sub(f32x4.convert_i32x4_s(k), v128.and(tiny, c32(448)));
  const y = v128.bitselect(logSum(n, f, f32x4.splat(0)), x, f32x4.lt(x, c32(480))); // +∞ and NaN are themselves
  return v128.or(v128.bitselect(c32(496), y, f32x4.eq(x, f32x4.splat(0))), f32x4.lt(x, f32x4.splat(0)));
}

/**
 * log(1 + x). Domain: x ≥ −1. Max 0.96 ULP. NaN → NaN, x < −1 → NaN, −1 → −∞, +∞ → +∞, ±0 → ±0, subnormal x → x.
 * 1 + x = u + c error-free; log(1 + x) = log u + c / u.
 */
// @ts-ignore: decorator
@inline
export function log1p(x: v128): v128 {
  const one = c32(0);
  const u = f32x4.add(one, x);
  const b = f32x4.sub(u, one);
  const c = f32x4.add(f32x4.sub(one, f32x4.sub(u, b)), f32x4.sub(x, b));
  const k = i32x4.shr_s(i32x4.sub(u, c32(464)), 23);
  const f = f32x4.sub(i32x4.sub(u, i32x4.shl(k, 23)), one);
  const y = logSum(f32x4.convert_i32x4_s(k), f, f32x4.div(c, u));
  const zero = f32x4.splat(0);
  const self = v128.or(f32x4.eq(x, zero), f32x4.eq(x, c32(480)));
  const z = v128.bitselect(x, v128.bitselect(c32(496), y, f32x4.eq(u, zero)), self);
  return v128.or(z, f32x4.lt(u, zero)); // a NaN arrives through c
}

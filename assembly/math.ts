// Vector cores of the elementary functions, four f32 lanes at a time.
//
// sigmoid, tanh, atan and the three derivatives work inside in f64 (two lanes at a time) and round once at the end: the result is
// within 0.51 ULP, monotone, and gradual underflow comes from the final conversion. exp, log and log1p work in f32 with error-free sums.
// Bounds are the largest error over all 2^32 inputs, strict and relaxed build alike (scripts/sweep.mjs; test/activations.kernels.test.ts).
//
// Coefficients: own minimax fits (Remez exchange on the relative error of the function, 30 digits), rounded to the working precision.
// Constants are read from memory: an engine rebuilds a splat constant on every iteration of a loop, a load it does not.
// pmin and pmax are one instruction on x64 where min and max are many; pmin(a, b) and pmax(a, b) return a if it is NaN.

import { madd } from "./simd";

const F64 = memory.data<f64>([
  -1.4426950408889634, -1.4426950408889634, //   0  -log2 e
  2.8853900817779268, 2.8853900817779268, //    16  2 log2 e
  6755399441055744.0, 6755399441055744.0, //    32  1.5 · 2^52
  1.0, 1.0, //                                  48
  7.21502538944534, 7.21502538944534, //        64  2^f = (B + f·A) / (B − f·A), A = this + this · f²
  0.057700476757351064, 0.057700476757351064, //80
  20.81816270955837, 20.81816270955837, //      96  B = this + f²; 2^-30.8 on [-0.5, 0.5]
  1.5707963267948966, 1.5707963267948966, //   112  π / 2
  0.9999999976306507, 0.9999999976306507, //   128  atan(t) / t in powers of t², 2^-28.6 on [0, 1]
  -0.3333328364162839, -0.3333328364162839,
  0.19998266040057297, 0.19998266040057297,
  -0.14261933098564997, -0.14261933098564997,
  0.10942030660233987, 0.10942030660233987,
  -0.08377315497507809, -0.08377315497507809,
  0.05755210365471207, 0.05755210365471207,
  -0.030804599396347866, -0.030804599396347866,
  0.010726945564756386, 0.010726945564756386,
  -0.0017539305431064276, -0.0017539305431064276,
  4.0, 4.0, //                                 288
  -0.0, -0.0, //                               304  sign bits
  -2.8853900817779268, -2.8853900817779268, // 320  -2 log2 e
], 16);

const F32 = memory.data<f32>([
  1.0, 1.0, 1.0, 1.0, //                                      0
  -0.0, -0.0, -0.0, -0.0, //                                 16  sign bits
  1.44269504, 1.44269504, 1.44269504, 1.44269504, //         32  log2 e
  12582912.0, 12582912.0, 12582912.0, 12582912.0, //         48  1.5 · 2^23
  0.693145751953125, 0.693145751953125, 0.693145751953125, 0.693145751953125, // 64  ln 2 to 15 bits: n times it is exact
  1.42860682e-6, 1.42860682e-6, 1.42860682e-6, 1.42860682e-6, //              80  ln 2 less that
  0.4999999345158825, 0.4999999345158825, 0.4999999345158825, 0.4999999345158825, // 96  (e^r − 1 − r) / r², 2^-28.2 of e^r
  0.16666520687520148, 0.16666520687520148, 0.16666520687520148, 0.16666520687520148,
  0.04166838738041151, 0.04166838738041151, 0.04166838738041151, 0.04166838738041151,
  0.00836871010217986, 0.00836871010217986, 0.00836871010217986, 0.00836871010217986,
  0.001381461308859535, 0.001381461308859535, 0.001381461308859535, 0.001381461308859535,
  -104.0, -104.0, -104.0, -104.0, //                        176  e^x rounds to 0 below
  89.0, 89.0, 89.0, 89.0, //                                192  e^x overflows above
  110.0, 110.0, 110.0, 110.0, //                            208  sigmoid is constant beyond
  10.0, 10.0, 10.0, 10.0, //                                224  tanh is 1 beyond
  1e30, 1e30, 1e30, 1e30, //                                240  atan is π/2 beyond
  0.3333331260410101, 0.3333331260410101, 0.3333331260410101, 0.3333331260410101, // 256  (log(1+f) − f + f²/2) / f³, 2^-30.3
  -0.2500000959953, -0.2500000959953, -0.2500000959953, -0.2500000959953,
  0.20002118655510287, 0.20002118655510287, 0.20002118655510287, 0.20002118655510287,
  -0.16667995843684102, -0.16667995843684102, -0.16667995843684102, -0.16667995843684102,
  0.14219552422974407, 0.14219552422974407, 0.14219552422974407, 0.14219552422974407,
  -0.1240558915218191, -0.1240558915218191, -0.1240558915218191, -0.1240558915218191,
  0.1188816205834153, 0.1188816205834153, 0.1188816205834153, 0.1188816205834153,
  -0.11675650313980858, -0.11675650313980858, -0.11675650313980858, -0.11675650313980858,
  0.06746639083911275, 0.06746639083911275, 0.06746639083911275, 0.06746639083911275,
  0.5, 0.5, 0.5, 0.5, //                                    400
  1.1754943508222875e-38, 1.1754943508222875e-38, 1.1754943508222875e-38, 1.1754943508222875e-38, // 416  2^-126
  8388608.0, 8388608.0, 8388608.0, 8388608.0, //            432  2^23
  23.0, 23.0, 23.0, 23.0, //                                448
  0.7071067811865476, 0.7071067811865476, 0.7071067811865476, 0.7071067811865476, // 464  √½
  Infinity, Infinity, Infinity, Infinity, //                480
  -Infinity, -Infinity, -Infinity, -Infinity, //            496
  -0.3333328364162839, -0.3333328364162839, -0.3333328364162839, -0.3333328364162839,
  0.19998266040057297, 0.19998266040057297, 0.19998266040057297, 0.19998266040057297,
  -0.14261933098564997, -0.14261933098564997, -0.14261933098564997, -0.14261933098564997,
  0.10942030660233987, 0.10942030660233987, 0.10942030660233987, 0.10942030660233987,
  -0.08377315497507809, -0.08377315497507809, -0.08377315497507809, -0.08377315497507809,
  0.05755210365471207, 0.05755210365471207, 0.05755210365471207, 0.05755210365471207,
  -0.030804599396347866, -0.030804599396347866, -0.030804599396347866, -0.030804599396347866,
  0.010726945564756386, 0.010726945564756386, 0.010726945564756386, 0.010726945564756386,
  -0.0017539305431064276, -0.0017539305431064276, -0.0017539305431064276, -0.0017539305431064276,
  1.57079637, 1.57079637, 1.57079637, 1.57079637, //        656  π / 2
  -4.37113883e-8, -4.37113883e-8, -4.37113883e-8, -4.37113883e-8, // 672  π / 2 less that
  0.55, 0.55, 0.55, 0.55, //                                688
], 16);

// @ts-ignore: decorator
@inline
function c64(offset: usize): v128 { return v128.load(F64 + offset); }

// @ts-ignore: decorator
@inline
function c32(offset: usize): v128 { return v128.load(F32 + offset); }

/** a · b + c in f64; fused in the relaxed build. */
// @ts-ignore: decorator
@inline
function madd64(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.relaxed_madd(a, b, c);
  return f64x2.add(f64x2.mul(a, b), c);
}

/** The upper two f32 lanes, as f64. */
// @ts-ignore: decorator
@inline
function promoteHigh(x: v128): v128 { return f64x2.promote_low_f32x4(v128.shuffle<i32>(x, x, 2, 3, 2, 3)); }

/** Two pairs of f64, rounded to four f32. */
// @ts-ignore: decorator
@inline
function demote(low: v128, high: v128): v128 {
  return v128.shuffle<i32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

/** 1 / (1 + e^−x) in f64, |x| ≤ 110. With −x log2 e = n + f: e^−x = 2^n (B + u) / (B − u). */
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

/** sigmoid′ in f64 from −|x|: e / (1 + e)², e = e^x ≤ 1. */
// @ts-ignore: decorator
@inline
function sigmoidPrime64(x: v128, scale: v128, magic: v128, one: v128, a0: v128, a1: v128, b0: v128): v128 {
  const y = f64x2.mul(x, scale); // ≥ 0: 2^n (B + u) is e^|x| (B − u)
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

/** tanh in f64, 0 ≤ x ≤ 10. With 2 x log2 e = n + f, s = 2^n: ((s − 1) B + (s + 1) u) / ((s + 1) B + (s − 1) u); no cancellation at 0. */
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
  const minus = f64x2.sub(s, one);
  const plus = f64x2.add(s, one);
  return f64x2.div(madd64(minus, b, f64x2.mul(plus, u)), madd64(plus, b, f64x2.mul(minus, u)));
}

/** sigmoid. Domain: all x. Max 0.51 ULP, monotone, in [0, 1]. NaN → NaN, +∞ → 1, −∞ → 0, ±0 → 0.5; subnormal results kept. */
// @ts-ignore: decorator
@inline
export function sigmoid(x: v128): v128 {
  const c = f32x4.pmin(f32x4.pmax(x, v128.xor(c32(208), c32(16))), c32(208));
  const scale = c64(0), magic = c64(32), one = c64(48), a0 = c64(64), a1 = c64(80), b0 = c64(96);
  return demote(sigmoid64(f64x2.promote_low_f32x4(c), scale, magic, one, a0, a1, b0), sigmoid64(promoteHigh(c), scale, magic, one, a0, a1, b0));
}

/** sigmoid′. Domain: all x. Max 0.51 ULP, even. NaN → NaN, ±∞ → 0, ±0 → 0.25; subnormal results kept. */
// @ts-ignore: decorator
@inline
export function sigmoidPrime(x: v128): v128 {
  const c = v128.or(f32x4.pmin(v128.andnot(x, c32(16)), c32(208)), c32(16));
  const scale = c64(0), magic = c64(32), one = c64(48), a0 = c64(64), a1 = c64(80), b0 = c64(96);
  return demote(sigmoidPrime64(f64x2.promote_low_f32x4(c), scale, magic, one, a0, a1, b0), sigmoidPrime64(promoteHigh(c), scale, magic, one, a0, a1, b0));
}

/** tanh. Domain: all x. Max 0.51 ULP, odd, monotone, in [−1, 1]. NaN → NaN, ±∞ → ±1, ±0 → ±0, subnormal x → x. */
// @ts-ignore: decorator
@inline
export function tanh(x: v128): v128 {
  const sign = v128.and(x, c32(16));
  const c = f32x4.pmin(v128.xor(x, sign), c32(224));
  const scale = c64(16), magic = c64(32), one = c64(48), a0 = c64(64), a1 = c64(80), b0 = c64(96);
  return v128.or(demote(tanh64(f64x2.promote_low_f32x4(c), scale, magic, one, a0, a1, b0), tanh64(promoteHigh(c), scale, magic, one, a0, a1, b0)), sign);
}

/** tanh′ = 4 sigmoid′(2x). Domain: all x. Max 0.51 ULP, even. NaN → NaN, ±∞ → 0, ±0 → 1; subnormal results kept. */
// @ts-ignore: decorator
@inline
export function tanhPrime(x: v128): v128 {
  const c = v128.or(f32x4.pmin(v128.andnot(x, c32(16)), c32(208)), c32(16));
  const four = c64(288);
  const scale = c64(320), magic = c64(32), one = c64(48), a0 = c64(64), a1 = c64(80), b0 = c64(96);
  return demote(
    f64x2.mul(four, sigmoidPrime64(f64x2.promote_low_f32x4(c), scale, magic, one, a0, a1, b0)),
    f64x2.mul(four, sigmoidPrime64(promoteHigh(c), scale, magic, one, a0, a1, b0)),
  );
}

/** atan. Domain: all x. Max 0.51 ULP, odd, monotone. NaN → NaN, ±∞ → ±π/2, ±0 → ±0, subnormal x → x. */
// @ts-ignore: decorator
@inline
export function atan(x: v128): v128 {
  const sign = v128.and(x, c32(16)), one = c32(0);
  const m = f32x4.pmin(v128.xor(x, sign), c32(240));
  const inverted = f32x4.gt(m, one);
  const a = v128.xor(f32x4.pmin(m, one), v128.and(inverted, c32(16))); // a / b is m, or −1 / m where m > 1
  const b = f32x4.pmax(m, one);
  const t = f32x4.div(a, b);
  const w = f32x4.mul(t, t), v = f32x4.mul(w, w);
  const low = madd(madd(w, c32(560), c32(544)), v, madd(w, c32(528), c32(512)));
  const high = madd(madd(w, c32(624), c32(608)), v, madd(w, c32(592), c32(576)));
  const p = madd(madd(c32(640), f32x4.mul(v, v), high), f32x4.mul(v, v), low);
  const cubic = f32x4.mul(f32x4.mul(t, w), p);
  const th = v128.and(t, i32x4.splat(-4096)), bh = v128.and(b, i32x4.splat(-4096));
  const e = madd(f32x4.sub(t, th), b, madd(th, f32x4.sub(b, bh), f32x4.sub(f32x4.mul(th, bh), a)));
  const d = f32x4.mul(e, f32x4.mul(t, c32(688)));
  const base = v128.and(inverted, c32(656));
  const s = f32x4.add(base, t);
  const r = f32x4.add(f32x4.sub(base, s), t);
  return v128.or(f32x4.add(s, f32x4.add(f32x4.add(f32x4.add(r, v128.and(inverted, c32(672))), d), cubic)), sign);
}

/** atan′ = 1 / (1 + x²). Domain: all x. Max 0.51 ULP, even. NaN → NaN, ±∞ → 0, ±0 → 1; subnormal results kept. */
// @ts-ignore: decorator
@inline
export function atanPrime(x: v128): v128 {
  const low = f64x2.promote_low_f32x4(x), high = promoteHigh(x);
  return demote(f64x2.div(c64(48), madd64(low, low, c64(48))), f64x2.div(c64(48), madd64(high, high, c64(48))));
}

/**
 * e^x. Domain: all x. Max 0.56 ULP, monotone. NaN → NaN, +∞ → +∞, −∞ → 0, ±0 → 1; subnormal results kept.
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
  let q = madd(r, c32(160), c32(144));
  q = madd(q, r, c32(128));
  q = madd(q, r, c32(112));
  q = madd(q, r, c32(96));
  const low = madd(f32x4.mul(r, r), q, d);
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
  let p = madd(f, c32(384), c32(368));
  p = madd(p, f, c32(352));
  p = madd(p, f, c32(336));
  p = madd(p, f, c32(320));
  p = madd(p, f, c32(304));
  p = madd(p, f, c32(288));
  p = madd(p, f, c32(272));
  p = madd(p, f, c32(256));
  const s = f32x4.mul(f, f);
  const rest = f32x4.sub(f32x4.mul(s, c32(400)), f32x4.mul(f32x4.mul(s, f), p));
  const whole = f32x4.mul(k, c32(64));
  const high = f32x4.add(whole, f);
  const low = f32x4.add(f32x4.sub(whole, high), f);
  return f32x4.add(high, f32x4.add(low, f32x4.sub(madd(k, c32(80), d), rest)));
}

/** log. Domain: x ≥ 0. Max 0.9 ULP. NaN → NaN, x < 0 → NaN, ±0 → −∞, +∞ → +∞; subnormal x exact in the same bound. */
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
 * log(1 + x). Domain: x ≥ −1. Max 0.9 ULP. NaN → NaN, x < −1 → NaN, −1 → −∞, +∞ → +∞, ±0 → ±0, subnormal x → x.
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

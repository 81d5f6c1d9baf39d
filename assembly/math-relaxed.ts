// Cores of the relaxed build, where they differ from those of math.ts: all in f32, one division for four lanes instead of two for two each.
// They are faster than the f64 ones and round several times instead of once. math.ts decides by `RELAXED` which ones a build has.
//
// Each bound holds for all inputs, with a fused `madd` and without (measured over all floats; test/sweep.kernels.test.ts asserts it on a
// stratified sample). Methods and coefficients are our own, fitted as those of math.ts.

import { madd } from "./simd";

// @ts-ignore: decorator
@lazy @inline
const F32 = memory.data<f32>([
  12582912.0, 12582912.0, 12582912.0, 12582912.0,                          // 0  1.5 · 2^23
  1.0, 1.0, 1.0, 1.0,                                                      // 16
  -0.0, -0.0, -0.0, -0.0,                                                  // 32  sign bits
  10.0, 10.0, 10.0, 10.0,                                                  // 48  tanh is 1 beyond
  2.88539, 2.88539, 2.88539, 2.88539,                                      // 64  2 log2 e
  -0.34657359, -0.34657359, -0.34657359, -0.34657359,                      // 80  -ln 2 / 2 to 21 bits: up to 7 times it is exact
  // 96: (e^2r − 1) / r, 2^-23.1 of e^2r, lowest power first
  2.0, 2.0, 2.0, 2.0, 1.9999692, 1.9999692, 1.9999692, 1.9999692, 1.3333693, 1.3333693, 1.3333693, 1.3333693,
  0.67024374, 0.67024374, 0.67024374, 0.67024374, 0.2659986, 0.2659986, 0.2659986, 0.2659986,
  // 176: (tanh m / m − 1) / m², 2^-26.9 of tanh, lowest power first
  -0.33333248, -0.33333248, -0.33333248, -0.33333248, 0.13330518, 0.13330518, 0.13330518, 0.13330518,
  -0.05366309, -0.05366309, -0.05366309, -0.05366309, 0.020392234, 0.020392234, 0.020392234, 0.020392234,
  -0.0054337755, -0.0054337755, -0.0054337755, -0.0054337755,
  0.66, 0.66, 0.66, 0.66,                                                  // 256  tanh is a polynomial below
  -104.0, -104.0, -104.0, -104.0,                                          // 272  sigmoid rounds to 0 below
  30.0, 30.0, 30.0, 30.0,                                                  // 288  and to 1 above
  -1.4434164, -1.4434164, -1.4434164, -1.4434164,                          // 304  -log2 e, but for 0.05 %: where n changes there, no result falls
  0.69314575, 0.69314575, 0.69314575, 0.69314575,                          // 320  ln 2 to 15 bits: n times it is exact
  0.0000014286068, 0.0000014286068, 0.0000014286068, 0.0000014286068,      // 336  ln 2 less that
  // 352: (e^−r − 1 + r) / r², 2^-28.2 of e^−r, lowest power first
  0.49999994, 0.49999994, 0.49999994, 0.49999994, -0.16666521, -0.16666521, -0.16666521, -0.16666521,
  0.041668262, 0.041668262, 0.041668262, 0.041668262, -0.008368676, -0.008368676, -0.008368676, -0.008368676,
  0.0013821084, 0.0013821084, 0.0013821084, 0.0013821084,
  5.421010862427522e-20, 5.421010862427522e-20, 5.421010862427522e-20, 5.421010862427522e-20, // 432  2^-64
  // 448: (atan t / t − 1) / t², 2^-25.8 of atan, lowest power first
  -0.33333153, -0.33333153, -0.33333153, -0.33333153, 0.19993767, 0.19993767, 0.19993767, 0.19993767,
  -0.14211002, -0.14211002, -0.14211002, -0.14211002, 0.106657684, 0.106657684, 0.106657684, 0.106657684,
  -0.07551656, -0.07551656, -0.07551656, -0.07551656, 0.043204635, 0.043204635, 0.043204635, 0.043204635,
  -0.016363103, -0.016363103, -0.016363103, -0.016363103, 0.0029193931, 0.0029193931, 0.0029193931, 0.0029193931,
  1.5707964, 1.5707964, 1.5707964, 1.5707964,                              // 576  π / 2
  -4.371139e-8, -4.371139e-8, -4.371139e-8, -4.371139e-8,                  // 592  what is missing from it
], 16);

// @ts-ignore: decorator
@inline
function c32(offset: usize): v128 { return v128.load(F32 + offset); }

/**
 * tanh. Domain: all x. Max 1.5 ULP, odd, monotone, in [−1, 1]. NaN → NaN, ±∞ → ±1, ±0 → ±0, subnormal x → x.
 * With m = |x|: below 0.66 an odd polynomial, beyond 1 − 2 / (e^2m + 1). m = n ln 2 / 2 + r, so e^2m = 2^n e^2r; the low bits of t hold n.
 */
// @ts-ignore: decorator
@inline
export function tanh(x: v128): v128 {
  const sign = v128.and(x, c32(32)), one = c32(16), magic = c32(0);
  const m = v128.xor(x, sign);
  const k = f32x4.pmin(m, c32(48));
  const t = madd(k, c32(64), magic);
  const r = madd(f32x4.sub(t, magic), c32(80), k);
  const e = madd(madd(madd(madd(madd(c32(160), r, c32(144)), r, c32(128)), r, c32(112)), r, c32(96)), r, one);
  const s = i32x4.add(i32x4.shl(t, 23), one); // 2^n
  const large = f32x4.sub(one, f32x4.div(c32(96), madd(s, e, one)));
  const w = f32x4.mul(m, m);
  const p = madd(madd(madd(madd(c32(240), w, c32(224)), w, c32(208)), w, c32(192)), w, c32(176));
  const small = madd(f32x4.mul(m, w), p, m);
  return v128.or(sign, i32x4.relaxed_laneselect(small, large, f32x4.lt(m, c32(256)))); // the mask is all ones or all zeros: one result everywhere
}

/**
 * sigmoid. Domain: all x. Max 2 ULP, monotone, in [0, 1]. NaN → NaN, +∞ → 1, −∞ → 0, ±0 → 0.5; subnormal results kept.
 * 1 / (1 + e^−x) = h / (h + s e^−r), x = r − n ln 2, h = 2^-64 and s = 2^n h, so that s is in range where e^−x is not.
 * h + s e^−r is the sum of s p + h and s, p = e^−r − 1: one rounding at the size of the sum instead of two.
 */
// @ts-ignore: decorator
@inline
export function sigmoid(x: v128): v128 {
  const k = f32x4.pmin(f32x4.pmax(x, c32(272)), c32(288)), magic = c32(0), h = c32(432);
  const t = madd(k, c32(304), magic), n = f32x4.sub(t, magic);
  const r = madd(n, c32(336), madd(n, c32(320), k));
  const q = madd(madd(madd(madd(c32(416), r, c32(400)), r, c32(384)), r, c32(368)), r, c32(352));
  const p = f32x4.sub(f32x4.mul(q, f32x4.mul(r, r)), r);
  const s = i32x4.add(i32x4.shl(t, 23), h);
  return f32x4.div(h, f32x4.add(madd(p, s, h), s));
}

/**
 * atan. Domain: all x. Max 1.5 ULP, odd, monotone. NaN → NaN, ±∞ → ±π/2, ±0 → ±0, subnormal x → x.
 * A polynomial in t² times t, t the smaller of |x| and 1 / |x|; where that is 1 / |x|, what is missing to π / 2.
 * Where `madd` is not fused, 147 floats of 2^31 are one ULP below their lower neighbour.
 */
// @ts-ignore: decorator
@inline
export function atan(x: v128): v128 {
  const sign = v128.and(x, c32(32)), one = c32(16);
  const m = v128.xor(x, sign);
  const large = f32x4.gt(m, one);
  const t = f32x4.pmin(m, f32x4.div(one, m));
  const w = f32x4.mul(t, t);
  const p0 = madd(madd(madd(madd(c32(560), w, c32(544)), w, c32(528)), w, c32(512)), w, c32(496));
  const p = madd(madd(madd(p0, w, c32(480)), w, c32(464)), w, c32(448));
  const u = v128.xor(t, v128.and(large, c32(32)));
  const z = f32x4.add(madd(f32x4.mul(u, w), p, v128.and(large, c32(592))), u);
  return v128.or(sign, f32x4.add(z, v128.and(large, c32(576))));
}

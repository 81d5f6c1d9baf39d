// Cores of the elementary functions in f64, two lanes at a time, near enough to exact that a result rounds once, to f32. They are plain functions: a call
// costs less than what it would take to have them in every kernel.
//
// Methods and coefficients are our own: minimax fits of the relative error (Remez exchange). The bounds are those of the fit; what a kernel makes of them
// is asserted by test/sweep.kernels.test.ts.

import { madd64 } from "./simd";

const EXP = memory.data<f64>([
  1.4426950408889634, //                                                              0  log2 e
  6755399441055744.0, //                                                              8  1.5 · 2^52
  1513.8603572565963, 20.201667274701669, 0.023094408441696635, //                   16  u = f · p(f²)
  4368.0776600249720, 233.17769678877792, //                                         40  b = q(f²), its leading coefficient is 1; u / b within 2^-57
], 16);

/** log(1 + t) / s, in s², lowest power first; within 2^-38.5. */
const LOG = memory.data<f64>([
  2.0000000000050272, 0.66666666227374442, 0.40000062539319335, 0.28568102721788361, 0.22305877370820993, 0.17116517482252767, 0.21878673496756200,
], 16);

/** Φ(−y) e^(y²/2) = p(y) / q(y): the coefficients of p and q by turns, highest power first; q's leading one is 1. Within 2^-52 for 0 ≤ y ≤ 15, exact at 0. */
const MILLS = memory.data<f64>([
  0.39894228107516787, 24.508564142306183, 9.7775023932638028, 290.41681350838147, 115.46060746722698, 2149.1724348889523, 847.61812349273656, 10834.922174592580,
  4207.8487030190818, 38309.784789451090, 14455.281142696132, 94475.859568876559, 33710.140739238663, 156016.40494601431, 49376.938432318687, 155998.94700548906,
  35873.027849571851, 71746.055699143702,
], 16);

/** −limit, x or limit: x cut to the range. NaN stays NaN. */
// @ts-ignore: decorator
@inline
export function bounded(x: v128, limit: f64): v128 {
  return f64x2.pmin(f64x2.pmax(x, f64x2.splat(-limit)), f64x2.splat(limit));
}

/**
 * e^x − less, less = 0 or 1 in both lanes; in neither case does anything cancel. Beyond ±700 e^x counts as e^±700, which is 0 or ∞ to f32.
 * x log2 e = n + f with |f| ≤ 1/2, s = 2^n, 2^f = (b + u) / (b − u), u odd and b even in f. Within |x| 2^-52 + 2^-51 of e^x or of the result. NaN → NaN.
 */
// @ts-ignore: decorator
@noinline
function power(x: v128, less: v128): v128 {
  const y = f64x2.mul(bounded(x, 700), v128.load64_splat(EXP));
  const magic = v128.load64_splat(EXP + 8);
  const t = f64x2.add(y, magic); // the low bits of t hold n
  const f = f64x2.sub(y, f64x2.sub(t, magic));
  const w = f64x2.mul(f, f);
  const u = f64x2.mul(f, madd64(w, madd64(w, v128.load64_splat(EXP + 32), v128.load64_splat(EXP + 24)), v128.load64_splat(EXP + 16)));
  const b = madd64(w, f64x2.add(w, v128.load64_splat(EXP + 48)), v128.load64_splat(EXP + 40));
  const s = i64x2.add(i64x2.shl(t, 52), f64x2.splat(1)); // 2^n
  return f64x2.div(madd64(f64x2.sub(s, less), b, f64x2.mul(f64x2.add(s, less), u)), f64x2.sub(b, u));
}

/** e^x: `power`. */
// @ts-ignore: decorator
@inline
export function exp64(x: v128): v128 {
  return power(x, f64x2.splat(0));
}

/** e^x − 1: `power`. */
// @ts-ignore: decorator
@inline
export function expm164(x: v128): v128 {
  return power(x, f64x2.splat(1));
}

/** 1 / (1 + e^−x). NaN → NaN, ±∞ → 1, 0 (e^-700). */
// @ts-ignore: decorator
@noinline
export function logistic64(x: v128): v128 {
  const one = f64x2.splat(1);
  return f64x2.div(one, f64x2.add(one, exp64(f64x2.neg(x))));
}

/** log(1 + t), 0 ≤ t ≤ 1, within 2^-38: 2 atanh(s), s = t / (2 + t). NaN → NaN. */
// @ts-ignore: decorator
@noinline
export function log1p64(t: v128): v128 {
  const s = f64x2.div(t, f64x2.add(t, f64x2.splat(2)));
  const w = f64x2.mul(s, s);
  let p = v128.load64_splat(LOG + 48);
  for (let at = LOG + 40; at >= LOG; at -= 8) p = madd64(p, w, v128.load64_splat(at));
  return f64x2.mul(s, p);
}

/** Φ(x), the normal distribution, |x| ≤ 200, given e = e^(−x²/2). Within 2^-51. NaN → NaN. */
// @ts-ignore: decorator
@noinline
export function normal64(x: v128, e: v128): v128 {
  const y = f64x2.abs(x), one = f64x2.splat(1);
  let p = v128.load64_splat(MILLS), q = one;
  for (let at = MILLS + 8; at < MILLS + 136; at += 16) {
    q = madd64(q, y, v128.load64_splat(at));
    p = madd64(p, y, v128.load64_splat(at + 8));
  }
  q = madd64(q, y, v128.load64_splat(MILLS + 136));
  const tail = f64x2.div(f64x2.mul(e, p), q);
  return v128.bitselect(tail, f64x2.sub(one, tail), f64x2.lt(x, f64x2.splat(0)));
}

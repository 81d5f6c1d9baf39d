// Exponential linear unit, and what it shares with selu and celu. parameters[0] is alpha ≥ 0.
import { apply, chain } from "../elementwise";
import { exp64, expm164 } from "../math64";

/** scale · x for x ≥ 0, depth (e^(rate x) − 1) below. */
// @ts-ignore: decorator
@noinline
export function bend(x: v128, scale: f64, depth: f64, rate: f64): v128 {
  const below = f64x2.mul(f64x2.splat(depth), expm164(f64x2.mul(x, f64x2.splat(rate))));
  return v128.bitselect(below, f64x2.mul(x, f64x2.splat(scale)), f64x2.lt(x, f64x2.splat(0)));
}

/** Its derivative: scale for x > 0, else depth · rate e^(rate x). */
// @ts-ignore: decorator
@noinline
export function bendSlope(x: v128, scale: f64, depth: f64, rate: f64): v128 {
  const below = f64x2.mul(f64x2.splat(depth * rate), exp64(f64x2.mul(x, f64x2.splat(rate))));
  return v128.bitselect(f64x2.splat(scale), below, f64x2.gt(x, f64x2.splat(0)));
}

/** The derivative from the result a: scale for a > 0, else (a + depth) rate. */
// @ts-ignore: decorator
@noinline
export function bendSlopeOf(a: v128, scale: f64, depth: f64, rate: f64): v128 {
  const below = f64x2.mul(f64x2.add(a, f64x2.splat(depth)), f64x2.splat(rate));
  return v128.bitselect(f64x2.splat(scale), below, f64x2.gt(a, f64x2.splat(0)));
}

function value(x: v128, parameters: usize): v128 {
  return bend(x, 1, load<f32>(parameters), 1);
}

function slope(x: v128, parameters: usize): v128 {
  return bendSlope(x, 1, load<f32>(parameters), 1);
}

function slopeOf(a: v128, parameters: usize): v128 {
  return bendSlopeOf(a, 1, load<f32>(parameters), 1);
}

/**
 * a = z if z ≥ 0, else α (e^z − 1). z, a: [rows × columns], ld floats a row; may be the same buffer.
 * Max 0.51 ULP, monotone. NaN → NaN, +∞ → +∞, −∞ → −α, ±0 → ±0, subnormal z > 0 → z, z < 0 → α z.
 */
export function eluForward(rows: i32, columns: i32, ld: i32, z: usize, a: usize, parameters: usize): void {
  apply(rows, ld, z, 0, a, parameters, value);
}

/**
 * dz = da if a > 0, else da (a + α); from the output. a, da, dz: [rows × columns], ld floats a row; dz may be da. Padding of dz is set to zero.
 * The derivative of what a was rounded to, in f64; dz is rounded once. NaN in a or da → NaN.
 */
export function eluBackward(rows: i32, columns: i32, ld: i32, a: usize, da: usize, dz: usize, parameters: usize): void {
  chain(rows, columns, ld, a, da, dz, parameters, slopeOf);
}

/**
 * out = 1 if z > 0, else α e^z. z, out: [rows × columns], ld floats a row; may be the same buffer.
 * Max 0.51 ULP. NaN → NaN, +∞ → 1, −∞ → 0, ±0 → α; subnormal results kept.
 */
export function eluDerivative(rows: i32, columns: i32, ld: i32, z: usize, out: usize, parameters: usize): void {
  apply(rows, ld, z, 0, out, parameters, slope);
}

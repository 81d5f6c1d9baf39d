// Hard sigmoid as in PyTorch and Keras 3, and what it shares with hardSwish.
import { apply, chain } from "../elementwise";

/** min(max(x + 3, 0), 6) / 6. */
// @ts-ignore: decorator
@noinline
export function ramp(x: v128): v128 {
  const six = f64x2.splat(6);
  return f64x2.div(f64x2.pmin(f64x2.pmax(f64x2.add(x, f64x2.splat(3)), f64x2.splat(0)), six), six);
}

/** Its derivative, 0 at the kinks. */
// @ts-ignore: decorator
@noinline
export function rampSlope(x: v128): v128 {
  const inside = v128.and(f64x2.splat(1 / 6), f64x2.lt(f64x2.abs(x), f64x2.splat(3)));
  return v128.or(inside, f64x2.ne(x, x)); // all ones is a NaN
}

function value(x: v128, parameters: usize): v128 {
  return ramp(x);
}

function slope(x: v128, parameters: usize): v128 {
  return rampSlope(x);
}

/**
 * a = min(max(z + 3, 0), 6) / 6. z, a: [rows × columns], ld floats a row; may be the same buffer.
 * Max 0.51 ULP, monotone. NaN → NaN, +∞ → 1, −∞ → 0, ±0 and subnormal z → 0.5.
 */
export function hardSigmoidForward(rows: i32, columns: i32, ld: i32, z: usize, a: usize, parameters: usize): void {
  apply(rows, ld, z, 0, a, parameters, value);
}

/**
 * dz = da / 6 if |z| < 3, else 0 · da. z, da, dz: [rows × columns], ld floats a row; dz may be da. Padding of dz is set to zero.
 * f′ in f64 as below; dz is rounded once. NaN in z or da → NaN.
 */
export function hardSigmoidBackward(rows: i32, columns: i32, ld: i32, z: usize, da: usize, dz: usize, parameters: usize): void {
  chain(rows, columns, ld, z, da, dz, parameters, slope);
}

/**
 * out = 1/6 if |z| < 3, else 0. z, out: [rows × columns], ld floats a row; may be the same buffer.
 * Correctly rounded. NaN → NaN.
 */
export function hardSigmoidDerivative(rows: i32, columns: i32, ld: i32, z: usize, out: usize, parameters: usize): void {
  apply(rows, ld, z, 0, out, parameters, slope);
}

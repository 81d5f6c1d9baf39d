// Rectified linear unit that ends at 6. Exact but for the rounding of da · f′, which is none.
import { apply, chain } from "../elementwise";

function value(x: v128, parameters: usize): v128 {
  return f64x2.pmin(v128.andnot(x, f64x2.le(x, f64x2.splat(0))), f64x2.splat(6)); // a NaN compares false and is kept
}

/** From the input or the output: both lie between 0 and 6 at once. */
function slope(x: v128, parameters: usize): v128 {
  const inside = v128.and(f64x2.gt(x, f64x2.splat(0)), f64x2.lt(x, f64x2.splat(6)));
  return v128.or(v128.and(f64x2.splat(1), inside), f64x2.ne(x, x)); // all ones is a NaN
}

/**
 * a = min(max(z, 0), 6). z, a: [rows × columns], ld floats a row; may be the same buffer.
 * Exact. NaN → NaN, +∞ → 6, −∞ → +0, −0 → +0, subnormal z > 0 kept.
 */
export function relu6Forward(rows: i32, columns: i32, ld: i32, z: usize, a: usize, parameters: usize): void {
  apply(rows, ld, z, 0, a, parameters, value);
}

/**
 * dz = da if 0 < a < 6, else 0 · da; from the output. a, da, dz: [rows × columns], ld floats a row; dz may be da. Padding of dz is set to zero.
 * Exact. NaN in a or da → NaN.
 */
export function relu6Backward(rows: i32, columns: i32, ld: i32, a: usize, da: usize, dz: usize, parameters: usize): void {
  chain(rows, columns, ld, a, da, dz, parameters, slope);
}

/**
 * out = 1 if 0 < z < 6, else 0. z, out: [rows × columns], ld floats a row; may be the same buffer.
 * Exact. NaN → NaN.
 */
export function relu6Derivative(rows: i32, columns: i32, ld: i32, z: usize, out: usize, parameters: usize): void {
  apply(rows, ld, z, 0, out, parameters, slope);
}

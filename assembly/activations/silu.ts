// Sigmoid linear unit, also called swish (Elfwing et al. 2017).
import { apply, chain } from "../elementwise";
import { bounded, logistic64 } from "../math64";
import { madd64 } from "../simd";

function value(x: v128, parameters: usize): v128 {
  return f64x2.mul(f64x2.pmax(x, f64x2.splat(-200)), logistic64(x)); // −∞ · 0 is none of it
}

function slope(x: v128, parameters: usize): v128 {
  const c = bounded(x, 200), one = f64x2.splat(1);
  const s = logistic64(c);
  return f64x2.mul(s, madd64(c, f64x2.sub(one, s), one));
}

/**
 * a = z / (1 + e^−z). z, a: [rows × columns], ld floats a row; may be the same buffer.
 * Max 0.51 ULP. NaN → NaN, +∞ → +∞, −∞ → −0, ±0 → ±0; subnormal results kept.
 */
export function siluForward(rows: i32, columns: i32, ld: i32, z: usize, a: usize, parameters: usize): void {
  apply(rows, ld, z, 0, a, parameters, value);
}

/**
 * dz = da · s (1 + z (1 − s)), s = 1 / (1 + e^−z). z, da, dz: [rows × columns], ld floats a row; dz may be da. Padding of dz is set to zero.
 * f′ in f64 as below; dz is rounded once. NaN in z or da → NaN.
 */
export function siluBackward(rows: i32, columns: i32, ld: i32, z: usize, da: usize, dz: usize, parameters: usize): void {
  chain(rows, columns, ld, z, da, dz, parameters, slope);
}

/**
 * out = s (1 + z (1 − s)), s = 1 / (1 + e^−z). z, out: [rows × columns], ld floats a row; may be the same buffer.
 * Max 0.51 ULP, next to the root −1.278 too. NaN → NaN, +∞ → 1, −∞ → −0, ±0 → 0.5.
 */
export function siluDerivative(rows: i32, columns: i32, ld: i32, z: usize, out: usize, parameters: usize): void {
  apply(rows, ld, z, 0, out, parameters, slope);
}

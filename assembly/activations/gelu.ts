// Gaussian error linear unit, exact (Hendrycks & Gimpel 2016).
import { apply, chain } from "../elementwise";
import { bounded, exp64, normal64 } from "../math64";
import { madd64 } from "../simd";

/** e^(−x²/2); x² of a float is exact. */
// @ts-ignore: decorator
@inline
function bell(x: v128): v128 {
  return exp64(f64x2.mul(x, f64x2.mul(x, f64x2.splat(-0.5))));
}

function value(x: v128, parameters: usize): v128 {
  const c = bounded(x, 200);
  return f64x2.mul(f64x2.pmax(x, f64x2.splat(-200)), normal64(c, bell(c)));
}

function slope(x: v128, parameters: usize): v128 {
  const c = bounded(x, 200), e = bell(c);
  return madd64(f64x2.mul(c, f64x2.splat(0.3989422804014327)), e, normal64(c, e));
}

/**
 * a = z Φ(z) = z (1 + erf(z / √2)) / 2. z, a: [rows × columns], ld floats a row; may be the same buffer.
 * Max 0.51 ULP. NaN → NaN, +∞ → +∞, −∞ → −0, ±0 → ±0; subnormal results kept.
 */
export function geluForward(rows: i32, columns: i32, ld: i32, z: usize, a: usize, parameters: usize): void {
  apply(rows, ld, z, 0, a, parameters, value);
}

/**
 * dz = da (Φ(z) + z e^(−z²/2) / √(2π)). z, da, dz: [rows × columns], ld floats a row; dz may be da. Padding of dz is set to zero.
 * f′ in f64 as below; dz is rounded once. NaN in z or da → NaN.
 */
export function geluBackward(rows: i32, columns: i32, ld: i32, z: usize, da: usize, dz: usize, parameters: usize): void {
  chain(rows, columns, ld, z, da, dz, parameters, slope);
}

/**
 * out = Φ(z) + z e^(−z²/2) / √(2π). z, out: [rows × columns], ld floats a row; may be the same buffer.
 * Max 0.58 ULP, next to the root −0.752; 0.51 elsewhere. NaN → NaN, +∞ → 1, −∞ → −0, ±0 → 0.5.
 */
export function geluDerivative(rows: i32, columns: i32, ld: i32, z: usize, out: usize, parameters: usize): void {
  apply(rows, ld, z, 0, out, parameters, slope);
}

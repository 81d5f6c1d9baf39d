// Gaussian error linear unit, the approximation by tanh (Hendrycks & Gimpel 2016).
import { apply, chain } from "../elementwise";
import { bounded, logistic64 } from "../math64";
import { madd64 } from "../simd";

const LINEAR: f64 = 1.5957691216057308, CUBIC: f64 = 0.071354816272600253; // √(8/π), and 0.044715 times it

// @ts-ignore: decorator
@inline
function argument(x: v128): v128 {
  return f64x2.mul(x, madd64(f64x2.mul(x, x), f64x2.splat(CUBIC), f64x2.splat(LINEAR)));
}

function value(x: v128, parameters: usize): v128 {
  return f64x2.mul(f64x2.pmax(x, f64x2.splat(-200)), logistic64(argument(f64x2.pmax(x, f64x2.splat(-200)))));
}

function slope(x: v128, parameters: usize): v128 {
  const c = bounded(x, 200), one = f64x2.splat(1);
  const s = logistic64(argument(c));
  const rate = madd64(f64x2.mul(c, c), f64x2.splat(3 * CUBIC), f64x2.splat(LINEAR));
  return f64x2.mul(s, madd64(f64x2.mul(c, rate), f64x2.sub(one, s), one));
}

/**
 * a = z (1 + tanh(√(2/π) (z + 0.044715 z³))) / 2 = z / (1 + e^−w), w = √(8/π) (z + 0.044715 z³). z, a: [rows × columns], ld floats a row; may be the same buffer.
 * Max 0.51 ULP. NaN → NaN, +∞ → +∞, −∞ → −0, ±0 → ±0; subnormal results kept.
 */
export function geluTanhForward(rows: i32, columns: i32, ld: i32, z: usize, a: usize, parameters: usize): void {
  apply(rows, ld, z, 0, a, parameters, value);
}

/**
 * dz = da · s (1 + z w′ (1 − s)), s = 1 / (1 + e^−w). z, da, dz: [rows × columns], ld floats a row; dz may be da. Padding of dz is set to zero.
 * f′ in f64 as below; dz is rounded once. NaN in z or da → NaN.
 */
export function geluTanhBackward(rows: i32, columns: i32, ld: i32, z: usize, da: usize, dz: usize, parameters: usize): void {
  chain(rows, columns, ld, z, da, dz, parameters, slope);
}

/**
 * out = s (1 + z w′ (1 − s)), s = 1 / (1 + e^−w). z, out: [rows × columns], ld floats a row; may be the same buffer.
 * Max 0.51 ULP, next to the root −0.752 too. NaN → NaN, +∞ → 1, −∞ → −0, ±0 → 0.5.
 */
export function geluTanhDerivative(rows: i32, columns: i32, ld: i32, z: usize, out: usize, parameters: usize): void {
  apply(rows, ld, z, 0, out, parameters, slope);
}

// Mish (Misra 2019).
import { apply, chain } from "../elementwise";
import { bounded, exp64 } from "../math64";
import { madd64 } from "../simd";

function value(x: v128, parameters: usize): v128 {
  const e = exp64(bounded(x, 200)), two = f64x2.splat(2);
  const n = f64x2.mul(e, f64x2.add(e, two));
  return f64x2.mul(f64x2.pmax(x, f64x2.splat(-200)), f64x2.div(n, f64x2.add(n, two)));
}

function slope(x: v128, parameters: usize): v128 {
  const c = bounded(x, 200), two = f64x2.splat(2);
  const e = exp64(c);
  const n = f64x2.mul(e, f64x2.add(e, two)), d = f64x2.add(n, two);
  const rise = f64x2.div(f64x2.mul(f64x2.mul(e, f64x2.add(e, f64x2.splat(1))), f64x2.splat(4)), d);
  return f64x2.div(madd64(c, rise, n), d);
}

/**
 * a = z tanh(log(1 + e^z)) = z n / (n + 2), n = e^z (e^z + 2). z, a: [rows × columns], ld floats a row; may be the same buffer.
 * Max 0.51 ULP. NaN → NaN, +∞ → +∞, −∞ → −0, ±0 → ±0; subnormal results kept.
 */
export function mishForward(rows: i32, columns: i32, ld: i32, z: usize, a: usize, parameters: usize): void {
  apply(rows, ld, z, 0, a, parameters, value);
}

/**
 * dz = da (n + 4 z e^z (e^z + 1) / (n + 2)) / (n + 2). z, da, dz: [rows × columns], ld floats a row; dz may be da. Padding of dz is set to zero.
 * f′ in f64 as below; dz is rounded once. NaN in z or da → NaN.
 */
export function mishBackward(rows: i32, columns: i32, ld: i32, z: usize, da: usize, dz: usize, parameters: usize): void {
  chain(rows, columns, ld, z, da, dz, parameters, slope);
}

/**
 * out = (n + 4 z e^z (e^z + 1) / (n + 2)) / (n + 2), n = e^z (e^z + 2). z, out: [rows × columns], ld floats a row; may be the same buffer.
 * Max 1.12 ULP, next to the root −1.192; 0.51 elsewhere. NaN → NaN, +∞ → 1, −∞ → −0, ±0 → 0.6.
 */
export function mishDerivative(rows: i32, columns: i32, ld: i32, z: usize, out: usize, parameters: usize): void {
  apply(rows, ld, z, 0, out, parameters, slope);
}

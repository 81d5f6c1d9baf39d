// Softsign.
import { apply, chain } from "../elementwise";
import { bounded } from "../math64";

function value(x: v128, parameters: usize): v128 {
  const c = bounded(x, 1e30);
  return f64x2.div(c, f64x2.add(f64x2.abs(c), f64x2.splat(1)));
}

function slope(x: v128, parameters: usize): v128 {
  const one = f64x2.splat(1), q = f64x2.div(one, f64x2.add(f64x2.abs(x), one));
  return f64x2.mul(q, q);
}

/**
 * a = z / (1 + |z|). z, a: [rows × columns], ld floats a row; may be the same buffer.
 * Max 0.51 ULP, odd, monotone, in [−1, 1]. NaN → NaN, ±∞ → ±1, ±0 → ±0, subnormal z → z.
 */
export function softsignForward(rows: i32, columns: i32, ld: i32, z: usize, a: usize, parameters: usize): void {
  apply(rows, ld, z, 0, a, parameters, value);
}

/**
 * dz = da / (1 + |z|)². z, da, dz: [rows × columns], ld floats a row; dz may be da. Padding of dz is set to zero.
 * f′ in f64 as below; dz is rounded once. NaN in z or da → NaN.
 */
export function softsignBackward(rows: i32, columns: i32, ld: i32, z: usize, da: usize, dz: usize, parameters: usize): void {
  chain(rows, columns, ld, z, da, dz, parameters, slope);
}

/**
 * out = 1 / (1 + |z|)². z, out: [rows × columns], ld floats a row; may be the same buffer.
 * Max 0.51 ULP, even. NaN → NaN, ±∞ → 0, ±0 → 1.
 */
export function softsignDerivative(rows: i32, columns: i32, ld: i32, z: usize, out: usize, parameters: usize): void {
  apply(rows, ld, z, 0, out, parameters, slope);
}

// Hard swish (Howard et al. 2019).
import { apply, chain } from "../elementwise";
import { bounded } from "../math64";
import { ramp, rampSlope } from "./hardSigmoid";

function value(x: v128, parameters: usize): v128 {
  return f64x2.mul(f64x2.pmax(x, f64x2.splat(-200)), ramp(x)); // −∞ · 0 is none of it
}

function slope(x: v128, parameters: usize): v128 {
  const c = bounded(x, 200);
  return f64x2.add(f64x2.mul(c, rampSlope(c)), ramp(c)); // not fused: exactly 0 at −1.5
}

/**
 * a = z min(max(z + 3, 0), 6) / 6. z, a: [rows × columns], ld floats a row; may be the same buffer.
 * Max 0.51 ULP. NaN → NaN, +∞ → +∞, z ≤ −3 → −0, ±0 → ±0.
 */
export function hardSwishForward(rows: i32, columns: i32, ld: i32, z: usize, a: usize, parameters: usize): void {
  apply(rows, ld, z, 0, a, parameters, value);
}

/**
 * dz = da (2 z + 3) / 6 if |z| < 3, 0 · da below and da above. z, da, dz: [rows × columns], ld floats a row; dz may be da. Padding of dz is set to zero.
 * f′ in f64 as below; dz is rounded once. NaN in z or da → NaN.
 */
export function hardSwishBackward(rows: i32, columns: i32, ld: i32, z: usize, da: usize, dz: usize, parameters: usize): void {
  chain(rows, columns, ld, z, da, dz, parameters, slope);
}

/**
 * out = (2 z + 3) / 6 if |z| < 3, 0 for z ≤ −3, 1 for z ≥ 3. z, out: [rows × columns], ld floats a row; may be the same buffer.
 * Max 0.51 ULP. NaN → NaN.
 */
export function hardSwishDerivative(rows: i32, columns: i32, ld: i32, z: usize, out: usize, parameters: usize): void {
  apply(rows, ld, z, 0, out, parameters, slope);
}

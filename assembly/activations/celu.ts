// Continuously differentiable exponential linear unit (Barron 2017). parameters[0] is alpha > 0.
import { apply, chain } from "../elementwise";
import { bend, bendSlope, bendSlopeOf } from "./elu";

function value(x: v128, parameters: usize): v128 {
  return bend(x, 1, load<f32>(parameters), 1 / <f64>load<f32>(parameters));
}

function slope(x: v128, parameters: usize): v128 {
  return bendSlope(x, 1, load<f32>(parameters), 1 / <f64>load<f32>(parameters));
}

function slopeOf(a: v128, parameters: usize): v128 {
  return bendSlopeOf(a, 1, load<f32>(parameters), 1 / <f64>load<f32>(parameters));
}

/**
 * a = z if z ≥ 0, else α (e^(z / α) − 1). z, a: [rows × columns], ld floats a row; may be the same buffer.
 * Max 0.51 ULP, monotone. NaN → NaN, +∞ → +∞, −∞ → −α, ±0 → ±0, subnormal z → z.
 */
export function celuForward(rows: i32, columns: i32, ld: i32, z: usize, a: usize, parameters: usize): void {
  apply(rows, ld, z, 0, a, parameters, value);
}

/**
 * dz = da if a > 0, else da (a / α + 1); from the output. a, da, dz: [rows × columns], ld floats a row; dz may be da. Padding of dz is set to zero.
 * The derivative of what a was rounded to, in f64; dz is rounded once. NaN in a or da → NaN.
 */
export function celuBackward(rows: i32, columns: i32, ld: i32, a: usize, da: usize, dz: usize, parameters: usize): void {
  chain(rows, columns, ld, a, da, dz, parameters, slopeOf);
}

/**
 * out = 1 if z > 0, else e^(z / α). z, out: [rows × columns], ld floats a row; may be the same buffer.
 * Max 0.51 ULP. NaN → NaN, +∞ → 1, −∞ → 0, ±0 → 1; subnormal results kept.
 */
export function celuDerivative(rows: i32, columns: i32, ld: i32, z: usize, out: usize, parameters: usize): void {
  apply(rows, ld, z, 0, out, parameters, slope);
}

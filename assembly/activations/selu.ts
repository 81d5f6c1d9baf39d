// Scaled exponential linear unit (Klambauer et al. 2017).
import { apply, chain } from "../elementwise";
import { bend, bendSlope, bendSlopeOf } from "./elu";

const LAMBDA: f64 = 1.0507009873554804934193349852946, ALPHA: f64 = 1.6732632423543772848170429916717;

function value(x: v128, parameters: usize): v128 {
  return bend(x, LAMBDA, LAMBDA * ALPHA, 1);
}

function slope(x: v128, parameters: usize): v128 {
  return bendSlope(x, LAMBDA, LAMBDA * ALPHA, 1);
}

function slopeOf(a: v128, parameters: usize): v128 {
  return bendSlopeOf(a, LAMBDA, LAMBDA * ALPHA, 1);
}

/**
 * a = λ z if z ≥ 0, else λ α (e^z − 1). z, a: [rows × columns], ld floats a row; may be the same buffer.
 * Max 0.51 ULP, monotone. NaN → NaN, +∞ → +∞, −∞ → −λ α, ±0 → ±0; subnormal z > 0 → λ z, z < 0 → λ α z.
 */
export function seluForward(rows: i32, columns: i32, ld: i32, z: usize, a: usize, parameters: usize): void {
  apply(rows, ld, z, 0, a, parameters, value);
}

/**
 * dz = λ da if a > 0, else da (a + λ α); from the output. a, da, dz: [rows × columns], ld floats a row; dz may be da. Padding of dz is set to zero.
 * The derivative of what a was rounded to, in f64; dz is rounded once. NaN in a or da → NaN.
 */
export function seluBackward(rows: i32, columns: i32, ld: i32, a: usize, da: usize, dz: usize, parameters: usize): void {
  chain(rows, columns, ld, a, da, dz, parameters, slopeOf);
}

/**
 * out = λ if z > 0, else λ α e^z. z, out: [rows × columns], ld floats a row; may be the same buffer.
 * Max 0.51 ULP. NaN → NaN, +∞ → λ, −∞ → 0, ±0 → λ α; subnormal results kept.
 */
export function seluDerivative(rows: i32, columns: i32, ld: i32, z: usize, out: usize, parameters: usize): void {
  apply(rows, ld, z, 0, out, parameters, slope);
}

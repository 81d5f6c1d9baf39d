// Softplus. Its derivative is sigmoid.
import { apply, chain } from "../elementwise";
import { exp64, expm164, log1p64 } from "../math64";

/** out = 1 / (1 + e^−z): `sigmoidForward`. */
export { sigmoidForward as softplusDerivative } from "./sigmoid";

function value(x: v128, parameters: usize): v128 {
  return f64x2.add(f64x2.pmax(x, f64x2.splat(0)), log1p64(exp64(f64x2.neg(f64x2.abs(x)))));
}

function slopeOf(a: v128, parameters: usize): v128 {
  return f64x2.neg(expm164(f64x2.neg(a)));
}

/**
 * a = log(1 + e^z) = max(z, 0) + log(1 + e^−|z|). z, a: [rows × columns], ld floats a row; may be the same buffer.
 * Max 0.51 ULP, monotone. NaN → NaN, +∞ → +∞, −∞ → 0, ±0 and subnormal z → log 2; subnormal results kept.
 */
export function softplusForward(rows: i32, columns: i32, ld: i32, z: usize, a: usize, parameters: usize): void {
  apply(rows, ld, z, 0, a, parameters, value);
}

/**
 * dz = da (1 − e^−a); from the output. a, da, dz: [rows × columns], ld floats a row; dz may be da. Padding of dz is set to zero.
 * Nothing cancels, so the derivative keeps the relative accuracy of a, in f64; dz is rounded once. NaN in a or da → NaN.
 */
export function softplusBackward(rows: i32, columns: i32, ld: i32, a: usize, da: usize, dz: usize, parameters: usize): void {
  chain(rows, columns, ld, a, da, dz, parameters, slopeOf);
}

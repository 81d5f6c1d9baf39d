// The exponential function, its own derivative.
import { apply, chain } from "../elementwise";
import { exp64 } from "../math64";

function value(x: v128, parameters: usize): v128 {
  return exp64(x);
}

function itself(a: v128, parameters: usize): v128 {
  return a;
}

/**
 * a = e^z. z, a: [rows × columns], ld floats a row; may be the same buffer.
 * Max 0.51 ULP, monotone. NaN → NaN, +∞ → +∞, −∞ → 0, ±0 → 1; subnormal results kept.
 */
export function exponentialForward(rows: i32, columns: i32, ld: i32, z: usize, a: usize, parameters: usize): void {
  apply(rows, ld, z, 0, a, parameters, value);
}

/** out = e^z. */
export { exponentialForward as exponentialDerivative };

/**
 * dz = da · a; from the output. a, da, dz: [rows × columns], ld floats a row; dz may be da. Padding of dz is set to zero.
 * One rounded product. NaN in a or da → NaN.
 */
export function exponentialBackward(rows: i32, columns: i32, ld: i32, a: usize, da: usize, dz: usize, parameters: usize): void {
  chain(rows, columns, ld, a, da, dz, parameters, itself);
}

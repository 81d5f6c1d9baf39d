// Hyperbolic tangent.
import { tanh, tanhPrime } from "../math";
import { clearPadding } from "../row";

/**
 * a = tanh z. z, a: [rows × columns], ld floats a row; may be the same buffer.
 * Accuracy, special values and source: `tanh` in math.ts.
 */
export function tanhForward(rows: i32, columns: i32, ld: i32, z: usize, a: usize, parameters: usize): void {
  const bytes = <usize>rows * <usize>ld << 2;
  for (let i: usize = 0; i < bytes; i += 32) {
    const x0 = v128.load(z + i), x1 = v128.load(z + i, 16);
    v128.store(a + i, tanh(x0));
    v128.store(a + i, tanh(x1), 16);
  }
}

// @ts-ignore: decorator
@inline
function gradient(a: v128, da: v128): v128 {
  // As a product, with no cancellation of a² against 1.
  const one = f32x4.splat(1);
  return f32x4.mul(da, f32x4.mul(f32x4.sub(one, a), f32x4.add(one, a)));
}

/**
 * dz = da · (1 − a²). a, da, dz: [rows × columns], ld floats a row; dz may be da. Padding of dz is set to zero.
 * Accuracy: (1 − a) (1 + a) within 2^-23 (2^-23 of its peak) of the derivative at the given a. NaN in a or da → NaN.
 */
export function tanhBackward(rows: i32, columns: i32, ld: i32, a: usize, da: usize, dz: usize, parameters: usize): void {
  const bytes = <usize>rows * <usize>ld << 2;
  for (let i: usize = 0; i < bytes; i += 32) {
    const x0 = v128.load(a + i), x1 = v128.load(a + i, 16);
    const d0 = v128.load(da + i), d1 = v128.load(da + i, 16);
    v128.store(dz + i, gradient(x0, d0));
    v128.store(dz + i, gradient(x1, d1), 16);
  }
  clearPadding(rows, columns, ld, dz);
}

/**
 * out = f′(z) = 1 − tanh² z, from the input. z, out: [rows × columns], ld floats a row; may be the same buffer.
 * Accuracy, special values and source: `tanhPrime` in math.ts.
 */
export function tanhDerivative(rows: i32, columns: i32, ld: i32, z: usize, out: usize, parameters: usize): void {
  const bytes = <usize>rows * <usize>ld << 2;
  for (let i: usize = 0; i < bytes; i += 32) {
    const x0 = v128.load(z + i), x1 = v128.load(z + i, 16);
    v128.store(out + i, tanhPrime(x0));
    v128.store(out + i, tanhPrime(x1), 16);
  }
}

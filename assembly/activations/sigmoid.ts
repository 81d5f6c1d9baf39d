// Sigmoid.
import { sigmoid, sigmoidPrime } from "../math";
import { clearPadding } from "../row";

/**
 * a = 1 / (1 + e^−z). z, a: [rows × columns], ld floats a row; may be the same buffer.
 * Accuracy, special values and source: `sigmoid` in math.ts.
 */
export function sigmoidForward(rows: i32, columns: i32, ld: i32, z: usize, a: usize, parameters: usize): void {
  const bytes = <usize>rows * <usize>ld << 2;
  for (let i: usize = 0; i < bytes; i += 32) {
    const x0 = v128.load(z + i), x1 = v128.load(z + i, 16);
    v128.store(a + i, sigmoid(x0));
    v128.store(a + i, sigmoid(x1), 16);
  }
}

// @ts-ignore: decorator
@inline
function gradient(a: v128, da: v128): v128 {
  // 1 − a is exact for a ≥ 1/2, and rounds to half an ULP of 1 below.
  return f32x4.mul(da, f32x4.mul(a, f32x4.sub(f32x4.splat(1), a)));
}

/**
 * dz = da · a (1 − a). a, da, dz: [rows × columns], ld floats a row; dz may be da. Padding of dz is set to zero.
 * Accuracy: a (1 − a) within 2^-25 (2^-23 of its peak) of the derivative at the given a. NaN in a or da → NaN.
 */
export function sigmoidBackward(rows: i32, columns: i32, ld: i32, a: usize, da: usize, dz: usize, parameters: usize): void {
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
 * out = f′(z) = e^−|z| / (1 + e^−|z|)², from the input. z, out: [rows × columns], ld floats a row; may be the same buffer.
 * Accuracy, special values and source: `sigmoidPrime` in math.ts.
 */
export function sigmoidDerivative(rows: i32, columns: i32, ld: i32, z: usize, out: usize, parameters: usize): void {
  const bytes = <usize>rows * <usize>ld << 2;
  for (let i: usize = 0; i < bytes; i += 32) {
    const x0 = v128.load(z + i), x1 = v128.load(z + i, 16);
    v128.store(out + i, sigmoidPrime(x0));
    v128.store(out + i, sigmoidPrime(x1), 16);
  }
}

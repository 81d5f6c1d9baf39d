// Arc tangent.
import { atan, atanPrime } from "../math";
import { clearPadding } from "../row";
import { madd } from "../simd";

/**
 * a = atan z. z, a: [rows × columns], ld floats a row; may be the same buffer.
 * Accuracy, special values and source: `atan` in math.ts.
 */
export function arctanForward(rows: i32, columns: i32, ld: i32, z: usize, a: usize, parameters: usize): void {
  const bytes = <usize>rows * <usize>ld << 2;
  for (let i: usize = 0; i < bytes; i += 32) {
    const x0 = v128.load(z + i), x1 = v128.load(z + i, 16);
    v128.store(a + i, atan(x0));
    v128.store(a + i, atan(x1), 16);
  }
}

// @ts-ignore: decorator
@inline
function gradient(z: v128, da: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.div(da, madd(z, z, f32x4.splat(1)));
  return f32x4.mul(da, atanPrime(z));
}

/**
 * dz = da / (1 + z²). z, da, dz: [rows × columns], ld floats a row; dz may be da. Padding of dz is set to zero.
 * Accuracy: `atanPrime` in math.ts, then one rounded product. NaN in z or da → NaN; z = ±∞ counts as derivative 0.
 * Relaxed build: da over 1 + z² in f32, within 2^-23 · |da|; from |z| = 2^64 on, where z² overflows, 0.
 */
export function arctanBackward(rows: i32, columns: i32, ld: i32, z: usize, da: usize, dz: usize, parameters: usize): void {
  const bytes = <usize>rows * <usize>ld << 2;
  for (let i: usize = 0; i < bytes; i += 32) {
    const x0 = v128.load(z + i), x1 = v128.load(z + i, 16);
    const d0 = v128.load(da + i), d1 = v128.load(da + i, 16);
    v128.store(dz + i, gradient(x0, d0));
    v128.store(dz + i, gradient(x1, d1), 16);
  }
  clearPadding(rows, columns, ld, dz);
}

/**
 * out = f′(z) = 1 / (1 + z²), from the input. z, out: [rows × columns], ld floats a row; may be the same buffer.
 * Accuracy, special values and source: `atanPrime` in math.ts.
 */
export function arctanDerivative(rows: i32, columns: i32, ld: i32, z: usize, out: usize, parameters: usize): void {
  const bytes = <usize>rows * <usize>ld << 2;
  for (let i: usize = 0; i < bytes; i += 32) {
    const x0 = v128.load(z + i), x1 = v128.load(z + i, 16);
    v128.store(out + i, atanPrime(x0));
    v128.store(out + i, atanPrime(x1), 16);
  }
}

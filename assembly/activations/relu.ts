// Rectified linear unit. Exact: no rounding anywhere in this file.
import { clearPadding } from "../row";

/**
 * a = z if z > 0, else +0. z, a: [rows × columns], ld floats a row; may be the same buffer.
 * NaN → NaN, +∞ → +∞, −∞ → +0, −0 → +0, subnormal z > 0 kept.
 */
export function reluForward(rows: i32, columns: i32, ld: i32, z: usize, a: usize, parameters: usize): void {
  const bytes = <usize>rows * <usize>ld << 2;
  for (let i: usize = 0; i < bytes; i += 32) {
    const x0 = v128.load(z + i), x1 = v128.load(z + i, 16);
    v128.store(a + i, rectify(x0));
    v128.store(a + i, rectify(x1), 16);
  }
}

// @ts-ignore: decorator
@inline
function rectify(z: v128): v128 {
  return v128.andnot(z, f32x4.le(z, f32x4.splat(0))); // a NaN compares false and is kept
}

/**
 * dz = da if a > 0, else +0; from the output. a, da, dz: [rows × columns], ld floats a row; dz may be da. Padding of dz is set to zero.
 * NaN in a → NaN; where a ≤ 0, dz is 0 whatever da is (∞ and NaN included).
 */
export function reluBackward(rows: i32, columns: i32, ld: i32, a: usize, da: usize, dz: usize, parameters: usize): void {
  const bytes = <usize>rows * <usize>ld << 2;
  for (let i: usize = 0; i < bytes; i += 32) {
    const x0 = v128.load(a + i), x1 = v128.load(a + i, 16);
    const d0 = v128.load(da + i), d1 = v128.load(da + i, 16);
    v128.store(dz + i, gradient(x0, d0));
    v128.store(dz + i, gradient(x1, d1), 16);
  }
  clearPadding(rows, columns, ld, dz);
}

// @ts-ignore: decorator
@inline
function gradient(a: v128, da: v128): v128 {
  return v128.or(v128.andnot(da, f32x4.le(a, f32x4.splat(0))), f32x4.ne(a, a)); // all ones is a NaN
}

/**
 * out = 1 if z > 0, else 0. z, out: [rows × columns], ld floats a row; may be the same buffer.
 * ±0 → 0, +∞ → 1, −∞ → 0, NaN → NaN.
 */
export function reluDerivative(rows: i32, columns: i32, ld: i32, z: usize, out: usize, parameters: usize): void {
  const bytes = <usize>rows * <usize>ld << 2;
  for (let i: usize = 0; i < bytes; i += 32) {
    const x0 = v128.load(z + i), x1 = v128.load(z + i, 16);
    v128.store(out + i, gradient(x0, f32x4.splat(1)));
    v128.store(out + i, gradient(x1, f32x4.splat(1)), 16);
  }
}

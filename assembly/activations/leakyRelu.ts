// Leaky rectified linear unit. parameters[0] is the slope of the negative side, slope ≥ 0: then the sign of the output is the
// sign of the input, or the output is 0 (underflow, slope 0), where the derivative is the slope as well.
import { clearPadding } from "../row";

/**
 * a = z if z > 0, else slope · z. z, a: [rows × columns], ld floats a row; may be the same buffer.
 * Exact up to the one rounding of slope · z, gradual underflow kept. NaN → NaN, ±0 → ±0; −∞ → −∞ (slope > 0).
 */
export function leakyReluForward(rows: i32, columns: i32, ld: i32, z: usize, a: usize, parameters: usize): void {
  const slope = v128.load32_splat(parameters);
  const bytes = <usize>rows * <usize>ld << 2;
  for (let i: usize = 0; i < bytes; i += 32) {
    const x0 = v128.load(z + i), x1 = v128.load(z + i, 16);
    v128.store(a + i, leak(x0, slope));
    v128.store(a + i, leak(x1, slope), 16);
  }
}

// @ts-ignore: decorator
@inline
function leak(z: v128, slope: v128): v128 {
  return v128.bitselect(z, f32x4.mul(slope, z), f32x4.gt(z, f32x4.splat(0)));
}

/**
 * dz = da if a > 0, else slope · da; from the output. a, da, dz: [rows × columns], ld floats a row; dz may be da.
 * Padding of dz is set to zero. Exact up to the one rounding of slope · da. NaN in a → NaN; a = ±0 takes the slope.
 */
export function leakyReluBackward(rows: i32, columns: i32, ld: i32, a: usize, da: usize, dz: usize, parameters: usize): void {
  const slope = v128.load32_splat(parameters);
  const bytes = <usize>rows * <usize>ld << 2;
  for (let i: usize = 0; i < bytes; i += 32) {
    const x0 = v128.load(a + i), x1 = v128.load(a + i, 16);
    const d0 = v128.load(da + i), d1 = v128.load(da + i, 16);
    v128.store(dz + i, gradient(x0, d0, slope));
    v128.store(dz + i, gradient(x1, d1, slope), 16);
  }
  clearPadding(rows, columns, ld, dz);
}

// @ts-ignore: decorator
@inline
function gradient(a: v128, da: v128, slope: v128): v128 {
  const d = v128.bitselect(da, f32x4.mul(slope, da), f32x4.gt(a, f32x4.splat(0)));
  return v128.or(d, f32x4.ne(a, a)); // all ones is a NaN
}

/**
 * out = 1 if z > 0, else slope. z, out: [rows × columns], ld floats a row; may be the same buffer.
 * Exact. ±0 → slope, +∞ → 1, −∞ → slope, NaN → NaN.
 */
export function leakyReluDerivative(rows: i32, columns: i32, ld: i32, z: usize, out: usize, parameters: usize): void {
  const slope = v128.load32_splat(parameters);
  const bytes = <usize>rows * <usize>ld << 2;
  for (let i: usize = 0; i < bytes; i += 32) {
    const x0 = v128.load(z + i), x1 = v128.load(z + i, 16);
    v128.store(out + i, gradient(x0, f32x4.splat(1), slope));
    v128.store(out + i, gradient(x1, f32x4.splat(1), slope), 16);
  }
}

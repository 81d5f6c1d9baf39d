// Parametric rectified linear unit (He et al. 2015): a slope for each column, learned. Slopes may be any numbers, so the derivative is taken from the input.
import { clearPadding } from "../row";

/**
 * a = z if z > 0, else slopes[column] · z. z, a: [rows × columns], ld floats a row; may be the same buffer. slopes: ld floats.
 * Exact up to the one rounding of slope · z. NaN → NaN.
 */
export function preluForward(rows: i32, columns: i32, ld: i32, z: usize, a: usize, slopes: usize): void {
  blend(rows, ld, z, z, a, slopes);
}

/**
 * dz = da if z > 0, else slopes[column] · da. z, da, dz: [rows × columns], ld floats a row; dz may be da. slopes: ld floats. Padding of dz is set to zero.
 * Exact up to the one rounding of slope · da. NaN in z or da → NaN; z = ±0 takes the slope.
 */
export function preluBackward(rows: i32, columns: i32, ld: i32, z: usize, da: usize, dz: usize, slopes: usize): void {
  blend(rows, ld, z, da, dz, slopes);
  clearPadding(rows, columns, ld, dz);
}

/** out = y where z > 0, else slopes · y; NaN where z is. out may be y. */
function blend(rows: i32, ld: i32, z: usize, y: usize, out: usize, slopes: usize): void {
  const bytes = <usize>ld << 2;
  for (let row = 0; row < rows; row++) {
    for (const end = z + bytes; z < end; z += 16, y += 16, out += 16, slopes += 16) {
      const x = v128.load(z), v = v128.load(y);
      const r = v128.bitselect(v, f32x4.mul(v128.load(slopes), v), f32x4.gt(x, f32x4.splat(0)));
      v128.store(out, v128.or(r, f32x4.ne(x, x))); // all ones is a NaN
    }
    slopes -= bytes;
  }
}

/**
 * out[ld] = Σ over rows of da · min(z, 0), in row order: the gradient of the slopes, of da before preluBackward. z, da: [rows × columns], ld floats a row.
 * Each product and sum rounded to f32. rows = 0 gives zeros; padding of out is zero. NaN in z or, where z ≤ 0, in da → NaN.
 */
export function preluSlopeGradient(rows: i32, columns: i32, ld: i32, z: usize, da: usize, out: usize): void {
  const bytes = <usize>ld << 2;
  for (const end = out + bytes; out < end; out += 16, z += 16, da += 16) {
    let sum = f32x4.splat(0);
    for (let row: usize = 0; row < <usize>rows; row++) {
      const x = v128.load(z + row * bytes);
      sum = f32x4.add(sum, v128.andnot(f32x4.mul(x, v128.load(da + row * bytes)), f32x4.gt(x, f32x4.splat(0))));
    }
    v128.store(out, sum);
  }
  clearPadding(1, columns, ld, out - bytes);
}

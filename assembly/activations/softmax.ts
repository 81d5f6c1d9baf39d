// Softmax over the columns of each row. Sums are two f64 lanes (even and odd columns of each half vector), each in column order, added at
// the end: they depend on `columns` alone.
import { exp } from "../math";
import { laneMask } from "../row";

/**
 * a = e^(z − m) / Σ e^(z − m), m the largest z of the row. z, a: [rows × columns], ld floats a row; may be the same buffer.
 * Padding columns of z are not counted, those of a are set to zero.
 * Accuracy: each element within 3 ULP + 2 ULP of the row's largest; a row sums to 1 ± columns · 2^-24. One column gives exactly 1.
 * A row with a NaN, with +∞, or all −∞ is NaN in every column; −∞ beside finite values gives 0. columns = 0 writes nothing.
 */
export function softmaxForward(rows: i32, columns: i32, ld: i32, z: usize, a: usize, parameters: usize): void {
  if (columns == 0) return;
  const stride = <usize>ld << 2;
  const last = <usize>((columns - 1) & ~3) << 2; // the vector with the last column
  const mask = laneMask(((columns - 1) & 3) + 1);
  const lowest = f32x4.splat(-Infinity);
  for (let row = 0; row < rows; row++, z += stride, a += stride) {
    let m = v128.bitselect(v128.load(z + last), lowest, mask);
    m = f32x4.pmax(lowest, m);
    for (let i: usize = 0; i < last; i += 16) m = f32x4.pmax(m, v128.load(z + i)); // skips NaN, which the sum will meet
    m = f32x4.pmax(m, v128.shuffle<i32>(m, m, 2, 3, 0, 1));
    m = f32x4.pmax(m, v128.shuffle<i32>(m, m, 1, 0, 3, 2));

    let sum = f64x2.splat(0);
    for (let i: usize = 0; i < last; i += 16) {
      const e = exp(f32x4.sub(v128.load(z + i), m));
      v128.store(a + i, e);
      sum = f64x2.add(sum, pairs(e));
    }
    const e = v128.and(exp(f32x4.sub(v128.load(z + last), m)), mask);
    v128.store(a + last, e);
    sum = f64x2.add(sum, pairs(e));

    const scale = f32x4.splat(<f32>(1.0 / (f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1))));
    for (let i: usize = 0; i < last; i += 16) v128.store(a + i, f32x4.mul(v128.load(a + i), scale));
    v128.store(a + last, v128.and(f32x4.mul(v128.load(a + last), scale), mask));
    for (let i = last + 16; i < stride; i += 16) v128.store(a + i, f32x4.splat(0));
  }
}

/**
 * dz = a (da − Σ a da / Σ a), sums over the row. a, da, dz: [rows × columns], ld floats a row; dz may be da.
 * Padding columns are not counted; those of dz are set to zero.
 * Accuracy: the mean and its difference from da are in f64 (each product exact), then two roundings to f32. Dividing by Σ a, which is 1 but for
 * the rounding of a, keeps that rounding from being multiplied by what all da of the row have in common. NaN in a row of a or da makes it NaN.
 */
export function softmaxBackward(rows: i32, columns: i32, ld: i32, a: usize, da: usize, dz: usize, parameters: usize): void {
  if (columns == 0) return;
  const stride = <usize>ld << 2;
  const last = <usize>((columns - 1) & ~3) << 2; // the vector with the last column
  const mask = laneMask(((columns - 1) & 3) + 1);
  for (let row = 0; row < rows; row++, a += stride, da += stride, dz += stride) {
    let sum = f64x2.splat(0), total = f64x2.splat(0);
    for (let i: usize = 0; i < last; i += 16) {
      const x = v128.load(a + i);
      sum = f64x2.add(sum, products(x, v128.load(da + i)));
      total = f64x2.add(total, pairs(x));
    }
    const x = v128.and(v128.load(a + last), mask);
    sum = f64x2.add(sum, products(x, v128.and(v128.load(da + last), mask)));
    total = f64x2.add(total, pairs(x));

    const mean = f64x2.splat(
      (f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)) / (f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1)));
    for (let i: usize = 0; i < last; i += 16) v128.store(dz + i, f32x4.mul(v128.load(a + i), less(v128.load(da + i), mean)));
    v128.store(dz + last, v128.and(f32x4.mul(x, less(v128.load(da + last), mean)), mask));
    for (let i = last + 16; i < stride; i += 16) v128.store(dz + i, f32x4.splat(0));
  }
}

// @ts-ignore: decorator
@inline
function high(x: v128): v128 { return f64x2.promote_low_f32x4(v128.shuffle<i32>(x, x, 2, 3, 2, 3)); }

/** Lanes 0 and 1 plus lanes 2 and 3, in f64. */
// @ts-ignore: decorator
@inline
function pairs(x: v128): v128 { return f64x2.add(f64x2.promote_low_f32x4(x), high(x)); }

/** Products of lanes 0 and 1 plus those of lanes 2 and 3, in f64. */
// @ts-ignore: decorator
@inline
function products(x: v128, y: v128): v128 {
  return f64x2.add(f64x2.mul(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(y)), f64x2.mul(high(x), high(y)));
}

/** x − y, y in f64, rounded once. */
// @ts-ignore: decorator
@inline
function less(x: v128, y: v128): v128 {
  const l = f32x4.demote_f64x2_zero(f64x2.sub(f64x2.promote_low_f32x4(x), y));
  const h = f32x4.demote_f64x2_zero(f64x2.sub(high(x), y));
  return v128.shuffle<i32>(l, h, 0, 1, 4, 5);
}

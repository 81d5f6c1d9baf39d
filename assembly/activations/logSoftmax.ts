// Logarithm of softmax over the columns of each row, two columns at a time. Sums are in f64, in an order that depends on `columns` alone.
import { exp64, log1p64 } from "../math64";
import { clearPadding } from "../row";

// @ts-ignore: decorator
@inline
function pair(at: usize): v128 { return f64x2.promote_low_f32x4(v128.load64_zero(at)); }

// @ts-ignore: decorator
@inline
function storePair(at: usize, x: v128): void { v128.store64_lane(at, f32x4.demote_f64x2_zero(x), 0); }

/**
 * a = (z − m) − log Σ e^(z − m), m the largest z of the row. z, a: [rows × columns], ld floats a row; may be the same buffer. Padding columns of z are not counted.
 * Max 0.51 ULP: with t the sum less one of its largest terms, the logarithm is log1p t, so nothing is lost where one class is all but certain.
 * A row with a NaN, with +∞, or all −∞ is NaN in every column; −∞ beside finite values gives −∞. One column gives 0.
 */
export function logSoftmaxForward(rows: i32, columns: i32, ld: i32, z: usize, a: usize, parameters: usize): void {
  const width = <usize>columns << 2, stride = <usize>ld << 2;
  for (let row = 0; row < rows; row++, z += stride, a += stride) {
    let largest: f32 = -Infinity;
    for (let i: usize = 0; i < width; i += 4) {
      const x = load<f32>(z + i);
      if (x > largest) largest = x;
    }
    const m = f64x2.splat(largest);
    let t = f64x2.splat(0), tops = t;
    for (let i: usize = 0; i < width; i += 8) {
      let d = f64x2.sub(pair(z + i), m);
      if (i + 4 == width) d = f64x2.replace_lane(d, 1, -Infinity);
      const top = f64x2.eq(d, f64x2.splat(0));
      tops = i64x2.sub(tops, top);
      t = f64x2.add(t, v128.andnot(exp64(d), v128.or(top, f64x2.lt(d, f64x2.splat(-700)))));
    }
    let rest = <f64>(i64x2.extract_lane(tops, 0) + i64x2.extract_lane(tops, 1) - 1) + f64x2.extract_lane(t, 0) + f64x2.extract_lane(t, 1);
    let k: i64 = 0;
    if (rest > 1) {
      const bits = reinterpret<i64>(rest + 1); // 1 + rest = 2^k (1 + f)
      k = (bits >> 52) - 1023;
      rest = reinterpret<f64>(bits - (k << 52)) - 1;
    }
    const l = f64x2.add(f64x2.splat(<f64>k * 0.6931471805599453), log1p64(f64x2.splat(rest)));
    for (let i: usize = 0; i < stride; i += 8) storePair(a + i, f64x2.sub(f64x2.sub(pair(z + i), m), l));
  }
}

/**
 * dz = da − e^a Σ da, the sum over the row. a, da, dz: [rows × columns], ld floats a row; dz may be da. Padding of dz is set to zero.
 * In f64, from what a was rounded to; dz is rounded once. NaN in da makes its row NaN, in a its element.
 */
export function logSoftmaxBackward(rows: i32, columns: i32, ld: i32, a: usize, da: usize, dz: usize, parameters: usize): void {
  const width = <usize>columns << 2, stride = <usize>ld << 2;
  for (let row: usize = 0; row < <usize>rows * stride; row += stride) {
    let sum: f64 = 0;
    for (let i = row; i < row + width; i += 4) sum += load<f32>(da + i);
    for (let i = row; i < row + stride; i += 8) storePair(dz + i, f64x2.sub(pair(da + i), f64x2.mul(f64x2.splat(sum), exp64(pair(a + i)))));
  }
  clearPadding(rows, columns, ld, dz);
}

// What the kernels that work row by row share: masks for the padding, and sums in an order that depends on nothing but the length.

const LANES: usize = memory.data<i32>([0, 1, 2, 3], 16);

/** All ones in lane i if i < remaining. With remaining = columns − c it keeps the real columns of the vector at column c. */
// @ts-ignore: decorator
@inline
export function laneMask(remaining: i32): v128 {
  return i32x4.gt_s(i32x4.splat(remaining), v128.load(LANES));
}

/** (a₀ + a₁) + (b₀ + b₁) of two pairs of f64. */
// @ts-ignore: decorator
@inline
export function sumPairs(a: v128, b: v128): f64 {
  return f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1) + (f64x2.extract_lane(b, 0) + f64x2.extract_lane(b, 1));
}

/** Lanes 0 and 1 as f64. */
// @ts-ignore: decorator
@inline
export function lowPair(v: v128): v128 {
  return f64x2.promote_low_f32x4(v);
}

/** Lanes 2 and 3 as f64. */
// @ts-ignore: decorator
@inline
export function highPair(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i32>(v, v, 2, 3, 2, 3));
}

/** Two pairs of f64 as f32, rounded. */
// @ts-ignore: decorator
@inline
export function demote(low: v128, high: v128): v128 {
  return v128.shuffle<i32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

/** The largest of the first `columns` floats at `row`; NaN is passed over, and −∞ is the answer if there is nothing else. */
// @ts-ignore: decorator
@inline
export function rowMaximum(row: usize, columns: i32, ld: i32): f32 {
  const lowest = f32x4.splat(-Infinity);
  let best = lowest;
  for (let c = 0; c < ld; c += 4) {
    const x = v128.bitselect(v128.load(row + ((<usize>c) << 2)), lowest, laneMask(columns - c));
    best = f32x4.pmax(best, x);
  }
  best = f32x4.pmax(best, v128.shuffle<i32>(best, best, 2, 3, 0, 1));
  best = f32x4.pmax(best, v128.shuffle<i32>(best, best, 1, 0, 3, 2));
  return f32x4.extract_lane(best, 0);
}

/** Weight r of `weights`, one f32 a row; 1 if that is 0. */
// @ts-ignore: decorator
@inline
export function rowWeight(weights: usize, r: i32): f32 {
  return weights ? load<f32>(weights + ((<usize>r) << 2)) : 1;
}

/** Writes `value` to the real columns of a row and 0 to its padding. */
export function fillRow(row: usize, columns: i32, ld: i32, value: f32): void {
  for (let c = 0; c < ld; c += 4) {
    v128.store(row + ((<usize>c) << 2), v128.and(f32x4.splat(value), laneMask(columns - c)));
  }
}

/** Sets the padding of rows that start at `row` to zero: the floats from `columns` to ld, from the vector that holds column `columns` on. */
// @ts-ignore: decorator
@noinline
export function clearPadding(rows: i32, columns: i32, ld: i32, row: usize): void {
  const mask = laneMask(columns & 3), stride = <usize>ld << 2;
  for (let r = 0; r < rows; r++, row += stride) {
    for (let c = columns & ~3; c < ld; c += 4) {
      const at = row + (<usize>c << 2);
      v128.store(at, c < columns ? v128.and(v128.load(at), mask) : f32x4.splat(0));
    }
  }
}

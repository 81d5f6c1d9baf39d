import { laneMask } from "../row";

// Counts of hits, written as one f64 at `total`; the caller divides by the number of rows (or of cells, for binaryAccuracy).
// x: [rows × columns], ld floats from row to row; padding is not read as numbers. Nothing is written but the total.

/** The first index of the largest of `columns` floats; NaN never wins; −1 if there is nothing but NaN. */
// @ts-ignore: decorator
@inline
function firstLargest(row: usize, columns: i32): i32 {
  let best = -1;
  let most: f32 = -Infinity;
  for (let c = 0; c < columns; c++) {
    const value = load<f32>(row + ((<usize>c) << 2));
    // The second test lets a −∞ be the first winner.
    if (value > most || (best < 0 && value == most)) {
      most = value;
      best = c;
    }
  }
  return best;
}

/**
 * Hits where the largest prediction and the largest target of a row stand in the same column; target has the shape and ld of x.
 * `parameters` is not read.
 */
export function categoricalAccuracy(rows: i32, columns: i32, ld: i32, x: usize, target: usize, total: usize, parameters: usize): void {
  const stride = (<usize>ld) << 2;
  let hits = 0;
  for (let r = 0; r < rows; r++) {
    const winner = firstLargest(x, columns);
    hits += i32(winner >= 0 && winner == firstLargest(target, columns));
    x += stride;
    target += stride;
  }
  store<f64>(total, <f64>hits);
}

/** Hits where the largest prediction of a row stands in the column that target names, one i32 a row. `parameters` is not read. */
export function sparseCategoricalAccuracy(rows: i32, columns: i32, ld: i32, x: usize, target: usize, total: usize, parameters: usize): void {
  const stride = (<usize>ld) << 2;
  let hits = 0;
  for (let r = 0; r < rows; r++) {
    const winner = firstLargest(x, columns);
    hits += i32(winner >= 0 && winner == load<i32>(target + ((<usize>r) << 2)));
    x += stride;
  }
  store<f64>(total, <f64>hits);
}

/**
 * Hits where target equals (x > parameters[0] ? 1 : 0), over all rows · columns cells; a NaN is never a hit.
 * The threshold is 0.5 for probabilities and 0 for logits. Source: Keras `BinaryAccuracy`.
 */
export function binaryAccuracy(rows: i32, columns: i32, ld: i32, x: usize, target: usize, total: usize, parameters: usize): void {
  const threshold = v128.load32_splat(parameters);
  const one = f32x4.splat(1);
  const stride = (<usize>ld) << 2;
  let hits: i64 = 0;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < ld; c += 4) {
      const at = (<usize>c) << 2;
      const value = v128.load(x + at);
      const guess = v128.and(f32x4.gt(value, threshold), one);
      const hit = v128.and(f32x4.eq(guess, v128.load(target + at)), f32x4.eq(value, value));
      hits += popcnt(i32x4.bitmask(v128.and(hit, laneMask(columns - c))));
    }
    x += stride;
    target += stride;
  }
  store<f64>(total, <f64>hits);
}

// Padding columns: the floats from `columns` to `ld` in each row.

const LANES = memory.data<i32>([0, 1, 2, 3], 16);

/** All ones in the lanes of the vector at column `column` that lie before `columns`. */
// @ts-ignore: decorator
@inline
export function columnMask(column: i32, columns: i32): v128 {
  return i32x4.lt_s(v128.load(LANES), i32x4.splat(columns - column));
}

/** Sets the padding columns to zero, so that a NaN in the padding of an input does not reach a gradient. */
export function clearPadding(rows: i32, columns: i32, ld: i32, dz: usize): void {
  if (ld == columns) return;
  const mask = columnMask(ld - 4, columns);
  const stride = <usize>ld << 2;
  let last = dz + stride - 16;
  for (let row = 0; row < rows; row++, last += stride) v128.store(last, v128.and(v128.load(last), mask));
}

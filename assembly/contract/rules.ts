// What kernels demand of their arguments, as rules of which products.ts, families.ts and layers.ts make one contract each: a function by the name of the kernel, or of
// the suffix of its family. The debug build calls it before the kernel (scripts/checked.mjs) and traps where a rule does not hold; no other build contains any of it.

import { heapBase } from "../layout";
import { NR } from "../microkernel";

export function padded(n: i32): i32 {
  return (n + NR - 1) & -NR;
}

/** n numbers of 4 bytes at p lie in memory, behind the module's own data, and p is a multiple of `alignment` bytes. */
export function block(n: i64, p: usize, alignment: usize): void {
  assert(n >= 0);
  assert(p % alignment == 0);
  assert(n == 0 || p >= heapBase);
  assert(<i64>p + n * 4 <= <i64>memory.size() << 16);
}

/** The same where 0 stands for nothing. */
export function blockOrNone(n: i64, p: usize, alignment: usize): void {
  if (p) block(n, p, alignment);
}

/** Numbers from the first of [rows × columns] to the last, ld apart. */
export function extent(rows: i32, columns: i32, ld: i32): i64 {
  assert(rows >= 0 && columns >= 0 && ld >= 0);
  assert(rows < 2 || ld >= columns);
  return rows && columns ? <i64>(rows - 1) * ld + columns : 0;
}

/** A row-major matrix that is read or written number by number. */
export function plain(rows: i32, columns: i32, ld: i32, p: usize): void {
  block(extent(rows, columns, ld), p, 4);
}

/** One whose rows are read or written in vectors, to the end of the last panel. */
export function vectors(rows: i32, columns: i32, ld: i32, p: usize): void {
  assert(rows < 2 || ld % 4 == 0);
  block(extent(rows, padded(columns), ld), p, 16);
}

/** A matrix of activations or gradients: whole rows of whole panels. */
export function matrix(rows: i32, columns: i32, ld: i32, p: usize): void {
  assert(rows >= 0 && columns >= 0 && ld >= columns && ld % NR == 0);
  block(<i64>rows * ld, p, 16);
}

/** n floats for vectors. */
export function row(n: i32, p: usize): void {
  assert(n % 4 == 0);
  block(n, p, 16);
}

export function panelsOf(k: i32, n: i32, p: usize): void {
  assert(k >= 0 && n >= 0);
  block(<i64>k * padded(n), p, 16);
}

export function apart(n: i64, p: usize, m: i64, q: usize): void {
  assert(n == 0 || m == 0 || <i64>p + n * 4 <= <i64>q || <i64>q + m * 4 <= <i64>p);
}

/** Two blocks of n numbers, of which the second is written: the same or apart. */
export function inPlaceOrApart(n: i64, p: usize, q: usize): void {
  if (p != q) apart(n, p, n, q);
}

/** The padding that fills up the last panel of a matrix of gradients is zero. */
export function zeroPadding(rows: i32, columns: i32, ld: i32, p: usize): void {
  for (let r = 0; r < rows; r++) for (let c = columns; c < padded(columns); c++) assert(load<f32>(p + (<usize>(r * ld + c) << 2)) == 0);
}

/** A block of whole panels. */
export function whole(n: i32, x: usize): void {
  assert(n % NR == 0);
  block(n, x, 16);
}

/** Some columns, a multiple of 4, of a matrix that is read or written in vectors. */
export function inColumns(rows: i32, n: i32, ld: i32, x: usize): void {
  assert(n % 4 == 0 && ld % 4 == 0);
  block(extent(rows, n, ld), x, 16);
}

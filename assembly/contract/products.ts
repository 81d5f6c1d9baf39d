// Contracts of programs, products, copies and drawn numbers.

import { NR } from "../microkernel";
import { padded, block, blockOrNone, extent, plain, vectors, row, panelsOf, apart, zeroPadding, whole } from "./rules";

export function run(program: usize, end: usize): void {
  assert(end >= program && (end - program) % 4 == 0);
  block(<i64>(end - program) / 4 + 4, program, 4);
}

export function packPanels(k: i32, n: i32, b: usize, ldb: i32, panels: usize): void {
  plain(k, n, ldb, b);
  panelsOf(k, n, panels);
  apart(extent(k, n, ldb), b, <i64>k * padded(n), panels);
}

export function packPanelsTransposed(k: i32, n: i32, b: usize, ldb: i32, panels: usize): void {
  plain(n, k, ldb, b);
  panelsOf(k, n, panels);
  apart(extent(n, k, ldb), b, <i64>k * padded(n), panels);
}

export function unpackPanels(k: i32, n: i32, panels: usize, b: usize, ldb: i32): void {
  packPanels(k, n, b, ldb, panels);
}

function product(m: i32, n: i32, k: i32, elements: i64, a: usize, panels: usize, c: usize, ldc: i32, init: usize): void {
  block(elements, a, 4);
  panelsOf(k, n, panels);
  vectors(m, n, ldc, c);
  blockOrNone(padded(n), init, 16);
  const written = extent(m, padded(n), ldc);
  apart(written, c, elements, a);
  apart(written, c, <i64>k * padded(n), panels);
  if (init) apart(written, c, padded(n), init);
}

export function gemm(m: i32, n: i32, k: i32, a: usize, lda: i32, panels: usize, c: usize, ldc: i32, init: usize): void {
  product(m, n, k, extent(m, k, lda), a, panels, c, ldc, init);
}

export function gemmTN(m: i32, n: i32, k: i32, a: usize, lda: i32, panels: usize, c: usize, ldc: i32, init: usize): void {
  product(m, n, k, extent(k, m, lda), a, panels, c, ldc, init);
}

export function gemmInputGradient(m: i32, k: i32, n: i32, dz: usize, ldz: i32, panels: usize, da: usize, lda: i32, first: i32, last: i32, scratch: usize): void {
  assert(first >= 0 && first <= last && last <= k);
  if (first == last) return;
  assert(first % NR == 0 && (last % NR == 0 || last == k));
  const width = padded(last) - first, at = da + (<usize>first << 2), written = extent(m, width, lda);
  plain(m, n, ldz, dz);
  panelsOf(k, n, panels);
  vectors(m, width, lda, at);
  block(<i64>padded(n) * NR, scratch, 16);
  apart(written, at, extent(m, n, ldz), dz);
  apart(written, at, <i64>k * padded(n), panels);
  apart(<i64>padded(n) * NR, scratch, written, at);
  apart(<i64>padded(n) * NR, scratch, extent(m, n, ldz), dz);
  apart(<i64>padded(n) * NR, scratch, <i64>k * padded(n), panels);
}

export function gemmWeightGradient(m: i32, k: i32, n: i32, a: usize, lda: i32, dz: usize, ldz: i32, panels: usize, scratch: usize): void {
  const written = <i64>k * padded(n), crowded = <i64>min(m, 256) * NR;
  plain(m, k, lda, a);
  vectors(m, n, ldz, dz);
  zeroPadding(m, n, ldz, dz);
  panelsOf(k, n, panels);
  block(crowded, scratch, 16);
  apart(written, panels, extent(m, k, lda), a);
  apart(written, panels, extent(m, padded(n), ldz), dz);
  apart(crowded, scratch, written, panels);
  apart(crowded, scratch, extent(m, k, lda), a);
  apart(crowded, scratch, extent(m, padded(n), ldz), dz);
}

export function copyRows(rows: i32, columns: i32, from: usize, ldf: i32, to: usize, ldt: i32): void {
  plain(rows, columns, ldf, from);
  plain(rows, max(columns, ldt), ldt, to);
  if (from != to || ldf != ldt) apart(extent(rows, columns, ldf), from, <i64>rows * ldt, to);
}

export function gatherRows(rows: i32, columns: i32, from: usize, indices: usize, to: usize): void {
  plain(rows, columns, columns, to);
  block(rows, indices, 4);
  for (let r = 0; r < rows; r++) {
    const row = load<u32>(indices + (<usize>r << 2));
    block((<i64>row + 1) * columns, from, 4);
    apart((<i64>row + 1) * columns, from, <i64>rows * columns, to);
  }
}

export function sumRows(rows: i32, columns: i32, ld: i32, x: usize, out: usize): void {
  assert(rows < 2 || ld % 4 == 0);
  block(extent(rows, columns, ld), x, 16);
  row(columns, out);
  apart(extent(rows, columns, ld), x, columns, out);
}

export function axpy(n: i32, x: usize, y: usize, parameters: usize): void {
  whole(n, x);
  whole(n, y);
  apart(n, x, n, y);
  block(1, parameters, 4);
}

export function randomBits(n: i32, out: usize, key: usize, _first: i32): void {
  block(n, out, 4);
  block(3, key, 4);
}

export function randomUniform(n: i32, out: usize, key: usize, parameters: usize): void {
  randomBits(n, out, key, 0);
  block(2, parameters, 4);
}

export function randomNormal(n: i32, out: usize, key: usize, parameters: usize): void {
  randomUniform(n, out, key, parameters);
}

// The register tile of every matrix product: C[MR × 8] = init + A·B, summed over k in order, one accumulator an element.
//
// A is read a scalar at a time and splatted (v128.load32_splat straight from where it lies, never packed); B is read as two whole vectors a row of k,
// `sb` bytes from row to row. Accumulators + two B vectors + the splat (+ the product, in the strict build) must fit
// the 15 vector registers V8 has on x64: 5×8 uses 14 in the strict build, 6×8 uses 15 in the relaxed one (DESIGN.md, "Tile").
// Bits: an element depends only on its row of A, its column of B and its init, never on the tile it fell in.

import { madd } from "./simd";

/** Most rows in a tile: 5 strict, 6 relaxed. */
// @ts-ignore: decorator
@inline
export const MR: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 5;

/** Columns of a panel of B: two vectors. */
// @ts-ignore: decorator
@inline
export const NR: i32 = 8;

/**
 * One tile. `mr` and `columns` are constants at every call, so the branches on them vanish.
 *
 * - columns = false: A is [mr × k], row i at a + i·sa, k contiguous.
 * - columns = true: A is [k × mr], row p at a + p·sa, the tile's mr values contiguous (A transposed).
 *
 * init: row i starts from init + i·sinit (sinit = 0 repeats a bias row; init = c continues a sum). Strides in bytes. k may be 0.
 */
// @ts-ignore: decorator
@inline
function tile(mr: i32, columns: bool, k: i32, a: usize, sa: usize, b: usize, sb: usize, c: usize, sc: usize, init: usize, sinit: usize): void {
  let c00 = v128.load(init), c01 = v128.load(init, 16);
  let c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01, c40 = c00, c41 = c01, c50 = c00, c51 = c01;
  if (mr > 1) { init += sinit; c10 = v128.load(init); c11 = v128.load(init, 16); }
  if (mr > 2) { init += sinit; c20 = v128.load(init); c21 = v128.load(init, 16); }
  if (mr > 3) { init += sinit; c30 = v128.load(init); c31 = v128.load(init, 16); }
  if (mr > 4) { init += sinit; c40 = v128.load(init); c41 = v128.load(init, 16); }
  if (mr > 5) { init += sinit; c50 = v128.load(init); c51 = v128.load(init, 16); }

  let a1 = a + sa, a2 = a1 + sa, a3 = a2 + sa, a4 = a3 + sa, a5 = a4 + sa;
  const end = b + <usize>k * sb;
  while (b != end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let s = v128.load32_splat(a);
    c00 = madd(s, b0, c00); c01 = madd(s, b1, c01);
    if (mr > 1) { s = columns ? v128.load32_splat(a, 4) : v128.load32_splat(a1); c10 = madd(s, b0, c10); c11 = madd(s, b1, c11); }
    if (mr > 2) { s = columns ? v128.load32_splat(a, 8) : v128.load32_splat(a2); c20 = madd(s, b0, c20); c21 = madd(s, b1, c21); }
    if (mr > 3) { s = columns ? v128.load32_splat(a, 12) : v128.load32_splat(a3); c30 = madd(s, b0, c30); c31 = madd(s, b1, c31); }
    if (mr > 4) { s = columns ? v128.load32_splat(a, 16) : v128.load32_splat(a4); c40 = madd(s, b0, c40); c41 = madd(s, b1, c41); }
    if (mr > 5) { s = columns ? v128.load32_splat(a, 20) : v128.load32_splat(a5); c50 = madd(s, b0, c50); c51 = madd(s, b1, c51); }
    if (columns) {
      a += sa;
    } else {
      a += 4;
      if (mr > 1) a1 += 4;
      if (mr > 2) a2 += 4;
      if (mr > 3) a3 += 4;
      if (mr > 4) a4 += 4;
      if (mr > 5) a5 += 4;
    }
    b += sb;
  }

  v128.store(c, c00); v128.store(c, c01, 16);
  if (mr > 1) { c += sc; v128.store(c, c10); v128.store(c, c11, 16); }
  if (mr > 2) { c += sc; v128.store(c, c20); v128.store(c, c21, 16); }
  if (mr > 3) { c += sc; v128.store(c, c30); v128.store(c, c31, 16); }
  if (mr > 4) { c += sc; v128.store(c, c40); v128.store(c, c41, 16); }
  if (mr > 5) { c += sc; v128.store(c, c50); v128.store(c, c51, 16); }
}

// One function an orientation of A, so that each tile is compiled once, with its row count chosen by a jump table.

function rows(mr: i32, k: i32, a: usize, sa: usize, b: usize, sb: usize, c: usize, sc: usize, init: usize, sinit: usize): void {
  switch (mr) {
    case 1: { tile(1, false, k, a, sa, b, sb, c, sc, init, sinit); break; }
    case 2: { tile(2, false, k, a, sa, b, sb, c, sc, init, sinit); break; }
    case 3: { tile(3, false, k, a, sa, b, sb, c, sc, init, sinit); break; }
    case 4: { tile(4, false, k, a, sa, b, sb, c, sc, init, sinit); break; }
    case 5: { tile(5, false, k, a, sa, b, sb, c, sc, init, sinit); break; }
    default: { if (MR > 5) tile(6, false, k, a, sa, b, sb, c, sc, init, sinit); }
  }
}

function columns(mr: i32, k: i32, a: usize, sa: usize, b: usize, sb: usize, c: usize, sc: usize, init: usize, sinit: usize): void {
  switch (mr) {
    case 1: { tile(1, true, k, a, sa, b, sb, c, sc, init, sinit); break; }
    case 2: { tile(2, true, k, a, sa, b, sb, c, sc, init, sinit); break; }
    case 3: { tile(3, true, k, a, sa, b, sb, c, sc, init, sinit); break; }
    case 4: { tile(4, true, k, a, sa, b, sb, c, sc, init, sinit); break; }
    case 5: { tile(5, true, k, a, sa, b, sb, c, sc, init, sinit); break; }
    default: { if (MR > 5) tile(6, true, k, a, sa, b, sb, c, sc, init, sinit); }
  }
}

/** The ir loop: m rows of C against one panel of B, A by rows, in tiles of nearly equal height, at most MR. */
export function panelRows(m: i32, k: i32, a: usize, sa: usize, b: usize, sb: usize, c: usize, sc: usize, init: usize, sinit: usize): void {
  // Equal heights instead of full tiles and a short rest: 32 rows are 5+5+5+5+4+4+4, never 5·6 + 2.
  for (let tiles = (m + MR - 1) / MR, left = m; tiles > 0; tiles--) {
    const mr = (left + tiles - 1) / tiles;
    rows(mr, k, a, sa, b, sb, c, sc, init, sinit);
    a += <usize>mr * sa;
    c += <usize>mr * sc;
    init += <usize>mr * sinit;
    left -= mr;
  }
}

/** The same with A by columns (transposed): row i of C takes its factors from column i of A. */
export function panelColumns(m: i32, k: i32, a: usize, sa: usize, b: usize, sb: usize, c: usize, sc: usize, init: usize, sinit: usize): void {
  for (let tiles = (m + MR - 1) / MR, left = m; tiles > 0; tiles--) {
    const mr = (left + tiles - 1) / tiles;
    columns(mr, k, a, sa, b, sb, c, sc, init, sinit);
    a += <usize>mr << 2;
    c += <usize>mr * sc;
    init += <usize>mr * sinit;
    left -= mr;
  }
}

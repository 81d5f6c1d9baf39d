// Panels: how every right-hand matrix B [k × n] lies in memory, weights included.
//
// n is padded with zeros to a multiple of 8 and cut into panels of 8 columns; a panel is [k × 8], contiguous, so that a tile streams B front to back: element (p, j)
// stands at  8·k·⌊j/8⌋ + 8·p + j mod 8  floats.

import { NR } from "./microkernel";

/** Bytes of a row of a panel. */
const ROW: usize = 32;

/** What stands in for rows that are not there. */
const zeros: usize = memory.data(32, 16);

/** Panels of B from row-major b [k × n], ldb floats a row. */
export function packPanels(k: i32, n: i32, b: usize, ldb: i32, panels: usize): void {
  for (let j = 0; j < n; j += NR) {
    const real = min(NR, n - j);
    for (let p = 0; p < k; p++, panels += ROW) {
      const from = b + (<usize>(p * ldb + j) << 2);
      if (real == NR) {
        v128.store(panels, v128.load(from));
        v128.store(panels, v128.load(from, 16), 16);
      } else {
        for (let c = 0; c < NR; c++) store<f32>(panels + (<usize>c << 2), c < real ? load<f32>(from + (<usize>c << 2)) : 0);
      }
    }
  }
}

/** Panels of B = bᵀ from row-major b [n × k], ldb floats a row. */
export function packPanelsTransposed(k: i32, n: i32, b: usize, ldb: i32, panels: usize): void {
  for (let j = 0; j < n; j += NR) {
    const real = min(NR, n - j);
    for (let p = 0; p < k; p++, panels += ROW) {
      const from = b + (<usize>(j * ldb + p) << 2);
      for (let c = 0; c < NR; c++) store<f32>(panels + (<usize>c << 2), c < real ? load<f32>(from + (<usize>(c * ldb) << 2)) : 0);
    }
  }
}

/** Row-major b [k × n], ldb floats a row, from its panels: the inverse of packPanels. */
export function unpackPanels(k: i32, n: i32, panels: usize, b: usize, ldb: i32): void {
  for (let j = 0; j < n; j += NR) {
    const real = min(NR, n - j);
    for (let p = 0; p < k; p++, panels += ROW) {
      const to = b + (<usize>(p * ldb + j) << 2);
      for (let c = 0; c < real; c++) store<f32>(to + (<usize>c << 2), load<f32>(panels + (<usize>c << 2)));
    }
  }
}

/**
 * One panel of Bᵀ: its columns are rows q … q+7 of B [k × n] (rows from k on are zero), its rows the columns of B.
 * out: [n × 8] floats, n rounded up to a multiple of 8.
 */
export function transposePanel(k: i32, n: i32, panels: usize, q: i32, out: usize): void {
  const step = <usize>k << 5, end = out + (<usize>((n + NR - 1) & -NR) << 5);
  for (let half = 0; half < NR; half += 4) {
    // Four rows of B, each with its step to the next panel; a row from k on stays where the zeros are.
    const from = panels + (<usize>(q + half) << 5), left = k - q - half;
    let r0 = left > 0 ? from : zeros, r1 = left > 1 ? from + 32 : zeros, r2 = left > 2 ? from + 64 : zeros, r3 = left > 3 ? from + 96 : zeros;
    const s0 = left > 0 ? step : 0, s1 = left > 1 ? step : 0, s2 = left > 2 ? step : 0, s3 = left > 3 ? step : 0;
    for (let to = out; to < end; to += 256) {
      const at = to + (<usize>half << 2);
      transpose(v128.load(r0), v128.load(r1), v128.load(r2), v128.load(r3), at);
      transpose(v128.load(r0, 16), v128.load(r1, 16), v128.load(r2, 16), v128.load(r3, 16), at + 128);
      r0 += s0; r1 += s1; r2 += s2; r3 += s3;
    }
  }
}

/** Four rows of four as columns: row c at `at` + 32 · c. */
// @ts-ignore: decorator
@inline
function transpose(x0: v128, x1: v128, x2: v128, x3: v128, at: usize): void {
  const y0 = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5), y1 = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5);
  const y2 = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7), y3 = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7);
  v128.store(at, v128.shuffle<f32>(y0, y1, 0, 1, 4, 5));
  v128.store(at, v128.shuffle<f32>(y0, y1, 2, 3, 6, 7), 32);
  v128.store(at, v128.shuffle<f32>(y2, y3, 0, 1, 4, 5), 64);
  v128.store(at, v128.shuffle<f32>(y2, y3, 2, 3, 6, 7), 96);
}

// Panels: how every right-hand matrix B [k × n] lies in memory, weights included.
//
// n is padded with zeros to a multiple of 8 and cut into panels of 8 columns; a panel is [k × 8], contiguous, so that a tile streams B front to back: element (p, j)
// stands at  8·k·⌊j/8⌋ + 8·p + j mod 8  floats.

import { NR } from "./microkernel";

/** Bytes of a row of a panel. */
const ROW: usize = 32;

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
  const zero = f32x4.splat(0);
  for (let j = 0; j < n; j += NR) {
    const block = panels + (<usize>(j * k + q * NR) << 2), to = out + (<usize>(j * NR) << 2);
    for (let r = 0; r < NR; r += 4) {
      const left = k - q - r;
      for (let c = 0; c < NR; c += 4) {
        const from = block + (<usize>(r * NR + c) << 2);
        const x0 = left > 0 ? v128.load(from) : zero;
        const x1 = left > 1 ? v128.load(from, 32) : zero;
        const x2 = left > 2 ? v128.load(from, 64) : zero;
        const x3 = left > 3 ? v128.load(from, 96) : zero;
        const y0 = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5), y1 = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5);
        const y2 = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7), y3 = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7);
        const at = to + (<usize>(c * NR + r) << 2);
        v128.store(at, v128.shuffle<f32>(y0, y1, 0, 1, 4, 5));
        v128.store(at, v128.shuffle<f32>(y0, y1, 2, 3, 6, 7), 32);
        v128.store(at, v128.shuffle<f32>(y2, y3, 0, 1, 4, 5), 64);
        v128.store(at, v128.shuffle<f32>(y2, y3, 2, 3, 6, 7), 96);
      }
    }
  }
}

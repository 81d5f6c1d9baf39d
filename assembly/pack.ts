// Panels: how every right-hand matrix B [k × n] lies in memory, weights included.
//
// n is padded with zeros to a multiple of 4. Columns are cut into panels of 8 (the last one may hold 4); a panel is [k × its width], contiguous, so a
// tile streams B front to back: element (p, j) stands at  8·k·⌊j/8⌋ + p·width + j mod 8  floats, width = min(8, padded n − 8·⌊j/8⌋).

import { NR } from "./microkernel";

/** n rounded up to a whole vector. */
// @ts-ignore: decorator
@inline
export function padded(n: i32): i32 {
  return (n + 3) & ~3;
}

/** Panels of B from row-major b [k × n], ldb floats a row. */
export function packPanels(k: i32, n: i32, b: usize, ldb: i32, panels: usize): void {
  for (let j = 0; j < n; j += NR) {
    const width = min(NR, padded(n) - j), real = min(NR, n - j);
    for (let p = 0; p < k; p++) {
      const from = b + (<usize>(p * ldb + j) << 2);
      if (real == NR) {
        v128.store(panels, v128.load(from));
        v128.store(panels, v128.load(from, 16), 16);
      } else {
        for (let c = 0; c < real; c++) store<f32>(panels + (<usize>c << 2), load<f32>(from + (<usize>c << 2)));
        for (let c = real; c < width; c++) store<f32>(panels + (<usize>c << 2), 0);
      }
      panels += <usize>width << 2;
    }
  }
}

/** Panels of B = bᵀ from row-major b [n × k], ldb floats a row. */
export function packPanelsTransposed(k: i32, n: i32, b: usize, ldb: i32, panels: usize): void {
  for (let j = 0; j < n; j += NR) {
    const width = min(NR, padded(n) - j), real = min(NR, n - j);
    for (let p = 0; p < k; p++) {
      let from = b + (<usize>(j * ldb + p) << 2);
      for (let c = 0; c < real; c++, from += <usize>ldb << 2) store<f32>(panels + (<usize>c << 2), load<f32>(from));
      for (let c = real; c < width; c++) store<f32>(panels + (<usize>c << 2), 0);
      panels += <usize>width << 2;
    }
  }
}

/** Row-major b [k × n], ldb floats a row, from its panels: the inverse of packPanels. */
export function unpackPanels(k: i32, n: i32, panels: usize, b: usize, ldb: i32): void {
  for (let j = 0; j < n; j += NR) {
    const width = min(NR, padded(n) - j), real = min(NR, n - j);
    for (let p = 0; p < k; p++) {
      const to = b + (<usize>(p * ldb + j) << 2);
      for (let c = 0; c < real; c++) store<f32>(to + (<usize>c << 2), load<f32>(panels + (<usize>c << 2)));
      panels += <usize>width << 2;
    }
  }
}

/**
 * One panel of Bᵀ: its columns are rows q … q+width−1 of B [k × n] (width 8 or 4; rows from k on are zero), its rows the n columns of B.
 * out: [n × width] floats, n padded to a multiple of 4: out must hold padded(n) · width floats.
 */
export function transposePanel(k: i32, n: i32, panels: usize, q: i32, width: i32, out: usize): void {
  for (let j = 0; j < n; j += NR) {
    const w = min(NR, padded(n) - j);
    const block = panels + (<usize>(j * k + q * w) << 2);
    for (let r = 0; r < width; r += 4) {
      for (let c = 0; c < w; c += 4) {
        const from = block + (<usize>(r * w + c) << 2), step = <usize>w << 2;
        const left = k - q - r;
        const zero = f32x4.splat(0);
        const x0 = left > 0 ? v128.load(from) : zero;
        const x1 = left > 1 ? v128.load(from + step) : zero;
        const x2 = left > 2 ? v128.load(from + step * 2) : zero;
        const x3 = left > 3 ? v128.load(from + step * 3) : zero;
        const y0 = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5), y1 = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5);
        const y2 = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7), y3 = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7);
        const to = out + (<usize>((j + c) * width + r) << 2), line = <usize>width << 2;
        v128.store(to, v128.shuffle<f32>(y0, y1, 0, 1, 4, 5));
        v128.store(to + line, v128.shuffle<f32>(y0, y1, 2, 3, 6, 7));
        v128.store(to + line * 2, v128.shuffle<f32>(y2, y3, 0, 1, 4, 5));
        v128.store(to + line * 3, v128.shuffle<f32>(y2, y3, 2, 3, 6, 7));
      }
    }
  }
}

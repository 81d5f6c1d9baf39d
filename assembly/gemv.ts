// One row times B in panels: batch-1 inference. The same sums in the same order as the tile, so the same bits; but several panels at once, because
// the two accumulators of a 1×8 tile would wait for each other's additions (latency 3–4 cycles): eight keep both adders busy.

import { madd } from "./simd";
import { NR } from "./microkernel";
import { padded } from "./pack";

const zeros: usize = memory.data(128, 16);

/** c[n] = init + a[k]·B. c holds padded n floats; init is 0 or a row of padded n floats. */
export function gemv(n: i32, k: i32, a: usize, panels: usize, c: usize, init: usize): void {
  const np = padded(n), panelBytes = <usize>k * 32, end = a + (<usize>k << 2);
  let j = 0;
  for (; j + 32 <= np; j += 32) {
    const i0 = init ? init + (<usize>j << 2) : zeros;
    let b = panels + (<usize>j * <usize>k << 2), b1 = b + panelBytes, b2 = b1 + panelBytes, b3 = b2 + panelBytes;
    let c0 = v128.load(i0), c1 = v128.load(i0, 16), c2 = v128.load(i0, 32), c3 = v128.load(i0, 48);
    let c4 = v128.load(i0, 64), c5 = v128.load(i0, 80), c6 = v128.load(i0, 96), c7 = v128.load(i0, 112);
    for (let p = a; p < end; p += 4) {
      const s = v128.load32_splat(p);
      c0 = madd(s, v128.load(b), c0); c1 = madd(s, v128.load(b, 16), c1);
      c2 = madd(s, v128.load(b1), c2); c3 = madd(s, v128.load(b1, 16), c3);
      c4 = madd(s, v128.load(b2), c4); c5 = madd(s, v128.load(b2, 16), c5);
      c6 = madd(s, v128.load(b3), c6); c7 = madd(s, v128.load(b3, 16), c7);
      b += 32; b1 += 32; b2 += 32; b3 += 32;
    }
    const to = c + (<usize>j << 2);
    v128.store(to, c0); v128.store(to, c1, 16); v128.store(to, c2, 32); v128.store(to, c3, 48);
    v128.store(to, c4, 64); v128.store(to, c5, 80); v128.store(to, c6, 96); v128.store(to, c7, 112);
  }
  for (; j + NR <= np; j += NR) {
    const i0 = init ? init + (<usize>j << 2) : zeros;
    let b = panels + (<usize>j * <usize>k << 2);
    let c0 = v128.load(i0), c1 = v128.load(i0, 16);
    for (let p = a; p < end; p += 4, b += 32) {
      const s = v128.load32_splat(p);
      c0 = madd(s, v128.load(b), c0); c1 = madd(s, v128.load(b, 16), c1);
    }
    v128.store(c + (<usize>j << 2), c0); v128.store(c + (<usize>j << 2), c1, 16);
  }
  if (j < np) {
    let b = panels + (<usize>j * <usize>k << 2);
    let c0 = v128.load(init ? init + (<usize>j << 2) : zeros);
    for (let p = a; p < end; p += 4, b += 16) c0 = madd(v128.load32_splat(p), v128.load(b), c0);
    v128.store(c + (<usize>j << 2), c0);
  }
}

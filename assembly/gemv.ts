// One row times B in panels: batch-1 inference. The same sums in the same order as the tile, so the same bits; but several panels at once, because the two
// accumulators of a 1×8 tile would wait for each other's additions. Three panels, six accumulators: V8 before version 12 moves all loads of a turn to its front, so
// that accumulators and loads must fit the 15 vector registers together; with four panels one accumulator lives on the stack and a turn takes 12 cycles, not 4.

import { madd } from "./simd";
import { NR } from "./microkernel";

const zeros: usize = memory.data(96, 16);

/** c[n] = init + a[k]·B. c holds n floats rounded up to a multiple of 8; init is 0 or such a row. */
export function gemv(n: i32, k: i32, a: usize, panels: usize, c: usize, init: usize): void {
  const end = a + (<usize>k << 2), panelBytes = <usize>k << 5;
  let wide = (n + NR - 1) / NR;
  // Groups of three; a last four are two and two, since a panel alone waits longest.
  while (wide > 0) {
    const group = wide == 4 ? 2 : min(wide, 3);
    const from = init ? init : zeros;
    if (group == 3) three(a, end, panels, panelBytes, c, from);
    else if (group == 2) two(a, end, panels, panelBytes, c, from);
    else one(a, end, panels, c, from);
    panels += <usize>group * panelBytes;
    c += <usize>group << 5;
    if (init) init += <usize>group << 5;
    wide -= group;
  }
}

// @ts-ignore: decorator
@inline
function three(a: usize, end: usize, b: usize, panelBytes: usize, c: usize, init: usize): void {
  let b1 = b + panelBytes, b2 = b1 + panelBytes;
  let c0 = v128.load(init), c1 = v128.load(init, 16), c2 = v128.load(init, 32), c3 = v128.load(init, 48), c4 = v128.load(init, 64), c5 = v128.load(init, 80);
  for (; a < end; a += 4) {
    const s = v128.load32_splat(a);
    c0 = madd(s, v128.load(b), c0); c1 = madd(s, v128.load(b, 16), c1);
    c2 = madd(s, v128.load(b1), c2); c3 = madd(s, v128.load(b1, 16), c3);
    c4 = madd(s, v128.load(b2), c4); c5 = madd(s, v128.load(b2, 16), c5);
    b += 32; b1 += 32; b2 += 32;
  }
  v128.store(c, c0); v128.store(c, c1, 16); v128.store(c, c2, 32); v128.store(c, c3, 48); v128.store(c, c4, 64); v128.store(c, c5, 80);
}

// @ts-ignore: decorator
@inline
function two(a: usize, end: usize, b: usize, panelBytes: usize, c: usize, init: usize): void {
  let b1 = b + panelBytes;
  let c0 = v128.load(init), c1 = v128.load(init, 16), c2 = v128.load(init, 32), c3 = v128.load(init, 48);
  for (; a < end; a += 4) {
    const s = v128.load32_splat(a);
    c0 = madd(s, v128.load(b), c0); c1 = madd(s, v128.load(b, 16), c1);
    c2 = madd(s, v128.load(b1), c2); c3 = madd(s, v128.load(b1, 16), c3);
    b += 32; b1 += 32;
  }
  v128.store(c, c0); v128.store(c, c1, 16); v128.store(c, c2, 32); v128.store(c, c3, 48);
}

// @ts-ignore: decorator
@inline
function one(a: usize, end: usize, b: usize, c: usize, init: usize): void {
  let c0 = v128.load(init), c1 = v128.load(init, 16);
  for (; a < end; a += 4, b += 32) {
    const s = v128.load32_splat(a);
    c0 = madd(s, v128.load(b), c0); c1 = madd(s, v128.load(b, 16), c1);
  }
  v128.store(c, c0); v128.store(c, c1, 16);
}

// One row times B in panels: batch-1 inference. The same sums in the same order as the tile, so the same bits; but several panels at once, because the two
// accumulators of a 1×8 tile would wait for each other's additions. Four panels, eight accumulators, keep the adders busy: with B's vectors and the splat they just fit
// the 15 vector registers, as long as V8 takes one k a turn.

import { madd } from "./simd";
import { NR } from "./microkernel";

const zeros: usize = memory.data(128, 16);

/** c[n] = init + a[k]·B. c holds n floats rounded up to a multiple of 8; init is 0 or such a row. */
export function gemv(n: i32, k: i32, a: usize, panels: usize, c: usize, init: usize): void {
  const end = a + (<usize>k << 2), panelBytes = <usize>k << 5, step: usize = init ? 32 : 0;
  let left = (n + NR - 1) / NR;
  for (; left > 3; left -= 4) {
    // Two calls, so that no compiler puts it in line here: V8 before version 12 unrolls a loop within a loop and moves the loads of all its turns to its front,
    // where they take the registers of the accumulators: a turn takes 12 cycles then, not 4.
    if (init) four(a, end, panels, panelBytes, c, init);
    else four(a, end, panels, panelBytes, c, zeros);
    panels += 4 * panelBytes;
    c += 128;
    init += 4 * step;
  }
  if (!init) init = zeros;
  for (; left > 0; left -= 2) {
    if (left > 1) two(a, end, panels, panelBytes, c, init);
    else one(a, end, panels, c, init);
    panels += 2 * panelBytes;
    c += 64;
    init += 2 * step;
  }
}

function four(a: usize, end: usize, b: usize, panelBytes: usize, c: usize, init: usize): void {
  let b1 = b + panelBytes, b2 = b1 + panelBytes, b3 = b2 + panelBytes;
  let c0 = v128.load(init), c1 = v128.load(init, 16), c2 = v128.load(init, 32), c3 = v128.load(init, 48);
  let c4 = v128.load(init, 64), c5 = v128.load(init, 80), c6 = v128.load(init, 96), c7 = v128.load(init, 112);
  for (; a < end; a += 4) {
    const s = v128.load32_splat(a);
    c0 = madd(s, v128.load(b), c0); c1 = madd(s, v128.load(b, 16), c1);
    c2 = madd(s, v128.load(b1), c2); c3 = madd(s, v128.load(b1, 16), c3);
    c4 = madd(s, v128.load(b2), c4); c5 = madd(s, v128.load(b2, 16), c5);
    c6 = madd(s, v128.load(b3), c6); c7 = madd(s, v128.load(b3, 16), c7);
    b += 32; b1 += 32; b2 += 32; b3 += 32;
  }
  v128.store(c, c0); v128.store(c, c1, 16); v128.store(c, c2, 32); v128.store(c, c3, 48);
  v128.store(c, c4, 64); v128.store(c, c5, 80); v128.store(c, c6, 96); v128.store(c, c7, 112);
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

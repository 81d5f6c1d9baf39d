// The matrix products of a dense network, as loops round the register tile (microkernel.ts). B always lies in panels (pack.ts) or, for the
// weight gradient, is read where it is. Every element is init + Σ a·b over k in order: the same bits at any m, tile or blocking.
// Any of m, n, k may be 0: k = 0 gives init, m = 0 or n = 0 writes nothing. Padded means rounded up to a multiple of 8. Blocking sizes: DESIGN.md, "Blocking".

import { panelRows, panelColumns, NR } from "./microkernel";
import { packPanels, transposePanel } from "./pack";
import { gemv } from "./gemv";

/** Rows of B in a block (pc loop): a panel of KC × 8 floats is 16 KiB, half of a 32 KiB L1. */
const KC: i32 = 512;
/** Rows of A in a block (ic loop): MC × KC floats are 256 KiB, at home in L2. */
const MC: i32 = 128;

/** Rows of the batch in a block of the weight gradient: a tile's columns of A, a cache line a row, and a panel of dZ take 16 KiB each. */
const BC: i32 = 256;
/** From so many rows × the power of 2 in their stride (floats) on, a column of dZ falls into so few sets of L1 that it throws itself out. */
const CROWDED: i32 = 16384;

/** Where sums without a bias start. */
const zeros: usize = memory.data(32, 16);

/**
 * C[m × n] = init + A·B, BLAS NN.  A row-major [m × k] (lda), B in panels, C row-major (ldc ≥ padded n, its padding columns are written).
 * init: 0, or a row of padded n floats (a bias). C overlaps nothing.
 */
export function gemm(m: i32, n: i32, k: i32, a: usize, lda: i32, panels: usize, c: usize, ldc: i32, init: usize): void {
  if (m == 1) return gemv(n, k, a, panels, c, init);
  blocks(false, m, n, k, a, lda, panels, c, ldc, init);
}

/** C[m × n] = Aᵀ·B with A row-major [k × m] (lda), B in panels, C row-major: BLAS TN for the public matmul. */
export function gemmTN(m: i32, n: i32, k: i32, a: usize, lda: i32, panels: usize, c: usize, ldc: i32, init: usize): void {
  blocks(true, m, n, k, a, lda, panels, c, ldc, init);
}

// @ts-ignore: decorator
@inline
function blocks(columns: bool, m: i32, n: i32, k: i32, a: usize, lda: i32, panels: usize, c: usize, ldc: i32, init: usize): void {
  const sa = <usize>lda << 2, sc = <usize>ldc << 2;
  let pc = 0;
  do {
    const kc = min(KC, k - pc);
    for (let ic = 0; ic < m; ic += MC) {
      const mc = min(MC, m - ic);
      const ablock = a + (columns ? <usize>pc * sa + (<usize>ic << 2) : <usize>ic * sa + (<usize>pc << 2));
      for (let j = 0; j < n; j += NR) {
        const b = panels + (<usize>j * <usize>k << 2) + (<usize>pc << 5);
        const cblock = c + <usize>ic * sc + (<usize>j << 2);
        const from = pc ? cblock : init ? init + (<usize>j << 2) : zeros;
        const sinit: usize = pc ? sc : 0;
        if (columns) panelColumns(mc, kc, ablock, sa, b, 32, cblock, sc, from, sinit);
        else panelRows(mc, kc, ablock, sa, b, 32, cblock, sc, from, sinit);
      }
    }
    pc += KC;
  } while (pc < k);
}

/**
 * Input gradient: columns first … last − 1 of dA[m × k] = dZ·Wᵀ, BLAS NT.  dZ row-major [m × n] (ldz), W [k × n] in panels, dA row-major (lda ≥ padded k, padding
 * written as 0). first is a multiple of 8, last too or k. scratch: padded n · 8 floats. Each panel of Wᵀ is transposed into scratch once and used for all m rows.
 */
export function gemmInputGradient(m: i32, k: i32, n: i32, dz: usize, ldz: i32, panels: usize, da: usize, lda: i32, first: i32, last: i32, scratch: usize): void {
  const sz = <usize>ldz << 2, sa = <usize>lda << 2;
  for (let q = first; q < last; q += NR) {
    transposePanel(k, n, panels, q, scratch);
    panelRows(m, n, dz, sz, scratch, 32, da + (<usize>q << 2), sa, zeros, 0);
  }
}

/**
 * Weight gradient: dW[k × n] = Aᵀ·dZ, BLAS TN, written in panels, the layout of W.  A row-major [m × k] (lda), dZ row-major [m × n] (ldz ≥ padded n).
 * The sum runs over the m rows of the batch in order. scratch: min(m, 256) · 8 floats, for a panel of dZ where its row stride crowds the cache.
 */
export function gemmWeightGradient(m: i32, k: i32, n: i32, a: usize, lda: i32, dz: usize, ldz: i32, panels: usize, scratch: usize): void {
  const sa = <usize>lda << 2, sz = <usize>ldz << 2;
  let pc = 0;
  do {
    const mc = min(BC, m - pc), crowded = mc * (ldz & -ldz) >= CROWDED;
    for (let j = 0; j < n; j += NR) {
      const c = panels + (<usize>j * <usize>k << 2);
      const b = dz + (<usize>j << 2);
      if (crowded) packPanels(mc, NR, b, ldz, scratch);
      panelColumns(k, mc, a, sa, crowded ? scratch : b, crowded ? 32 : sz, c, 32, pc ? c : zeros, pc ? 32 : 0);
    }
    a += <usize>mc * sa;
    dz += <usize>mc * sz;
    pc += BC;
  } while (pc < m);
}

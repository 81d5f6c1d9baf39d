// Matrix products in plain JavaScript, as fast as we could make them. Float32Array in and out, row-major, sums in the
// engine's double: rounding each step to float with Math.fround more than halves the speed.
//
// Measured on AMD EPYC (Zen 5), one thread, 512×512×512, GFLOP/s on Node 20 / 26:
//   i-k-j, one row of b at a time        1.7 / 2.6   (`gemmLoops` below: what people write)
//   i-k-j, four rows of b at a time      3.8 / 4.9
//   tile of 4×4 sums in local variables  6.1 / 7.2   (sixteen sums and a product do not fit fifteen registers)
//   tile of 4×3, 2×6                     6.5 / 7.3
//   tile of 3×4                          6.9 / 7.7   ← kept
//   tile of 3×4 with the strides as arguments, one function for NN, NT and TN: 5.6 / 5.7
// Copying b into panels first gained nothing at these sizes. For a single row, a strip of 12 sums: 5.6 / 6.8; strips of 4 and 8
// and row by row with eight rows at a time are slower on one engine or the other.

/** The textbook: c[m×n] = a[m×k] · b[k×n], in the order that walks memory forwards. */
export function gemmLoops(m, n, k, a, b, c) {
  for (let i = 0; i < m; i++) {
    const row = i * n;
    for (let j = 0; j < n; j++) c[row + j] = 0;
    for (let p = 0; p < k; p++) {
      const x = a[i * k + p];
      const from = p * n;
      for (let j = 0; j < n; j++) c[row + j] += x * b[from + j];
    }
  }
}

/** c[m×n] = a[m×k] · b[k×n] */
export function gemmNN(m, n, k, a, b, c) {
  if (m === 1) return gemvN(n, k, a, b, c);
  const iEnd = m - (m % 3);
  const jEnd = n - (n % 4);
  for (let j = 0; j < jEnd; j += 4) {
    for (let i = 0; i < iEnd; i += 3) {
      let c00 = 0, c01 = 0, c02 = 0, c03 = 0;
      let c10 = 0, c11 = 0, c12 = 0, c13 = 0;
      let c20 = 0, c21 = 0, c22 = 0, c23 = 0;
      const a0 = i * k, a1 = a0 + k, a2 = a1 + k;
      for (let p = 0, q = j; p < k; p++, q += n) {
        const b0 = b[q], b1 = b[q + 1], b2 = b[q + 2], b3 = b[q + 3];
        const x0 = a[a0 + p];
        c00 += x0 * b0; c01 += x0 * b1; c02 += x0 * b2; c03 += x0 * b3;
        const x1 = a[a1 + p];
        c10 += x1 * b0; c11 += x1 * b1; c12 += x1 * b2; c13 += x1 * b3;
        const x2 = a[a2 + p];
        c20 += x2 * b0; c21 += x2 * b1; c22 += x2 * b2; c23 += x2 * b3;
      }
      const r0 = i * n + j, r1 = r0 + n, r2 = r1 + n;
      c[r0] = c00; c[r0 + 1] = c01; c[r0 + 2] = c02; c[r0 + 3] = c03;
      c[r1] = c10; c[r1 + 1] = c11; c[r1 + 2] = c12; c[r1 + 3] = c13;
      c[r2] = c20; c[r2 + 1] = c21; c[r2 + 2] = c22; c[r2 + 3] = c23;
    }
  }
  edges(m, n, k, iEnd, jEnd, a, k, 1, b, n, 1, c);
}

/** c[m×n] = a[m×k] · bᵀ, b[n×k] */
export function gemmNT(m, n, k, a, b, c) {
  const iEnd = m - (m % 3);
  const jEnd = n - (n % 4);
  for (let j = 0; j < jEnd; j += 4) {
    for (let i = 0; i < iEnd; i += 3) {
      let c00 = 0, c01 = 0, c02 = 0, c03 = 0;
      let c10 = 0, c11 = 0, c12 = 0, c13 = 0;
      let c20 = 0, c21 = 0, c22 = 0, c23 = 0;
      const a0 = i * k, a1 = a0 + k, a2 = a1 + k;
      const q0 = j * k, q1 = q0 + k, q2 = q1 + k, q3 = q2 + k;
      for (let p = 0; p < k; p++) {
        const b0 = b[q0 + p], b1 = b[q1 + p], b2 = b[q2 + p], b3 = b[q3 + p];
        const x0 = a[a0 + p];
        c00 += x0 * b0; c01 += x0 * b1; c02 += x0 * b2; c03 += x0 * b3;
        const x1 = a[a1 + p];
        c10 += x1 * b0; c11 += x1 * b1; c12 += x1 * b2; c13 += x1 * b3;
        const x2 = a[a2 + p];
        c20 += x2 * b0; c21 += x2 * b1; c22 += x2 * b2; c23 += x2 * b3;
      }
      const r0 = i * n + j, r1 = r0 + n, r2 = r1 + n;
      c[r0] = c00; c[r0 + 1] = c01; c[r0 + 2] = c02; c[r0 + 3] = c03;
      c[r1] = c10; c[r1 + 1] = c11; c[r1 + 2] = c12; c[r1 + 3] = c13;
      c[r2] = c20; c[r2 + 1] = c21; c[r2 + 2] = c22; c[r2 + 3] = c23;
    }
  }
  edges(m, n, k, iEnd, jEnd, a, k, 1, b, 1, k, c);
}

/** c[m×n] = aᵀ · b[k×n], a[k×m] */
export function gemmTN(m, n, k, a, b, c) {
  const iEnd = m - (m % 3);
  const jEnd = n - (n % 4);
  for (let j = 0; j < jEnd; j += 4) {
    for (let i = 0; i < iEnd; i += 3) {
      let c00 = 0, c01 = 0, c02 = 0, c03 = 0;
      let c10 = 0, c11 = 0, c12 = 0, c13 = 0;
      let c20 = 0, c21 = 0, c22 = 0, c23 = 0;
      for (let p = 0, q = j, r = i; p < k; p++, q += n, r += m) {
        const b0 = b[q], b1 = b[q + 1], b2 = b[q + 2], b3 = b[q + 3];
        const x0 = a[r];
        c00 += x0 * b0; c01 += x0 * b1; c02 += x0 * b2; c03 += x0 * b3;
        const x1 = a[r + 1];
        c10 += x1 * b0; c11 += x1 * b1; c12 += x1 * b2; c13 += x1 * b3;
        const x2 = a[r + 2];
        c20 += x2 * b0; c21 += x2 * b1; c22 += x2 * b2; c23 += x2 * b3;
      }
      const r0 = i * n + j, r1 = r0 + n, r2 = r1 + n;
      c[r0] = c00; c[r0 + 1] = c01; c[r0 + 2] = c02; c[r0 + 3] = c03;
      c[r1] = c10; c[r1 + 1] = c11; c[r1 + 2] = c12; c[r1 + 3] = c13;
      c[r2] = c20; c[r2 + 1] = c21; c[r2 + 2] = c22; c[r2 + 3] = c23;
    }
  }
  edges(m, n, k, iEnd, jEnd, a, 1, m, b, n, 1, c);
}

/** One row: c[n] = a[k] · b[k×n]. */
function gemvN(n, k, a, b, c) {
  const jEnd = n - (n % 12);
  for (let j = 0; j < jEnd; j += 12) {
    let s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0, s8 = 0, s9 = 0, s10 = 0, s11 = 0;
    for (let p = 0, q = j; p < k; p++, q += n) {
      const x = a[p];
      s0 += x * b[q]; s1 += x * b[q + 1]; s2 += x * b[q + 2]; s3 += x * b[q + 3];
      s4 += x * b[q + 4]; s5 += x * b[q + 5]; s6 += x * b[q + 6]; s7 += x * b[q + 7];
      s8 += x * b[q + 8]; s9 += x * b[q + 9]; s10 += x * b[q + 10]; s11 += x * b[q + 11];
    }
    c[j] = s0; c[j + 1] = s1; c[j + 2] = s2; c[j + 3] = s3; c[j + 4] = s4; c[j + 5] = s5;
    c[j + 6] = s6; c[j + 7] = s7; c[j + 8] = s8; c[j + 9] = s9; c[j + 10] = s10; c[j + 11] = s11;
  }
  strips(0, 1, jEnd, n, k, a, k, 1, b, n, 1, c, n);
}

/** What the 3×4 tiles left over: the columns from jEnd of all rows, then the rows from iEnd of the other columns. */
function edges(m, n, k, iEnd, jEnd, a, aRow, aStep, b, bStep, bColumn, c) {
  if (jEnd < n) strips(0, m, jEnd, n, k, a, aRow, aStep, b, bStep, bColumn, c, n);
  if (iEnd < m) strips(iEnd, m, 0, jEnd, k, a, aRow, aStep, b, bStep, bColumn, c, n);
}

/** Any rectangle of c, four sums of one row at a time, then one. */
function strips(iFrom, iEnd, jFrom, jEnd, k, a, aRow, aStep, b, bStep, bColumn, c, width) {
  const fours = jEnd - ((jEnd - jFrom) % 4);
  for (let i = iFrom; i < iEnd; i++) {
    for (let j = jFrom; j < fours; j += 4) {
      let s0 = 0, s1 = 0, s2 = 0, s3 = 0;
      let r = i * aRow;
      let q0 = j * bColumn, q1 = q0 + bColumn, q2 = q1 + bColumn, q3 = q2 + bColumn;
      for (let p = 0; p < k; p++) {
        const x = a[r];
        s0 += x * b[q0]; s1 += x * b[q1]; s2 += x * b[q2]; s3 += x * b[q3];
        r += aStep; q0 += bStep; q1 += bStep; q2 += bStep; q3 += bStep;
      }
      const o = i * width + j;
      c[o] = s0; c[o + 1] = s1; c[o + 2] = s2; c[o + 3] = s3;
    }
    for (let j = fours; j < jEnd; j++) {
      let sum = 0;
      for (let p = 0, r = i * aRow, q = j * bColumn; p < k; p++, r += aStep, q += bStep) sum += a[r] * b[q];
      c[i * width + j] = sum;
    }
  }
}

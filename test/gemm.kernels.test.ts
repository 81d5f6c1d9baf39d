// The matrix products against float64, at every awkward size, on every build.

import { afterEach, describe, expect, test } from "vitest";
import { builds, Instance, leading, type Buffer } from "./instance.js";

/** Tile rows (5 strict, 6 relaxed), panel columns and the k block of assembly/gemm.ts; sizes go round each of them. */
const MR = 6, NR = 8, KC = 512, MC = 128;
const rowCounts = [0, 1, 2, 3, 4, 5, MR, MR + 1, 2 * MR + 1, 23, MC + 1];
const columnCounts = [0, 1, 3, 4, 5, NR, NR + 1, 2 * NR + 1, 31, 32, 33, 61];
const innerCounts = [0, 1, 2, 3, 7, 64, KC - 1, KC, KC + 1, 2 * KC + 3];
const u = 2 ** -24;

let state = 1;
/** Values in (−1, 1) that differ from lane to lane; a linear congruential generator is enough. */
function random(): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.fround(state / 2 ** 31 - 1);
}
const randoms = (n: number) => Float32Array.from({ length: n }, random);
const smallIntegers = (n: number) => Float32Array.from({ length: n }, () => Math.round(random() * 8));

/** Row-major [rows × columns] with ld floats a row; the gaps hold NaN, which must never reach a result. */
function matrix(instance: Instance, values: Float32Array, rows: number, columns: number, ld: number): Buffer {
  return instance.matrix(Array.from({ length: rows }, (_, r) => [...values.subarray(r * columns, (r + 1) * columns)]), ld);
}

/** A NaN that no computation gives: what it fills and still holds was not written. */
const gap = 0x7fc5eed5;

/** Index of the first word behind the padded columns of a row that no longer holds `gap`, or −1. */
function brokenGap(c: Buffer, m: number, n: number, ldc: number): number {
  const end = n === 0 ? 0 : leading(n);
  return c.u32.findIndex((word, i) => i < m * ldc && i % ldc >= end && word !== gap);
}

/** C = init + op(A)·B and Σ|a||b| in float64. */
function reference(m: number, n: number, k: number, a: (i: number, p: number) => number, b: (p: number, j: number) => number,
  init: (j: number) => number): { sum: number; size: number }[] {
  const out: { sum: number; size: number }[] = [];
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = init(j), size = Math.abs(sum);
      for (let p = 0; p < k; p++) {
        sum += a(i, p) * b(p, j);
        size += Math.abs(a(i, p) * b(p, j));
      }
      out.push({ sum, size });
    }
  }
  return out;
}

function expectClose(got: (i: number, j: number) => number, want: { sum: number; size: number }[], m: number, n: number, k: number, what: string): void {
  const bound = ((k + 1) * u) / (1 - (k + 1) * u);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      const { sum, size } = want[i * n + j];
      const error = Math.abs(got(i, j) - sum);
      if (!(error <= bound * size)) expect.fail(`${what} [${i}, ${j}]: ${got(i, j)} for ${sum}, error ${error} over ${bound * size}`);
    }
  }
}

describe.each(builds)("%s build", (build) => {
  const instance = new Instance(build);
  const { kernels } = instance;
  afterEach(() => instance.reset());

  function panelsOf(b: Float32Array, k: number, n: number): Buffer {
    const plain = instance.floats(b);
    const panels = instance.words(k * leading(n));
    kernels.packPanels(k, n, plain.at, n, panels.at);
    return panels;
  }

  test("packing and unpacking give the values back, from rows or from columns", () => {
    for (const k of [0, 1, 2, 5, 17]) {
      for (const n of [0, 1, 3, 4, 5, 7, 8, 9, 12, 13, 16, 21]) {
        const b = randoms(k * n);
        const transposed = Float32Array.from({ length: k * n }, (_, i) => b[(i % k) * n + Math.floor(i / k)]);
        const panels = panelsOf(b, k, n);
        const other = instance.words(k * leading(n));
        kernels.packPanelsTransposed(k, n, instance.floats(transposed).at, k, other.at);
        expect(other.u32).toEqual(panels.u32);
        const back = instance.words(k * n);
        kernels.unpackPanels(k, n, panels.at, back.at, n);
        expect(back.f32).toEqual(b);
        expect(instance.brokenGuard()).toBe(-1);
        instance.reset();
      }
    }
  });

  test.each([false, true])("gemm, A transposed: %s", (transposed) => {
    let shapes = 0;
    for (const m of rowCounts) {
      for (const n of columnCounts) {
        for (const k of innerCounts) {
          if (m * n * k > 600_000) continue;
          const ld = (transposed ? m : k) + (shapes % 3);
          const a = randoms(m * k), b = randoms(k * n), bias = randoms(leading(n));
          const withBias = shapes % 2 === 0;
          const pa = transposed ? matrix(instance, a, k, m, ld) : matrix(instance, a, m, k, ld);
          const ldc = leading(n) + (shapes % 2) * 4;
          const c = instance.words(m * ldc);
          c.u32.fill(gap);
          const init = instance.floats(bias);
          kernels[transposed ? "gemmTN" : "gemm"](m, n, k, pa.at, ld, panelsOf(b, k, n).at, c.at, ldc, withBias ? init.at : 0);
          const want = reference(m, n, k, (i, p) => (transposed ? a[p * m + i] : a[i * k + p]), (p, j) => b[p * n + j], (j) => (withBias ? bias[j] : 0));
          expectClose((i, j) => c.f32[i * ldc + j], want, m, n, k, `${m} × ${n} × ${k}`);
          expect(brokenGap(c, m, n, ldc), `${m} × ${n} × ${k}`).toBe(-1);
          expect(instance.brokenGuard()).toBe(-1);
          instance.reset();
          shapes += 1;
        }
      }
    }
    expect(shapes).toBeGreaterThan(600);
  });

  test("input gradient, some columns only: those of the whole, and nothing else is written", () => {
    for (const [m, k, n] of [[1, 17, 3], [5, 24, 9], [7, 45, 13], [13, 64, 8]]) {
      const ld = leading(k) + 8; // a gap behind the rows
      const dz = matrix(instance, randoms(m * n), m, n, leading(n)), panels = panelsOf(randoms(k * n), k, n), scratch = instance.words(leading(n) * 8);
      const columnsFrom = (first: number, last: number): Buffer => {
        const da = instance.words(m * ld);
        da.u32.fill(gap);
        kernels.gemmInputGradient(m, k, n, dz.at, leading(n), panels.at, da.at, ld, first, last, scratch.at);
        return da;
      };
      const whole = columnsFrom(0, k);
      expect(brokenGap(whole, m, leading(k), ld)).toBe(-1);
      const boundaries = [...Array(Math.ceil(k / 8)).keys()].map((q) => q * 8).concat(k);
      for (const first of boundaries) {
        for (const last of boundaries.filter((column) => column >= first)) {
          const part = columnsFrom(first, last), end = last === k ? leading(k) : last;
          part.u32.forEach((word, i) => {
            const column = i % ld, inside = first < last && column >= first && column < end;
            if (word !== (inside ? whole.u32[i] : gap)) expect.fail(`${m} × ${k} × ${n}, columns ${first} to ${last}: word ${i} is ${word}`);
          });
        }
      }
      expect(instance.brokenGuard()).toBe(-1);
      instance.reset();
    }
  });

  test("input gradient: dZ·Wᵀ, its padding zero", () => {
    for (const m of [0, 1, 2, 5, 6, 7, 13, 32]) {
      for (const k of [1, 3, 4, 5, 8, 9, 17, 33]) {
        for (const n of [1, 2, 4, 7, 8, 9, 10, 16, 61]) {
          const dz = randoms(m * n), w = randoms(k * n);
          const da = instance.words(m * leading(k));
          const scratch = instance.words(leading(n) * 8);
          kernels.gemmInputGradient(m, k, n, matrix(instance, dz, m, n, leading(n)).at, leading(n), panelsOf(w, k, n).at, da.at, leading(k), 0, k, scratch.at);
          expectClose((i, j) => da.f32[i * leading(k) + j], reference(m, k, n, (i, p) => dz[i * n + p], (p, j) => w[j * n + p], () => 0), m, k, n, `${m} × ${k} × ${n}`);
          for (let i = 0; i < m; i++) for (let j = k; j < leading(k); j++) expect(da.f32[i * leading(k) + j]).toBe(0);
          expect(instance.brokenGuard()).toBe(-1);
          instance.reset();
        }
      }
    }
  });

  test("weight gradient: Aᵀ·dZ in the layout of the weights", () => {
    // [m, k, n, columns behind dZ's rows]; with 512 floats a row, 32 rows and more crowd the cache, and 257 are two blocks.
    const shapes = [[31, 7, 17, 488], [32, 7, 17, 488], [257, 6, 9, 496], [600, 5, 512, 0]];
    for (const m of [0, 1, 2, 7, 32, 129]) for (const k of [1, 2, 5, 6, 7, 11, 12, 13, 31]) for (const n of [1, 3, 4, 5, 8, 9, 12, 17]) shapes.push([m, k, n, 0]);
    for (const [m, k, n, more] of shapes) {
      const a = randoms(m * k), dz = randoms(m * n);
      const lda = k + (n % 3), ldz = leading(n) + more;
      const padded = matrix(instance, Float32Array.from({ length: m * leading(n) }, (_, i) => (i % leading(n) < n ? dz[Math.floor(i / leading(n)) * n + (i % leading(n))] : 0)), m, leading(n), ldz);
      const panels = instance.words(k * leading(n)), scratch = instance.words(Math.min(m, 256) * 8);
      kernels.gemmWeightGradient(m, k, n, matrix(instance, a, m, k, lda).at, lda, padded.at, ldz, panels.at, scratch.at);
      const dw = instance.words(k * n);
      kernels.unpackPanels(k, n, panels.at, dw.at, n);
      expectClose((i, j) => dw.f32[i * n + j], reference(k, n, m, (i, p) => a[p * k + i], (p, j) => dz[p * n + j], () => 0), k, n, m, `${m} × ${k} × ${n}`);
      // The padding columns of the weights' gradient are zero, so that optimizers leave the padding alone.
      const total = panels.f32.reduce((count, value) => count + (value !== 0 ? 1 : 0), 0);
      expect(total).toBeLessThanOrEqual(k * n);
      expect(instance.brokenGuard()).toBe(-1);
      instance.reset();
    }
  });

  test("small integers are exact", () => {
    for (const [m, n, k] of [[7, 13, 600], [1, 37, 1100], [33, 8, 1], [130, 5, 513]]) {
      const a = smallIntegers(m * k), b = smallIntegers(k * n);
      const c = instance.words(m * leading(n));
      kernels.gemm(m, n, k, instance.floats(a).at, k, panelsOf(b, k, n).at, c.at, leading(n), 0);
      const want = reference(m, n, k, (i, p) => a[i * k + p], (p, j) => b[p * n + j], () => 0);
      for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) expect(c.f32[i * leading(n) + j]).toBe(want[i * n + j].sum);
      instance.reset();
    }
  });

  test("a row has the same bits alone, in any tile and in any batch", () => {
    for (const [n, k] of [[1, 3], [10, 128], [37, 5], [64, 600], [45, 1030]]) {
      const most = 40;
      const a = randoms(most * k);
      const panels = panelsOf(randoms(k * n), k, n);
      const pa = instance.floats(a);
      const bias = instance.floats(randoms(leading(n)));
      const alone = instance.words(most * leading(n));
      for (let i = 0; i < most; i++) kernels.gemm(1, n, k, pa.at + i * k * 4, k, panels.at, alone.at + i * leading(n) * 4, leading(n), bias.at);
      for (let m = 2; m <= most; m++) {
        const c = instance.words(m * leading(n));
        kernels.gemm(m, n, k, pa.at, k, panels.at, c.at, leading(n), bias.at);
        expect(c.u32).toEqual(alone.u32.subarray(0, m * leading(n)));
      }
      instance.reset();
    }
  });

  test("NaN, infinity and 0 × infinity are kept", () => {
    const a = [[1, Infinity], [0, 2], [NaN, 1]], b = [[1, 0], [2, Infinity]];
    const c = instance.words(24);
    kernels.gemm(3, 2, 2, instance.matrix(a, 2).at, 2, panelsOf(Float32Array.from(b.flat()), 2, 2).at, c.at, 8, 0);
    expect([0, 1, 8, 9, 16, 17].map((i) => c.f32[i])).toEqual([Infinity, Infinity, 4, Infinity, NaN, NaN]);
    const z = instance.words(8);
    kernels.gemm(1, 1, 1, instance.floats([0]).at, 1, panelsOf(Float32Array.of(Infinity), 1, 1).at, z.at, 8, 0);
    expect(z.f32[0]).toBeNaN();
  });

  test("copyRows and sumRows", () => {
    for (const columns of [0, 1, 3, 4, 5, 8, 11]) {
      const rows = 3, from = randoms(rows * columns);
      const to = instance.words(rows * leading(columns));
      kernels.copyRows(rows, columns, instance.floats(from).at, columns, to.at, leading(columns));
      const back = instance.words(rows * columns);
      kernels.copyRows(rows, columns, to.at, leading(columns), back.at, columns);
      expect(back.f32).toEqual(from);
      const notNumbers = instance.matrix([Array.from({ length: columns }, () => NaN)], columns);
      for (let i = 0; i < columns; i++) notNumbers.u32[i] = 0xffc00001 + i;
      kernels.copyRows(1, columns, notNumbers.at, columns, notNumbers.at, columns);
      expect([...notNumbers.u32]).toEqual(Array.from({ length: columns }, () => 0x7fc00000));
      const sums = instance.words(leading(columns));
      kernels.sumRows(rows, leading(columns), leading(columns), to.at, sums.at);
      for (let j = 0; j < leading(columns); j++) {
        let want = 0;
        for (let r = 0; r < rows; r++) want = Math.fround(want + (j < columns ? from[r * columns + j] : 0));
        expect(sums.f32[j]).toBe(want);
      }
      expect(instance.brokenGuard()).toBe(-1);
      instance.reset();
    }
  });
});

test("the strict product is a plain sum in order of k, each operation rounded to float32: the same bits on every machine", () => {
  const instance = new Instance("strict");
  for (const [m, n, k] of [[33, 41, 700], [1, 45, 1030], [6, 4, 9]]) {
    const a = randoms(m * k), b = randoms(k * n), bias = randoms(leading(n));
    const panels = instance.words(k * leading(n)), c = instance.words(m * leading(n));
    instance.kernels.packPanels(k, n, instance.floats(b).at, n, panels.at);
    instance.kernels.gemm(m, n, k, instance.floats(a).at, k, panels.at, c.at, leading(n), instance.floats(bias).at);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = bias[j];
        for (let p = 0; p < k; p++) sum = Math.fround(sum + Math.fround(a[i * k + p] * b[p * n + j]));
        expect(c.f32[i * leading(n) + j]).toBe(sum);
      }
    }
    instance.reset();
  }
});

// Factors and their products: in float64 with the bounds that follow from it, and as the strict build must round them.

import { NR } from "./sizes.js";

const u = 2 ** -24;

export interface Factors {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** [m × k] and [k × n], row-major, and the same transposed. */
  readonly a: Float32Array;
  readonly aT: Float32Array;
  readonly b: Float32Array;
  readonly bT: Float32Array;
  /** n values, padded to whole panels. */
  readonly bias: Float32Array;
}

/** "special" has NaN, infinities and zeros among few numbers, so that all classes of sums occur. */
export type Kind = "random" | "integers" | "special";

let state = 1;
const draw = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
const values: Record<Kind, () => number> = {
  random: () => Math.fround(draw() * 2 - 1),
  integers: () => Math.floor(draw() * 17) - 8,
  special: () => (draw() < 0.02 ? [NaN, Infinity, -Infinity][Math.floor(draw() * 3)] : Math.floor(draw() * 17) - 8),
};

export const padded = (n: number): number => Math.ceil(n / NR) * NR;

function transposed(x: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(x.length);
  for (let r = 0, i = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = x[i++];
  return out;
}

/** The same factors for the same shape and kind. */
export function factors(m: number, n: number, k: number, kind: Kind): Factors {
  state = (m * 73856093) ^ (n * 19349663) ^ (k * 83492791) ^ (kind.length << 20);
  const array = (length: number, value: () => number): Float32Array => {
    const out = new Float32Array(length);
    for (let i = 0; i < length; i++) out[i] = value();
    return out;
  };
  // NaN and infinities on one side only, so that some sums stay finite; 0 × ∞ and ∞ − ∞ still occur.
  const value = values[kind], a = array(m * k, value), b = array(k * n, kind === "special" ? values.integers : value), bias = array(padded(n), value);
  return { m, n, k, a, aT: transposed(a, m, k), b, bT: transposed(b, k, n), bias };
}

/** Where element (p, j) of B [k × n] lies in its panels. */
export const panelIndex = (k: number, p: number, j: number): number => NR * (k * Math.floor(j / NR) + p) + (j % NR);

/** B in panels, padding 0. */
export function panels(k: number, n: number, b: Float32Array): Float32Array {
  const out = new Float32Array(k * padded(n));
  for (let p = 0, i = 0; p < k; p++) for (let j = 0; j < n; j++) out[panelIndex(k, p, j)] = b[i++];
  return out;
}

export interface Exact {
  /** init + A·B in float64. */
  readonly sums: Float64Array;
  /** |init| + |A||B|. */
  readonly sizes: Float64Array;
}

export function exact({ m, n, k, a, bT, bias }: Factors, withBias: boolean): Exact {
  const sums = new Float64Array(m * n), sizes = new Float64Array(m * n);
  for (let i = 0, at = 0; i < m; i++) {
    for (let j = 0; j < n; j++, at++) {
      let sum = withBias ? bias[j] : 0, size = Math.abs(sum);
      for (let p = 0, x = i * k, y = j * k; p < k; p++, x++, y++) {
        const term = a[x] * bT[y];
        sum += term;
        size += Math.abs(term);
      }
      sums[at] = sum;
      sizes[at] = size;
    }
  }
  return { sums, sizes };
}

/** Every operation rounded, in order of k: the bits of the strict build. */
export function strictProduct({ m, n, k, a, bT, bias }: Factors, withBias: boolean): Float32Array {
  const { fround } = Math;
  const out = new Float32Array(m * n);
  for (let i = 0, at = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = withBias ? bias[j] : 0;
      for (let p = 0, x = i * k, y = j * k; p < k; p++, x++, y++) sum = fround(sum + fround(a[x] * bT[y]));
      out[at++] = sum;
    }
  }
  return out;
}

/** What is wrong with a product of so many terms: nothing if every element is within the proven bound and what chance allows, integers exact, NaN and infinities float64's. */
export function complaint(got: Float32Array, { sums, sizes }: Exact, terms: number, kind: Kind): string | undefined {
  const bound = Math.min((terms * u) / (1 - terms * u), 4 * Math.sqrt(terms) * u);
  for (let i = 0; i < got.length; i++) {
    const want = sums[i];
    const right = kind === "random" ? Math.abs(got[i] - want) <= bound * sizes[i] : Object.is(got[i] + 0, want + 0);
    if (!right) return `element ${i} must be ${want}${kind === "random" ? ` ± ${bound * sizes[i]}` : ""}, got ${got[i]}`;
  }
  return undefined;
}

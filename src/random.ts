// Numbers from the library's own generator (assembly/random.ts). It has no state: seed, purpose and stream settle every number, so nothing drawn for one
// purpose moves what is drawn for another.

import type { Backend } from "./backend.js";
import type { LinearMemory } from "./memory.js";

/** What numbers are drawn for; the generator's purpose word. */
export const INITIALIZATION = 1;
export const SHUFFLE = 2;
export const DROPOUT = 3;
export const NOISE = 4;

export interface Stream {
  /** A seed from 0 to 2^53 − 1. */
  readonly seed: number;
  readonly purpose: typeof INITIALIZATION | typeof SHUFFLE;
  /** Parameter number for initialization, epoch for shuffling. */
  readonly stream: number;
}

/** n floats, evenly in [low, high). */
export function uniform(backend: Backend, stream: Stream, n: number, low: number, high: number, where: string): Float32Array<ArrayBuffer> {
  return draw("randomUniform", backend, stream, n, low, high, where);
}

/** n floats, normal. */
export function normal(backend: Backend, stream: Stream, n: number, mean: number, deviation: number, where: string): Float32Array<ArrayBuffer> {
  return draw("randomNormal", backend, stream, n, mean, deviation, where);
}

function draw(kernel: "randomUniform" | "randomNormal", backend: Backend, stream: Stream, n: number, a: number, b: number, where: string): Float32Array<ArrayBuffer> {
  return withBlock(backend.linear, n, where, (key, out) => {
    writeKey(backend.linear, key, stream);
    backend.linear.f32(key + 16, 2).set([a, b]);
    backend.kernels.call(kernel, n, out, key, key + 16);
    return backend.linear.f32(out, n).slice();
  });
}

/** Words drawn at a time for a permutation: linear memory holds so many, however long the permutation. */
const WORDS = 4096;
export const PERMUTATION_BYTES = 64 + WORDS * 4;

/**
 * The numbers 0 … n − 1 in random order, every order equally likely as far as the generator's words are: Fisher–Yates from the end, index j ≤ i drawn without bias by
 * multiplying and rejecting (Lemire: Fast random integer generation in an interval, 2019). Words are taken in stream order, through a block of PERMUTATION_BYTES.
 */
export function permutation(backend: Backend, stream: Stream, n: number, block: number): Int32Array<ArrayBuffer> {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  const [key, out] = [block, block + 64];
  writeKey(backend.linear, key, stream);
  let words = new Uint32Array(0);
  let next = 0;
  let first = 0;
  const word = () => {
    if (next === words.length) {
      backend.kernels.call("randomBits", WORDS, out, key, first);
      words = new Uint32Array(backend.linear.i32(out, WORDS).slice().buffer);
      first += WORDS / 4;
      next = 0;
    }
    return words[next++];
  };
  for (let i = n - 1; i > 0; i--) {
    const bound = i + 1;
    // Low halves of word · bound below 2^32 mod bound are what makes some j too frequent: draw again.
    let low: number;
    let j: number;
    do {
      const drawn = word();
      low = Math.imul(drawn, bound) >>> 0;
      j = highHalf(drawn, bound);
    } while (low < bound && low < 2 ** 32 % bound);
    const last = order[i];
    order[i] = order[j];
    order[j] = last;
  }
  return order;
}

/** The upper 32 bits of the 64-bit product of two u32. Each partial product is below 2^48, so every sum is exact. */
function highHalf(a: number, b: number): number {
  const low = (a & 0xffff) * b;
  const high = (a >>> 16) * b;
  return Math.floor((high + Math.floor(low / 2 ** 16)) / 2 ** 16);
}

/** A block of n words behind one for key and parameters, freed when `use` is done. */
function withBlock<T>(memory: LinearMemory, n: number, where: string, use: (key: number, out: number) => T): T {
  const key = memory.allocate(64 + n * 4 + 16, where);
  try {
    return use(key, key + 64);
  } finally {
    memory.free(key);
  }
}

function writeKey(memory: LinearMemory, key: number, { seed, purpose, stream }: Stream): void {
  memory.i32(key, 4).set([seed >>> 0, Math.floor(seed / 2 ** 32), stream, purpose]);
}

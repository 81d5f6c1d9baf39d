// Numbers from the library's own generator (assembly/random.ts). It has no state: seed, purpose and stream settle every number, so nothing drawn for one
// purpose moves what is drawn for another.

import type { Backend } from "./backend.js";
import type { LinearMemory } from "./memory.js";

/** What numbers are drawn for; the generator's purpose word. */
export const INITIALIZATION = 1;
export const SHUFFLE = 2;

export interface Stream {
  /** A seed from 0 to 2^53 − 1. */
  readonly seed: number;
  readonly purpose: typeof INITIALIZATION | typeof SHUFFLE;
  /** Parameter number for initialization, epoch for shuffling. */
  readonly stream: number;
}

/** n floats, evenly in [low, high). */
export function uniform(backend: Backend, stream: Stream, n: number, low: number, high: number, where: string): Float32Array<ArrayBuffer> {
  return withBlock(backend.linear, n, where, (key, out) => {
    writeKey(backend.linear, key, stream);
    backend.linear.f32(key + 16, 2).set([low, high]);
    backend.kernels.call("randomUniform", n, out, key, key + 16);
    return backend.linear.f32(out, n).slice();
  });
}

/** The numbers 0 … n − 1 in random order. */
export function permutation(backend: Backend, stream: Stream, n: number, where: string): Int32Array<ArrayBuffer> {
  return withBlock(backend.linear, n, where, (key, out) => {
    writeKey(backend.linear, key, stream);
    const indices = backend.linear.i32(out, n);
    for (let i = 0; i < n; i++) indices[i] = i;
    backend.kernels.call("shuffle", n, out, key);
    return indices.slice();
  });
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

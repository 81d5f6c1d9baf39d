// Guard words round every block of linear memory: `npx vitest run --mode debug` sets this up for each test file, with the debug build of the kernels as the strict one.
// Checked when a block is freed and after each test. Blocks start out, and end, full of the same NaN, so that what is read before it is written, or after it was freed, shows.

import { afterEach, expect } from "vitest";
import { OutOfMemoryError } from "../../src/errors.js";
import { LinearMemory } from "../../src/memory.js";

const WORD = 0x7fc0dead;
/** Bytes before and behind each block. */
const GUARD = 64;

/** Bytes asked for, by pointer. */
const blocks = new WeakMap<LinearMemory, Map<number, number>>();
const memories = new Set<WeakRef<LinearMemory>>();
const { allocate, free } = LinearMemory.prototype;

const words = (memory: LinearMemory, from: number, to: number): Uint32Array => new Uint32Array(memory.memory.buffer, from, (to - from) / 4);
const rounded = (bytes: number, unit: number): number => Math.ceil(bytes / unit) * unit;

function checkBlock(memory: LinearMemory, pointer: number, bytes: number): void {
  const end = pointer + rounded(bytes, 4);
  for (const [from, to] of [[pointer - GUARD, pointer], [end, pointer + rounded(bytes, GUARD) + GUARD]]) {
    const broken = words(memory, from, to).findIndex((word) => word !== WORD);
    if (broken >= 0) throw new Error(`a block of ${bytes} bytes at ${pointer} must leave its surroundings alone, got a write ${from + 4 * broken - pointer} bytes from its start`);
  }
}

// The allocator itself is tested down to its offsets.
if (!/[/\\]memory\.test\.ts$/.test(expect.getState().testPath ?? "")) {
  LinearMemory.prototype.allocate = function (asked, where) {
    const bytes = Math.max(asked, 1);
    let start: number;
    try {
      start = allocate.call(this, bytes + 2 * GUARD, where);
    } catch {
      throw new OutOfMemoryError(where, asked, this.bytesInUse);
    }
    // Guards are nobody's: figures stay those of the library.
    this.bytesInUse -= 2 * GUARD;
    words(this, start, start + rounded(bytes, GUARD) + 2 * GUARD).fill(WORD);
    let own = blocks.get(this);
    if (own === undefined) {
      blocks.set(this, (own = new Map()));
      memories.add(new WeakRef(this));
    }
    own.set(start + GUARD, bytes);
    return start + GUARD;
  };
  LinearMemory.prototype.free = function (pointer) {
    const bytes = blocks.get(this)?.get(pointer);
    if (bytes === undefined) return;
    checkBlock(this, pointer, bytes);
    blocks.get(this)!.delete(pointer);
    words(this, pointer, pointer + rounded(bytes, 4)).fill(WORD);
    free.call(this, pointer - GUARD);
    this.bytesInUse += 2 * GUARD;
  };
  afterEach(() => {
    for (const reference of memories) {
      const memory = reference.deref();
      if (memory === undefined) memories.delete(reference);
      else for (const [pointer, bytes] of blocks.get(memory)!) checkBlock(memory, pointer, bytes);
    }
  });
}

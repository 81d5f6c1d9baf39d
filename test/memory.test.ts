// Linear memory: the allocator and what stands on it. What whole objects do with it: memory.lifetimes.test.ts; what happens without it: memory.faults.test.ts.

import { describe, expect, it } from "vitest";
import { DisposedError, OutOfMemoryError } from "../src/index.js";
import { Lease, LinearMemory, MemoryView } from "../src/memory.js";

const PAGE = 65536;

/** Numbers from 0 to below 1, the same in every run: Lehmer's generator. */
function lehmer(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

function linear(pages = 16, heapBase = 1000): LinearMemory {
  const memory = new LinearMemory(pages * PAGE);
  memory.startAt(heapBase);
  return memory;
}

describe("LinearMemory", () => {
  it("starts past the module's data, on a multiple of 64 bytes, and rounds sizes up to it", () => {
    const memory = linear();
    expect(memory.allocate(1, "test")).toBe(1024);
    expect(memory.allocate(64, "test")).toBe(1088);
    expect(memory.allocate(65, "test")).toBe(1152);
    expect(memory.allocate(0, "test")).toBe(1280);
    expect(memory.bytesInUse).toBe(64 + 64 + 128 + 64);
  });

  it("uses the first free block that is large enough, and cuts it", () => {
    const memory = linear();
    const [a, , c] = [128, 64, 256, 64].map((bytes) => memory.allocate(bytes, "test"));
    memory.free(a);
    memory.free(c);
    expect(memory.allocate(192, "test")).toBe(c);
    expect(memory.allocate(64, "test")).toBe(a);
    expect(memory.allocate(64, "test")).toBe(a + 64);
    expect(memory.allocate(64, "test")).toBe(c + 192);
  });

  it("joins a freed block with its neighbours on both sides", () => {
    for (const order of [[0, 1, 2], [2, 1, 0], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1]]) {
      const memory = linear();
      const blocks = [64, 128, 192].map((bytes) => memory.allocate(bytes, "test"));
      const fence = memory.allocate(64, "test");
      for (const i of order) memory.free(blocks[i]);
      expect(memory.allocate(384, "test")).toBe(blocks[0]);
      expect(fence).toBe(blocks[0] + 384);
    }
  });

  it("grows the last free block rather than starting a new one behind it", () => {
    const memory = linear();
    const a = memory.allocate(64, "test");
    const b = memory.allocate(1024, "test");
    memory.free(b);
    expect(memory.allocate(4096, "test")).toBe(b);
    expect(memory.bytesInUse).toBe(64 + 4096);
    memory.free(a);
    memory.free(b);
    expect(memory.allocate(4160, "test")).toBe(a);
  });

  it("takes pages only when needed, as many as needed, to the last byte of the maximum", () => {
    const memory = linear(4, PAGE - 64);
    expect(memory.bytesReserved).toBe(PAGE);
    memory.allocate(64, "test");
    expect(memory.bytesReserved).toBe(PAGE);
    memory.allocate(PAGE + 64, "test");
    expect(memory.bytesReserved).toBe(3 * PAGE);
    memory.allocate(2 * PAGE - 64, "test");
    expect(memory.bytesReserved).toBe(4 * PAGE);
    expect(() => memory.allocate(1, "test")).toThrow(OutOfMemoryError);
  });

  it("refuses what does not fit, says so, and changes nothing", () => {
    const memory = linear(2);
    const a = memory.allocate(1000, "test");
    const state = [memory.bytesInUse, memory.bytesReserved];
    for (const bytes of [2 * PAGE, 2 ** 32, 2 ** 53, Infinity]) {
      expect(() => memory.allocate(bytes, "here")).toThrow(`here: memory must have room for ${bytes} bytes, got a refusal with 1024 bytes of linear memory in use`);
    }
    expect([memory.bytesInUse, memory.bytesReserved]).toEqual(state);
    expect(memory.allocate(PAGE, "test")).toBe(a + 1024);
  });

  it("ignores what it did not hand out, and what was given back already", () => {
    const memory = linear();
    const a = memory.allocate(64, "test");
    memory.free(a + 64);
    memory.free(0);
    memory.free(a);
    memory.free(a);
    expect(memory.bytesInUse).toBe(0);
    expect(memory.allocate(64, "test")).toBe(a);
    expect(memory.allocate(64, "test")).toBe(a + 64);
  });

  it("never hands out bytes twice, and ends as one free block: 20,000 random steps against a list", () => {
    const random = lehmer(1);
    const memory = linear(64);
    const held = new Map<number, number>();
    let most = 0;
    for (let step = 0; step < 20_000; step++) {
      if (held.size > 0 && random() < 0.5) {
        const offset = [...held.keys()][Math.floor(random() * held.size)];
        held.delete(offset);
        memory.free(offset);
      } else {
        const bytes = Math.floor(random() * random() * 4000);
        const offset = memory.allocate(bytes, "test");
        const end = offset + bytes;
        expect(offset % 64).toBe(0);
        expect(end).toBeLessThanOrEqual(memory.bytesReserved);
        for (const [other, size] of held) if (offset < other + size && other < end) throw new Error(`${offset} + ${bytes} overlaps ${other} + ${size}`);
        held.set(offset, bytes);
      }
      most = Math.max(most, memory.bytesInUse);
    }
    for (const offset of held.keys()) memory.free(offset);
    expect(memory.bytesInUse).toBe(0);
    expect(memory.allocate(most, "test")).toBe(1024);
  });
});

describe("Lease", () => {
  it("frees its blocks and those of its children at once, and hands out no more", () => {
    const memory = linear();
    const lease = new Lease(memory, "thing");
    lease.allocate(100, "test");
    const child = lease.sublet((each) => (each.zeros(10, "test"), each));
    expect(memory.bytesInUse).toBe(192);
    lease.dispose();
    lease.dispose();
    expect(memory.bytesInUse).toBe(0);
    expect([lease.disposed, child.disposed]).toEqual([true, true]);
    expect(() => lease.allocate(1, "here")).toThrow("here: the thing must not be disposed, got a call after dispose()");
    expect(() => child.allocate(1, "here")).toThrow(DisposedError);
    expect(() => lease.sublet((each) => each.allocate(1, "here"))).toThrow(DisposedError);
    expect(memory.bytesInUse).toBe(0);
  });

  it("takes back what a child has allocated when making it fails", () => {
    const memory = linear();
    const lease = new Lease(memory, "thing");
    const fail = (each: Lease): never => {
      each.allocate(100, "test");
      throw new RangeError("no");
    };
    expect(() => lease.sublet(fail)).toThrow(RangeError);
    expect(memory.bytesInUse).toBe(0);
  });

  it("MemoryView gives the same values after memory has grown", () => {
    const memory = linear();
    const view = new MemoryView(memory, memory.allocate(64, "test"), 16);
    const before = view.array;
    before.fill(3);
    memory.allocate(5 * PAGE, "test");
    expect(before.length).toBe(0);
    expect([...view.array]).toEqual(new Array(16).fill(3));
    expect(view.array).toBe(view.array);
    const empty = new MemoryView(memory, memory.allocate(0, "test"), 0);
    memory.allocate(5 * PAGE, "test");
    expect([...empty.array.slice()]).toEqual([]); // a detached view throws
  });
});

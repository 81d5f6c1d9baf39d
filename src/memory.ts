// The only file that allocates in linear memory or makes views of it.

import { DisposedError, OutOfMemoryError } from "./errors.js";

const PAGE = 65536;
const MAXIMUM_PAGES = 65536;
/** Blocks start on a cache line, so a vector load never straddles two. */
const ALIGNMENT = 64;

/** First-fit blocks of one WebAssembly.Memory, with coalescing. Offsets are bytes; every block is 64-byte aligned. */
export class LinearMemory {
  /** @internal */
  readonly memory: WebAssembly.Memory;
  bytesInUse = 0;
  readonly #maximumBytes: number;
  #top = 0;
  /** Size by offset of what is handed out. */
  readonly #used = new Map<number, number>();
  /** Free blocks below #top, by offset, never touching each other. */
  #free: { offset: number; size: number }[] = [];

  /** `shared` memory is for threads. */
  constructor(maximumBytes = PAGE * MAXIMUM_PAGES, shared = false) {
    this.#maximumBytes = maximumBytes;
    try {
      this.memory = new WebAssembly.Memory({ initial: 1, maximum: Math.floor(maximumBytes / PAGE), shared });
    } catch {
      // Engines reserve address space for the maximum, and have room for only so many.
      throw new OutOfMemoryError("createBackend", PAGE);
    }
  }

  /** Where the module's own data ends and blocks may begin. Called once, after instantiation. */
  startAt(heapBase: number): void {
    this.#top = align(heapBase);
  }

  /** Bytes that may still be handed out, fragmentation and the engine's consent apart. */
  get bytesLeft(): number {
    return this.#maximumBytes - this.bytesInUse;
  }

  get bytesReserved(): number {
    return this.memory.buffer.byteLength;
  }

  /** Offset of a new block, its content undefined. Throws OutOfMemoryError and changes nothing when memory cannot grow. */
  allocate(bytes: number, where: string): number {
    const size = Math.max(align(bytes), ALIGNMENT);
    const index = this.#free.findIndex((block) => block.size >= size);
    let offset: number;
    if (index >= 0) {
      const block = this.#free[index];
      offset = block.offset;
      if (block.size === size) this.#free.splice(index, 1);
      else this.#free[index] = { offset: offset + size, size: block.size - size };
    } else {
      const last = this.#free.at(-1);
      const start = last !== undefined && last.offset + last.size === this.#top ? last.offset : this.#top;
      this.#growTo(start + size, bytes, where);
      if (start !== this.#top) this.#free.pop();
      offset = start;
      this.#top = start + size;
    }
    this.#used.set(offset, size);
    this.bytesInUse += size;
    return offset;
  }

  free(offset: number): void {
    const size = this.#used.get(offset);
    if (size === undefined) return;
    this.#used.delete(offset);
    this.bytesInUse -= size;
    let at = this.#free.findIndex((block) => block.offset > offset);
    if (at < 0) at = this.#free.length;
    const before = this.#free[at - 1];
    const after = this.#free[at];
    const block = { offset, size };
    if (after !== undefined && offset + size === after.offset) {
      block.size += after.size;
      this.#free.splice(at, 1);
    }
    if (before !== undefined && before.offset + before.size === offset) before.size += block.size;
    else this.#free.splice(at, 0, block);
  }

  #growTo(end: number, requested: number, where: string): void {
    const missing = end - this.memory.buffer.byteLength;
    if (missing <= 0) return;
    const refuse = () => new OutOfMemoryError(where, requested, this.bytesInUse);
    if (end > PAGE * MAXIMUM_PAGES) throw refuse();
    const pages = Math.ceil(missing / PAGE);
    // A little more at a time: each growth costs a collection of what it detached. Then only what must be.
    for (const step of [Math.max(pages, Math.floor(this.memory.buffer.byteLength / PAGE / 16)), pages]) {
      try {
        this.memory.grow(step);
        return;
      } catch {}
    }
    throw refuse();
  }

  /** `array`, or a copy of it if it is a view of this memory, which a growth would detach before it is used. */
  steady<T extends Float32Array | Int32Array | Uint8Array>(array: T): T {
    return array.buffer === this.memory.buffer ? (array.slice() as T) : array;
  }

  // Views die when memory grows: make them where they are used, keep them only through a MemoryView.

  f32(offset: number, length: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.memory.buffer as ArrayBuffer, offset, length);
  }
  i32(offset: number, length: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.memory.buffer as ArrayBuffer, offset, length);
  }
  f64(offset: number, length: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.memory.buffer as ArrayBuffer, offset, length);
  }
}

function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** A Float32Array over a block that survives growth: `array` makes a new view when the old one was detached. */
export class MemoryView {
  #array: Float32Array<ArrayBuffer>;
  constructor(readonly memory: LinearMemory, readonly offset: number, readonly length: number) {
    this.#array = memory.f32(offset, length);
  }
  get array(): Float32Array<ArrayBuffer> {
    // A detached view has length 0; so has one of an empty block, which may be detached too.
    if (this.#array.length === 0) this.#array = this.memory.f32(this.offset, this.length);
    return this.#array;
  }
}

/** The blocks one object owns, freed together: by dispose(), or by the garbage collector if the owner was dropped without it. */
export class Lease {
  readonly #offsets: number[] = [];
  readonly #children = new Set<Lease>();
  #disposed = false;
  constructor(readonly memory: LinearMemory, readonly owner: string, readonly parent?: Lease) {}

  /** What `make` builds on a lease of its own, which ends with this one or earlier; at once if `make` throws. */
  sublet<T>(make: (lease: Lease) => T): T {
    const child = new Lease(this.memory, this.owner, this);
    this.#children.add(child);
    try {
      return make(child);
    } catch (error) {
      child.dispose();
      throw error;
    }
  }

  allocate(bytes: number, where: string): number {
    if (this.disposed) throw this.disposedError(where);
    const offset = this.memory.allocate(bytes, where);
    this.#offsets.push(offset);
    return offset;
  }

  /** A block of floats set to 0. */
  zeros(length: number, where: string): number {
    const offset = this.allocate(length * 4, where);
    this.memory.f32(offset, length).fill(0);
    return offset;
  }

  get disposed(): boolean {
    return this.#disposed || (this.parent?.disposed ?? false);
  }

  disposedError(where: string): DisposedError {
    return new DisposedError(`${where}: the ${this.owner} must not be disposed, got a call after dispose()`);
  }

  dispose(): void {
    this.#disposed = true;
    // Or the registry would hold it until the event loop turns.
    dropped?.unregister(this);
    if (this.parent !== undefined) this.parent.#children.delete(this);
    for (const child of [...this.#children]) child.dispose();
    for (const offset of this.#offsets.splice(0)) this.memory.free(offset);
  }
}

/** workerd has it since the compatibility date 2025-05-05. */
const dropped = typeof FinalizationRegistry === "function" ? new FinalizationRegistry<Lease>((lease) => lease.dispose()) : undefined;

/** Frees `lease` some time after `owner` was collected. A help, not a promise: call dispose(). */
export function disposeWithOwner(owner: object, lease: Lease): void {
  dropped?.register(owner, lease, lease);
}

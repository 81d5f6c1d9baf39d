// Matrices of one plan. With `reuse`, what is released is handed out again: a forward pass of any depth then lives in a few blocks.

import { rowStride, type Block } from "./layers/layer.js";
import type { Lease } from "./memory.js";

export class Arena {
  readonly #sizes = new Map<number, number>();
  readonly #free = new Set<number>();

  constructor(readonly lease: Lease, readonly capacity: number, readonly reuse: boolean, readonly where: string) {}

  /** capacity × columns, rows padded to whole panels; what is in it is not defined. */
  matrix(columns: number): Block {
    const ld = rowStride(columns);
    const bytes = this.capacity * ld * 4;
    let best: number | undefined;
    for (const pointer of this.#free) if (this.#size(pointer) >= bytes && (best === undefined || this.#size(pointer) < this.#size(best))) best = pointer;
    if (best === undefined) this.#sizes.set((best = this.lease.allocate(bytes, this.where)), bytes);
    this.#free.delete(best);
    return { pointer: best, ld };
  }

  /** Nobody reads the block from here on; a block from elsewhere is left alone. */
  release({ pointer }: Block): void {
    if (this.reuse && this.#sizes.has(pointer)) this.#free.add(pointer);
  }

  /** A block of these numbers for kernels to read; 0 if there are none. */
  constants(values: readonly number[]): number {
    if (values.length === 0) return 0;
    const pointer = this.lease.allocate(values.length * 4, this.where);
    this.lease.memory.f32(pointer, values.length).set(values);
    return pointer;
  }

  /** The same for whole numbers. */
  words(values: readonly number[]): number {
    const pointer = this.lease.allocate(values.length * 4, this.where);
    this.lease.memory.i32(pointer, values.length).set(values);
    return pointer;
  }

  #size(pointer: number): number {
    return this.#sizes.get(pointer)!;
  }
}

// Where kernels are put to the test: linear memory that holds canaries wherever there is no operand, and an image of what it must hold afterwards, to the bit.

import { compile, type Build } from "../instance.js";

/** A quiet NaN; and by turns with it a number, which shows where a NaN that was read and written back would not. */
const canaries = [[0x7fc0dead, 0x7fc0dead], [0x7fc0dead, 0x4b0dead1]];
/** Words of canary round every operand: 64 bytes. */
const guard = 16;
/** Byte offset of the first operand; the module's own data lies before it. */
const start = 1 << 16;

export class Stage {
  readonly kernels: Record<string, (...args: number[]) => void>;
  /** All of linear memory. */
  readonly floats: Float32Array;
  readonly #memory: Buffer;
  readonly #image: Buffer;
  readonly #words: Uint32Array;
  readonly #imageFloats: Float32Array;
  /** Words in use. */
  #top = start >> 2;
  #drawn: readonly number[] = canaries[0];

  /** `bytes` for operands. */
  constructor(build: Build, bytes = 12 << 20) {
    const memory = new WebAssembly.Memory({ initial: (start + bytes) >> 16, maximum: 65536 });
    this.kernels = new WebAssembly.Instance(compile(build), { env: { memory } }).exports as never;
    const image = new ArrayBuffer(start + bytes);
    [this.#memory, this.#image] = [Buffer.from(memory.buffer), Buffer.from(image)];
    [this.#words, this.floats, this.#imageFloats] = [new Uint32Array(image), new Float32Array(memory.buffer), new Float32Array(image)];
  }

  /** Forgets all operands; `turn` chooses the canary. */
  clear(turn: number): void {
    this.#top = start >> 2;
    this.#drawn = canaries[turn % canaries.length];
    this.#fill(guard);
  }

  /** A row-major matrix that starts `offset` floats behind a multiple of 16 bytes; without values, a place for one. Canaries in the gaps of its rows and round it. */
  matrix(rows: number, columns: number, ld = columns, offset = 0, values?: ArrayLike<number>): number {
    this.#fill(offset);
    const at = this.#top;
    this.#fill(rows * ld);
    if (values !== undefined) this.#write(at, rows, columns, ld, values);
    this.#fill(guard + (-this.#top & 3));
    return at << 2;
  }

  /** Puts the operands into memory. */
  load(): void {
    this.#image.copy(this.#memory, start, start, this.#top << 2);
  }

  /** A kernel must have written these values. */
  expect(pointer: number, rows: number, columns: number, ld: number, values: ArrayLike<number>): void {
    this.#write(pointer >> 2, rows, columns, ld, values);
  }

  /** A kernel may have written anything to the columns from `from` to `to`. */
  ignore(pointer: number, rows: number, from: number, to: number, ld: number): void {
    const at = pointer >> 2;
    for (let r = 0; r < rows; r++) for (let i = at + r * ld + from; i < at + r * ld + to; i++) this.#words[i] = this.#memory.readUInt32LE(i << 2);
  }

  /** What lies in memory now, row-major. */
  read(pointer: number, rows: number, columns: number, ld: number): Float32Array {
    const values = new Float32Array(rows * columns);
    for (let r = 0; r < rows; r++) values.set(this.floats.subarray((pointer >> 2) + r * ld, (pointer >> 2) + r * ld + columns), r * columns);
    return values;
  }

  /** Byte offset of the first word that is not what it must be, from the first operand; −1 if all is well. */
  difference(): number {
    const end = this.#top << 2;
    if (this.#memory.compare(this.#image, start, end, start, end) === 0) return -1;
    for (let at = start; at < end; at += 4) if (this.#memory.readUInt32LE(at) !== this.#image.readUInt32LE(at)) return at - start;
    return -1;
  }

  #write(at: number, rows: number, columns: number, ld: number, values: ArrayLike<number>): void {
    const floats = this.#imageFloats;
    if (ld === columns) floats.set(values as Float32Array, at);
    else for (let r = 0, i = 0; r < rows; r++) for (let to = at + r * ld, end = to + columns; to < end; ) floats[to++] = values[i++];
  }

  #fill(words: number): void {
    const end = this.#top + words;
    const [even, odd] = this.#drawn;
    if (end << 2 > this.#image.length) throw new RangeError(`the stage must hold ${end << 2} bytes, got ${this.#image.length}`);
    this.#words.fill(even, this.#top, end);
    if (odd !== even) for (let i = this.#top | 1; i < end; i += 2) this.#words[i] = odd;
    this.#top = end;
  }
}

// The wasm builds for tests that call kernels directly: an instance, and buffers in its memory with guard words on both sides.

import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";

/** debug is strict without optimization, and refuses what kernels do not take (assembly/contract/). */
export const builds = ["strict", "relaxed", "debug"] as const;
export type Build = (typeof builds)[number];

// By turns a quiet NaN, which shows in what is computed from it, and a number, which shows if it is computed over and stored back.
const guards = [0x7fc0dead, 0x4b0dead1];
const guardWords = 16;
const start = 1 << 20;

const modules = new Map<Build, WebAssembly.Module>();

export function bytesOf(build: Build): Uint8Array<ArrayBuffer> {
  return readFileSync(new URL(`../build/wasm/${build}.wasm`, import.meta.url));
}

/** Node 20 has relaxed SIMD behind a flag; newer engines know no such flag and need none. */
export function allowRelaxed(): void {
  if (!WebAssembly.validate(bytesOf("relaxed"))) setFlagsFromString("--experimental-wasm-relaxed-simd");
}

export function compile(build: Build): WebAssembly.Module {
  let module = modules.get(build);
  if (!module) {
    if (build === "relaxed") allowRelaxed();
    module = new WebAssembly.Module(bytesOf(build));
    modules.set(build, module);
  }
  return module;
}

export interface Buffer {
  /** Byte offset in linear memory. */
  readonly at: number;
  readonly f32: Float32Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
}

export class Instance {
  readonly kernels: Record<string, (...args: number[]) => void>;
  readonly #memory = new WebAssembly.Memory({ initial: 256, maximum: 65536 });
  #end = start;
  #guards: number[] = [];

  constructor(build: Build) {
    const imports = { env: { memory: this.#memory } };
    this.kernels = new WebAssembly.Instance(compile(build), imports).exports as never;
  }

  /** A buffer of n words at a multiple of 16 bytes, pre-filled with NaN, guard words on both sides. */
  words(n: number): Buffer {
    const at = this.#end + guardWords * 4;
    const end = at + n * 4;
    const next = Math.ceil(end / 16) * 16 + guardWords * 4;
    const all = new Uint32Array(this.#memory.buffer);
    for (let i = this.#end >> 2; i < next >> 2; i++) all[i] = guards[i & 1];
    all.fill(0x7fc00000, at >> 2, end >> 2);
    this.#guards.push(this.#end, at, end, next);
    this.#end = next;
    const buffer = this.#memory.buffer;
    return { at, f32: new Float32Array(buffer, at, n), i32: new Int32Array(buffer, at, n), u32: new Uint32Array(buffer, at, n) };
  }

  floats(values: ArrayLike<number>): Buffer {
    const buffer = this.words(values.length);
    buffer.f32.set(values);
    return buffer;
  }

  integers(values: ArrayLike<number>): Buffer {
    const buffer = this.words(values.length);
    buffer.i32.set(values);
    return buffer;
  }

  /** Rows laid out ld floats apart; the padding holds NaN or what is asked. */
  matrix(rows: readonly (readonly number[])[], ld: number, padding = NaN): Buffer {
    const buffer = this.words(rows.length * ld);
    buffer.f32.fill(padding);
    rows.forEach((row, r) => buffer.f32.set(row, r * ld));
    return buffer;
  }

  /** The f64 a kernel wrote to a buffer of two words. */
  double(buffer: Buffer): number {
    return new DataView(this.#memory.buffer).getFloat64(buffer.at, true);
  }

  /** Byte offset of the first guard word that was written over, or −1. */
  brokenGuard(): number {
    const all = new Uint32Array(this.#memory.buffer);
    for (let i = 0; i < this.#guards.length; i += 2) {
      for (let at = this.#guards[i]; at < this.#guards[i + 1]; at += 4) if (all[at >> 2] !== guards[(at >> 2) & 1]) return at;
    }
    return -1;
  }

  /** All of linear memory. */
  get buffer(): ArrayBuffer {
    return this.#memory.buffer;
  }

  /** Forgets all buffers. */
  reset(): void {
    this.#end = start;
    this.#guards = [];
  }
}

/** `columns` rounded up to whole panels: the stride of rows. */
export function leading(columns: number): number {
  return Math.ceil(columns / 8) * 8;
}

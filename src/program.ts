// Records kernel calls and writes them to linear memory for assembly/program.ts to run in one go.

import type { Backend } from "./backend.js";
import type { KernelArguments, KernelName } from "./kernels.js";
import type { Lease } from "./memory.js";

/** Stands for the number of rows in the batch, which may change from run to run up to the capacity it was planned for. */
export const ROWS = Symbol("rows");

type Recorded<T extends unknown[]> = { [I in keyof T]: T[I] | typeof ROWS };

export class Program {
  readonly #words: number[] = [];
  /** Which words hold the row count. */
  readonly #rowWords: number[] = [];
  #start = 0;
  #rows = 0;

  constructor(readonly backend: Backend) {}

  add<K extends KernelName>(kernel: K, ...args: Recorded<KernelArguments[K]>): void {
    this.#words.push(this.backend.kernels.index(kernel), args.length);
    for (const arg of args as (number | typeof ROWS)[]) {
      if (arg === ROWS) this.#rowWords.push(this.#words.length);
      this.#words.push(arg === ROWS ? 0 : arg);
    }
  }

  /** Writes the recorded calls into a block of `lease`. */
  write(lease: Lease, where: string): void {
    // The interpreter reads four arguments ahead of knowing how many there are: four words of slack.
    this.#start = lease.allocate((this.#words.length + 4) * 4, where);
    this.backend.linear.i32(this.#start, this.#words.length).set(this.#words);
  }

  run(rows: number): void {
    if (rows !== this.#rows) {
      const words = this.backend.linear.i32(this.#start, this.#words.length);
      for (const word of this.#rowWords) words[word] = rows;
      this.#rows = rows;
    }
    this.backend.kernels.run(this.#start, this.#start + this.#words.length * 4);
  }
}

// Records kernel calls and writes them to linear memory for assembly/program.ts to run in one go.

import type { Backend } from "./backend.js";
import type { KernelArguments, KernelName } from "./kernels.js";
import { Lease } from "./memory.js";

/** An argument that depends on the number of rows in the batch, which may change from run to run up to the capacity it was planned for. */
export type Dynamic = (rows: number) => number;

/** The number of rows itself. */
export const ROWS: Dynamic = (rows) => rows;

type Recorded<T extends unknown[]> = { [I in keyof T]: T[I] | Dynamic };

/** A recorded call; `args` are those of KernelArguments[kernel]. */
export interface Call {
  readonly kernel: KernelName;
  readonly args: readonly (number | Dynamic)[];
}

export function call<K extends KernelName>(kernel: K, ...args: Recorded<KernelArguments[K]>): Call {
  return { kernel, args };
}

/** Code of the user's between kernels. */
type Host = (rows: number) => void;

export class Program {
  /** Groups follow one another; the calls of one do not depend on each other. Between some of them, a function of the host. */
  readonly #groups: (Call[] | Host)[] = [];
  #open: Call[] | undefined;
  /** What is run in turn: scripts, one a thread, or a function. */
  #parts: (Script[] | Host)[] = [];
  #rows = 0;

  constructor(readonly backend: Backend) {}

  add<K extends KernelName>(kernel: K, ...args: Recorded<KernelArguments[K]>): void {
    const recorded = call(kernel, ...args);
    if (this.#open) this.#open.push(recorded);
    else this.#groups.push([recorded]);
  }

  /** `work` is called with the rows of the batch when its turn comes. */
  host(work: Host): void {
    this.#groups.push(work);
  }

  /** Groups recorded so far. */
  get length(): number {
    return this.#groups.length;
  }

  /** What `record` adds may run in any order, or at the same time. */
  together(record: () => void): void {
    this.#groups.push((this.#open = []));
    record();
    this.#open = undefined;
  }

  /** Writes the recorded calls into blocks of `lease`, for up to `capacity` rows. */
  write(lease: Lease, capacity: number, where: string): void {
    const { crew } = this.backend;
    this.#parts = [];
    for (let i = 0; i < this.#groups.length; i++) {
      const first = this.#groups[i];
      if (typeof first === "function") {
        this.#parts.push((rows) => {
          first(rows);
          // The user's code may have disposed what the kernels after it work on.
          if (lease.disposed) throw lease.disposedError(where);
        });
        continue;
      }
      const calls: Call[][] = [first];
      for (let next = this.#groups[i + 1]; i + 1 < this.#groups.length && typeof next !== "function"; next = this.#groups[++i + 1]) calls.push(next);
      this.#parts.push((crew?.share(calls, capacity) ?? [calls.flat()]).map((own) => new Script(this.backend, own, lease, where)));
    }
  }

  run(rows: number): void {
    const { crew, kernels } = this.backend;
    if (rows !== this.#rows) {
      for (const part of this.#parts) if (typeof part !== "function") for (const script of part) script.setRows(rows);
      this.#rows = rows;
    }
    for (const part of this.#parts) {
      if (typeof part === "function") part(rows);
      else if (crew !== undefined) crew.run(part);
      else kernels.run(part[0].start, part[0].end);
    }
  }
}

/** The calls of one thread in linear memory. */
export class Script {
  readonly start: number;
  readonly end: number;
  readonly #backend: Backend;
  /** Which words depend on the rows, and how. */
  readonly #dynamic: { readonly word: number; readonly value: Dynamic }[] = [];

  constructor(backend: Backend, calls: readonly Call[], lease: Lease, where: string) {
    const words: number[] = [];
    for (const { kernel, args } of calls) {
      words.push(backend.kernels.index(kernel), args.length);
      for (const arg of args) {
        if (typeof arg === "function") this.#dynamic.push({ word: words.length, value: arg });
        words.push(typeof arg === "function" ? 0 : arg);
      }
    }
    // The interpreter reads four arguments ahead of knowing how many there are: four words of slack.
    this.start = lease.allocate((words.length + 4) * 4, where);
    this.end = this.start + words.length * 4;
    this.#backend = backend;
    backend.linear.i32(this.start, words.length).set(words);
  }

  setRows(rows: number): void {
    const words = this.#backend.linear.i32(this.start, (this.end - this.start) / 4);
    for (const { word, value } of this.#dynamic) words[word] = value(rows);
  }
}

/** Runs calls that are made only once: straight away, or shared among the threads of the backend. */
export function runOnce(backend: Backend, record: (program: Pick<Program, "add">) => void, where: string): void {
  if (backend.crew === undefined) return record({ add: (kernel, ...args) => backend.kernels.call(kernel, ...(args as never)) });
  const lease = new Lease(backend.linear, "program");
  try {
    const program = new Program(backend);
    record(program);
    program.write(lease, 1, where);
    program.run(1);
  } finally {
    lease.dispose();
  }
}

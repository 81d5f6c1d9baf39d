// Lays out the working memory of a batch and records its kernels: once per shape, so that a run allocates nothing.

import { Arena } from "./arena.js";
import type { Backend } from "./backend.js";
import { forwardChain } from "./layers/chain.js";
import type { Layer, Mode, Pass } from "./layers/layer.js";
import { type Lease, MemoryView } from "./memory.js";
import type { ParameterBlock } from "./parameters.js";
import { Program, ROWS } from "./program.js";

/** What a plan works on: the layers, and where their numbers lie. */
export interface Stack<L extends Layer = Layer> {
  readonly backend: Backend;
  readonly layers: readonly L[];
  readonly parameters: ParameterBlock;
  /** Start of the weights: the network's block, or a session's own copy. */
  readonly weights: number;
}

/** Records the forward pass of the rows that lie contiguous at `x`. With `logits`, the last activation is left out. `random`: ForwardSite's. */
export function recordForward({ layers, parameters, weights }: Stack, program: Program, arena: Arena, x: number, mode: Mode, logits = false, random = 0): Pass[] {
  let streams = 0;
  const input = { pointer: x, ld: layers[0].inputs };
  return forwardChain(layers, { program, arena, mode, input, logits, random, stream: () => streams++, parameter: (key) => weights + parameters.byteOffset(key) });
}

/** A forward pass over up to `capacity` rows: x and output are contiguous, `columns` values a row. */
export class InferencePlan {
  readonly x: MemoryView;
  readonly output: MemoryView;
  readonly #program: Program;

  constructor(stack: Stack, readonly lease: Lease, readonly capacity: number, where: string) {
    const { backend, layers } = stack;
    const { inputs } = layers[0];
    const { units } = layers.at(-1)!;
    const x = lease.allocate(capacity * inputs * 4, where);
    this.#program = new Program(backend);
    const { a } = recordForward(stack, this.#program, new Arena(lease, capacity, true, where), x, "infer").at(-1)!;
    const fits = a.ld === units || capacity === 1;
    const output = fits ? a.pointer : lease.allocate(capacity * units * 4, where);
    // In place, too: it makes one NaN of all.
    this.#program.add("copyRows", ROWS, units, a.pointer, a.ld, output, fits ? a.ld : units);
    this.#program.write(lease, capacity, where);
    this.x = new MemoryView(backend.linear, x, capacity * inputs);
    this.output = new MemoryView(backend.linear, output, capacity * units);
  }

  run(rows: number): void {
    this.#program.run(rows);
  }
}

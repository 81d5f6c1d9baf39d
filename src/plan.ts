// Lays out the working memory of a batch and records its kernels: once per shape, so that a run allocates nothing.

import type { Backend } from "./backend.js";
import { rowStride, type Block, type Layer, type TrainableLayer } from "./layers/layer.js";
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

/** How the arrays between layers share memory. "reuse": two blocks in turn. "train": what backward reads is kept. "keep": every z and a. */
export type Keeping = "reuse" | "train" | "keep";

/** Where each layer's arrays lie. */
export interface Place {
  readonly input: Block;
  readonly z: Block;
  readonly a: Block;
  readonly options: number;
}

/** Records the forward pass of up to `capacity` rows whose input lies contiguous at `x`. With `logits`, the last activation is left out. */
export function recordForward(stack: Stack, program: Program, lease: Lease, x: number, capacity: number, keeping: Keeping, logits: boolean, where: string): Place[] {
  const { layers, parameters, weights } = stack;
  const matrix = (columns: number): Block => ({ pointer: lease.allocate(capacity * rowStride(columns) * 4, where), ld: rowStride(columns) });
  const widest = Math.max(...layers.map(({ units }) => rowStride(units)));
  const pair = keeping === "reuse" ? Array.from({ length: Math.min(2, layers.length) }, () => lease.allocate(capacity * widest * 4, where)) : [];

  const { inputs, anyStride } = layers[0];
  let input: Block = { pointer: x, ld: inputs };
  if (!anyStride && inputs !== rowStride(inputs)) {
    const aligned = matrix(inputs);
    program.add("copyRows", ROWS, inputs, input.pointer, inputs, aligned.pointer, aligned.ld);
    input = aligned;
  }

  return layers.map((layer, i) => {
    const bare = logits && i === layers.length - 1;
    // Left out, an activation layer writes nothing: its output is what goes in.
    const a = bare && !layer.preactivation ? input : keeping === "reuse" ? { pointer: pair[i % 2], ld: rowStride(layer.units) } : matrix(layer.units);
    let z = a;
    if (!layer.preactivation) z = input;
    else if (!bare && (keeping === "keep" || (keeping === "train" && (layer as TrainableLayer).readsPreactivation))) z = matrix(layer.units);
    const options = placeOptions(layer, lease, where);
    layer.forward({ program, input, z, a, options, logits: bare, parameter: (name) => weights + parameters.byteOffset(i, name) });
    const place = { input, z, a, options };
    input = a;
    return place;
  });
}

function placeOptions({ activation }: Layer, lease: Lease, where: string): number {
  const values = Object.values(activation.options);
  if (values.length === 0) return 0;
  const pointer = lease.allocate(values.length * 4, where);
  lease.memory.f32(pointer, values.length).set(values);
  return pointer;
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
    const { a } = recordForward(stack, this.#program, lease, x, capacity, "reuse", false, where).at(-1)!;
    let output = a.pointer;
    if (a.ld !== units && capacity > 1) {
      output = lease.allocate(capacity * units * 4, where);
      this.#program.add("copyRows", ROWS, units, a.pointer, a.ld, output, units);
    }
    this.#program.write(lease, capacity, where);
    this.x = new MemoryView(backend.linear, x, capacity * inputs);
    this.output = new MemoryView(backend.linear, output, capacity * units);
  }

  run(rows: number): void {
    this.#program.run(rows);
  }
}

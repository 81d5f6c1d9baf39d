// All trainable numbers of a network in one contiguous block, layer after layer, so that optimizers run once over everything.

import { ShapeError } from "./errors.js";
import type { Backend } from "./backend.js";
import type { Layer, Parameter } from "./layers/layer.js";
import type { Lease } from "./memory.js";

export interface PlacedParameter extends Parameter {
  /** Index of its layer in `layers`. */
  readonly layer: number;
  /** "<layer>.<name>", layers counted from 1: what files and recorded kernels know it by. */
  readonly key: string;
  /** Floats from the start of the block. */
  readonly offset: number;
}

export class ParameterBlock {
  readonly placed: readonly PlacedParameter[];
  /** Floats that are learned, padding included; a multiple of 8. Gradients and optimizer state are blocks of this size. */
  readonly size: number;
  /** Floats in the block: behind what is learned lies what layers measure. */
  readonly total: number;
  /** Start of the block, in bytes. */
  readonly pointer: number;
  /** Numbers users see, padding excluded. */
  readonly count: number;
  readonly #byKey = new Map<string, PlacedParameter>();

  constructor(readonly backend: Backend, readonly lease: Lease, layers: readonly Layer[], where: string) {
    const all = layers.flatMap(({ parameters }, layer) => parameters.map((parameter) => ({ ...parameter, layer, key: `${layer + 1}.${parameter.name}` })));
    const learned = all.filter(({ state }) => !state);
    const sum = (parameters: readonly Parameter[], of: (parameter: Parameter) => number) => parameters.reduce((total, parameter) => total + of(parameter), 0);
    this.size = sum(learned, ({ size }) => size);
    this.total = sum(all, ({ size }) => size);
    this.count = sum(learned, elements);
    if (this.total > 2 ** 30 - 1) throw new ShapeError(`${where}: the layers must hold at most ${2 ** 30 - 1} values together, got ${this.total}`);
    const next = { learned: 0, state: this.size };
    this.placed = all.map((parameter) => {
      const kind = parameter.state ? "state" : "learned";
      const placed = { ...parameter, offset: next[kind] };
      next[kind] += parameter.size;
      this.#byKey.set(placed.key, placed);
      return placed;
    });
    this.pointer = lease.zeros(this.total, where);
  }

  /** Those that are learned. */
  get learned(): PlacedParameter[] {
    return this.placed.filter(({ state }) => !state);
  }

  /** Bytes from the start of any block laid out like this one (weights, gradients, optimizer state). */
  byteOffset(key: string): number {
    return this.#byKey.get(key)!.offset * 4;
  }

  find(key: string): PlacedParameter | undefined {
    return this.#byKey.get(key);
  }

  /** A copy of one parameter from a block laid out like this one, row-major without padding. */
  read(parameter: PlacedParameter, block: number, where: string): Float32Array<ArrayBuffer> {
    const { kernels, linear } = this.backend;
    const at = block + parameter.offset * 4;
    const [rows, columns] = parameter.shape;
    if (isPlain(parameter)) return linear.f32(at, elements(parameter)).slice();
    const plain = linear.allocate(rows * columns * 4, where);
    try {
      kernels.call("unpackPanels", rows, columns, at, plain, columns);
      return linear.f32(plain, rows * columns).slice();
    } finally {
      linear.free(plain);
    }
  }

  /** The inverse of `read`; `values` has been checked. */
  write(parameter: PlacedParameter, block: number, values: Float32Array, where: string): void {
    const { kernels, linear } = this.backend;
    const [rows, columns] = parameter.shape;
    if (isPlain(parameter)) return linear.f32(block + parameter.offset * 4, values.length).set(values);
    const plain = linear.allocate(rows * columns * 4, where);
    try {
      linear.f32(plain, rows * columns).set(values);
      kernels.call("packPanels", rows, columns, plain, columns, block + parameter.offset * 4);
    } finally {
      linear.free(plain);
    }
  }
}

export function isPlain({ plain, shape }: Parameter): boolean {
  return plain === true || shape.length === 1;
}

/** Numbers a layer learns. */
export function countLearned({ parameters }: Layer): number {
  return parameters.reduce((sum, parameter) => sum + (parameter.state ? 0 : elements(parameter)), 0);
}

export function elements({ shape }: Parameter): number {
  return shape.reduce((product, length) => product * length, 1);
}

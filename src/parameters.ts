// All trainable numbers of a network in one contiguous block, layer after layer, so that optimizers run once over everything.

import { ShapeError } from "./errors.js";
import type { Backend } from "./backend.js";
import type { Layer, Parameter } from "./layers/layer.js";
import type { Lease } from "./memory.js";

export interface PlacedParameter extends Parameter {
  /** Index of its layer in `layers`. */
  readonly layer: number;
  /** Floats from the start of the block. */
  readonly offset: number;
}

export class ParameterBlock {
  readonly placed: readonly PlacedParameter[];
  /** Floats in the block, padding included; a multiple of 8. */
  readonly size: number;
  /** Start of the block, in bytes. */
  readonly pointer: number;
  /** Numbers users see, padding excluded. */
  readonly count: number;

  constructor(readonly backend: Backend, readonly lease: Lease, layers: readonly Layer[], where: string) {
    const placed: PlacedParameter[] = [];
    let offset = 0;
    let count = 0;
    for (const [layer, { parameters }] of layers.entries()) {
      for (const parameter of parameters) {
        placed.push({ ...parameter, layer, offset });
        offset += parameter.size;
        count += elements(parameter);
      }
    }
    if (offset > 2 ** 30 - 1) throw new ShapeError(`${where}: the layers must hold at most ${2 ** 30 - 1} values together, got ${offset}`);
    this.placed = placed;
    this.size = offset;
    this.count = count;
    this.pointer = lease.zeros(offset, where);
  }

  /** Bytes from the start of any block laid out like this one (weights, gradients, optimizer state). */
  byteOffset(layer: number, name: Parameter["name"]): number {
    return this.find(layer, name)!.offset * 4;
  }

  find(layer: number, name: string): PlacedParameter | undefined {
    return this.placed.find((parameter) => parameter.layer === layer && parameter.name === name);
  }

  /** A copy of one parameter from a block laid out like this one, row-major without padding. */
  read(parameter: PlacedParameter, block: number, where: string): Float32Array<ArrayBuffer> {
    const { kernels, linear } = this.backend;
    const at = block + parameter.offset * 4;
    const [rows, columns] = parameter.shape;
    if (columns === undefined) return linear.f32(at, rows).slice();
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
    if (columns === undefined) return linear.f32(block + parameter.offset * 4, rows).set(values);
    const plain = linear.allocate(rows * columns * 4, where);
    try {
      linear.f32(plain, rows * columns).set(values);
      kernels.call("packPanels", rows, columns, plain, columns, block + parameter.offset * 4);
    } finally {
      linear.free(plain);
    }
  }
}

export function elements({ shape }: Parameter): number {
  return shape.reduce((product, length) => product * length, 1);
}

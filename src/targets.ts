// Targets of any accepted kind, with the weights of their rows, as one thing that batches are cut from.

import { checkClasses, checkFinite, checkMatrix, type ClassNumbers, type MatrixLike } from "./check.js";
import { ArgumentError, ShapeError } from "./errors.js";
import type { Loss } from "./losses.js";

/** Rows of `width` words each: floats, or one class number a row. */
export class Targets {
  readonly rows: number;
  constructor(readonly data: Float32Array | Int32Array | Uint8Array, readonly width: number, readonly weights?: Float32Array) {
    this.rows = data.length / width;
  }

  slice(start: number, end: number): Targets {
    return new Targets(this.data.subarray(start * this.width, end * this.width), this.width, this.weights?.subarray(start, end));
  }

  /** Room for `rows` rows of this kind, for gather(). */
  room(rows: number): Targets {
    const { data, width, weights } = this;
    return new Targets(new (data instanceof Float32Array ? Float32Array : Int32Array)(rows * width), width, weights && new Float32Array(rows));
  }

  /** The rows that `indices` name, in `room`. */
  gather(indices: Int32Array, room: Targets): Targets {
    const { data, width, weights } = this;
    const out = room.slice(0, indices.length);
    for (let i = 0; i < indices.length; i++) {
      if (width === 1) out.data[i] = data[indices[i]];
      else out.data.set(data.subarray(indices[i] * width, (indices[i] + 1) * width), i * width);
      if (weights) out.weights![i] = weights[indices[i]];
    }
    return out;
  }
}

/** Checks y against the loss and the number of rows in x. */
export function checkTargets(where: string, y: MatrixLike | ClassNumbers, rows: number, loss: Loss, outputs: number): Targets {
  let targets: Targets;
  if (loss.row.targets === "classes") {
    targets = new Targets(checkClasses(where, "y", y, outputs), 1);
  } else {
    const matrix = checkMatrix(where, "y", y, outputs);
    checkFinite(where, "y", matrix, outputs);
    targets = new Targets(checkValues(where, matrix.data, outputs, loss), outputs);
  }
  if (targets.rows !== rows) throw new ShapeError(`${where}: y must hold as many rows as x (${rows}), got ${targets.rows}`);
  return targets;
}

/** A crossentropy has no meaning for targets outside 0 to 1, nor the hinge loss for others than −1 and 1; its kernel, and the metrics, take 0 for −1. */
function checkValues(where: string, data: Float32Array, outputs: number, { id, row: { values } }: Loss): Float32Array {
  if (values === undefined) return data;
  const sides = values === "sides";
  const bad = data.findIndex((value) => (sides ? value * value !== Math.abs(value) : value < 0 || value > 1));
  if (bad >= 0) {
    const place = `row ${Math.floor(bad / outputs)}, column ${bad % outputs}`;
    throw new ArgumentError(`${where}: y must hold ${sides ? "-1 (or 0) and 1" : "values from 0 to 1"} for ${id}, got ${data[bad]} in ${place}`);
  }
  return sides ? data.map((value) => Math.max(0, value)) : data;
}

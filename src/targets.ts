// Targets of any accepted kind as one thing that batches are cut from.

import { checkClasses, checkFinite, checkMatrix, type ClassNumbers, type MatrixLike } from "./check.js";
import { ArgumentError, ShapeError } from "./errors.js";
import type { Loss } from "./losses.js";

/** Rows of `width` words each: floats, or one class number a row. */
export class Targets {
  readonly rows: number;
  constructor(readonly data: Float32Array | Int32Array | Uint8Array, readonly width: number) {
    this.rows = data.length / width;
  }

  slice(start: number, end: number): Targets {
    return new Targets(this.data.subarray(start * this.width, end * this.width), this.width);
  }

  /** The same rows in the order of `indices`, into `out`. */
  gather(indices: Int32Array, out: Float32Array | Int32Array): void {
    const { data, width } = this;
    for (let i = 0; i < indices.length; i++) {
      if (width === 1) out[i] = data[indices[i]];
      else out.set(data.subarray(indices[i] * width, (indices[i] + 1) * width), i * width);
    }
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
    targets = new Targets(matrix.data, outputs);
    if (loss.row.head !== undefined) checkProbabilities(where, matrix.data, outputs, loss);
  }
  if (targets.rows !== rows) throw new ShapeError(`${where}: y must hold as many rows as x (${rows}), got ${targets.rows}`);
  return targets;
}

/** A crossentropy has no meaning for targets outside 0 to 1. */
function checkProbabilities(where: string, data: Float32Array, outputs: number, loss: Loss): void {
  const bad = data.findIndex((value) => value < 0 || value > 1);
  if (bad >= 0) throw new ArgumentError(`${where}: y must hold values from 0 to 1 for ${loss.id}, got ${data[bad]} in row ${Math.floor(bad / outputs)}, column ${bad % outputs}`);
}

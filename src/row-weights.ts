// What fit() and evaluate() take as weights, as one number a row: the factor of the row's loss and gradient.

import { checkFinite, checkMatrix, checkNumber, checkOptions } from "./check.js";
import { ArgumentError, ShapeError } from "./errors.js";
import type { Loss } from "./losses.js";
import { kindOf } from "./metrics.js";
import { Targets } from "./targets.js";

/** One weight a row. */
export type SampleWeight = Float32Array | readonly number[];
/** A weight for each class: all in order, or those that differ from 1 by class number. */
export type ClassWeight = readonly number[] | Readonly<Record<number, number>>;

/** `targets` whose rows count `given` times; a copy of the weights is kept. */
export function withSampleWeight(where: string, targets: Targets, given: SampleWeight | undefined): Targets {
  if (given === undefined) return targets;
  const what = "sampleWeight";
  const matrix = checkMatrix(where, what, given, 1);
  checkFinite(where, what, matrix, 1);
  if (matrix.rows !== targets.rows) throw new ShapeError(`${where}: ${what} must hold as many rows as x (${targets.rows}), got ${matrix.rows}`);
  const bad = matrix.data.findIndex((weight) => weight < 0);
  if (bad >= 0) throw new ArgumentError(`${where}: ${what} must be at least 0, got ${matrix.data[bad]} in row ${bad}`);
  return new Targets(targets.data, targets.width, checkSome(where, what, matrix.data.slice()));
}

/** `targets` whose rows also count by the weight of their class. */
export function withClassWeight(where: string, targets: Targets, given: ClassWeight | undefined, loss: Loss, outputs: number): Targets {
  if (given === undefined) return targets;
  const what = "classWeight";
  const kind = kindOf(loss, outputs);
  if (kind !== "yes" && kind !== "class") throw new ArgumentError(`${where}: ${what} must go with targets of one class a row, got ${loss.id} with ${outputs} outputs`);
  const classes = Array.from({ length: kind === "yes" ? 2 : outputs }, (_, i) => String(i));
  const list = Array.isArray(given);
  if (list && given.length !== classes.length) throw new ShapeError(`${where}: ${what} must hold a number for each of the ${classes.length} classes, got ${given.length}`);
  const byClass = (list ? { ...given } : checkOptions(where, given, classes as never, what)) as Record<string, number | undefined>;
  const factors = classes.map((key) => (byClass[key] === undefined ? 1 : checkNumber(where, `${what}[${key}]`, byClass[key], { least: 0 })));
  const { data, width, rows, weights } = targets;
  const product = new Float32Array(rows);
  for (let r = 0; r < rows; r++) {
    const row = data.subarray(r * width, (r + 1) * width);
    const number = width > 1 ? row.indexOf(1) : row[0];
    if (factors[number] === undefined || (width > 1 && row.some((value, i) => value !== Number(i === number)))) {
      throw new ArgumentError(`${where}: ${what} must go with classes 0 and 1, or one-hot rows, in y, got ${row.join(", ").slice(0, 40)} in row ${r}`);
    }
    product[r] = Math.fround(factors[number]) * (weights?.[r] ?? 1);
  }
  return new Targets(data, width, checkSome(where, what, product));
}

function checkSome(where: string, what: string, weights: Float32Array): Float32Array {
  if (!weights.some((weight) => weight > 0)) throw new ArgumentError(`${where}: ${what} must leave a row with a weight above 0, got 0 for all`);
  return weights;
}

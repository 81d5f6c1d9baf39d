// What fit() and evaluate() take as weights, as one number a row: the factor of the row's loss and gradient.

import { checkOptions, describe } from "./check.js";
import { ArgumentError, NonFiniteError, ShapeError } from "./errors.js";
import type { Loss } from "./losses.js";
import { Targets } from "./targets.js";

/** One weight a row. */
export type SampleWeight = Float32Array | readonly number[];
/** A weight for each class: all in order, or those that differ from 1 by class number. */
export type ClassWeight = readonly number[] | Readonly<Record<number, number>>;

function checkWeight(where: string, what: string, value: unknown): void {
  if (typeof value !== "number") throw new ArgumentError(`${where}: ${what} must be a number, got ${describe(value)}`);
  if (Math.fround(value) - Math.fround(value) !== 0) throw new NonFiniteError(`${where}: ${what} must be finite, got ${value}`);
  if (value < 0) throw new ArgumentError(`${where}: ${what} must be at least 0, got ${value}`);
}

/** `targets` whose rows count `given` times; a copy of the weights is kept. */
export function withSampleWeight(where: string, targets: Targets, given: SampleWeight | undefined): Targets {
  if (given === undefined) return targets;
  if (!(given instanceof Float32Array || Array.isArray(given))) throw new ArgumentError(`${where}: sampleWeight must be a Float32Array or an array of numbers, got ${describe(given)}`);
  const { data, width, rows } = targets;
  if (given.length !== rows) throw new ShapeError(`${where}: sampleWeight must hold a number for each of the ${rows} rows, got ${given.length}`);
  const weights = new Float32Array(rows);
  for (let r = 0; r < rows; r++) {
    const weight: unknown = given[r];
    checkWeight(where, `sampleWeight[${r}]`, weight);
    weights[r] = weight as number;
  }
  return new Targets(data, width, checkSome(where, "sampleWeight", weights));
}

/** `targets` whose rows also count by the weight of their class. */
export function withClassWeight(where: string, targets: Targets, given: ClassWeight | undefined, { id, row }: Loss, outputs: number): Targets {
  if (given === undefined) return targets;
  const binary = outputs === 1 && row.accuracy === "binary";
  if (!binary && !(row.heads && outputs > 1 && row.accuracy !== "binary")) {
    throw new ArgumentError(`${where}: classWeight must go with targets of one class a row, got ${id} with ${outputs} outputs`);
  }
  const classes = binary ? 2 : outputs;
  const list = Array.isArray(given);
  if (list && given.length !== classes) throw new ShapeError(`${where}: classWeight must hold a number for each of the ${classes} classes, got ${given.length}`);
  if (!list) checkOptions(where, given, Array.from({ length: classes }, (_, i) => String(i)) as never, "classWeight");
  const factors = Float32Array.from({ length: classes }, (_, i) => {
    const weight: unknown = list || Object.hasOwn(given, i) ? given[i] : 1;
    checkWeight(where, `classWeight[${i}]`, weight);
    return weight as number;
  });
  const { data, width, rows, weights } = targets;
  const product = new Float32Array(rows);
  for (let r = 0; r < rows; r++) {
    const row = data.subarray(r * width, (r + 1) * width);
    // A row that is no class has a number that is neither 0 nor 1, no 1, or more than one.
    const number = width > 1 ? row.indexOf(1) : row[0];
    if (factors[number] === undefined || (width > 1 && row.some((value, i) => value !== Number(i === number)))) {
      throw new ArgumentError(`${where}: classWeight must go with ${width > 1 ? "one-hot rows" : "classes"} in y, got ${width > 1 ? "other values" : row[0]} in row ${r}`);
    }
    product[r] = factors[number] * (weights?.[r] ?? 1);
  }
  return new Targets(data, width, checkSome(where, "classWeight", product));
}

function checkSome(where: string, what: string, weights: Float32Array): Float32Array {
  if (!weights.some((weight) => weight > 0)) throw new ArgumentError(`${where}: ${what} must leave a row with a weight above 0, got 0 for all`);
  return weights;
}

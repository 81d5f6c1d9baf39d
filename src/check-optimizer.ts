// From what compile() is given, or a file holds, to an optimizer.

import { checkName, describe } from "./check.js";
import { ArgumentError } from "./errors.js";
import { Optimizer, type OptimizerRow } from "./optimizer.js";
import optimizerTable from "./optimizers.js";

/** An optimizer, or the name of one for its defaults. */
export function checkOptimizer(where: string, value: unknown, options: object = {}): Optimizer {
  if (value instanceof Optimizer) return value;
  if (typeof value !== "string") throw new ArgumentError(`${where}: optimizer must be a name or come from sgd(), adam() or the like, got ${describe(value)}`);
  const table: Readonly<Record<string, OptimizerRow>> = optimizerTable;
  const id = checkName(where, "optimizer", value, table);
  return new Optimizer(id, table[id], options);
}

// THE table of losses: one row each. The kernel of a row is `<id>Loss`, that of its fused head `<id>FromLogitsLoss`.

import { checkName, checkOptions, checkBoolean } from "./check.js";
import { ArgumentError } from "./errors.js";
import type { ActivationId } from "./activations.js";

export interface LossRow {
  readonly aliases: readonly string[];
  /** Targets: as many values a row as the network has outputs, or one class number a row. */
  readonly targets: "dense" | "classes";
  /** What the mean is over: every output of every row, or the rows. */
  readonly meanOver: "elements" | "rows";
  /** The activation whose output this loss is a likelihood of: with it as the last activation, both become one kernel in the stable form. */
  readonly head?: "sigmoid" | "softmax";
  /** Which kernel counts hits for the metric "accuracy". */
  readonly accuracy?: "binary" | "categorical" | "sparseCategorical";
}

export const lossTable = {
  meanSquaredError: { aliases: ["mse"], targets: "dense", meanOver: "elements", accuracy: "categorical" },
  binaryCrossentropy: { aliases: ["bce", "binaryCrossEntropy"], targets: "dense", meanOver: "elements", head: "sigmoid", accuracy: "binary" },
  categoricalCrossentropy: { aliases: ["categoricalCrossEntropy"], targets: "dense", meanOver: "rows", head: "softmax", accuracy: "categorical" },
  sparseCategoricalCrossentropy: { aliases: ["sparseCategoricalCrossEntropy"], targets: "classes", meanOver: "rows", head: "softmax", accuracy: "sparseCategorical" },
} as const satisfies Readonly<Record<string, LossRow>>;

export type LossId = keyof typeof lossTable;
export type LossName = LossId | "mse" | "bce" | (string & {});

export interface LossOptions {
  name: LossName;
  /** The last layer gives logits (no softmax or sigmoid); the loss applies it in the stable form. */
  fromLogits?: boolean;
}

export interface Loss {
  readonly id: LossId;
  readonly row: LossRow;
  /** The kernel reads z of the last layer, not a. */
  readonly onLogits: boolean;
  /** As given by the user. */
  readonly fromLogits: boolean;
}

/** Settles a loss for a network that ends in `last`, and refuses pairs that cannot be meant. */
export function checkLoss(where: string, value: LossName | LossOptions, last: ActivationId): Loss {
  const options = typeof value === "string" ? { name: value } : checkOptions(where, value, ["name", "fromLogits"], "loss");
  const id = checkName(where, "loss", options.name, lossTable) as LossId;
  const row: LossRow = lossTable[id];
  const fromLogits = options.fromLogits === undefined ? false : checkBoolean(where, "fromLogits", options.fromLogits);
  const { head } = row;
  if (fromLogits) {
    if (head === undefined) throw new ArgumentError(`${where}: fromLogits must be used with a crossentropy, got ${id}`);
    if (last !== "linear") throw new ArgumentError(`${where}: ${id} with fromLogits must follow a layer without activation, got ${last}`);
  } else if (head !== undefined && last !== head) {
    throw new ArgumentError(`${where}: ${id} must follow a last layer with ${head} (or a linear one with fromLogits: true), got ${last}`);
  } else if (head === undefined && last === "softmax" && id !== "meanSquaredError") {
    throw new ArgumentError(`${where}: softmax must be followed by a categorical crossentropy, got ${id}`);
  }
  return { id, row, onLogits: head !== undefined, fromLogits };
}

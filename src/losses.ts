// THE table of losses: one row each. The kernel of a row is `<id>Loss`, that of its fused head `<id>FromLogitsLoss`.

import { checkBoolean, checkName, checkNumber, checkOptions, type NameIn, type Range } from "./check.js";
import { ArgumentError } from "./errors.js";

export interface LossRow {
  readonly aliases: readonly string[];
  /** Targets: as many values a row as the network has outputs, or one class number a row. */
  readonly targets: "dense" | "classes";
  /** What dense targets may hold: numbers from 0 to 1, or the sides −1 (0 will do) and 1. Without it, any numbers. */
  readonly values?: "shares" | "sides";
  /** What the mean is over: every output of every row, or the rows. */
  readonly meanOver: "elements" | "rows";
  /** The activations whose output this loss is a likelihood of: with one as the last activation, both become one kernel in the stable form. */
  readonly heads?: readonly string[];
  /** Which kernel counts hits for the metric "accuracy". */
  readonly accuracy: "binary" | "categorical" | "sparseCategorical";
  /** The number that the kernel reads as parameters[1]. */
  readonly option?: { readonly name: "labelSmoothing" | "delta"; readonly default: number; readonly range: Range };
}

const element = { aliases: [], targets: "dense", meanOver: "elements", accuracy: "categorical" } as const;
const distribution = { aliases: [], targets: "dense", values: "shares", meanOver: "rows", heads: ["softmax", "logSoftmax"], accuracy: "categorical" } as const;
const option = { name: "labelSmoothing", default: 0, range: { least: 0, below: 1 } } as const;

export const lossTable = {
  meanSquaredError: { ...element, aliases: ["mse", "mseLoss", "MSELoss"] },
  meanAbsoluteError: { ...element, aliases: ["mae", "l1Loss", "L1Loss"] },
  huber: { ...element, aliases: ["huberLoss"], option: { name: "delta", default: 1, range: { above: 0 } } },
  logCosh: element,
  hinge: { ...element, values: "sides", accuracy: "binary" },
  binaryCrossentropy: { ...element, aliases: ["bce", "bceLoss", "BCELoss", "binaryCrossEntropy"], values: "shares", heads: ["sigmoid"], accuracy: "binary", option },
  categoricalCrossentropy: { ...distribution, aliases: ["categoricalCrossEntropy"], option },
  sparseCategoricalCrossentropy: { ...distribution, aliases: ["sparseCategoricalCrossEntropy"], targets: "classes", accuracy: "sparseCategorical", option },
  klDivergence: { ...distribution, aliases: ["kld", "kullbackLeiblerDivergence"] },
} as const satisfies Readonly<Record<string, LossRow>>;

export type LossId = keyof typeof lossTable;
export type LossName = NameIn<typeof lossTable>;

export interface LossOptions {
  name: LossName;
  /** The last layer gives logits (no softmax or sigmoid); the loss applies it in the stable form. */
  fromLogits?: boolean;
  /** ε of a crossentropy: targets y become y (1 − ε) + ε / classes, with two classes for the binary one. From 0, the default, to below 1. */
  labelSmoothing?: number;
  /** Where huber goes over from a parabola to a line. Default 1. */
  delta?: number;
}

export interface Loss {
  readonly id: LossId;
  readonly row: LossRow;
  /** The kernel reads z of the last layer, not a. */
  readonly onLogits: boolean;
  /** labelSmoothing or delta. */
  readonly option: number;
  /** What checkLoss() makes the same of again. */
  readonly config: LossOptions;
}

/** Settles a loss for a network that ends in the activation `last`, and refuses pairs that cannot be meant. */
export function checkLoss(where: string, value: LossName | LossOptions, last: string): Loss {
  const given: LossOptions = typeof value === "string" ? { name: value } : checkOptions(where, value, ["name", "fromLogits", "labelSmoothing", "delta"], "loss");
  const id = checkName(where, "loss", given.name, lossTable) as LossId;
  const row: LossRow = lossTable[id];
  const { heads, option } = row;
  checkOptions(where, given, ["name", "fromLogits", ...(option ? [option.name] : [])], `options of ${id}`);
  const { fromLogits = false } = given;
  checkBoolean(where, "fromLogits", fromLogits);
  const number = option ? checkNumber(where, option.name, given[option.name] === undefined ? option.default : given[option.name], option.range) : 0;
  if (fromLogits) {
    if (heads === undefined) throw new ArgumentError(`${where}: fromLogits must be used with a crossentropy or klDivergence, got ${id}`);
    if (last !== "linear") throw new ArgumentError(`${where}: ${id} with fromLogits must follow a layer without activation, got ${last}`);
  } else if (heads !== undefined && !heads.includes(last)) {
    throw new ArgumentError(`${where}: ${id} must follow a last layer with ${heads.join(" or ")} (or a linear one with fromLogits: true), got ${last}`);
  } else if (row.values === "sides" && ["sigmoid", ...distribution.heads].includes(last)) {
    throw new ArgumentError(`${where}: ${id} must follow a layer that gives both signs, got ${last}`);
  }
  return { id, row, onLogits: heads !== undefined, option: number, config: { name: id, fromLogits, ...(option && { [option.name]: number }) } };
}

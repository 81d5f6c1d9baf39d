// From the state to calls of lanewise, as data: the worker makes them, and the code shown on the page is the same calls in print.

import type { LossName } from "lanewise";
import type { DataSet } from "./data";
import { featuresOf, type FeatureId } from "./features";
import { normTable, optimizerTable, scheduleTable } from "./options";
import type { State } from "./state";

/** factory(…args); an argument may be another call, or hold some. */
export interface Call {
  readonly call: string;
  readonly args: readonly Argument[];
}
export type Argument = string | number | boolean | Call | readonly Argument[] | { readonly [name: string]: Argument };

export interface Recipe {
  readonly inputs: number;
  readonly layers: readonly Call[];
  readonly seed: number;
  readonly optimizer: Call;
  readonly loss: LossName;
  readonly batchSize: number;
  /** For each hidden layer of the page, the layer of the network that its output comes from, counted from 0. */
  readonly shown: readonly number[];
  /** For each hidden layer and the last one, the dense layer whose weights lead into it; undefined where there is more than one way. */
  readonly links: readonly (number | undefined)[];
  /** What training takes as y. */
  readonly targets: "classes" | "sides" | "numbers";
}

/** Makes the calls, with `factories` for their names. */
export function perform(argument: Argument, factories: Readonly<Record<string, (...args: never[]) => unknown>>): unknown {
  if (Array.isArray(argument)) return argument.map((item) => perform(item, factories));
  if (typeof argument !== "object") return argument;
  if (isCall(argument)) return (factories[argument.call] as (...args: unknown[]) => unknown)(...argument.args.map((item) => perform(item, factories)));
  return Object.fromEntries(Object.entries(argument).map(([name, value]) => [name, perform(value, factories)]));
}

export const isCall = (argument: Argument): argument is Call => typeof argument === "object" && "call" in argument;

const call = (name: string, ...args: Argument[]): Call => ({ call: name, args });

/** A last argument only where it says something. */
const options = (given: Record<string, Argument | undefined>): Argument[] => {
  const said = Object.entries(given).filter((entry): entry is [string, Argument] => entry[1] !== undefined);
  return said.length > 0 ? [Object.fromEntries(said)] : [];
};

export function recipeOf(state: State, { classes, trainCount }: DataSet): Recipe {
  const { features, layers, norm, dropout, skip, init, penalty, penaltyRate, seed } = state;
  const learned = { weightsInitializer: init === "auto" ? undefined : init, ...(penalty === "none" ? {} : { [penalty]: penaltyRate }) };
  const normalize = normTable[norm].call;
  const list: Call[] = [];
  const shown: number[] = [];
  const links: (number | undefined)[] = [];
  for (const [l, { units, activation }] of layers.entries()) {
    const drop = dropout > 0 ? [call("dropout", dropout)] : [];
    links.push(skip && l > 0 ? undefined : list.length);
    // The first layer brings the features to the width of the rest, and is not normalized: that would take from a point how far out it lies.
    if (skip && l > 0) list.push(call("residual", [...(normalize ? [call(normalize)] : []), call("dense", units, activation, ...options(learned)), ...drop]));
    else if (normalize && l > 0) list.push(call("dense", units, "linear", ...options({ useBias: false, ...learned })), call(normalize), call("activation", activation));
    else list.push(call("dense", units, activation, ...options(learned)));
    shown.push(list.length - 1);
    if (!(skip && l > 0)) list.push(...drop);
  }
  // Blocks add up; without this the last layer would see sums that grow with the depth.
  if (skip && normalize && layers.length > 1) list.push(call(normalize));
  const [units, activation, loss, targets] = headOf(state, classes);
  links.push(list.length);
  list.push(call("dense", units, activation, ...options(learned)));
  const { whole } = optimizerTable[state.optimizer];
  return { inputs: features.length, layers: list, seed, optimizer: optimizerOf(state), loss, batchSize: whole ? trainCount : Math.min(state.batch, trainCount), shown, links, targets };
}

/** Units and activation of the last layer, the loss, and its targets. */
function headOf({ loss }: State, classes: number | undefined): [number, string, LossName, Recipe["targets"]] {
  // Only crossentropy has another name there, and numbers do not come with it (withFittingLoss).
  if (classes === undefined) return [1, "linear", loss as LossName, "numbers"];
  if (loss === "hinge") return [1, "linear", loss, "sides"];
  if (loss === "meanSquaredError") return [1, "tanh", loss, "sides"];
  return classes === 2 ? [1, "sigmoid", "binaryCrossentropy", "classes"] : [classes, "softmax", "sparseCategoricalCrossentropy", "classes"];
}

function optimizerOf({ optimizer, rate, schedule, span }: State): Call {
  const row = optimizerTable[optimizer];
  const plan = scheduleTable[schedule];
  const learningRate: Argument = plan.call === undefined ? rate : call(plan.call, plan.options(rate, span));
  return call(row.call, { learningRate, ...row.options });
}

/** The rows of a data set as training takes them. */
export function rowsOf({ x, y }: DataSet, features: readonly FeatureId[], targets: Recipe["targets"], from: number, to: number): { x: Float32Array; y: Float32Array } {
  const values = Float32Array.from(y.subarray(from, to));
  return { x: featuresOf(x.subarray(2 * from, 2 * to), features), y: targets === "sides" ? values.map((value) => 2 * value - 1) : values };
}

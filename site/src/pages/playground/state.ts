// What a playground is: all that is chosen on the page. The page shows it, the address keeps it, and the worker is told of it by recipe.ts.

import type { DataId } from "./data";
import type { FeatureId } from "./features";
import {
  lossTable, optimizerTable,
  type ActivationChoice, type InitChoice, type LossChoice, type NormChoice, type OptimizerChoice, type PenaltyChoice, type ScheduleChoice,
} from "./options";

export interface LayerState {
  readonly units: number;
  readonly activation: ActivationChoice;
}

export interface State {
  readonly data: DataId | "own";
  /** Points, train and test together. */
  readonly count: number;
  readonly noise: number;
  /** Share of the points that train. */
  readonly share: number;
  readonly features: readonly FeatureId[];
  /** The hidden ones. */
  readonly layers: readonly LayerState[];
  readonly skip: boolean;
  readonly norm: NormChoice;
  readonly dropout: number;
  readonly init: InitChoice;
  readonly penalty: PenaltyChoice;
  readonly penaltyRate: number;
  readonly loss: LossChoice;
  readonly optimizer: OptimizerChoice;
  readonly rate: number;
  readonly schedule: ScheduleChoice;
  /** Steps that a schedule takes. */
  readonly span: number;
  readonly batch: number;
  readonly seed: number;
  /** Only how the output is shown. */
  readonly test: boolean;
  readonly bands: boolean;
}

export const MOST_LAYERS = 64;
export const MOST_UNITS = 64;

export const initialState: State = {
  data: "circles", count: 400, noise: 0.1, share: 0.7,
  features: ["x1", "x2"],
  layers: [{ units: 8, activation: "tanh" }, { units: 8, activation: "tanh" }],
  skip: false, norm: "none", dropout: 0, init: "auto", penalty: "none", penaltyRate: 0.001,
  loss: "crossentropy", optimizer: "adam", rate: 0.01, schedule: "constant", span: 5000, batch: 16,
  seed: 1, test: false, bands: false,
};

/** A change that leaves the weights as they are goes on with the same network; any other one starts anew. */
export type Consequence = "none" | "tune" | "rebuild";

const consequences: Partial<Record<keyof State, Consequence>> = {
  test: "none", bands: "none",
  optimizer: "tune", rate: "tune", schedule: "tune", span: "tune", batch: "tune",
};

export function consequenceOf(before: State, after: State): Consequence {
  const changed = (Object.keys(after) as (keyof State)[]).filter((key) => before[key] !== after[key]).map((key) => consequences[key] ?? "rebuild");
  return changed.includes("rebuild") ? "rebuild" : changed.includes("tune") ? "tune" : "none";
}

/** `state` with a loss that suits data of so many classes (undefined: numbers). */
export function withFittingLoss(state: State, classes: number | undefined): State {
  const kind = classes === undefined ? "numbers" : classes === 2 ? "two" : "many";
  if ((lossTable[state.loss].goesWith as readonly string[]).includes(kind)) return state;
  return { ...state, loss: classes === undefined ? "meanSquaredError" : "crossentropy" };
}

/** Another optimizer, with the rate it does well with. */
export const withOptimizer = (optimizer: OptimizerChoice): Partial<State> => ({ optimizer, rate: optimizerTable[optimizer].rate });

/** As many layers, with those that are new like the last one there was. */
export function withDepth({ layers }: State, depth: number): Partial<State> {
  const like = layers.at(-1) ?? initialState.layers[0];
  return { layers: Array.from({ length: depth }, (_, l) => layers[l] ?? like) };
}

export const withLayer = ({ layers }: State, layer: number, change: Partial<LayerState>): Partial<State> => ({
  layers: layers.map((old, l) => (l === layer ? { ...old, ...change } : old)),
});

export const withEveryLayer = ({ layers }: State, change: Partial<LayerState>): Partial<State> => ({ layers: layers.map((old) => ({ ...old, ...change })) });

// What the page and its worker say to each other.

import type { DataSet } from "./data";
import type { FeatureId } from "./features";
import type { Recipe } from "./recipe";

/** What a frame shall show. */
export interface Wish {
  /** Cells along each side of the picture of the output. */
  readonly size: number;
  /** Cells along each side of the pictures of the units; 0 for none. */
  readonly unitSize: number;
  readonly diagnosis: boolean;
  /** A unit of a hidden layer to show in place of the output, both counted from 0. */
  readonly unit: readonly [layer: number, unit: number] | undefined;
}

export type ToWorker =
  | { readonly type: "build"; readonly generation: number; readonly recipe: Recipe; readonly data: DataSet; readonly features: readonly FeatureId[] }
  | { readonly type: "tune"; readonly recipe: Recipe }
  | { readonly type: "play" | "pause" | "step" | "save" }
  | { readonly type: "frame"; readonly wish: Wish };

export interface Score {
  readonly loss: number;
  /** Share of the points on the right side; R² of a regression. */
  readonly accuracy: number;
}

/** The numbers of network.diagnose() that the page shows, by hidden layer, the output last. */
export interface LayerReport {
  readonly label: string;
  readonly gradientNorm: number;
  readonly outputGradientNorm: number;
  readonly weightNorm: number;
  readonly updateRatio: number | undefined;
  readonly slope: number | undefined;
  readonly saturated: number | undefined;
  readonly dead: number | undefined;
}

export interface Report {
  readonly layers: readonly LayerReport[];
  readonly gradientFactor: number;
  readonly verdict: string;
}

export interface Frame {
  readonly type: "frame";
  readonly generation: number;
  readonly epoch: number;
  readonly steps: number;
  /** While it trains: µs a step of the optimizer, the fit alone. */
  readonly stepTime: number;
  readonly train: Score;
  readonly test: Score;
  readonly size: number;
  /** The output from −1 to 1 on a grid, from the top left; with several classes how sure it is, from 0 to 1. */
  readonly values: Float32Array;
  /** With several classes, the most likely one. */
  readonly winners: Uint8Array | undefined;
  readonly unitSize: number;
  /** Outputs of the hidden layers on a grid: cells × units. */
  readonly units: readonly Float32Array[];
  /** Weights into each dense layer, row-major inputs × units, where there are few enough to draw. */
  readonly weights: readonly Float32Array[];
  readonly report: Report | undefined;
}

export type FromWorker =
  | Frame
  | { readonly type: "built"; readonly generation: number; readonly parameterCount: number; readonly outputs: number }
  | { readonly type: "saved"; readonly bytes: Uint8Array<ArrayBuffer>; readonly epoch: number }
  | { readonly type: "failed"; readonly generation: number; readonly message: string };

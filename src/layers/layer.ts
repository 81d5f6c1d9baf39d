// What a layer is: it declares its parameters, and records its forward and backward kernels into a program.

import type { Activation } from "../activations.js";
import type { Arena } from "../arena.js";
import type { Initializer } from "../initializers.js";
import type { Program } from "../program.js";

/** Columns of a panel of weights: NR of assembly/microkernel.ts. */
export const PANEL = 8;

/** Floats from row to row of an activation matrix: columns rounded up to whole panels, so that kernels have no column tails. */
export function rowStride(columns: number): number {
  return Math.ceil(columns / PANEL) * PANEL;
}

/** Floats of scratch that a thread needs for the gradients of a layer: a panel of Wᵀ, or of up to 256 rows of dZ. */
export function scratchSize(units: number): number {
  return Math.max(rowStride(units), 256) * PANEL;
}

/** A matrix in linear memory, `ld` floats from row to row. */
export interface Block {
  readonly pointer: number;
  readonly ld: number;
}

/** One array of numbers a layer keeps. */
export interface Parameter {
  /** "weights", "bias"; of a layer inside another "2.weights", counted from 1. */
  readonly name: string;
  /** [inputs, units] (in panels: assembly/pack.ts) or [units], as users see it. */
  readonly shape: readonly number[];
  /** What its first values are drawn by; absent in a layer that is read from a file. */
  readonly initializer?: Initializer;
  /** What scales those: values in and values out of the transform it belongs to. */
  readonly fans: readonly [inputs: number, units: number];
  /** Floats it takes in the parameter block: columns padded to whole panels. */
  readonly size: number;
  /** Set for what is measured, not learned: no gradient, no optimizer. */
  readonly state?: true;
  /** What its values must not go below. */
  readonly least?: number;
  /** A matrix that lies row-major, not in panels. */
  readonly plain?: true;
}

/** The activation of layers that have none. */
export const LINEAR: Activation = { id: "linear", options: {} };

/** First values that nothing is drawn for. */
export const ZEROS: Initializer = { id: "zeros", number: 0 };
export const ONES: Initializer = { id: "ones", number: 0 };

/** A vector parameter of `units` values. */
export function vector(name: string, units: number, initializer: Initializer | undefined, more?: { state?: true; least?: number; fans?: readonly [number, number] }): Parameter {
  return { name, shape: [units], initializer, size: rowStride(units), fans: [units, units], ...more };
}

/**
 * What a forward pass is for. "infer": nothing is kept. "trace": every z is. "train": what backward reads is kept, statistics are those of the batch, and
 * dropout draws. "differentiate": the same without chance, and every z is kept.
 */
export type Mode = "infer" | "trace" | "train" | "differentiate";

/** Where a layer's arrays lie while its kernels are recorded. `parameter` and `gradient` give the pointer of a parameter by its name. */
export interface Site {
  readonly program: Program;
  readonly mode: Mode;
  parameter(name: string): number;
}

export interface ForwardSite extends Site {
  /** Rows may have any stride: padded() gives them whole panels. */
  readonly input: Block;
  /** Leave out the activation: the loss kernel reads z. */
  readonly logits: boolean;
  /** Where matrices and constants come from. */
  readonly arena: Arena;
  /** Seed low, seed high, number of the step and of the batch since: four words that training keeps up to date. */
  readonly random: number;
  /** A number for each layer that draws. */
  stream(): number;
}

/** What a forward pass leaves for the backward pass, for trace() and for whoever looks for a NaN. */
export interface Pass {
  readonly input: Block;
  /** What the activation was applied to, in a layer that has one. */
  readonly z?: Block;
  /** The output; the input itself where there was nothing to do. */
  readonly a: Block;
  /** Other blocks and pointers of this layer. */
  readonly kept?: readonly number[];
  /** Passes of the layers inside. */
  readonly inner?: readonly Pass[];
}

export interface BackwardSite extends Site {
  /** For gradients on their way: what is released is used again. */
  readonly arena: Arena;
  readonly logits: boolean;
  /** Gradient of a on entry (of z if `logits`), padding zero; the layer may overwrite it. */
  readonly da: Block;
  /** Where the gradient of the input goes, unless nobody wants it. */
  readonly dInput: Block | undefined;
  gradient(name: string): number;
  /** scratchSize floats a thread. */
  readonly scratch: number;
}

/** For what follows a step: penalties on weights before it, constraints and running means after it. */
export interface StepSite extends Site {
  readonly arena: Arena;
  /** Undefined where only the penalty itself is wanted. */
  gradient: ((name: string) => number) | undefined;
  /** The sum of penalties, an f64. */
  readonly penalty: number;
}

/** A layer that knows its inputs, as far as inference goes. What it can do is internal, and so is everything that the declarations would need to say it. */
export interface Layer {
  /** @internal */
  readonly type: string;
  /** @internal Values a row going in. */
  readonly inputs: number;
  /** @internal Values a row coming out. */
  readonly units: number;
  /** @internal */
  readonly activation: Activation;
  /** @internal */
  readonly parameters: readonly Parameter[];
  /** @internal Layers inside, each with its pass in `inner`. */
  readonly layers?: readonly Layer[];
  /** @internal */
  forward(site: ForwardSite): Pass;
}

/** A layer that can also be trained, named and saved. "lanewise/infer" does without. */
export interface TrainableLayer extends Layer {
  /** @internal The layer has a z of its own; otherwise z is its input, if it has an activation at all. */
  readonly preactivation?: boolean;
  /** @internal Floats of scratch the backward pass needs, a thread. */
  readonly scratchSize?: number;
  /** @internal Fewest rows that training can work with. Default 1. */
  readonly leastRows?: number;
  /** @internal */
  readonly layers?: readonly TrainableLayer[];
  /** @internal As saved in a model file, and as the table in src/layers/table.ts reads it. */
  readonly config: Readonly<Record<string, unknown>>;
  /** @internal "dense(128, relu)" */
  readonly label: string;
  /** @internal */
  backward(site: BackwardSite, pass: Pass): void;
  /** @internal Adds its penalty to the loss and to the gradients. */
  regularize?(site: StepSite): void;
  /** @internal Recorded to run after each step that was taken. */
  settle?(site: StepSite, pass: Pass): void;
}

/** A layer that waits for its inputs. */
export interface Factory<L extends Layer> {
  /** `where` names the layer for messages. */
  build(where: string, inputs: number): L;
}

/** Values a row that comes out of a layer, as far as the compiler knows; "inputs": as many as go in. */
export type Width = number | "inputs";
declare const width: unique symbol;

/** What dense(), activation() and the like give: LayerFactory<10> is a layer of 10 units, LayerFactory<"inputs"> one that keeps the width. */
export interface LayerFactory<Units extends Width = Width> {
  /** For the compiler alone. */
  readonly [width]?: Units;
  /** @internal */
  build(where: string, inputs: number): TrainableLayer;
}

/** The width of layers one behind the other: that of the last which has one of its own. */
export type WidthOf<Layers extends readonly LayerFactory[]> =
  Layers extends readonly [...infer Before extends readonly LayerFactory[], LayerFactory<infer Units>] ? (Units extends "inputs" ? WidthOf<Before> : Units)
  : Layers extends readonly [] ? "inputs"
  : Width;

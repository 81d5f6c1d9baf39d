// What a layer is: it declares its parameters, and records its forward and backward kernels into a program.

import type { Activation } from "../activations.js";
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

/** One array of trainable numbers. */
export interface Parameter {
  readonly name: "weights" | "bias";
  /** [inputs, units] or [units], as users see it. */
  readonly shape: readonly number[];
  /** What its first values are drawn by; absent in a layer that is read from a file. */
  readonly initializer?: Initializer;
  /** Floats it takes in the parameter block: columns padded to whole panels (assembly/pack.ts). */
  readonly size: number;
}

/** Where a layer's arrays lie while its kernels are recorded. `parameter` and `gradient` give the pointer of a parameter by its name. */
export interface ForwardSite {
  readonly program: Program;
  readonly input: Block;
  readonly z: Block;
  /** May be the same block as z, if the layer allows it. */
  readonly a: Block;
  parameter(name: Parameter["name"]): number;
  /** Pointer to the activation's options. */
  readonly options: number;
  /** Leave out the activation: the loss kernel reads z. */
  readonly logits: boolean;
}

export interface BackwardSite extends ForwardSite {
  /** Gradient of a on entry (of z if `logits`); the layer may overwrite it. */
  readonly da: Block;
  /** Where the gradient of the input goes, unless nobody wants it. */
  readonly dInput: Block | undefined;
  gradient(name: Parameter["name"]): number;
  /** scratchSize floats. */
  readonly scratch: number;
}

/** A layer that knows its inputs, as far as inference goes. */
export interface Layer {
  readonly type: string;
  readonly inputs: number;
  readonly units: number;
  readonly activation: Activation;
  readonly parameters: readonly Parameter[];
  /** The layer has a z of its own; otherwise z is its input. */
  readonly preactivation: boolean;
  /** The input may have any row stride; otherwise its rows must be padded to whole panels. */
  readonly anyStride: boolean;
  forward(site: ForwardSite): void;
}

/** A layer that can also be trained, named and saved. "lanewise/infer" does without. */
export interface TrainableLayer extends Layer {
  /** The backward pass reads z, so training must not overwrite it with a. */
  readonly readsPreactivation: boolean;
  /** Floats of scratch the backward pass needs, a thread. */
  readonly scratchSize: number;
  /** As saved in a model file, and as src/layers/build.ts reads it. */
  readonly config: Readonly<Record<string, unknown>>;
  /** "dense(128, relu)" */
  readonly label: string;
  backward(site: BackwardSite): void;
}

/** What dense() and activation() give: a layer that waits for its inputs. */
export interface LayerFactory<L extends Layer = TrainableLayer> {
  /** `where` names the layer for messages. */
  build(where: string, inputs: number): L;
}

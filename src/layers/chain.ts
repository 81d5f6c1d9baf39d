// Layers one behind the other: what a network is, and what a residual block holds. Parameters of layer i have names that start with "<i + 1>.".

import type { BackwardSite, Block, ForwardSite, Layer, Parameter, Pass, Site, StepSite, TrainableLayer } from "./layer.js";
import { rowStride } from "./layer.js";
import { ROWS } from "../program.js";

/** Records the forward passes. The input stays the caller's; what lies between layers is released. */
export function forwardChain(layers: readonly Layer[], site: ForwardSite): Pass[] {
  let { input } = site;
  return layers.map((layer, i) => {
    const pass = layer.forward({ ...site, ...names(site, i), input, logits: site.logits && i === layers.length - 1 });
    if (input !== site.input && pass.a !== input) site.arena.release(input);
    input = pass.a;
    return pass;
  });
}

/** Records the backward passes. `da` stays the caller's. `watch` may record what looks at the gradient of an output before its layer overwrites it. */
export function backwardChain(layers: readonly TrainableLayer[], site: BackwardSite, passes: readonly Pass[], watch?: (layer: number, da: Block) => void): void {
  let { da } = site;
  for (let i = layers.length - 1; i >= 0; i--) {
    const dInput = i === 0 ? site.dInput : site.arena.matrix(layers[i].inputs);
    const { gradient, ...rest } = names(site, i);
    watch?.(i, da);
    layers[i].backward({ ...site, ...rest, gradient: gradient!, da, dInput, logits: site.logits && i === layers.length - 1 }, passes[i]);
    if (da !== site.da) site.arena.release(da);
    da = dInput!;
  }
}

/** Records what follows the backward pass, or the step. */
export function stepChain(what: "regularize" | "settle", layers: readonly TrainableLayer[], site: StepSite, passes: readonly Pass[]): void {
  for (const [i, layer] of layers.entries()) layer[what]?.({ ...site, ...(names(site, i) as Pick<StepSite, "parameter" | "gradient">) }, passes[i]);
}

export function chainParameters(layers: readonly Layer[]): Parameter[] {
  return layers.flatMap(({ parameters }, i) => parameters.map((parameter) => ({ ...parameter, name: `${i + 1}.${parameter.name}` })));
}

function names(site: Site & { gradient?: ((name: string) => number) | undefined }, i: number): { parameter(name: string): number; gradient: ((name: string) => number) | undefined } {
  const { gradient } = site;
  return { parameter: (name) => site.parameter(`${i + 1}.${name}`), gradient: gradient && ((name) => gradient(`${i + 1}.${name}`)) };
}

/** The input with rows padded to whole panels. */
export function padded({ program, arena, input }: Pick<ForwardSite, "program" | "arena" | "input">, columns: number): Block {
  if (input.ld === rowStride(columns)) return input;
  const block = arena.matrix(columns);
  program.add("copyRows", ROWS, columns, input.pointer, input.ld, block.pointer, block.ld);
  return block;
}

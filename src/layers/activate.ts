// The activation of a layer, forward and backward: what dense() and activation() share.

import { activationRow, type Activation } from "../activations.js";
import { ROWS } from "../program.js";
import { vector, type BackwardSite, type Block, type ForwardSite, type Parameter, type Pass } from "./layer.js";

/** What an activation learns: prelu a slope for each column. */
export function activationParameters({ id, options }: Activation, units: number): Parameter[] {
  return id === "prelu" ? [vector("slopes", units, { id: "constant", number: options.negativeSlope })] : [];
}

/** Records a = f(z). @returns where the kernels find the numbers of the activation */
export function activate({ program, arena, parameter }: ForwardSite, { id, options }: Activation, units: number, z: Block, a: Block): number {
  const numbers = id === "prelu" ? parameter("slopes") : arena.constants(Object.values(options));
  program.add(`${id}Forward`, ROWS, units, z.ld, z.pointer, a.pointer, numbers);
  return numbers;
}

/** Records dz = da · f′(z), into the block of da or another. */
export function activateBackward({ program, gradient }: BackwardSite, { id }: Activation, units: number, { z, a, kept }: Pass, da: Block, dz: Block): void {
  if (id === "prelu") program.add("preluSlopeGradient", ROWS, units, da.ld, z!.pointer, da.pointer, gradient("slopes"));
  const x = activationRow(id).derivativeFrom === "output" ? a : z!;
  program.add(`${id}Backward`, ROWS, units, da.ld, x.pointer, da.pointer, dz.pointer, kept![0]);
}

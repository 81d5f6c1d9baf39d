// THE table of initializers: one row each. All draw from the library's own generator, by seed and parameter number, so a layer's first weights do not
// depend on what else is drawn.

import { checkName, checkNumber, checkOptions } from "./check.js";
import { ArgumentError } from "./errors.js";
import { elements, type ParameterBlock } from "./parameters.js";
import { INITIALIZATION, uniform } from "./random.js";

interface InitializerRow {
  readonly aliases: readonly string[];
  /** Uniform in ± limit, or a constant. */
  draw(inputs: number, units: number, value: number): { readonly limit: number } | { readonly constant: number };
}

export const initializerTable = {
  /** U(±√(6 / (inputs + units))): Glorot & Bengio 2010. */
  glorotUniform: { aliases: ["xavierUniform"], draw: (inputs, units) => ({ limit: Math.sqrt(6 / (inputs + units)) }) },
  /** U(±√(6 / inputs)): He et al. 2015. */
  heUniform: { aliases: ["kaimingUniform"], draw: (inputs) => ({ limit: Math.sqrt(6 / inputs) }) },
  /** U(±√(3 / inputs)): LeCun et al. 1998. */
  lecunUniform: { aliases: ["leCunUniform"], draw: (inputs) => ({ limit: Math.sqrt(3 / inputs) }) },
  zeros: { aliases: [], draw: () => ({ constant: 0 }) },
  ones: { aliases: [], draw: () => ({ constant: 1 }) },
  constant: { aliases: [], draw: (_inputs, _units, value) => ({ constant: value }) },
} as const satisfies Readonly<Record<string, InitializerRow>>;

export type InitializerId = keyof typeof initializerTable;
export type InitializerName = InitializerId | (string & {});

/** A name, or a name with its number: { name: "constant", value: 0.1 }. */
export type InitializerLike = InitializerName | { readonly name: InitializerName; readonly value?: number };

export interface Initializer {
  readonly id: InitializerId;
  readonly value: number;
}

export function checkInitializer(where: string, what: string, given: InitializerLike): Initializer {
  const options = typeof given === "string" ? { name: given } : checkOptions(where, given, ["name", "value"], what);
  const id = checkName(where, what, options.name, initializerTable) as InitializerId;
  if (options.value !== undefined && id !== "constant") throw new ArgumentError(`${where}: value must be given with the constant initializer only, got it with ${id}`);
  return { id, value: options.value === undefined ? 0 : checkNumber(where, "value", options.value) };
}

/** First values of every parameter that is to be drawn: number i has its own stream. */
export function initializeParameters(block: ParameterBlock, seed: number, where: string): void {
  for (const [i, parameter] of block.placed.entries()) {
    if (parameter.initializer === undefined) continue;
    const { id, value } = parameter.initializer;
    const [inputs, units] = parameter.fans;
    const drawn = (initializerTable[id] as InitializerRow).draw(inputs, units, value);
    const length = elements(parameter);
    const values = "constant" in drawn
      ? new Float32Array(length).fill(drawn.constant)
      : uniform(block.backend, { seed, purpose: INITIALIZATION, stream: i }, length, -drawn.limit, drawn.limit, where);
    block.write(parameter, block.pointer, values, where);
  }
}

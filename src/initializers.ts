// THE table of initializers: one row each. All draw from the library's own generator, by seed and parameter number, so a layer's first weights do not
// depend on what else is drawn.

import { checkName, checkNumber, checkOptions, type NameIn } from "./check.js";
import { ArgumentError } from "./errors.js";
import { elements, type ParameterBlock } from "./parameters.js";
import { INITIALIZATION, normal, uniform } from "./random.js";

/** Uniform in ± limit, normal with this deviation, orthogonal times a gain, or a constant. */
type Drawn = { readonly limit: number } | { readonly deviation: number } | { readonly orthogonal: number } | { readonly constant: number };

interface InitializerRow {
  readonly aliases: readonly string[];
  /** The number it takes beside its name: a gain (1 unless given), or the value of a constant (0). */
  readonly takes?: "gain" | "value";
  draw(inputs: number, units: number, number: number): Drawn;
}

const { sqrt } = Math;

/** The normal ones are plain normal, as in PyTorch: Keras cuts them off at two deviations. */
export const initializerTable = {
  /** Variance 2 / (inputs + units): Glorot & Bengio 2010. */
  glorotUniform: { aliases: ["xavierUniform"], takes: "gain", draw: (inputs, units, gain) => ({ limit: gain * sqrt(6 / (inputs + units)) }) },
  glorotNormal: { aliases: ["xavierNormal"], takes: "gain", draw: (inputs, units, gain) => ({ deviation: gain * sqrt(2 / (inputs + units)) }) },
  /** Variance 2 / inputs: He et al. 2015. */
  heUniform: { aliases: ["kaimingUniform"], takes: "gain", draw: (inputs, _units, gain) => ({ limit: gain * sqrt(6 / inputs) }) },
  heNormal: { aliases: ["kaimingNormal"], takes: "gain", draw: (inputs, _units, gain) => ({ deviation: gain * sqrt(2 / inputs) }) },
  /** Variance 1 / inputs: LeCun et al. 1998. */
  lecunUniform: { aliases: ["leCunUniform"], takes: "gain", draw: (inputs, _units, gain) => ({ limit: gain * sqrt(3 / inputs) }) },
  lecunNormal: { aliases: ["leCunNormal"], takes: "gain", draw: (inputs, _units, gain) => ({ deviation: gain * sqrt(1 / inputs) }) },
  /** Orthonormal columns, or rows where there are fewer: Saxe et al. 2014. */
  orthogonal: { aliases: [], takes: "gain", draw: (_inputs, _units, gain) => ({ orthogonal: gain }) },
  zeros: { aliases: [], draw: () => ({ constant: 0 }) },
  ones: { aliases: [], draw: () => ({ constant: 1 }) },
  constant: { aliases: [], takes: "value", draw: (_inputs, _units, value) => ({ constant: value }) },
} as const satisfies Readonly<Record<string, InitializerRow>>;

export type InitializerId = keyof typeof initializerTable;
export type InitializerName = NameIn<typeof initializerTable>;

/** A name, or a name with its number: { name: "orthogonal", gain: 1.4 }, { name: "constant", value: 0.1 }. */
export type InitializerLike = InitializerName | { readonly name: InitializerName; readonly gain?: number; readonly value?: number };

export interface Initializer {
  readonly id: InitializerId;
  /** The gain or the value. */
  readonly number: number;
}

export function checkInitializer(where: string, what: string, given: InitializerLike): Initializer {
  const options = typeof given === "string" ? { name: given } : checkOptions(where, given, ["name", "gain", "value"], what);
  const id = checkName(where, what, options.name, initializerTable) as InitializerId;
  const { takes }: InitializerRow = initializerTable[id];
  for (const [key, takers] of [["gain", "a random"], ["value", "the constant"]] as const) {
    if (options[key] !== undefined && takes !== key) throw new ArgumentError(`${where}: ${key} must be given with ${takers} initializer only, got it with ${id}`);
  }
  const { gain = 1, value = 0 } = options;
  return { id, number: takes === "gain" ? checkNumber(where, "gain", gain, { above: 0, most: 1e30 }) : checkNumber(where, "value", value) };
}

/** First values of every parameter that is to be drawn: number i has its own stream. */
export function initializeParameters(block: ParameterBlock, seed: number, where: string): void {
  const { backend } = block;
  for (const [i, parameter] of block.placed.entries()) {
    if (parameter.initializer === undefined) continue;
    const { id, number } = parameter.initializer;
    const [inputs, units] = parameter.fans;
    const drawn: Drawn = (initializerTable[id] as InitializerRow).draw(inputs, units, number);
    const length = elements(parameter);
    const stream = { seed, purpose: INITIALIZATION, stream: i } as const;
    const values =
      "constant" in drawn ? new Float32Array(length).fill(drawn.constant)
      : "limit" in drawn ? uniform(backend, stream, length, -drawn.limit, drawn.limit, where)
      : "deviation" in drawn ? normal(backend, stream, length, 0, drawn.deviation, where)
      : orthogonal(normal(backend, stream, length, 0, 1, where), parameter.shape, drawn.orthogonal);
    block.write(parameter, block.pointer, values, where);
  }
}

/**
 * A matrix of `shape`, row-major, whose shorter side is orthonormal times `gain`, from as many normal numbers: Gram and Schmidt's vectors of them, one after the
 * other, so every such matrix is equally likely (they are the Q of a QR decomposition whose R has a positive diagonal). Products
 * of two of them stayed below 1e-12 in float64 (300 of 8 × 8, 60 of 64 × 64, 3 of 300 × 300), far less than rounding to float32 adds. Takes 0.35 s for 784 × 512.
 */
function orthogonal(numbers: Float32Array, [rows, columns = 1]: readonly number[], gain: number): Float32Array<ArrayBuffer> {
  const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)];
  const vectors = Float64Array.from(numbers);
  const values = new Float32Array(numbers.length);
  for (let i = 0; i < count; i++) {
    const v = vectors.subarray(i * length, (i + 1) * length);
    for (let j = 0; j < i; j++) {
      const u = vectors.subarray(j * length, (j + 1) * length);
      let dot = 0;
      for (let k = 0; k < length; k++) dot += u[k] * v[k];
      for (let k = 0; k < length; k++) v[k] -= dot * u[k];
    }
    let square = 0;
    for (let k = 0; k < length; k++) square += v[k] * v[k];
    for (let k = 0; k < length; k++) {
      v[k] /= sqrt(square);
      values[columns > rows ? i * columns + k : k * columns + i] = gain * v[k];
    }
  }
  return values;
}

// From a list of layer factories, or from the config in a model file, to layers that fit each other.

import { checkCount, checkOptions, describe } from "../check.js";
import { ArgumentError, NameError, ShapeError } from "../errors.js";
import type { Factory, Layer, LayerFactory } from "./layer.js";

/** What describes a network: its inputs, its layers from the first hidden one to the output, and the seed of all its random numbers. */
export interface NetworkConfig<Inputs extends number = number, Layers extends readonly LayerFactory[] = readonly LayerFactory[]> {
  /** Values in a row of x. */
  inputs: Inputs;
  layers: Layers;
  /** Drives first weights, shuffling, dropout and noise (0 to 2^53 − 1). Default 0: the same network every time. */
  seed?: number;
}

/** The same, of any kind of layers. */
export interface Chain<L extends Layer> {
  inputs: number;
  layers: readonly Factory<L>[];
  seed?: number;
}

/** Far past any network that learns; a bound for what hostile files may ask. */
const MOST_LAYERS = 10_000;

/** The factory a saved layer config describes. */
export type Rebuild<L extends Layer> = (config: unknown) => Factory<L>;

/** Layer types that a model file may name, and what reads their configs. */
export type Rebuilders<L extends Layer> = Readonly<Record<string, (config: never, rebuild: Rebuild<L>) => Factory<L>>>;

export function buildLayers<L extends Layer>(where: string, config: Chain<L>): L[] {
  const { inputs, layers } = checkOptions(where, requireObject(where, config), ["inputs", "layers", "seed"]);
  return buildChain(where, layers, checkCount(where, "inputs", inputs));
}

/** Layers one behind the other, the first with `inputs` values. */
export function buildChain<L extends Layer>(where: string, layers: readonly Factory<L>[], inputs: number): L[] {
  if (!Array.isArray(layers) || layers.length === 0) throw new ArgumentError(`${where}: layers must be an array of at least one layer, got ${Array.isArray(layers) ? "an empty one" : describe(layers)}`);
  if (layers.length > MOST_LAYERS) throw new ShapeError(`${where}: layers must be at most ${MOST_LAYERS}, got ${layers.length}`);
  let columns = inputs;
  return Array.from(layers, (factory: Factory<L> | undefined, i) => {
    if (typeof factory?.build !== "function") throw new ArgumentError(`${where}: layers[${i}] must come from dense() or another layer function, got ${describe(factory)}`);
    const layer = factory.build(`${where}: layers[${i}]`, columns);
    columns = layer.units;
    return layer;
  });
}

export function checkSeed(where: string, { seed = 0 }: { seed?: number }): number {
  return checkCount(where, "seed", seed, 0, Number.MAX_SAFE_INTEGER, ArgumentError);
}

function requireObject<T>(where: string, config: T): T {
  if (typeof config !== "object" || config === null) throw new ArgumentError(`${where}: config must be an object with inputs and layers, got ${describe(config)}`);
  return config;
}

export function rebuilder<L extends Layer>(where: string, table: Rebuilders<L>): Rebuild<L> {
  return function rebuild(config) {
    const type = (config as { type?: unknown } | null)?.type;
    if (typeof type !== "string" || !Object.hasOwn(table, type)) throw new NameError(`${where}: layer type must be one of ${Object.keys(table).join(", ")}, got ${describe(type)}`);
    return table[type](config as never, rebuild);
  };
}

// Random networks of nested layers, and their twins in float64 with the same numbers.

import {
  activation, batchNormalization, dense, dropout, gaussianNoise, layerNormalization, Network, normalization, residual, type ActivationId, type Backend, type LayerFactory, type LossName,
} from "../src/index.js";
import { losses, type LossId } from "./reference/losses.js";
import { ReferenceLayers, type Node, type Run, type Spec } from "./reference/layers.js";
import { normalQuantile, philox, sampler } from "./reference/random.js";

export type Draw = ReturnType<typeof sampler>;

export const pick = <T>(draw: Draw, from: readonly T[]): T => from[Math.floor(draw(0, from.length))];

export interface Kinds {
  widths: readonly number[];
  activations: readonly ActivationId[];
  /** Added to variances: large where differences are taken, which small variances spoil. */
  epsilon?: number;
  /** Layers that draw. */
  chance?: boolean;
}

export const smooth: readonly ActivationId[] = ["linear", "tanh", "sigmoid", "arctan", "softmax"];
export const all: readonly ActivationId[] = [...smooth, "relu", "leakyRelu"];

/** `depth` layers, residual blocks of up to three inside, of those within each other `nesting`. */
export function drawSpecs(draw: Draw, inputs: number, depth: number, kinds: Kinds, nesting = 2): Spec[] {
  const specs: Spec[] = [];
  let columns = inputs;
  const { epsilon, chance = true, activations, widths } = kinds;
  while (specs.length < depth) {
    const dice = draw(0, 1);
    if (dice < 0.4) {
      const regularizers = draw(0, 1) < 0.3 ? { l1: Math.fround(draw(0, 0.01)), l2: Math.fround(draw(0, 0.01)), maxNorm: Math.fround(draw(0.5, 3)) } : {};
      specs.push({ type: "dense", units: (columns = pick(draw, widths)), activation: pick(draw, activations), negativeSlope: Math.fround(0.05), useBias: draw(0, 1) < 0.8, ...regularizers });
    } else if (dice < 0.5) specs.push({ type: "activation", activation: pick(draw, activations), negativeSlope: 0.25 });
    else if (dice < 0.7 && nesting > 0) {
      const layers = drawSpecs(draw, columns, 1 + Math.floor(draw(0, 3)), kinds, nesting - 1);
      const last = layers.findLast((spec) => spec.type === "dense" || spec.type === "residual");
      if (last === undefined || draw(0, 1) < 0.5) layers.push({ type: "dense", units: draw(0, 1) < 0.7 ? columns : pick(draw, widths), activation: pick(draw, activations), negativeSlope: Math.fround(0.05) });
      const units = widthAfter(layers, columns);
      specs.push({ type: "residual", layers, ...(units === columns && draw(0, 1) < 0.3 && { projection: draw(0, 1) < 0.5 }) });
      columns = units;
    } else if (dice < 0.8 && columns > 1) specs.push({ type: "layerNormalization", epsilon: epsilon ?? 1e-5 });
    else if (dice < 0.9) specs.push({ type: "batchNormalization", epsilon: epsilon ?? 1e-5, momentum: Math.fround(draw(0.05, 1)) });
    else if (dice < 0.94) specs.push({ type: "normalization" });
    else if (chance && dice < 0.97) specs.push({ type: "dropout", rate: pick(draw, [0, 0.2, 0.5]) });
    else if (chance) specs.push({ type: "gaussianNoise", standardDeviation: Math.fround(0.1) });
  }
  return specs;
}

export function widthAfter(specs: readonly Spec[], inputs: number): number {
  return specs.reduce((columns, spec) => (spec.type === "dense" ? spec.units : spec.type === "residual" ? widthAfter(spec.layers, columns) : columns), inputs);
}

/** The layer function call that a spec stands for. */
export function factory(spec: Spec): LayerFactory {
  const named = (name: ActivationId | "prelu" = "linear", negativeSlope = 0.05) => (name === "leakyRelu" ? { name, negativeSlope } : name);
  switch (spec.type) {
    case "dense": {
      const { units, useBias, l1, l2, maxNorm } = spec;
      return dense(units, named(spec.activation, spec.negativeSlope), { useBias, l1, l2, maxNorm });
    }
    case "activation": return activation(spec.activation, spec.activation === "leakyRelu" ? { negativeSlope: spec.negativeSlope ?? 0.05 } : undefined);
    case "residual": return residual(spec.layers.map(factory), { projection: spec.projection });
    case "layerNormalization": return layerNormalization({ epsilon: spec.epsilon });
    case "batchNormalization": return batchNormalization({ epsilon: spec.epsilon, momentum: spec.momentum });
    case "normalization": return normalization();
    case "dropout": return dropout(spec.rate);
    case "gaussianNoise": return gaussianNoise(spec.standardDeviation);
  }
}

/** Random first values for what a node holds, f32 each. */
export function settle(draw: Draw, { values }: Pick<Node, "values">): void {
  for (const [name, array] of Object.entries(values)) {
    const [what] = name.split(".").slice(-1);
    const units = array.length;
    const [low, high] = what === "gamma" ? [0.5, 1.5] : what === "variance" || what === "deviation" ? [0.5, 2] : what === "weights" || what === "projection" ? [-1, 1] : [-0.5, 0.5];
    for (let i = 0; i < units; i++) array[i] = Math.fround(draw(low, high));
  }
}

/** Weight matrices so that sums keep their size: values of a node were drawn from ±1. */
export function scaleWeights(specs: readonly Spec[], inputs: number, { values }: Pick<Node, "values">, prefix = ""): void {
  let columns = inputs;
  specs.forEach((spec, i) => {
    const shrink = (name: string) => values[name].forEach((w, at) => (values[name][at] = Math.fround(w * Math.sqrt(2.5 / columns))));
    if (spec.type === "dense") shrink(`${prefix}${i + 1}.weights`);
    if (spec.type === "residual") {
      scaleWeights(spec.layers, columns, { values }, `${prefix}${i + 1}.`);
      if (values[`${prefix}${i + 1}.projection`]) shrink(`${prefix}${i + 1}.projection`);
    }
    columns = widthAfter([spec], columns);
  });
}

/** All values of a reference by name, the layer's number in front. */
export function valuesOf({ nodes }: ReferenceLayers): Record<string, number[]> {
  return Object.fromEntries(nodes.flatMap(({ values }, i) => Object.entries(values).map(([name, array]) => [`${i + 1}.${name}`, array])));
}

export interface Case {
  network: Network;
  twin: ReferenceLayers;
  specs: Spec[];
  x: Float32Array;
  y: Float32Array | Int32Array;
  /** Targets as the twin takes them. */
  rows: number[][];
  loss: LossId;
}

/** What the loss is called by, and whether on logits. */
export const lossOf = (id: LossId) => ({ name: id.replace("FromLogits", "") as LossName, fromLogits: id.endsWith("FromLogits") });

export function makeCase(draw: Draw, specs: Spec[], inputs: number, batch: number, loss: LossId, backend?: Backend): Case {
  const network = new Network({ inputs, layers: specs.map(factory), seed: 7 }, { backend });
  network.compile({ optimizer: "sgd", loss: lossOf(loss) });
  const twin = new ReferenceLayers(inputs, specs);
  settle(draw, { values: valuesOf(twin) });
  scaleWeights(specs, inputs, { values: valuesOf(twin) });
  for (const [i, { values }] of twin.nodes.entries()) network.layers[i].setWeights(Object.fromEntries(Object.entries(values).map(([name, array]) => [name, Float32Array.from(array)])));
  const x = Float32Array.from({ length: batch * inputs }, () => draw(-1.5, 1.5));
  return { network, twin, specs, x, ...targets(draw, batch, widthAfter(specs, inputs), loss), loss };
}

export function targets(draw: Draw, batch: number, outputs: number, loss: LossId): { y: Float32Array | Int32Array; rows: number[][] } {
  if (losses[loss].sparse) {
    const y = Int32Array.from({ length: batch }, () => Math.floor(draw(0, outputs)));
    return { y, rows: [...y].map((number) => [number]) };
  }
  const y = Float32Array.from({ length: batch * outputs }, () => draw(loss === "meanSquaredError" ? -1 : 0, 1));
  return { y, rows: Array.from({ length: batch }, (_, r) => [...y.subarray(r * outputs, (r + 1) * outputs)]) };
}

/** The same network with every operation rounded. */
export function rounded({ twin, specs }: Pick<Case, "twin" | "specs">, round: (value: number) => number): ReferenceLayers {
  const other = new ReferenceLayers(twin.inputs, specs, round);
  const values = valuesOf(other);
  for (const [name, array] of Object.entries(valuesOf(twin))) values[name].splice(0, Infinity, ...array);
  return other;
}

/** What dropout and noise draw in a step, as assembly/layers/noise.ts says. */
export function drawn(seed: number, step: number): Run["draw"] {
  return (spec, stream, batch, columns) => {
    const ld = Math.ceil(columns / 8) * 8;
    const least = spec.type === "dropout" ? Math.floor(spec.rate * 2 ** 32) : 0;
    const purpose = spec.type === "dropout" ? 3 : 4;
    return Array.from({ length: batch * columns }, (_, at) => {
      const [r, c] = [Math.floor(at / columns), at % columns];
      const word = philox([(r * ld) / 4 + (c >> 2), step, stream, purpose], [seed >>> 0, Math.floor(seed / 2 ** 32)])[c & 3];
      if (spec.type === "gaussianNoise") return spec.standardDeviation * normalQuantile((word + 0.5) * 2 ** -32);
      return word >= least ? Math.fround(1 / (1 - least / 2 ** 32)) : 0;
    });
  };
}

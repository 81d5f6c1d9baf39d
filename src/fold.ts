// Batch normalization behind a dense layer without activation is that dense layer with other weights: sessions fold it away.

import { BatchNormalizationForward } from "./layers/batch-normalization.js";
import { DenseForward } from "./layers/dense.js";
import { LINEAR, type Layer } from "./layers/layer.js";
import type { Lease } from "./memory.js";
import { ParameterBlock } from "./parameters.js";
import type { Stack } from "./plan.js";

/** The same stack, or one with fewer layers and a block of its own. W ← W s, b ← (b − mean) s + β with s = γ / √(variance + ε), in f64 and rounded once. */
export function foldBatchNormalization(stack: Stack, lease: Lease, where: string): Stack {
  const { backend, layers, parameters, weights } = stack;
  const foldable = (layer: Layer, next: Layer | undefined): next is BatchNormalizationForward =>
    layer instanceof DenseForward && layer.activation.id === "linear" && next instanceof BatchNormalizationForward;
  const folded: { layer: Layer; from: number; norm: BatchNormalizationForward | undefined }[] = [];
  for (let i = 0; i < layers.length; i++) {
    const [layer, next] = [layers[i], layers[i + 1]];
    const norm = foldable(layer, next) ? next : undefined;
    folded.push({ layer: norm ? new DenseForward(where, layer.inputs, layer.units, LINEAR, true) : layer, from: i, norm });
    if (norm) i++;
  }
  if (folded.length === layers.length) return stack;

  const block = new ParameterBlock(backend, lease, folded.map(({ layer }) => layer), where);
  const read = (layer: number, name: string) => {
    const parameter = parameters.find(`${layer + 1}.${name}`);
    return parameter && parameters.read(parameter, weights, where);
  };
  for (const [i, { layer, from, norm }] of folded.entries()) {
    const write = (name: string, values: Float32Array) => block.write(block.find(`${i + 1}.${name}`)!, block.pointer, values, where);
    if (norm === undefined) {
      for (const { name } of layer.parameters) write(name, read(from, name)!);
      continue;
    }
    const [gamma, beta, mean, variance] = ["gamma", "beta", "mean", "variance"].map((name) => read(from + 1, name)!);
    const scale = Float64Array.from(gamma, (value, c) => value / Math.sqrt(variance[c] + Math.fround(norm.settings.epsilon)));
    const { units } = layer;
    const bias = read(from, "bias");
    write("weights", read(from, "weights")!.map((value, at) => value * scale[at % units]));
    write("bias", Float32Array.from(beta, (value, c) => ((bias?.[c] ?? 0) - mean[c]) * scale[c] + value));
  }
  return { backend, layers: folded.map(({ layer }) => layer), parameters: block, weights: block.pointer };
}

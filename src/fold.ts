// Batch normalization behind a dense layer without activation is that dense layer with other weights: sessions fold it away.

import { BatchNormalizationForward } from "./layers/batch-normalization.js";
import { DenseForward } from "./layers/dense.js";
import { LINEAR, PANEL, type Layer } from "./layers/layer.js";
import type { Lease } from "./memory.js";
import { ParameterBlock, type PlacedParameter } from "./parameters.js";
import type { Stack } from "./plan.js";

/** The same stack, or one with fewer layers and a block of its own. W ← W s, b ← (b − mean) s + β with s = γ / √(variance + ε), in f64 and rounded once. */
export function foldBatchNormalization(stack: Stack, lease: Lease, where: string): Stack {
  const { backend, layers, parameters, weights } = stack;
  const foldable = (layer: Layer, next: Layer | undefined): next is BatchNormalizationForward =>
    layer instanceof DenseForward && layer.activation.id === "linear" && next instanceof BatchNormalizationForward;
  const folded: { layer: Layer; at: number; norm: BatchNormalizationForward | undefined }[] = [];
  for (let i = 0; i < layers.length; i++) {
    const [layer, next] = [layers[i], layers[i + 1]];
    const norm = foldable(layer, next) ? next : undefined;
    folded.push({ layer: norm ? new DenseForward(where, layer.inputs, layer.units, LINEAR, true) : layer, at: i, norm });
    if (norm) i++;
  }
  if (folded.length === layers.length) return stack;

  const block = new ParameterBlock(backend, lease, folded.map(({ layer }) => layer), where);
  // As they lie in memory, padding included: it stays 0.
  const from = (layer: number, name: string) => view(parameters.find(`${layer + 1}.${name}`), weights);
  const view = (parameter: PlacedParameter | undefined, start: number) => parameter && backend.linear.f32(start + parameter.offset * 4, parameter.size);
  for (const [i, { layer, at, norm }] of folded.entries()) {
    const to = (name: string) => view(block.find(`${i + 1}.${name}`), block.pointer)!;
    if (norm === undefined) {
      for (const { name } of layer.parameters) to(name).set(from(at, name)!);
      continue;
    }
    const [gamma, beta, mean, variance] = ["gamma", "beta", "mean", "variance"].map((name) => from(at + 1, name)!);
    const scale = Float64Array.from(gamma, (value, c) => value / Math.sqrt(variance[c] + Math.fround(norm.settings.epsilon)));
    const bias = from(at, "bias");
    const panel = layer.inputs * PANEL;
    to("weights").set(from(at, "weights")!.map((value, w) => value * scale[Math.floor(w / panel) * PANEL + (w % PANEL)]));
    to("bias").set(beta.map((value, c) => ((bias?.[c] ?? 0) - mean[c]) * scale[c] + value));
  }
  return { backend, layers: folded.map(({ layer }) => layer), parameters: block, weights: block.pointer };
}

// Networks of growing depth, each diagnosed before its first step: how gradients reach the layers.

import { adam, dense, layerNormalization, Network, residual, type LayerFactory } from "lanewise";
import { CLASSES, loadMnist, PIXELS, type Digits } from "../mnist/digits.js";
import { ACTIVATIONS, type ActivationName } from "./curves.js";
import type { Options } from "./options.js";
import { textTable, threeDigits } from "./table.js";

/** What stands between the layers: each hidden layer from the second on, made of the dense layer f. */
export const VARIANTS = {
  plain: (f) => [f],
  "layer normalization": (f) => [layerNormalization(), f],
  residual: (f) => [residual([f])],
  "residual + layer normalization": (f) => [residual([layerNormalization(), f])],
} satisfies Record<string, (f: LayerFactory) => LayerFactory[]>;
export type Variant = keyof typeof VARIANTS;

export interface Finding {
  activation: ActivationName;
  variant: Variant;
  /** Hidden layers. */
  depth: number;
  /** Norm of the gradient of the weights, by hidden layer. */
  gradientNorms: number[];
  /** What a layer makes of the gradient on its way to the input. */
  factor: number;
  verdict: string;
}

/** Every activation in every variant, for each depth. */
export function study({ depths, width, rows, seed }: Options): Finding[] {
  const { training } = loadMnist(undefined, rows);
  const x = standardize(training);
  return depths.flatMap((depth) =>
    (Object.keys(VARIANTS) as Variant[]).flatMap((variant) =>
      ACTIVATIONS.map((activation) => {
        using network = build(activation, variant, depth, width, seed);
        network.compile({ optimizer: adam(), loss: "sparseCategoricalCrossentropy" });
        const { layers, gradientFactor, verdict } = network.diagnose(x, training.labels);
        const hidden = layers.slice(0, -1).filter(({ label }) => /^(dense|residual)/.test(label));
        return { activation, variant, depth, gradientNorms: hidden.map((layer) => layer.gradientNorm ?? 0), factor: gradientFactor, verdict };
      }),
    ),
  );
}

export function build(activation: ActivationName, variant: Variant, depth: number, width: number, seed: number): Network {
  const f = dense(width, activation);
  const between = Array.from({ length: depth - 1 }, () => VARIANTS[variant](f)).flat();
  // What residual blocks have added up is normalized once more before the output.
  const last = variant.endsWith("normalization") ? [layerNormalization()] : [];
  return new Network({ inputs: PIXELS, layers: [f, ...between, ...last, dense(CLASSES, "softmax")], seed });
}

/** Pixels with mean 0 and deviation 1 over all digits. */
function standardize({ images }: Digits): Float32Array {
  const mean = images.reduce((sum, value) => sum + value, 0) / images.length;
  const deviation = Math.sqrt(images.reduce((sum, value) => sum + (value - mean) ** 2, 0) / images.length);
  return images.map((value) => (value - mean) / deviation);
}

/** The networks of one depth: gradients at the first, middle and last hidden layer, and the verdict. */
export function describeFindings(findings: Finding[], depth: number): string {
  const middle = Math.ceil(depth / 2);
  const shown = [...new Set([1, middle, depth])];
  const rows = findings
    .filter((finding) => finding.depth === depth)
    .map(({ activation, variant, gradientNorms, factor, verdict }) =>
      [verdict, variant, activation, ...shown.map((layer) => threeDigits(gradientNorms[layer - 1])), factor.toFixed(2)]);
  const head = ["", "variant", "activation", ...shown.map((layer) => `‖dw‖ of layer ${layer}`), "factor a layer"];
  // The verdict behind the numbers: it has no end to align.
  const numbers = textTable([head, ...rows].map(([, ...cells]) => cells), 2).split("\n");
  return numbers.map((line, i) => (i === 0 ? `${line}  verdict` : i === 1 ? `${line}${"─".repeat(9)}` : `${line}  ${rows[i - 2][0]}`)).join("\n");
}

/** Every number behind the plots, as comma-separated values. */
export function listNorms(findings: Finding[]): string {
  const lines = findings.flatMap(({ activation, variant, depth, gradientNorms }) =>
    gradientNorms.map((norm, i) => [depth, variant, activation, i + 1, norm].join(",")));
  return ["depth,variant,activation,layer,gradientNorm", ...lines, ""].join("\n");
}

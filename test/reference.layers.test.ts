// The float64 twin of nested layers against central differences, and its definitions against values by hand.

import { describe, expect, test } from "vitest";
import { all, drawSpecs, pick, scaleWeights, settle, smooth, targets, valuesOf, widthAfter, type Kinds } from "./nets.js";
import { finiteDifferences } from "./reference/network.js";
import { ReferenceLayers, type Run, type Spec } from "./reference/layers.js";
import type { LossId } from "./reference/losses.js";
import { sampler } from "./reference/random.js";

const kinds: Kinds = { widths: [1, 2, 3, 4], activations: all, epsilon: 0.1 };
const lossIds: LossId[] = ["meanSquaredError", "binaryCrossentropyFromLogits", "categoricalCrossentropyFromLogits", "sparseCategoricalCrossentropyFromLogits"];

/** Whatever the layer, the same numbers on every pass, as chance that is drawn once. */
const draw: Run["draw"] = (spec, stream, batch, columns) => {
  const uniform = sampler(stream + 100);
  return Array.from({ length: batch * columns }, () => (spec.type === "dropout" ? (uniform(0, 1) < spec.rate ? 0 : 1 / (1 - spec.rate)) : uniform(-0.2, 0.2)));
};

/** Within 1e-8 of each other, or 1e-6 of the largest entry. */
function agree(gradient: number[], differences: number[], where: string): void {
  const largest = Math.max(0, ...gradient.map(Math.abs));
  gradient.forEach((g, i) => expect(Math.abs(g - differences[i]), `${where} [${i}]`).toBeLessThanOrEqual(1e-8 + 1e-6 * largest));
}

function check(seed: number, depth: number, of: Kinds, run: Run): boolean {
  const uniform = sampler(seed);
  const inputs = pick(uniform, of.widths);
  const specs = drawSpecs(uniform, inputs, depth, of);
  const net = new ReferenceLayers(inputs, specs);
  settle(uniform, { values: valuesOf(net) });
  scaleWeights(specs, inputs, { values: valuesOf(net) });
  const batch = 2 + Math.floor(uniform(0, 4));
  const x = Array.from({ length: batch * inputs }, () => uniform(-1.5, 1.5));
  const loss = pick(uniform, lossIds);
  const { rows } = targets(uniform, batch, widthAfter(specs, inputs), loss);
  const { input } = net.backward(x, rows, loss, run);
  if (net.kink() < 1e-3) return false;
  const gradients = net.nodes.map((node) => ({ ...node.gradients }));
  const value = (): number => net.backward(x, rows, loss, run).loss;
  // |w| has a kink too.
  if (Object.entries(valuesOf(net)).some(([name, values]) => name.endsWith("weights") && values.some((w) => Math.abs(w) < 1e-3))) return false;
  agree(input, finiteDifferences(value, x), `seed ${seed} input`);
  for (const [i, node] of net.nodes.entries()) {
    for (const [name, gradient] of Object.entries(gradients[i])) agree(gradient, finiteDifferences(value, node.values[name]), `seed ${seed} layer ${i + 1} ${name} of ${JSON.stringify(specs[i])}`);
  }
  return true;
}

describe("backward equals finite differences", () => {
  test.each([["statistics of the batch", { training: true }], ["running statistics", { training: false }], ["with dropout and noise", { training: true, draw }]] as const)("%s", (_, run) => {
    let checked = 0;
    for (let seed = 0; checked < 200; seed++) if (check(seed, 1 + (seed % 5), kinds, run)) checked += 1;
  });

  test("16 layers deep", () => {
    let checked = 0;
    for (let seed = 0; checked < 3; seed++) if (check(seed, 16, { ...kinds, activations: smooth }, { training: true })) checked += 1;
  });
});

describe("definitions, by hand", () => {
  const one = (spec: Spec, inputs: number) => new ReferenceLayers(inputs, [spec]);

  test("batch normalization divides by n, its running variance by n − 1", () => {
    const net = one({ type: "batchNormalization", epsilon: 0, momentum: 0.1 }, 1);
    expect(net.forward([1, 3], { training: true })).toEqual([-1, 1]);
    net.settle();
    expect(net.nodes[0].values.mean[0]).toBeCloseTo(0.2, 12);
    expect(net.nodes[0].values.variance[0]).toBeCloseTo(0.9 + 0.1 * 2, 12);
    expect(net.forward([0.2], { training: false })[0]).toBeCloseTo(0, 12);
  });

  test("layer normalization divides by n", () => {
    expect(one({ type: "layerNormalization", epsilon: 0 }, 2).forward([1, 3], { training: false })).toEqual([-1, 1]);
  });

  test("penalties: l1 Σ|w| + l2 Σw²; a column of norm 5 shrinks to 1", () => {
    const net = one({ type: "dense", units: 1, l1: 0.1, l2: 0.01, maxNorm: 1 }, 2);
    net.nodes[0].values.weights.splice(0, 2, 3, -4);
    expect(net.backward([0, 0], [[0]], "meanSquaredError", { training: true }).loss).toBeCloseTo(0.7 + 0.25, 12);
    net.nodes[0].gradients.weights.forEach((g, i) => expect(g).toBeCloseTo([0.1 + 0.06, -0.1 - 0.08][i], 12));
    net.settle();
    net.nodes[0].values.weights.forEach((w, i) => expect(w).toBeCloseTo([0.6, -0.8][i], 12));
  });

  test("a residual block adds what goes in, or its projection", () => {
    const inside: Spec[] = [{ type: "activation", activation: "relu" }];
    expect(one({ type: "residual", layers: inside }, 2).forward([-1, 2], { training: false })).toEqual([-1, 4]);
    const net = one({ type: "residual", layers: inside, projection: true }, 2);
    net.nodes[0].values.projection.splice(0, 4, 0, 1, 10, 0);
    expect(net.forward([-1, 2], { training: false })).toEqual([20, 1]);
  });
});

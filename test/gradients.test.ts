// Network.gradients and clipped steps against the float64 twin, for each activation × loss.

import { describe, expect, test } from "vitest";
import { createBackend, dense, Network, sgd, type ActivationId } from "../src/index.js";
import { relaxed } from "../src/relaxed.js";
import { activationTable } from "../src/activations.js";
import { lossTable, type LossId } from "../src/losses.js";
import { losses as referenceLosses, type ReferenceLoss } from "./reference/losses.js";
import { activations as referenceActivations } from "./reference/activations.js";
import { ReferenceNetwork, type Gradients } from "./reference/network.js";
import { sampler } from "./reference/random.js";
import { largest, relative, roundings } from "./errors.js";
import { allowRelaxed } from "./instance.js";

allowRelaxed();

const hidden = Object.keys(activationTable) as ActivationId[];

/** Last activations a loss may follow, and whether the loss is then given fromLogits. */
const heads: Record<LossId, { activation: ActivationId; fromLogits?: true }[]> = {
  meanSquaredError: hidden.map((activation) => ({ activation })),
  meanAbsoluteError: hidden.map((activation) => ({ activation })),
  huber: hidden.map((activation) => ({ activation })),
  logCosh: hidden.map((activation) => ({ activation })),
  hinge: hidden.filter((activation) => !["sigmoid", "softmax", "logSoftmax"].includes(activation)).map((activation) => ({ activation })),
  binaryCrossentropy: [{ activation: "sigmoid" }, { activation: "linear", fromLogits: true }],
  categoricalCrossentropy: [{ activation: "softmax" }, { activation: "linear", fromLogits: true }],
  sparseCategoricalCrossentropy: [{ activation: "softmax" }, { activation: "linear", fromLogits: true }],
  klDivergence: [{ activation: "softmax" }, { activation: "linear", fromLogits: true }],
};

interface Case {
  network: Network;
  twin: ReferenceNetwork;
  x: Float32Array;
  y: Float32Array | Int32Array;
  rows: number[][];
}

/** A network and its twin with the same float32 weights, and a batch. */
function makeCase(widths: number[], activations: ActivationId[], loss: LossId, fromLogits: boolean, batch: number, seed: number, variant?: "relaxed"): Case {
  const uniform = sampler(seed);
  const network = new Network(
    { inputs: widths[0], layers: activations.map((activation, i) => dense(widths[i + 1], activation)), seed },
    variant === "relaxed" ? { backend: createBackend({ module: relaxed }) } : undefined,
  );
  network.compile({ optimizer: "sgd", loss: { name: loss, fromLogits } });
  const twin = new ReferenceNetwork(widths[0], activations.map((activation, i) => ({ units: widths[i + 1], activation, negativeSlope: Math.fround(0.05) })));
  for (const [i, layer] of network.layers.entries()) {
    layer.setWeights({ bias: Float32Array.from({ length: layer.units }, () => uniform(-0.5, 0.5)) });
    // A few layers of e^z leave float32 unless they are tame.
    if (activations.includes("exponential")) layer.setWeights({ weights: layer.getWeights().weights!.map((w) => w / 4) });
    const { weights, bias } = layer.getWeights();
    twin.weights[i + 1] = [...weights!];
    twin.biases[i + 1] = [...bias!];
  }
  const outputs = widths.at(-1)!;
  const x = Float32Array.from({ length: batch * widths[0] }, () => uniform(-1.5, 1.5));
  const { sparse, takes, hard }: ReferenceLoss = referenceLosses[loss];
  let y: Float32Array | Int32Array;
  let rows: number[][];
  if (sparse) {
    y = Int32Array.from({ length: batch }, () => Math.floor(uniform(0, outputs)));
    rows = [...y].map((number) => [number]);
  } else {
    const values = Array.from({ length: batch }, () => Array.from({ length: outputs }, () => uniform(takes === "numbers" ? -1 : 0.05, 1)));
    if (takes === "distribution") for (const row of values) {
      const sum = row.reduce((a, b) => a + b);
      row.forEach((value, j) => (row[j] = value / sum));
    }
    if (hard) for (const row of values) row.forEach((value, j) => (row[j] = Number(value > 0)));
    y = Float32Array.from(values.flat());
    rows = values.map((_, r) => [...y.subarray(r * outputs, (r + 1) * outputs)]);
  }
  return { network, twin, x, y, rows };
}

/** Whether a hidden z of the twin lies so near a kink that float32 might fall on its other side. */
function nearKink(twin: ReferenceNetwork, x: Float32Array): boolean {
  const { z } = twin.forward([...x]);
  return twin.layers.some(({ activation }, i) => referenceActivations[activation].kinks.some((kink) => z[i + 1].some((value) => Math.abs(value - kink) < 1e-4)));
}

/**
 * The worst error of loss, dx, every dW and db, in units of what is allowed: 1e-6 of the largest value; or, where terms cancel so that float32 cannot do so well,
 * 1e-6 of the terms' absolute sum, or twice the worst error of the twin with each of its operations rounded to float32, in one way or another.
 */
function worstError({ network, twin, x, y, rows }: Case, id: keyof typeof referenceLosses): number {
  const got = network.gradients(x, y as Float32Array);
  const arraysOf = ({ input, weights, biases }: Gradients) => [input, ...weights.slice(1), ...biases.slice(1)];
  const want: Gradients = twin.backward([...x], rows, id);
  const exact = arraysOf(want);
  const ours = [got.input, ...got.layers.map(({ weights }) => weights!), ...got.layers.map(({ bias }) => bias!)];
  const terms = [want.terms[0].weight, ...want.terms.slice(1).map(({ weight }) => weight), ...want.terms.slice(1).map(({ bias }) => bias)];
  const errors = ours.map((values, i) => relative(values, exact[i]));
  const rough = exact.map(() => 0);
  let worst = Infinity;
  for (const round of roundings(sampler(1))) {
    const rounding = new ReferenceNetwork(twin.inputs, twin.layers, round);
    rounding.weights.splice(0, Infinity, ...twin.weights);
    rounding.biases.splice(0, Infinity, ...twin.biases);
    for (const [i, values] of arraysOf(rounding.backward([...x], rows, id)).entries()) rough[i] = Math.max(rough[i], relative(values, exact[i]));
    worst = Math.max(...errors.map((error, i) => error / Math.max(1e-6, 2 * rough[i], (1e-6 * terms[i]) / largest(exact[i]))));
    if (worst <= 1) break;
  }
  return Math.max(worst, Math.abs(got.loss - want.loss) / Math.max(want.loss, 1e-3) / 1e-6);
}

describe.each(["strict", "relaxed"] as const)("%s build", (variant) => {
  describe.each(Object.keys(heads) as LossId[])("%s", (loss) => {
    test.each(heads[loss])("gradients behind $activation, fromLogits $fromLogits", ({ activation: last, fromLogits = false }) => {
      const id = (fromLogits ? `${loss}FromLogits` : loss) as keyof typeof referenceLosses;
      let checked = 0;
      for (const [i, activation] of hidden.entries()) {
        for (const widths of [[3, 5, 4], [1, 7, 3, 2], [6, 17, 9, 5, 3], [4, 2], [33, 13, 10]]) {
          const activations = widths.slice(2).map(() => activation).concat(last);
          const made = makeCase(widths, activations, loss, fromLogits, 1 + ((i * 5 + widths[0]) % 9), 100 * i + widths.length, variant === "relaxed" ? "relaxed" : undefined);
          if (!nearKink(made.twin, made.x)) {
            expect(worstError(made, id), `${widths} ${activations}`).toBeLessThanOrEqual(1);
            checked += 1;
          }
          made.network.dispose();
        }
      }
      expect(checked).toBeGreaterThan(25);
    });
  });
});

test("every loss and activation of the tables has a reference", () => {
  for (const id of hidden) expect(referenceActivations, id).toHaveProperty(id);
  for (const id of Object.keys(lossTable)) expect(referenceLosses, id).toHaveProperty(id);
  expect(Object.keys(heads)).toEqual(Object.keys(lossTable));
});

test.each(hidden)("gradients through 16 layers of %s", (activation) => {
  const widths = [5, ...Array.from({ length: 15 }, (_, i) => [7, 17, 3, 33][i % 4]), 4];
  const activations = [...Array.from({ length: 15 }, () => activation), "linear" as const];
  let checked = 0;
  for (let seed = 1; seed <= 500 && checked < 3; seed++) {
    const made = makeCase(widths, activations, "meanSquaredError", false, 6, seed);
    // A batch that no row of gets through a layer of relu has a gradient of zero in front of it, which says nothing.
    const reaches = made.twin.backward([...made.x], made.rows, "meanSquaredError").weights[1].some((value) => value !== 0);
    if (reaches && !nearKink(made.twin, made.x)) {
      expect(worstError(made, "meanSquaredError"), `seed ${seed}`).toBeLessThanOrEqual(1);
      checked += 1;
    }
    made.network.dispose();
  }
  expect(checked).toBe(3);
});

test("clipValue and clipNorm limit the gradient, in this order", () => {
  const { network, twin, x, y, rows } = makeCase([3, 4, 2], ["tanh", "linear"], "meanSquaredError", false, 8, 9);
  const clipped = { clipValue: 0.05, clipNorm: 0.08 };
  network.compile({ optimizer: sgd({ learningRate: 1, ...clipped }), loss: "mse" });
  const { weights, biases } = twin.backward([...x], rows, "meanSquaredError");
  const all = [1, 2].flatMap((l) => [weights[l], biases[l]]).map((g) => g.map((v) => Math.max(-clipped.clipValue, Math.min(clipped.clipValue, v))));
  const norm = Math.sqrt(all.flat().reduce((sum, v) => sum + v * v, 0));
  expect(norm).toBeGreaterThan(clipped.clipNorm);
  network.trainBatch(x, y as Float32Array);
  for (const [i, layer] of network.layers.entries()) {
    const { weights: w, bias: b } = layer.getWeights();
    expect(relative(w!, twin.weights[i + 1].map((v, j) => v - (all[2 * i][j] * clipped.clipNorm) / norm))).toBeLessThanOrEqual(1e-6);
    expect(relative(b!, twin.biases[i + 1].map((v, j) => v - (all[2 * i + 1][j] * clipped.clipNorm) / norm))).toBeLessThanOrEqual(1e-6);
  }
});

test("behind logSoftmax a crossentropy is the same kernel as behind softmax: same loss, same gradients", () => {
  for (const [loss, y] of [["categoricalCrossentropy", [[0, 1, 0], [0.5, 0, 0.5]]], ["klDivergence", [[0, 1, 0], [0.5, 0, 0.5]]], ["sparseCategoricalCrossentropy", [1, 2]]] as const) {
    const [a, b] = (["softmax", "logSoftmax"] as const).map((last) => {
      const network = new Network({ inputs: 2, layers: [dense(3, last)], seed: 5 });
      network.compile({ optimizer: "sgd", loss });
      return network.gradients([[1, -2], [0.5, 3]], y as never);
    });
    expect(b).toEqual(a);
  }
});

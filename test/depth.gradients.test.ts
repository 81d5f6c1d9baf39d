// Gradients at depths 2 to 64 behind every activation, at odd widths, against the float64 twin: max(2 × what float32 reaches, 1e-6) for each dW, db and dx.

import { afterAll, expect, test } from "vitest";
import { activationTable, type LayerActivationId } from "../src/activations.js";
import { createBackend } from "../src/index.js";
import { compare, ofNetwork, training } from "./errors.js";
import { makeCase, pick, type Case, type Draw } from "./nets.js";
import type { Spec } from "./reference/layers.js";
import { columnSums, filled, product } from "./reference/parts.js";
import { sampler } from "./reference/random.js";

const backend = createBackend();
const widths = [1, 3, 7, 17, 33];
const wide = widths.slice(1);
const activations: LayerActivationId[] = [...(Object.keys(activationTable) as (keyof typeof activationTable)[]), "prelu"];
/** Across rows: as the last layer, behind tanh. The others stand in every layer but the last, which is linear. */
const across = (id: LayerActivationId) => id !== "prelu" && activationTable[id].across;

type Dense = Spec & { type: "dense" };

/** Dense layers one behind the other; a layer of one unit, if there is one, comes first: behind several no gradient is left in front of relu. */
function plain(draw: Draw, depth: number, id: LayerActivationId): Spec[] {
  const hidden = across(id) ? "tanh" : id;
  const layer = (units: number, activation: Dense["activation"]): Dense => ({ type: "dense", units, activation });
  return Array.from({ length: depth }, (_, i) => (i < depth - 1 ? layer(pick(draw, i === 0 ? widths : wide), hidden) : layer(pick(draw, across(id) ? wide : widths), across(id) ? id : "linear")));
}

/** The same number of dense layers, two of them in each residual block behind a layer normalization; a layer outside of blocks, now and then, changes the width. */
function residual(draw: Draw, depth: number, id: LayerActivationId): Spec[] {
  const hidden = across(id) ? "tanh" : id;
  let units = pick(draw, wide);
  const specs: Spec[] = [{ type: "dense", units }];
  for (let layers = 1; layers < depth - 1; ) {
    if (layers % 8 === 7 || layers === depth - 2) {
      specs.push({ type: "dense", units: (units = pick(draw, wide)) });
      layers += 1;
    } else {
      specs.push({ type: "residual", layers: [{ type: "layerNormalization" }, { type: "dense", units: pick(draw, widths), activation: hidden }, { type: "dense", units }] });
      layers += 2;
    }
  }
  specs.push({ type: "dense", units: pick(draw, across(id) ? wide : widths), activation: across(id) ? id : "linear" });
  return specs;
}

/** Weights and biases of a plain chain so that each z has mean 0 in each column and the same deviation over the batch: what goes through 64 layers stays a float32. */
function level({ network, twin, x }: Case, deviation: number): void {
  let a = [...x];
  for (const [i, node] of twin.nodes.entries()) {
    const { weights, bias } = node.values;
    const inputs = weights.length / node.units;
    const rows = a.length / inputs;
    const z = product((value) => value, inputs, node.units).forward(a, weights, filled(node.units, 0));
    const means = columnSums((value) => value, z, node.units).sums.map((sum) => sum / rows);
    const scale = deviation / Math.sqrt(z.reduce((sum, value, at) => sum + (value - means[at % node.units]) ** 2, 0) / z.length);
    weights.forEach((w, at) => (weights[at] = Math.fround(w * scale)));
    means.forEach((mean, j) => (bias[j] = Math.fround(-mean * scale)));
    network.layers[i].setWeights({ weights: Float32Array.from(weights), bias: Float32Array.from(bias) });
    a = node.forward(a, training, { next: 0 });
  }
}

const seen = new Set<number>();
const counts = { compared: 0, skipped: 0 };

test.each([2, 8, 32, 64].flatMap((depth) => [["plain", depth, plain], ["residual", depth, residual]] as const))("%s, %d dense layers", (kind, depth, draws) => {
  for (const [i, id] of activations.entries()) {
    for (let seed = 1, nets = 0; nets < (depth < 32 ? 3 : 1); seed++) {
      const draw = sampler(10_000 * depth + 100 * i + seed);
      const inputs = pick(draw, widths);
      const specs = draws(draw, depth, id);
      const made = makeCase(draw, specs, inputs, 2 + Math.floor(draw(0, 8)), "meanSquaredError", backend);
      // Chains of e^z leave float32 unless they are tame.
      if (kind === "plain") level(made, id === "exponential" ? 0.25 : 1);
      const { skipped, compared, share, name, error } = settled(made, draw);
      if (compared > 0) {
        expect(share, `${depth} layers of ${id}, seed ${seed}, ${name}, error ${error}: ${JSON.stringify(specs)}`).toBeLessThanOrEqual(1);
        nets += 1;
        counts.compared += compared;
        counts.skipped += skipped;
        for (const { values } of made.twin.nodes) for (const [key, array] of Object.entries(values)) if (key.endsWith("bias")) seen.add(array.length);
      }
      made.network.dispose();
      expect(seed, `${depth} layers of ${id}`).toBeLessThan(60);
    }
  }
});

afterAll(() => {
  // 13,790 compared and 505 skipped, for float32 itself is off by more than 1e-2: all in chains of 32 and 64 layers without normalization (gelu, geluTanh, leakyRelu, prelu, exponential).
  expect(counts.compared).toBeGreaterThan(13_000);
  expect(counts.skipped / counts.compared).toBeLessThan(0.05);
  expect([...seen].sort((a, b) => a - b)).toEqual(widths);
});

/** Nothing compared where float32 may fall on the other side of a kink, or where no gradient comes through. */
function settled(made: Case, draw: Draw): ReturnType<typeof compare> {
  const { twin, x, rows, loss } = made;
  twin.forward([...x], training);
  if (twin.kink() < 1e-4 || twin.backward([...x], rows, loss, training).input.every((value) => value === 0)) return { share: 0, name: "", error: 0, compared: 0, skipped: 0 };
  return compare(made, ofNetwork(made), draw);
}

// Network.gradients, training steps and predictions of nested layers against the float64 twin.

import { describe, expect, test } from "vitest";
import { adam, createBackend, sgd } from "../src/index.js";
import { relaxed } from "../src/relaxed.js";
import { ofNetwork, relative, roundings, training, worstError } from "./errors.js";
import { allowRelaxed } from "./instance.js";
import { all, drawn, drawSpecs, lossOf, makeCase, pick, rounded, valuesOf, widthAfter, type Case, type Kinds } from "./nets.js";
import type { LossId } from "./reference/losses.js";
import { optimizers } from "./reference/optimizers.js";
import { sampler } from "./reference/random.js";

allowRelaxed();

const lossIds: LossId[] = ["meanSquaredError", "binaryCrossentropyFromLogits", "categoricalCrossentropyFromLogits", "sparseCategoricalCrossentropyFromLogits"];
const odd: Kinds = { widths: [1, 3, 7, 17, 33], activations: all };
/** What lets a signal through. */
const deep: Kinds = { widths: [3, 7, 17, 33], activations: ["linear", "tanh", "arctan"] };

describe.each(["strict", "relaxed"] as const)("%s build", (variant) => {
  const backend = variant === "relaxed" ? createBackend({ module: relaxed }) : createBackend();

  test.each([
    [2, 60, odd], [3, 60, odd], [5, 40, odd], [8, 24, odd], [16, 8, deep], [32, 4, deep], [64, 6, deep],
  ] as [number, number, Kinds][])("gradients through %d layers", (depth, nets, kinds) => {
    let [checked, seen] = [0, 0];
    for (let seed = 1; checked < nets; seed++) {
      const draw = sampler(1000 * depth + seed);
      const inputs = pick(draw, [1, 3, 7, 17, 33]);
      const specs = drawSpecs(draw, inputs, depth, kinds);
      const loss = pick(draw, widthAfter(specs, inputs) > 1 ? lossIds : lossIds.slice(0, 2));
      if (!isLinear(specs.at(-1)!)) specs.push({ type: "dense", units: widthAfter(specs, inputs) });
      const made = makeCase(draw, specs, inputs, 2 + Math.floor(draw(0, 8)), loss, backend);
      made.twin.forward([...made.x], training);
      if (made.twin.kink() > 1e-4) {
        const before = made.network.save();
        const { share, name, error, seen: part } = worstError(made, ofNetwork(made), draw);
        expect(share, `seed ${seed}, ${name}, error ${error}: ${JSON.stringify(specs)}`).toBeLessThanOrEqual(1);
        expect(made.network.save()).toEqual(before);
        checked += 1;
        seen += part;
      }
      made.network.dispose();
    }
    expect(seen / checked).toBeGreaterThan(0.8);
  });

  test("predictions and evaluate use running statistics and draw nothing", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const draw = sampler(seed);
      const inputs = pick(draw, odd.widths);
      const specs = drawSpecs(draw, inputs, 1 + (seed % 6), odd);
      const made = makeCase(draw, specs, inputs, 5, "meanSquaredError", backend);
      const { network, twin, x } = made;
      const want = twin.forward([...x], { training: false });
      const rough = [...roundings(draw)].slice(0, 3).map((round) => relative(rounded(made, round).forward([...x], { training: false }), want));
      if (twin.kink() > 1e-4) expect(relative(network.predict(x), want), `seed ${seed} ${JSON.stringify(specs)}`).toBeLessThanOrEqual(Math.max(2e-6, 2 * Math.max(...rough)));
      network.dispose();
    }
  });

  test("every layer that draws has numbers of its own, inside blocks too", () => {
    const specs: Case["specs"] = [
      { type: "dropout", rate: 0.5 }, { type: "dropout", rate: 0.5 }, { type: "gaussianNoise", standardDeviation: 0.5 },
      { type: "residual", layers: [{ type: "gaussianNoise", standardDeviation: 0.5 }, { type: "dropout", rate: 0 }, { type: "dropout", rate: 0.5 }, { type: "dense", units: 9 }] }, { type: "dropout", rate: 0.25 },
    ];
    const { network, twin, x, y, rows, loss } = makeCase(sampler(1), specs, 9, 6, "meanSquaredError", backend);
    network.compile({ optimizer: sgd({ learningRate: 1e-30 }), loss: "mse" });
    for (let step = 0; step < 4; step++) expect(network.trainBatch(x, y as Float32Array)).toBeCloseTo(twin.backward([...x], rows, loss, { training: true, draw: drawn(7, step) }).loss, 5);
    network.dispose();
  });

  test.each([
    ["sgd", () => sgd({ learningRate: 0.05, momentum: 0.9 }), () => optimizers.sgd({ learningRate: 0.05, momentum: 0.9 })],
    // With an ε that keeps Adam from making steps of what rounding leaves where the gradient is 0.
    ["adam", () => adam({ learningRate: 0.01, epsilon: 1e-3 }), () => optimizers.adam({ learningRate: 0.01, epsilon: 1e-3 })],
  ] as const)("20 steps of %s follow the twin, chance, running statistics and constraints included", (_, optimizer, reference) => {
    let followed = 0;
    for (let seed = 1; seed <= 16; seed++) {
      const draw = sampler(seed);
      const inputs = pick(draw, [3, 7, 17]);
      const specs = drawSpecs(draw, inputs, 4, { widths: [3, 7, 17], activations: ["linear", "tanh", "sigmoid"] });
      const made = makeCase(draw, specs, inputs, 8, "meanSquaredError", backend);
      const { network, twin, x, y, rows, loss } = made;
      network.compile({ optimizer: optimizer(), loss: lossOf(loss) });
      const rough = rounded(made, Math.fround);
      const run = (net: typeof twin, step: number, steppers: Map<string, ReturnType<typeof reference>>) => {
        const { loss: value } = net.backward([...x], rows, loss, { training: true, draw: drawn(7, step) });
        for (const [i, node] of net.nodes.entries()) {
          for (const [name, g] of Object.entries(node.gradients)) {
            const key = `${i + 1}.${name}`;
            if (!steppers.has(key)) steppers.set(key, reference());
            steppers.get(key)!.step(node.values[name], g);
            if (net === rough) node.values[name].forEach((w, at) => (node.values[name][at] = Math.fround(w)));
          }
        }
        net.settle();
        return value;
      };
      const [exactly, roughly] = [new Map(), new Map()];
      let near = false;
      for (let step = 0; step < 20; step++) {
        const [want, other] = [run(twin, step, exactly), run(rough, step, roughly)];
        // Where float32 itself leaves the path, as behind a variance of all but 0, there is none to follow.
        near ||= Math.abs(want - other) > 1e-4 * want;
        if (!near) expect(Math.abs(network.trainBatch(x, y as Float32Array) - want) / want, `seed ${seed} step ${step} ${JSON.stringify(specs)}`).toBeLessThanOrEqual(Math.max(2e-5, (4 * Math.abs(want - other)) / want));
      }
      const roughValues = valuesOf(rough);
      for (const [key, want] of Object.entries(near ? {} : valuesOf(twin))) {
        const [layer, ...name] = key.split(".");
        const error = relative(network.layers[Number(layer) - 1].getWeights()[name.join(".")]!, want);
        expect(error, `seed ${seed} ${key} ${JSON.stringify(specs)}`).toBeLessThanOrEqual(Math.max(2e-5, 4 * relative(roughValues[key], want)));
      }
      followed += near ? 0 : 1;
      network.dispose();
    }
    expect(followed).toBeGreaterThan(12);
  });
});

function isLinear({ type, ...spec }: Case["specs"][number]): boolean {
  return type === "dense" || type === "activation" ? "activation" in spec && spec.activation === "linear" : true;
}

// prelu, the activation that learns: with equal slopes it is leakyRelu, and the gradient of a slope is Σ da · min(z, 0).

import { expect, test } from "vitest";
import { activation, adam, createBackend, custom, dense, Network, sgd, type LayerFactory } from "../src/index.js";
import { load } from "../src/infer.js";
import { random } from "./numbers.js";

const backend = createBackend();
const x = random(9 * 5, 1);
const y = random(9 * 2, 2);

function make(layers: LayerFactory[], optimizer = sgd({ learningRate: 0.1 })): Network {
  const network = new Network({ inputs: 5, layers, seed: 4 }, { backend });
  network.compile({ optimizer, loss: "mse" });
  return network;
}

test.each([["in dense()", [dense(7, "prelu"), dense(2)], [dense(7, { name: "leakyRelu", negativeSlope: 0.25 }), dense(2)]], ["alone", [dense(7), activation("prelu"), dense(2)], [dense(7), activation("leakyRelu", { negativeSlope: 0.25 }), dense(2)]]])(
  "%s: with equal slopes the bits of leakyRelu", (_, learning, fixed) => {
    const [a, b] = [make(learning), make(fixed)];
    for (const [l, layer] of a.layers.entries()) {
      const { slopes, ...rest } = layer.getWeights();
      if (slopes) expect([...slopes]).toEqual(new Array(7).fill(0.25));
      if (Object.keys(rest).length > 0) b.layers[l].setWeights(rest);
    }
    expect(a.predict(x)).toEqual(b.predict(x));
    const [mine, theirs] = [a.gradients(x, y), b.gradients(x, y)];
    for (const [l, { slopes, ...rest }] of mine.layers.entries()) expect(rest, `layer ${l + 1}`).toEqual(theirs.layers[l]);
    expect(mine.input).toEqual(theirs.input);
  },
);

test("the gradient of the slopes, against float64", () => {
  let da: Float64Array | undefined;
  const spy = custom({ name: "spy", forward: ({ x: from, y: to }) => to.set(from), backward: ({ dy, dx }) => (dx.set(dy), void (da = Float64Array.from(dy))) });
  const network = make([dense(7, "prelu"), spy, dense(2)]);
  network.layers[0].setWeights({ slopes: Float32Array.from({ length: 7 }, (_, i) => (i - 3) / 4) });
  const { layers } = network.gradients(x, y);
  const z = network.trace(x).z[1]!;
  const want = Array.from({ length: 7 }, (_, c) => Array.from({ length: 9 }, (__, r) => da![r * 7 + c] * Math.min(z[r * 7 + c], 0)).reduce((sum, term) => sum + term, 0));
  want.forEach((value, c) => expect(Math.abs(layers[0].slopes![c] - value)).toBeLessThanOrEqual(1e-6 * Math.max(...want.map(Math.abs))));
});

test("slopes are learned, saved, and read by lanewise/infer", () => {
  const network = make([activation("prelu", { negativeSlope: 0.5 }), dense(7, "prelu"), dense(2)], adam({ learningRate: 0.05 }));
  const first = network.trainBatch(x, y);
  let last = first;
  for (let step = 0; step < 50; step++) last = network.trainBatch(x, y);
  expect(last).toBeLessThan(first / 2);
  expect(new Set(network.layers[0].getWeights().slopes).size).toBeGreaterThan(1);
  const bytes = network.save({ includeOptimizer: true });
  const loaded = Network.load(bytes, { backend });
  expect(loaded.save({ includeOptimizer: true })).toEqual(bytes);
  expect(loaded.trainBatch(x, y)).toBe(network.trainBatch(x, y));
  const inference = load(network.save());
  expect(inference.predict(x)).toEqual(network.predict(x));
  const session = network.session({ batch: 9 });
  session.input.set(x);
  session.run();
  expect([...session.output]).toEqual([...network.predict(x)]);
  expect(network.diagnose(x, y).layers[1].dead).toBeUndefined();
});

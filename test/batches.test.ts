// Batches of fit(): from linear memory or copied one by one, the same rows in the same order.

import { describe, expect, test } from "vitest";
import { createBackend, dense, Network } from "../src/index.js";
import { builds, Instance } from "./instance.js";

describe.each(builds)("%s build", (build) => {
  test("gatherRows takes the rows that the indices name, whatever their bits", () => {
    const instance = new Instance(build);
    for (const columns of [1, 2, 3, 4, 5, 7, 8, 9, 31]) {
      for (const picked of [[], [0], [5, 5, 0, 2], [6, 5, 4, 3, 2, 1, 0]]) {
        instance.reset();
        const from = instance.words(7 * columns);
        from.u32.forEach((_, i) => (from.u32[i] = 0x7fa00000 + i));
        const to = instance.words(picked.length * columns);
        instance.kernels.gatherRows(picked.length, columns, from.at, instance.integers(picked).at, to.at);
        expect([...to.u32]).toEqual(picked.flatMap((row) => [...from.u32.subarray(row * columns, (row + 1) * columns)]));
        expect(instance.brokenGuard()).toBe(-1);
      }
    }
  });
});

test.each(["classes", "dense"] as const)("%s: a data set that linear memory has no room for gives the weights of one it has", async (kind) => {
  const rows = 30_000;
  const x = Float32Array.from({ length: rows * 5 }, (_, i) => Math.sin(i * 0.7));
  const classes = Uint8Array.from({ length: rows }, (_, i) => i % 3);
  const y = kind === "classes" ? classes : Float32Array.from({ length: rows * 3 }, (_, i) => (classes[Math.floor(i / 3)] === i % 3 ? 1 : 0));
  const train = async (maximumBytes: number, shuffle: boolean) => {
    const backend = createBackend({ maximumBytes });
    const network = new Network({ inputs: 5, layers: [dense(7, "tanh"), dense(3, "softmax")], seed: 1 }, { backend });
    network.compile({ optimizer: "adam", loss: kind === "classes" ? "sparseCategoricalCrossentropy" : "categoricalCrossentropy", metrics: ["accuracy"] });
    const history = await network.fit(x, y, { epochs: 2, batchSize: 29, shuffle });
    return { history, weights: network.layers.map((layer) => layer.getWeights()), reserved: backend.memory().bytesReserved };
  };
  for (const shuffle of [true, false]) {
    const [whole, cut] = [await train(1 << 26, shuffle), await train(1 << 19, shuffle)];
    expect(whole.reserved).toBeGreaterThan(x.byteLength);
    expect(cut.reserved).toBeLessThan(x.byteLength);
    expect({ ...cut, reserved: 0 }).toEqual({ ...whole, reserved: 0 });
  }
});

// First weights: each initializer of the table by its distribution, and by golden values.

import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { dense, Network, type InitializerLike, type InitializerName } from "../src/index.js";
import { initializerTable, type InitializerId } from "../src/initializers.js";
import { randomNormal } from "./reference/random.js";

function weightsOf(inputs: number, units: number, weightsInitializer: InitializerLike, seed = 5): Float32Array {
  const network = new Network({ inputs, layers: [dense(units, "linear", { weightsInitializer })], seed });
  const { weights } = network.layers[0].getWeights();
  network.dispose();
  return weights!;
}

const moments = (values: Float32Array) => {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance), kurtosis: values.reduce((sum, v) => sum + (v - mean) ** 4, 0) / values.length / variance ** 2 };
};

/** Deviations for 200 inputs and 300 units. */
const deviations: Partial<Record<InitializerId, number>> = {
  glorotUniform: Math.sqrt(2 / 500), glorotNormal: Math.sqrt(2 / 500), heUniform: Math.sqrt(2 / 200), heNormal: Math.sqrt(2 / 200), lecunUniform: Math.sqrt(1 / 200), lecunNormal: Math.sqrt(1 / 200),
};

test.each(Object.entries(deviations) as [InitializerId, number][])("%s has deviation %d", (name, deviation) => {
  for (const gain of [1, 2.5]) {
    const { mean, ...found } = moments(weightsOf(200, 300, { name, gain }));
    expect(Math.abs(mean)).toBeLessThan(0.02 * gain * deviation);
    expect(found.deviation / (gain * deviation)).toBeCloseTo(1, 2);
    // 3 of a normal distribution, not cut off; 1.8 of a uniform one.
    expect(Math.abs(found.kurtosis - (name.endsWith("Normal") ? 3 : 1.8))).toBeLessThan(0.1);
  }
});

test("normal weights are the generator's normal numbers", () => {
  const weights = weightsOf(8, 5, "heNormal", 7);
  randomNormal(40, 0, Math.fround(0.5), [7, 0, 0, 1]).forEach((value, i) => expect(weights[i]).toBeCloseTo(value, 6));
});

test.each([[1, 1], [1, 9], [9, 1], [7, 7], [30, 12], [12, 30], [64, 65]])("orthogonal, %d × %d: the shorter side is orthonormal", (inputs, units) => {
  for (const gain of [1, 3]) {
    const w = weightsOf(inputs, units, { name: "orthogonal", gain });
    const rows = inputs <= units;
    const [count, length] = rows ? [inputs, units] : [units, inputs];
    const at = (i: number, k: number) => (rows ? w[i * units + k] : w[k * units + i]);
    for (let i = 0; i < count; i++) {
      for (let j = 0; j <= i; j++) {
        let dot = 0;
        for (let k = 0; k < length; k++) dot += at(i, k) * at(j, k);
        expect(Math.abs(dot / gain ** 2 - (i === j ? 1 : 0))).toBeLessThan(1e-6);
      }
    }
  }
});

test("the first vector of an orthogonal matrix is the first normal numbers, scaled", () => {
  const normal = randomNormal(30, 0, 1, [5, 0, 0, 1]).slice(0, 6);
  const norm = Math.hypot(...normal);
  const columns = weightsOf(6, 5, "orthogonal");
  const rows = weightsOf(5, 6, "orthogonal");
  normal.forEach((value, k) => {
    expect(columns[k * 5]).toBeCloseTo(value / norm, 6);
    expect(rows[k]).toBeCloseTo(value / norm, 6);
  });
});

test("names of Keras and PyTorch", () => {
  const aliases: Partial<Record<InitializerName, InitializerId>> = {
    xavier_normal: "glorotNormal", glorot_normal: "glorotNormal", xavierUniform: "glorotUniform", kaiming_normal: "heNormal", kaimingNormal: "heNormal", he_normal: "heNormal",
    kaiming_uniform: "heUniform", lecun_normal: "lecunNormal", leCunNormal: "lecunNormal", leCunUniform: "lecunUniform",
  };
  for (const [alias, name] of Object.entries(aliases) as [InitializerName, InitializerId][]) expect(weightsOf(3, 4, alias)).toEqual(weightsOf(3, 4, name));
});

test("a bias may be drawn too", () => {
  for (const biasInitializer of Object.keys(initializerTable) as InitializerId[]) {
    const network = new Network({ inputs: 4, layers: [dense(9, "relu", { biasInitializer })], seed: 1 });
    expect(network.layers[0].getWeights().bias!.every(Number.isFinite)).toBe(true);
    network.dispose();
  }
});

/** The beginnings of the sha256 of 13 × 21 and of 21 × 13 weights of seed 5. A change here breaks every saved seed. */
const golden: Record<InitializerId, string> = {
  glorotUniform: "36221e82661f6d17 36221e82661f6d17",
  glorotNormal: "59460370b25e2d0f 59460370b25e2d0f",
  heUniform: "9d7f59d429293ad1 e4d65a6a19cf9f2d",
  heNormal: "c5447ffc1b527385 cdbd0e08368d0d2b",
  lecunUniform: "e9f304ea20d6005e d37fefb6fd6e54d5",
  lecunNormal: "abeaef30a5ae940e cc4f0266086d1a10",
  orthogonal: "38c2820e12fbf2e0 010a7099d25b3070",
  zeros: "f7ec4d08c90f5b50 f7ec4d08c90f5b50",
  ones: "5745e5b7c4837ee9 5745e5b7c4837ee9",
  constant: "8d283b7c1e67fe97 8d283b7c1e67fe97",
};

test.each(Object.keys(initializerTable) as InitializerId[])("%s gives the same bits as ever", (name) => {
  const given = name === "constant" ? { name, value: 0.1 } : name;
  const hash = (inputs: number, units: number) => createHash("sha256").update(weightsOf(inputs, units, given)).digest("hex");
  expect(`${hash(13, 21).slice(0, 16)} ${hash(21, 13).slice(0, 16)}`).toBe(golden[name]);
});

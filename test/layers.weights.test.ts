// The weights of layers by their names, those of blocks too: out and in, what is learned, what is measured, what they are at first.

import { describe, expect, test } from "vitest";
import { batchNormalization, dense, layerNormalization, Network, normalization, residual } from "../src/index.js";
import { random } from "./numbers.js";

describe("weights by name", () => {
  const network = new Network({ inputs: 3, layers: [normalization(), residual([dense(4, "relu"), batchNormalization(), residual([layerNormalization(), dense(4)]), dense(5)])], seed: 2 });
  const names = ["1.weights", "1.bias", "2.gamma", "2.beta", "2.mean", "2.variance", "3.1.gamma", "3.1.beta", "3.2.weights", "3.2.bias", "4.weights", "4.bias", "projection"];

  test("residual blocks show what is inside, as it is set", () => {
    expect(Object.keys(network.layers[0].getWeights())).toEqual(["mean", "deviation"]);
    const { layers: [, block] } = network;
    expect(Object.keys(block.getWeights())).toEqual(names);
    expect(block.parameterCount).toBe(12 + 4 + 4 + 4 + 4 + 4 + 16 + 4 + 20 + 5 + 15);
    const valuesOf = (name: string) => random(block.getWeights()[name]!.length, names.indexOf(name)).map(name.endsWith("variance") ? Math.abs : Number);
    for (const name of names) {
      const values = valuesOf(name);
      block.setWeights({ [name]: values });
      expect(block.getWeights()[name]).toEqual(values);
    }
    for (const name of names) expect(block.getWeights()[name]).toEqual(valuesOf(name));
  });

  test("gradients have the names of what is learned", () => {
    network.compile({ optimizer: "sgd", loss: "mse" });
    const { layers } = network.gradients(random(12, 1), random(20, 2));
    expect(layers.map((layer) => Object.keys(layer))).toEqual([[], names.filter((name) => !/mean|variance/.test(name))]);
  });

  test("adapt measures mean and deviation of the population; a constant feature gets deviation 1", () => {
    network.layers[0].adapt([[1, 0.1, -4], [3, 0.1, 4]]);
    expect(network.layers[0].getWeights()).toEqual({ mean: Float32Array.of(2, 0.1, 0), deviation: Float32Array.of(1, 1, 4) });
    expect([...network.trace([[1, 0.1, 4]]).a[1]]).toEqual([-1, 0, 1]);
  });

  test("first weights of a block's layers are drawn as anywhere: by layer, seed and width", () => {
    const make = (seed: number) => new Network({ inputs: 30, layers: [residual([dense(40, "relu"), dense(30)], { projection: true })], seed }).layers[0].getWeights();
    const [first, second] = [make(1), make(2)];
    expect(make(1)).toEqual(first);
    for (const name of ["1.weights", "2.weights", "projection"]) {
      expect(first[name]).not.toEqual(second[name]);
      const most = Math.max(...first[name]!.map(Math.abs));
      const limit = name === "1.weights" ? Math.sqrt(6 / 30) : name === "2.weights" ? Math.sqrt(6 / 70) : Math.sqrt(6 / 60);
      expect(most / limit).toBeGreaterThan(0.98);
      expect(most / limit).toBeLessThanOrEqual(1);
    }
  });
});

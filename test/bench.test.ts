// The bench publishes ratios over its plain JavaScript, so that one has to be right; and the table of workloads, the
// sampling and the README's figures have to hold together. Speed itself is no test.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { createData } from "../bench/data.mjs";
import { assertSame } from "../bench/compare.mjs";
import { measure, quantile } from "../bench/measure.mjs";
import { formatNumber, formatTime } from "../bench/report.mjs";
import { activations } from "../bench/plain/activations.mjs";
import { gemmLoops, gemmNN, gemmNT, gemmTN } from "../bench/plain/gemm.mjs";
import { createNetwork } from "../bench/plain/network.mjs";
import { findWorkload, kinds, negativeSlope, networks, optimizers, weightCount, workloads } from "../bench/workloads.mjs";
import { renderTables, replaceRegion } from "../scripts/readme-tables.mjs";

type Layer = { units: number; activation: string };
type Values = ArrayLike<number>;

const numbers = (length: number, seed: number) => Float32Array.from({ length }, (_, index) => Math.sin(seed + 1.7 * index));

/** c = a·b in float64, the elements given by functions of row and column. */
function product(m: number, n: number, k: number, a: (i: number, p: number) => number, b: (p: number, j: number) => number) {
  const c = new Float64Array(m * n);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) for (let p = 0; p < k; p++) c[i * n + j] += a(i, p) * b(p, j);
  return c;
}

function expectClose(actual: Values, expected: Values, tolerance: number) {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(1e-30, ...Array.from(expected, Math.abs));
  for (let index = 0; index < expected.length; index++) {
    expect(Math.abs(actual[index] - expected[index]) / scale, `element ${index}`).toBeLessThan(tolerance);
  }
}

describe("plain JavaScript: matrix products", () => {
  const sizes = [1, 2, 3, 4, 5, 7, 12, 13, 25];
  for (const m of [1, 2, 3, 4, 7]) {
    it(`is right for ${m} rows and all remainders`, () => {
      for (const n of sizes) {
        for (const k of [1, 2, 9]) {
          const a = numbers(m * k, 1);
          const b = numbers(k * n, 2);
          const c = new Float32Array(m * n).fill(NaN);
          const expected = product(m, n, k, (i, p) => a[i * k + p], (p, j) => b[p * n + j]);
          for (const gemm of [gemmNN, gemmLoops]) {
            gemm(m, n, k, a, b, c.fill(NaN));
            expectClose(c, expected, 1e-6);
          }
          gemmNT(m, n, k, a, b, c.fill(NaN));
          expectClose(c, product(m, n, k, (i, p) => a[i * k + p], (p, j) => b[j * k + p]), 1e-6);
          gemmTN(m, n, k, a, b, c.fill(NaN));
          expectClose(c, product(m, n, k, (i, p) => a[p * m + i], (p, j) => b[p * n + j]), 1e-6);
        }
      }
    });
  }
});

const reference: Record<string, [(x: number) => number, (x: number) => number]> = {
  tanh: [Math.tanh, (x) => 1 - Math.tanh(x) ** 2],
  sigmoid: [(x) => 1 / (1 + Math.exp(-x)), (x) => Math.exp(-x) / (1 + Math.exp(-x)) ** 2],
  arctan: [Math.atan, (x) => 1 / (1 + x * x)],
  relu: [(x) => Math.max(0, x), (x) => (x > 0 ? 1 : 0)],
  leakyRelu: [(x) => (x > 0 ? x : negativeSlope * x), (x) => (x > 0 ? 1 : negativeSlope)],
};

describe("plain JavaScript: activations", () => {
  for (const [name, { forward, derivative }] of Object.entries(activations)) {
    it(`${name} and its derivative are those of Math.*`, () => {
      const z = Float32Array.from({ length: 801 }, (_, index) => (index - 400) / 40);
      const out = new Float32Array(z.length);
      const [f, slope] = reference[name];
      forward(z, out);
      z.forEach((x, index) => expect(out[index]).toBeCloseTo(f(x), 6));
      derivative(z, out);
      z.forEach((x, index) => expect(out[index]).toBeCloseTo(slope(x), 6));
    });
  }
});

/** Mean loss of a batch in float64, slow and plain: what the gradients are checked against by differences. */
function lossOf(layers: Layer[], parameters: { weights: Values; bias: Values }[], inputs: number, batch: number, x: Values, y: Values, loss: string) {
  let total = 0;
  for (let row = 0; row < batch; row++) {
    let a = Array.from({ length: inputs }, (_, index) => x[row * inputs + index]);
    layers.forEach(({ units, activation }, index) => {
      const { weights, bias } = parameters[index];
      const z = Array.from({ length: units }, (_, unit) => a.reduce((sum, value, input) => sum + value * weights[input * units + unit], bias[unit]));
      const sum = z.reduce((all, value) => all + Math.exp(value), 0);
      a = activation === "softmax" ? z.map((value) => Math.exp(value) / sum) : z.map(reference[activation][0]);
    });
    if (loss === "meanSquaredError") total += a.reduce((sum, value, unit) => sum + (value - y[row * a.length + unit]) ** 2, 0) / a.length;
    else total -= Math.log(a[y[row]]);
  }
  return total / batch;
}

describe("plain JavaScript: training", () => {
  const cases = [
    { layers: [{ units: 5, activation: "tanh" }, { units: 4, activation: "softmax" }], loss: "sparseCategoricalCrossentropy" },
    { layers: [{ units: 5, activation: "relu" }, { units: 6, activation: "sigmoid" }, { units: 2, activation: "tanh" }], loss: "meanSquaredError" },
  ];
  const inputs = 3;
  const batch = 7;

  function setUp({ layers, loss }: (typeof cases)[number], optimizer?: string) {
    let width = inputs;
    const parameters = layers.map(({ units }, index) => {
      const made = { weights: numbers(width * units, 3 + index), bias: numbers(units, 7 + index) };
      width = units;
      return made;
    });
    const x = numbers(batch * inputs, 5);
    const y = loss === "meanSquaredError" ? numbers(batch * width, 6) : Int32Array.from({ length: batch }, (_, row) => row % width);
    const options = optimizer && optimizers[optimizer as keyof typeof optimizers];
    return { network: createNetwork({ inputs, layers, batch, parameters, loss, optimizer, options }), parameters, x, y };
  }

  for (const chosen of cases) {
    it(`gives the loss and the gradients of ${chosen.loss}, against float64 differences`, () => {
      const { network, parameters, x, y } = setUp(chosen);
      const wide = parameters.map(({ weights, bias }) => ({ weights: Float64Array.from(weights), bias: Float64Array.from(bias) }));
      const loss = () => lossOf(chosen.layers, wide, inputs, batch, x, y, chosen.loss);
      expect(network.gradients(x, y)).toBeCloseTo(loss(), 5);
      wide.forEach((layer, index) => {
        for (const [name, values] of Object.entries(layer)) {
          const slopes = values.map((value, at) => {
            const step = 1e-5;
            values[at] = value + step;
            const above = loss();
            values[at] = value - step;
            const below = loss();
            values[at] = value;
            return (above - below) / (2 * step);
          });
          expectClose(network.layers[index][name === "weights" ? "dWeights" : "dBias"], slopes, 1e-4);
        }
      });
    });
  }

  it("takes the step of sgd", () => {
    const { network, x, y } = setUp(cases[0], "sgd");
    const before = network.layers.map(({ weights }) => Float64Array.from(weights));
    network.trainBatch(x, y);
    network.layers.forEach(({ weights, dWeights }, index) => {
      const change = Array.from(weights, (value, at) => value - before[index][at]);
      expectClose(change, Array.from(dWeights, (value) => -optimizers.sgd.learningRate * value), 1e-2);
    });
  });

  it("takes two steps of adam as its definition says", () => {
    const { network, x, y } = setUp(cases[1], "adam");
    const { learningRate, beta1, beta2, epsilon } = optimizers.adam;
    const [layer] = network.layers;
    const before = Float64Array.from(layer.weights);
    const moved = new Float64Array(before.length);
    const mean = new Float64Array(before.length);
    const square = new Float64Array(before.length);
    for (let step = 1; step <= 2; step++) {
      network.trainBatch(x, y);
      layer.dWeights.forEach((gradient, at) => {
        mean[at] = beta1 * mean[at] + (1 - beta1) * gradient;
        square[at] = beta2 * square[at] + (1 - beta2) * gradient * gradient;
        moved[at] -= (learningRate * (mean[at] / (1 - beta1 ** step))) / (Math.sqrt(square[at] / (1 - beta2 ** step)) + epsilon);
      });
    }
    expectClose(Array.from(layer.weights, (value, at) => value - before[at]), moved, 1e-2);
  });
});

describe("workloads", () => {
  it("have names of their own and all four kinds", () => {
    expect(new Set(workloads.map(({ id }) => id)).size).toBe(workloads.length);
    expect([...new Set(workloads.map(({ kind }) => kind))]).toEqual(kinds);
  });

  it.each(workloads.map((row) => [row.id, row] as const))("%s has what it needs", (_, row) => {
    const data = createData(row);
    if (row.kind === "activation") {
      expect(data.z.length).toBe(row.elements);
      expect(activations).toHaveProperty(row.name);
      return;
    }
    expect(row.flop).toBeGreaterThan(0);
    if (row.kind === "matmul") {
      expect([data.a.length, data.b.length]).toEqual([row.m * row.k, row.k * row.n]);
      return;
    }
    expect(data.x.length).toBe(row.batch * row.inputs);
    const count = data.parameters.reduce((sum: number, { weights }: { weights: Values }) => sum + weights.length, 0);
    expect(count).toBe(weightCount(networks[row.network as keyof typeof networks]));
    if (row.kind === "training") {
      expect(optimizers).toHaveProperty(row.optimizer);
      const outputs = row.layers.at(-1).units;
      expect(data.y.length).toBe(row.loss === "meanSquaredError" ? row.batch * outputs : row.batch);
    }
  });

  it("have the same data in every process", () => {
    const row = findWorkload("train 2-8-8-2 batch 32 sgd");
    expect(createData(row)).toEqual(createData(row));
  });
});

describe("measuring", () => {
  it("takes quantiles by straight line", () => {
    expect(quantile([1, 2, 4, 8], 0.5)).toBe(3);
    expect(quantile([1, 2, 4, 8], 1)).toBe(8);
  });

  it("fills samples, warms up, takes turns and gives the time a call", async () => {
    const turns: string[] = [];
    const contestant = (name: string, each: number) => ({
      sample(calls: number) {
        turns.push(name);
        return calls * each;
      },
    });
    const [quick, slow] = await measure([contestant("quick", 0.001), contestant("slow", 600)], { budget: 1000 });
    expect(quick.median).toBeCloseTo(0.001);
    expect(quick.samples).toBe(15);
    expect(quick.calls).toBeGreaterThanOrEqual(5000);
    expect(slow).toMatchObject({ median: 600, samples: 3, calls: 1 });
    expect(turns.slice(-18, -12)).toEqual(["quick", "slow", "slow", "quick", "quick", "slow"]);
  });

  it("goes on without a contestant that fails", async () => {
    const failing = { sample: () => Promise.reject(new Error("gone")) };
    const failures: unknown[] = [];
    const onFailure = (contestant: unknown, error: Error) => failures.push([contestant, error.message]);
    const [summary, none] = await measure([{ sample: (calls: number) => calls * 6 }, failing], { onFailure });
    expect(summary.median).toBe(6);
    expect(none).toBeUndefined();
    expect(failures).toEqual([[failing, "gone"]]);
    await expect(measure([failing])).rejects.toThrow("gone");
  });

  it("stops at results that differ, or are not numbers", () => {
    const row = workloads.find(({ kind }) => kind === "inference");
    const compare = (value: number) => () => assertSame("X", row, { result: [1, 0.5] }, { result: [1, value] });
    expect(compare(0.5)).not.toThrow();
    expect(compare(0.6)).toThrow(`X, ${row.id}: number 1 must be within`);
    expect(compare(NaN)).toThrow("got NaN");
  });
});

describe("the README's figures", () => {
  it("have three digits", () => {
    expect([0.0664, 9.994, 9.996, 99.94, 99.96, 1234].map(formatNumber)).toEqual(["0.07", "9.99", "10.0", "99.9", "100", "1234"]);
    expect([2e-6, 0.0123, 0.9, 12, 3456].map(formatTime)).toEqual(["2.00 ns", "12.3 µs", "900 µs", "12.0 ms", "3.46 s"]);
  });

  const line = (id: string, kind: string, key: string, median: number) => ({ id, kind, key, median, gflops: 1 / median });
  const fixture = {
    date: "2026-11-30T00:00:00.000Z",
    engine: "Node 26.0.0 (V8 14)",
    cpu: "CPU",
    cores: 2,
    os: "Linux x64",
    limit: { gflops: 57.6, p25: 57, p75: 58 },
    contestants: [
      { key: "strict", label: "lanewise", version: "1" },
      { key: "plain", label: "plain JS", version: "26" },
    ],
    lines: ["matmul 512x512x512", "infer 2-8-8-1 batch 1"].flatMap((id) => [line(id, "matmul", "strict", 0.02), line(id, "matmul", "plain", 0.1)]),
    absent: [{ key: "x", label: "X", reason: "was not found" }],
  };

  function folderWith(files: Record<string, unknown>) {
    const folder = mkdtempSync(join(tmpdir(), "lanewise-"));
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(content));
    return pathToFileURL(`${folder}/`);
  }

  it("come out of the newest engine's file, and a second run changes nothing", () => {
    const folder = folderWith({ "20.json": { ...fixture, engine: "Node 20" }, "26.json": fixture, "peers-26.json": fixture });
    const text = renderTables(folder);
    expect(text).toContain("Node 26.0.0");
    expect(text).not.toContain("Node 20");
    expect(text).toContain("| 512×512×512 | 50.0 | 10.0 | 5.00× | 87% |");
    expect(text).toContain("| 2-8-8-1, batch 1 | 20.0 µs | 100 µs (5.00×) |");
    expect(text).toContain("Not timed: X (was not found).");
    const readme = "# x\n\n<!-- bench:start -->\nold\n<!-- bench:end -->\n\nmore\n";
    const once = replaceRegion(readme, text);
    expect(once).not.toContain("old");
    expect(once.endsWith("<!-- bench:end -->\n\nmore\n")).toBe(true);
    expect(replaceRegion(once, renderTables(folder))).toBe(once);
  });

  it("need the two marks", () => {
    expect(() => replaceRegion("# x", "text")).toThrow("README.md must hold <!-- bench:start -->");
  });
});

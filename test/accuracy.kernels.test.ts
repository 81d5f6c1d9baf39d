import { describe, expect, test } from "vitest";
import { builds, Instance, leading } from "./instance.js";
import { sampler } from "./reference/random.js";

const sizes = [...Array.from({ length: 19 }, (_, i) => i + 1), 64, 67];
type Metric = "categoricalAccuracy" | "sparseCategoricalAccuracy" | "binaryAccuracy";

/** The first index of the largest value, NaN passed over. */
function winner(row: number[]): number {
  return row.reduce((best, v, i) => (!Number.isNaN(v) && (best < 0 || v > row[best]) ? i : best), -1);
}

function hits(metric: Metric, x: number[][], targets: number[][], threshold: number): number {
  if (metric === "binaryAccuracy") {
    return x.flat().filter((v, i) => !Number.isNaN(v) && (v > threshold ? 1 : 0) === targets.flat()[i]).length;
  }
  return x.filter((row, r) => winner(row) >= 0 && winner(row) === (metric === "categoricalAccuracy" ? winner(targets[r]) : targets[r][0])).length;
}

function run(instance: Instance, metric: Metric, x: number[][], targets: number[][], columns: number, threshold = 0.5, padding = NaN): number {
  instance.reset();
  const ld = leading(columns);
  const input = instance.matrix(x, ld, padding);
  const target = metric === "sparseCategoricalAccuracy" ? instance.integers(targets.map(([t]) => t)) : instance.matrix(targets, ld, padding);
  const total = instance.words(2);
  const parameters = instance.floats([threshold]);
  const before = [...input.u32, ...target.u32];
  instance.kernels[`${metric}Metric`](x.length, columns, ld, input.at, target.at, total.at, parameters.at);
  expect(instance.brokenGuard()).toBe(-1);
  expect([...input.u32, ...target.u32]).toEqual(before);
  return instance.double(total);
}

describe.each(builds)("%s", (build) => {
  const instance = new Instance(build);

  test.each(["categoricalAccuracy", "sparseCategoricalAccuracy", "binaryAccuracy"] as const)("%s counts hits at every size", (metric) => {
    for (const columns of sizes) {
      for (const rows of [0, 1, 2, 3, 7]) {
        const draw = sampler(rows * 100 + columns);
        const row = (): number[] => Array.from({ length: columns }, () => Math.fround(draw(0, 1)));
        // Rounded to tenths, so that there are ties.
        const x = Array.from({ length: rows }, () => row().map((v) => Math.fround(Math.round(v * 10) / 10)));
        const targets = Array.from({ length: rows }, () => {
          if (metric === "sparseCategoricalAccuracy") return [Math.floor(draw(0, columns))];
          return metric === "binaryAccuracy" ? row().map(Math.round) : row();
        });
        // Half of the rows hit on purpose.
        if (metric !== "binaryAccuracy") {
          x.forEach((values, r) => {
            const t = metric === "categoricalAccuracy" ? winner(targets[r]) : targets[r][0];
            if (r % 2 === 0) values[t] = 2;
          });
        }
        for (const padding of [NaN, 0, 1, Infinity]) {
          expect(run(instance, metric, x, targets, columns, 0.5, padding), `${rows}×${columns}`).toBe(hits(metric, x, targets, 0.5));
        }
      }
    }
  });

  test("the first of equals wins, NaN never does", () => {
    const cases: [number[], number][] = [
      [[1, 1, 1, 1, 1], 0],
      [[0, 2, 2, 1, 2], 1],
      [[NaN, 1, 3, NaN, 3], 2],
      [[NaN, NaN, NaN, NaN, -Infinity], 4],
      [[-Infinity, -Infinity, -Infinity, -Infinity, -Infinity], 0],
      [[-0, 0, 0, 0, 0], 0],
      [[1, 2, 3, 4, Infinity], 4],
    ];
    for (const [row, first] of cases) {
      for (let t = -1; t < 6; t++) expect(run(instance, "sparseCategoricalAccuracy", [row], [[t]], 5)).toBe(t === first ? 1 : 0);
      const oneHot = row.map((_, i) => (i === first ? 1 : 0));
      expect(run(instance, "categoricalAccuracy", [row], [oneHot], 5)).toBe(1);
    }
    const nothing = [NaN, NaN, NaN, NaN, NaN];
    for (let t = -1; t < 6; t++) expect(run(instance, "sparseCategoricalAccuracy", [nothing], [[t]], 5)).toBe(0);
    expect(run(instance, "categoricalAccuracy", [nothing], [nothing], 5)).toBe(0);
  });

  test("binaryAccuracy: strictly above the threshold is 1, NaN is no hit", () => {
    const x = [[0.5, 0.75, NaN, NaN, -1]];
    expect(run(instance, "binaryAccuracy", x, [[0, 1, 0, 1, 0]], 5)).toBe(3);
    expect(run(instance, "binaryAccuracy", x, [[1, 0, 0, 1, 1]], 5)).toBe(0);
    expect(run(instance, "binaryAccuracy", x, [[1, 1, 0, 1, 0]], 5, 0)).toBe(3);
  });
});

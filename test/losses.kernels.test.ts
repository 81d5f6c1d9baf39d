import { describe, expect, test } from "vitest";
import { builds, Instance, leading } from "./instance.js";
import { divisorOf, losses, type LossId, type ReferenceLoss } from "./reference/losses.js";
import { sampler } from "./reference/random.js";

const ulp = 2 ** -23;
const sizes = [...Array.from({ length: 19 }, (_, i) => i + 1), 64, 67];
const f32 = (values: number[]): number[] => values.map(Math.fround);
/** Losses of probabilities have no kernel: the network always takes their head and them together, from the logits. */
const ids = (Object.keys(losses) as LossId[]).filter((id) => losses[id].takes === "numbers");

function example(id: LossId, rows: number, columns: number, seed: number): { x: number[][]; targets: number[][] } {
  const draw = sampler(seed);
  const many = (low: number, high: number): number[] => f32(Array.from({ length: columns }, () => draw(low, high)));
  const x = Array.from({ length: rows }, () => {
    // Wide and narrow rows by turns.
    const reach = draw(0, 1) < 0.5 ? 40 : 6;
    return many(-reach, reach);
  });
  const targets = Array.from({ length: rows }, (_, r) => {
    if (losses[id].sparse) return [Math.floor(draw(0, columns))];
    // Hard and soft targets by turns.
    return r % 2 ? many(0, 1) : f32(Array.from({ length: columns }, () => Math.round(draw(0, 1))));
  });
  return { x, targets };
}

/** The rounding errors the header allows a row, in ULP: four, and half the distance of the logits where an exponential is taken of it. */
function allowed(id: LossId, row: number[]): number {
  return id.endsWith("CrossentropyFromLogits") && id !== "binaryCrossentropyFromLogits" ? 4 + (Math.max(...row) - Math.min(...row)) / 2 : 4;
}

interface Result {
  total: number;
  gradient: number[][];
  padding: number[];
  brokenGuard: number;
}

type How = "apart" | "in place" | "no gradient";

function run(instance: Instance, id: LossId, x: number[][], targets: number[][], columns: number, how: How, padding = NaN): Result {
  instance.reset();
  const ld = leading(columns);
  const input = instance.matrix(x, ld, padding);
  const target = losses[id].sparse ? instance.integers(targets.map(([t]) => t)) : instance.matrix(targets, ld, padding);
  const gradient = how === "in place" ? input : instance.words(x.length * ld);
  const total = instance.words(2);
  const parameters = instance.floats([divisorOf(id, x.length || 1, columns)]);
  instance.kernels[`${id}Loss`](x.length, columns, ld, input.at, target.at, how === "no gradient" ? 0 : gradient.at, total.at, parameters.at);
  const rows = x.map((_, r) => [...gradient.f32.subarray(r * ld, (r + 1) * ld)]);
  return {
    total: instance.double(total),
    gradient: rows.map((row) => row.slice(0, columns)),
    padding: rows.flatMap((row) => row.slice(columns)),
    brokenGuard: instance.brokenGuard(),
  };
}

describe.each(builds)("%s", (build) => {
  const instance = new Instance(build);

  test.each(ids)("%s equals the reference at every size", (id) => {
    const reference: ReferenceLoss = losses[id];
    for (const columns of sizes) {
      for (const rows of [0, 1, 2, 3, 7]) {
        const { x, targets } = example(id, rows, columns, rows * 100 + columns);
        const where = `${id} ${rows}×${columns}`;
        const apart = run(instance, id, x, targets, columns, "apart");
        const each = x.map((row, r) => reference.loss(row, targets[r]));
        const total = each.reduce((s, loss) => s + loss, 0);
        const bound = each.reduce((s, loss, r) => s + allowed(id, x[r]) * ulp * loss + columns * 2 ** -53, 0);
        expect(Math.abs(apart.total - total), where).toBeLessThanOrEqual(bound);
        expect(apart.padding.every((v) => Object.is(v, 0)), where).toBe(true);
        expect(apart.brokenGuard, where).toBe(-1);
        const divisor = divisorOf(id, rows, columns);
        apart.gradient.forEach((row, r) => {
          const expected = reference.gradient(x[r], targets[r]).map((g) => g / divisor);
          // Of logits and dense targets the gradient is a difference, good to an ULP of what is subtracted; elsewhere it keeps its own digits.
          const weight = id === "categoricalCrossentropyFromLogits" ? targets[r].reduce((s, y) => s + y, 0) : 1;
          row.forEach((g, c) => {
            const hard = id === "binaryCrossentropyFromLogits" && (targets[r][c] === 0 || targets[r][c] === 1);
            const difference = id.endsWith("FromLogits") && !reference.sparse && !hard;
            const unit = difference ? (4 * weight) / divisor : allowed(id, x[r]) * Math.abs(expected[c]);
            expect(Math.abs(g - expected[c]), `${where} at ${r}, ${c}`).toBeLessThanOrEqual(unit * ulp + columns * 2 ** -53);
          });
        });
        const inPlace = run(instance, id, x, targets, columns, "in place");
        expect(inPlace, where).toEqual(apart);
        const without = run(instance, id, x, targets, columns, "no gradient");
        expect(without.total, where).toBe(apart.total);
        expect(without.brokenGuard, where).toBe(-1);
        expect(without.gradient.flat().every(Number.isNaN), where).toBe(true);
      }
    }
  });

  test.each(ids)("%s of a batch is the sum, in order, of its rows alone", (id) => {
    const { x, targets } = example(id, 9, 13, 5);
    const whole = run(instance, id, x, targets, 13, "apart");
    let sum = 0;
    for (let r = 0; r < x.length; r++) {
      const alone = run(instance, id, [x[r]], [targets[r]], 13, "no gradient");
      sum += alone.total;
    }
    expect(whole.total).toBe(sum);
  });

  test.each(ids)("%s does not count its padding, whatever it holds", (id) => {
    for (const columns of [1, 2, 3, 5, 6, 7]) {
      const { x, targets } = example(id, 3, columns, columns);
      const clean = run(instance, id, x, targets, columns, "apart", 0);
      for (const padding of [1, -7, 3e38, Infinity, NaN]) expect(run(instance, id, x, targets, columns, "apart", padding)).toEqual(clean);
    }
  });

  test.each(ids)("%s gives NaN for NaN", (id) => {
    for (const column of [0, 3, 4]) {
      const { x, targets } = example(id, 1, 5, 9);
      x[0][column] = NaN;
      if (losses[id].sparse) targets[0][0] = column;
      else targets[0][column] = 0.5;
      const { total, gradient, padding } = run(instance, id, x, targets, 5, "apart");
      expect(total).toBeNaN();
      expect(gradient[0][column]).toBeNaN();
      expect(padding).toEqual([0, 0, 0]);
    }
  });

  test("logits of any finite size give a finite loss", () => {
    const huge = Math.fround(3e38);
    for (const [z, y] of [[huge, 1], [-huge, 0]]) {
      const { total, gradient } = run(instance, "binaryCrossentropyFromLogits", [[z, 0]], [[y, 1]], 2, "apart");
      expect(total).toBeCloseTo(Math.LN2, 6);
      expect(Math.abs(gradient[0][0])).toBe(0);
    }
    for (const [z, y] of [[huge, 0], [-huge, 1]]) {
      const { total, gradient } = run(instance, "binaryCrossentropyFromLogits", [[z, z]], [[y, y]], 2, "apart");
      expect(total).toBe(2 * huge);
      expect(gradient[0]).toEqual([0.5 - y, 0.5 - y]);
    }
    for (const id of ["categoricalCrossentropyFromLogits", "sparseCategoricalCrossentropyFromLogits"] as const) {
      const target = losses[id].sparse ? [0] : [1, 0, 0];
      const wrong = run(instance, id, [[-huge, huge, 0]], [target], 3, "apart");
      expect(wrong.total, id).toBe(2 * huge);
      expect(wrong.gradient[0], id).toEqual([-1, 1, 0]);
      const right = run(instance, id, [[huge, -huge, -Infinity]], [target], 3, "apart");
      expect(right.total, id).toBe(0);
      expect(right.gradient[0].map(Math.abs), id).toEqual([0, 0, 0]);
    }
  });

  test("a nearly certain class keeps its digits", () => {
    for (const id of ["categoricalCrossentropyFromLogits", "sparseCategoricalCrossentropyFromLogits"] as const) {
      const { total } = run(instance, id, [[25, 0]], [losses[id].sparse ? [0] : [1, 0]], 2, "apart");
      expect(total / Math.log1p(Math.exp(-25)), id).toBeCloseTo(1, 4);
    }
    const { gradient } = run(instance, "sparseCategoricalCrossentropyFromLogits", [[25, 0]], [[0]], 2, "apart");
    expect(gradient[0][0] / -Math.exp(-25)).toBeCloseTo(1, 4);
    const binary = run(instance, "binaryCrossentropyFromLogits", [[40, -40]], [[1, 0]], 2, "apart");
    expect(binary.total / (2 * Math.exp(-40))).toBeCloseTo(1, 5);
    expect(binary.gradient[0][0] / (-Math.exp(-40) / 2)).toBeCloseTo(1, 5);
    expect(binary.gradient[0][1] / (Math.exp(-40) / 2)).toBeCloseTo(1, 5);
  });

  test("equal logits share the loss equally", () => {
    for (const level of [0, -1e30, 88, 3e38]) {
      const z = Array.from({ length: 10 }, () => Math.fround(level));
      const { total, gradient } = run(instance, "sparseCategoricalCrossentropyFromLogits", [z], [[3]], 10, "apart");
      expect(total).toBeCloseTo(Math.log(10), 6);
      expect(gradient[0][0]).toBe(Math.fround(0.1));
      expect(gradient[0][3]).toBe(Math.fround(-0.9));
    }
  });

  test("rows without a finite maximum, and classes out of range, give NaN and touch nothing else", () => {
    const id = "sparseCategoricalCrossentropyFromLogits";
    for (const z of [[-Infinity, -Infinity], [Infinity, 0]]) {
      const { total, gradient } = run(instance, id, [z], [[0]], 2, "apart");
      expect(total).toBeNaN();
      expect(gradient[0]).toEqual([NaN, NaN]);
    }
    for (const t of [-1, 5, 8, 2 ** 31 - 1, -(2 ** 31)]) {
      for (const columns of [3, 5]) {
        const row = [0.2, 0.3, 0.5, 0.1, 0.2].slice(0, columns);
        const { total, gradient, padding, brokenGuard } = run(instance, id, [row, row], [[t], [0]], columns, "apart");
        expect(total).toBeNaN();
        expect(gradient[0].every(Number.isNaN)).toBe(true);
        expect(gradient[1].every(Number.isFinite)).toBe(true);
        expect(new Set(padding)).toEqual(new Set([0]));
        expect(brokenGuard).toBe(-1);
      }
    }
  });
});

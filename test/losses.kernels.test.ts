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
    return r % 2 && !(losses[id] as ReferenceLoss).hard ? many(0, 1) : f32(Array.from({ length: columns }, () => Math.round(draw(0, 1))));
  });
  return { x, targets };
}

/** The rounding errors the header allows a row, in ULP: four, and half the distance of the logits where an exponential is taken of it. */
function allowed(id: LossId, row: number[]): number {
  return id.endsWith("CrossentropyFromLogits") && id !== "binaryCrossentropyFromLogits" ? 4 + (Math.max(...row) - Math.min(...row)) / 2 : 4;
}

/** What a divergence is a difference of, beyond itself: twice Σ y |ln y|. */
function entropies(id: LossId, target: number[]): number {
  return id === "klDivergenceFromLogits" ? 2 * target.reduce((s, y) => s + (y === 0 ? 0 : Math.abs(y * Math.log(y))), 0) : 0;
}

interface Result {
  total: number;
  gradient: number[][];
  padding: number[];
  brokenGuard: number;
}

type How = "apart" | "in place" | "no gradient";

interface Setting {
  padding?: number;
  /** δ or ε. */
  option?: number;
  weights?: number[];
}

const optionsOf = (id: LossId): readonly number[] => (losses[id] as ReferenceLoss).options ?? [0];

function run(instance: Instance, id: LossId, x: number[][], targets: number[][], columns: number, how: How, setting: Setting = {}): Result {
  const { padding = NaN, option = optionsOf(id)[0], weights } = setting;
  instance.reset();
  const ld = leading(columns);
  const input = instance.matrix(x, ld, padding);
  const target = losses[id].sparse ? instance.integers(targets.map(([t]) => t)) : instance.matrix(targets, ld, padding);
  const gradient = how === "in place" ? input : instance.words(x.length * ld);
  const total = instance.words(2);
  const parameters = instance.floats([divisorOf(id, x.length || 1, columns), option]);
  const rowWeights = weights ? instance.floats(weights).at : 0;
  instance.kernels[`${id}Loss`](x.length, columns, ld, input.at, target.at, how === "no gradient" ? 0 : gradient.at, total.at, parameters.at, rowWeights);
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

  test.each(ids.flatMap((id) => optionsOf(id).map((option) => [id, option] as const)))("%s, option %f, equals the reference at every size", (id, option) => {
    const reference: ReferenceLoss = losses[id];
    for (const columns of sizes) {
      for (const rows of [0, 1, 2, 3, 7]) {
        const { x, targets } = example(id, rows, columns, rows * 100 + columns);
        const where = `${id} ${rows}×${columns}`;
        const apart = run(instance, id, x, targets, columns, "apart", { option });
        const each = x.map((row, r) => reference.loss(row, targets[r], option));
        const total = each.reduce((s, loss) => s + loss, 0);
        const bound = each.reduce((s, loss, r) => s + allowed(id, x[r]) * ulp * (loss + entropies(id, targets[r])) + columns * 2 ** -53, 0);
        expect(Math.abs(apart.total - total), where).toBeLessThanOrEqual(bound);
        expect(apart.padding.every((v) => Object.is(v, 0)), where).toBe(true);
        expect(apart.brokenGuard, where).toBe(-1);
        const divisor = divisorOf(id, rows, columns);
        apart.gradient.forEach((row, r) => {
          const expected = reference.gradient(x[r], targets[r], option).map((g) => g / divisor);
          // Of logits and dense or smoothed targets the gradient is a difference, good to an ULP of what is subtracted; elsewhere it keeps its own digits.
          const weight = reference.takes === "numbers" && reference.mean === "rows" && !reference.sparse ? targets[r].reduce((s, y) => s + y, 0) + option : 1;
          row.forEach((g, c) => {
            const hard = reference.sparse || (id === "binaryCrossentropyFromLogits" && (targets[r][c] === 0 || targets[r][c] === 1));
            const difference = id.endsWith("FromLogits") && (option > 0 || !hard);
            const unit = difference ? (4 * weight) / divisor : allowed(id, x[r]) * Math.abs(expected[c]);
            expect(Math.abs(g - expected[c]), `${where} at ${r}, ${c}`).toBeLessThanOrEqual(unit * ulp + columns * 2 ** -53);
          });
        });
        const inPlace = run(instance, id, x, targets, columns, "in place", { option });
        expect(inPlace, where).toEqual(apart);
        const without = run(instance, id, x, targets, columns, "no gradient", { option });
        expect(without.total, where).toBe(apart.total);
        expect(without.brokenGuard, where).toBe(-1);
        expect(without.gradient.flat().every(Number.isNaN), where).toBe(true);
      }
    }
  });

  test.each(ids)("%s with row weights multiplies each row's loss and gradient; the divisor stays", (id) => {
    const weights = f32([0, 1, 2, 0.5, 0.1, 3.7, 1e-3]);
    for (const option of optionsOf(id)) {
      for (const columns of [1, 3, 8, 13]) {
        const { x, targets } = example(id, weights.length, columns, columns);
        const plain = run(instance, id, x, targets, columns, "apart", { option });
        const ones = run(instance, id, x, targets, columns, "apart", { option, weights: weights.map(() => 1) });
        expect(ones).toEqual(plain);
        const weighted = run(instance, id, x, targets, columns, "apart", { option, weights });
        expect(run(instance, id, x, targets, columns, "in place", { option, weights })).toEqual(weighted);
        const alone = x.map((row, r) => run(instance, id, [row], [targets[r]], columns, "no gradient", { option }).total);
        expect(weighted.total).toBe(alone.reduce((sum, loss, r) => sum + weights[r] * loss, 0));
        // A smoothed gradient is a difference of what is weighted.
        const part = option > 0 && losses[id].sparse ? 1 / weights.length : 0;
        weighted.gradient.forEach((row, r) =>
          row.forEach((g, c) => {
            const expected = plain.gradient[r][c];
            expect(Math.abs(g - weights[r] * expected), `${columns}, ${r}, ${c}`).toBeLessThanOrEqual(3 * ulp * weights[r] * Math.max(Math.abs(expected), part));
          }));
        expect(weighted.padding.every((v) => Object.is(v, 0))).toBe(true);
        expect(weighted.brokenGuard).toBe(-1);
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
      for (const option of optionsOf(id)) {
        const clean = run(instance, id, x, targets, columns, "apart", { padding: 0, option });
        for (const padding of [1, -7, 3e38, Infinity, NaN]) expect(run(instance, id, x, targets, columns, "apart", { padding, option })).toEqual(clean);
      }
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
    for (const id of ["categoricalCrossentropyFromLogits", "sparseCategoricalCrossentropyFromLogits", "klDivergenceFromLogits"] as const) {
      const target = losses[id].sparse ? [0] : [1, 0, 0];
      const wrong = run(instance, id, [[-huge, huge, 0]], [target], 3, "apart");
      expect(wrong.total, id).toBe(2 * huge);
      expect(wrong.gradient[0], id).toEqual([-1, 1, 0]);
      const right = run(instance, id, [[huge, -huge, -Infinity]], [target], 3, "apart");
      expect(right.total, id).toBe(0);
      expect(right.gradient[0].map(Math.abs), id).toEqual([0, 0, 0]);
    }
  });

  test("smoothed targets give a finite loss for logits of any finite size", () => {
    const huge = Math.fround(3e38);
    const cases = [["binaryCrossentropyFromLogits", [1, 0]], ["categoricalCrossentropyFromLogits", [1, 0]], ["sparseCategoricalCrossentropyFromLogits", [0]]] as const;
    for (const [id, target] of cases) {
      for (const z of [[huge, -huge], [-huge, huge], [huge, huge]]) {
        const { total, gradient } = run(instance, id, [z], [[...target]], 2, "apart", { option: 0.125 });
        const expected = (losses[id] as ReferenceLoss).loss(z, [...target], 0.125);
        expect(Math.abs(total - expected), id).toBeLessThanOrEqual(4 * ulp * expected);
        expect(gradient[0].every(Number.isFinite), id).toBe(true);
      }
    }
  });

  test("at their kinks the losses have the gradient 0; far out they and their gradients stay finite", () => {
    const huge = Math.fround(3e38);
    for (const id of ["meanAbsoluteError", "huber", "logCosh"] as const) {
      for (const value of [0, 1, -2.5, huge]) {
        const { total, gradient } = run(instance, id, [[value, value]], [[value, value]], 2, "apart");
        expect([total, ...gradient[0].map(Math.abs)], id).toEqual([0, 0, 0]);
      }
      for (const value of [huge, -huge]) {
        const { total, gradient } = run(instance, id, [[value]], [[0]], 1, "apart");
        expect(total / huge, id).toBeCloseTo(1, 6);
        expect(gradient[0], id).toEqual([Math.sign(value)]);
      }
    }
    const hinge = run(instance, "hinge", [[1, -1, 0.5, huge, huge, -huge]], [[1, 0, 1, 1, 0, 1]], 6, "apart");
    expect(hinge.total).toBe(0.5 + 2 * huge);
    expect(hinge.gradient[0]).toEqual([0, 0, -1, 0, 1, -1].map((g) => Math.fround(g / 6)));
    expect(run(instance, "meanSquaredError", [[huge]], [[0]], 1, "apart").total).toBe(huge * huge);
    const halves = run(instance, "huber", [[0.25, -0.25, 0.26]], [[0, 0, 0]], 3, "apart", { option: 0.25 });
    expect(halves.gradient[0]).toEqual([0.25, -0.25, 0.25].map((g) => Math.fround(g * Math.fround(1 / 3))));
  });

  test("a divergence of what is met is 0, and that of hard targets is the crossentropy", () => {
    for (const y of [[0.25, 0.25, 0.25, 0.25], [1, 0, 0, 0], [0, 0, 0.5, 0.5]]) {
      const z = y.map((v) => (v === 0 ? -Infinity : 0));
      expect(Math.abs(run(instance, "klDivergenceFromLogits", [z], [y], 4, "apart").total)).toBeLessThanOrEqual(2 * ulp);
    }
    const { x } = example("klDivergenceFromLogits", 1, 5, 3);
    const target = [[0, 0, 1, 0, 0]];
    const [divergence, crossentropy] = (["klDivergenceFromLogits", "categoricalCrossentropyFromLogits"] as const).map((id) => run(instance, id, x, target, 5, "apart"));
    expect(divergence).toEqual(crossentropy);
    const tiny = run(instance, "klDivergenceFromLogits", [[0, 0]], [[1e-40, 1]], 2, "apart");
    expect(tiny.total).toBeCloseTo(Math.LN2, 6);
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

// Kernels of layers that normalize, add and limit: against float64, at awkward sizes, with NaN where nothing may be read.

import { describe, expect, test } from "vitest";
import { builds, Instance, leading, type Buffer } from "./instance.js";
import { ReferenceLayers, type Spec } from "./reference/layers.js";
import { sampler } from "./reference/random.js";

const columnCounts = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 65];
const sizes = [0, 1, 2, 3, 9].flatMap((rows) => columnCounts.map((columns) => ({ rows, columns }))).flatMap((size) => [0, 8].map((more) => ({ ...size, ld: leading(size.columns) + more })));
const draw = sampler(1);
const matrix = (rows: number, columns: number, low = -1.5, high = 1.5): number[][] => Array.from({ length: rows }, () => Array.from({ length: columns }, () => Math.fround(draw(low, high))));
const padded = (values: readonly number[], ld: number): number[] => [...values, ...new Array<number>(ld - values.length).fill(0)];
const epsilon = Math.fround(1e-3);

/** Real columns of a matrix, and its padding. */
function parts({ f32 }: Buffer, columns: number, ld: number): { real: number[]; padding: number[] } {
  return { real: [...f32].filter((_, at) => at % ld < columns), padding: [...f32].filter((_, at) => at % ld >= columns) };
}

const zeros = (values: number[]): void => values.forEach((value) => expect(value === 0).toBe(true));
const words = ({ u32 }: Buffer): number[] => [...u32];

/** Within `bound` of the largest value, or of 1 if all are small. */
function near(got: readonly number[], want: readonly number[], bound: number, what: string): void {
  expect(got.length, what).toBe(want.length);
  const largest = Math.max(1, ...want.map(Math.abs));
  want.forEach((value, i) => expect(Math.abs(got[i] - value), `${what} [${i}]`).toBeLessThanOrEqual(bound * largest));
}

describe.each(builds)("%s", (build) => {
  const instance = new Instance(build);
  const { kernels } = instance;
  const intact = (): void => expect(instance.brokenGuard()).toBe(-1);

  describe("addRows and multiplyRows", () => {
    test("every element once, padding included, in place too", () => {
      for (const { rows, columns, ld } of sizes) {
        instance.reset();
        const [x, y] = [matrix(rows, ld), matrix(rows, ld)];
        for (const [kernel, f] of [["addRows", (a: number, b: number) => a + b], ["multiplyRows", (a: number, b: number) => a * b]] as const) {
          const want = x.flat().map((value, i) => Math.fround(f(value, y.flat()[i])));
          const [left, right, out] = [instance.matrix(x, ld), instance.matrix(y, ld), instance.words(rows * ld)];
          kernels[kernel](rows, columns, ld, left.at, right.at, out.at);
          expect([...out.f32]).toEqual(want);
          kernels[kernel](rows, columns, ld, left.at, right.at, left.at);
          expect([...left.f32]).toEqual(want);
        }
        intact();
      }
    });
  });

  /** A case of either normalization: everything its kernels take, and the twin. */
  function normalization(spec: Spec, rows: number, columns: number, ld: number, padding: number) {
    instance.reset();
    const [x, da] = [matrix(rows, columns), matrix(rows, columns)];
    const [gamma, beta, mean, variance] = [matrix(1, columns, 0.5, 1.5), matrix(1, columns), matrix(1, columns), matrix(1, columns, 0.1, 2)].map(([row]) => row);
    const twin = new ReferenceLayers(columns, [spec]);
    Object.entries({ gamma, beta, mean, variance }).forEach(([name, values]) => twin.nodes[0].values[name]?.splice(0, Infinity, ...values));
    return {
      x: instance.matrix(x, ld, padding), da: instance.matrix(da, ld, 0), twin, flat: x.flat(), flatDa: da.flat(),
      affine: instance.floats([...padded(gamma, ld), ...padded(beta, ld)]), running: instance.floats([...padded(mean, ld), ...padded(variance, ld)]),
      parameters: instance.floats([epsilon]), out: instance.words(rows * ld), gradient: instance.words(2 * ld),
    };
  }

  /** Small variances make rounding errors large: by how much. */
  const bound = ({ twin }: { twin: ReferenceLayers }, x: number[], scales: number[]): number => 1e-6 * (2 + Math.max(0, ...scales) * Math.max(0, ...x.map(Math.abs)) * twin.inputs ** 0.5);

  describe("layer normalization", () => {
    const spec: Spec = { type: "layerNormalization", epsilon };

    test("forward and backward", () => {
      for (const { rows, columns, ld } of sizes) {
        const what = `${rows} × ${columns}, ld ${ld}`;
        const made = normalization(spec, rows, columns, ld, NaN);
        const { x, da, twin, flat, flatDa, affine, parameters, out, gradient } = made;
        const statistics = instance.words(rows * 8);
        const want = twin.forward(flat, { training: true });
        kernels.layerNormalizationApply(rows, columns, ld, x.at, out.at, statistics.at, affine.at, parameters.at);
        const scales = Array.from({ length: rows }, (_, r) => statistics.f32[8 * r + 1]);
        const limit = bound(made, flat, scales);
        near(parts(out, columns, ld).real, want, limit, what);
        zeros(parts(out, columns, ld).padding);
        const plain = instance.words(rows * ld);
        kernels.layerNormalizationApply(rows, columns, ld, x.at, plain.at, 0, affine.at, parameters.at);
        expect(words(plain)).toEqual(words(out));

        const exact = twin.nodes[0].backward(flatDa);
        kernels.layerNormalizationGradient(rows, columns, ld, x.at, da.at, statistics.at, gradient.at);
        const { gamma, beta } = twin.nodes[0].gradients;
        near([...gradient.f32.subarray(0, columns)], gamma, limit, what);
        near([...gradient.f32.subarray(ld, ld + columns)], beta, limit, what);
        zeros([...gradient.f32.subarray(columns, Math.ceil(columns / 4) * 4)]);
        const through = instance.words(rows * ld);
        kernels.layerNormalizationInputGradient(rows, columns, ld, x.at, da.at, through.at, statistics.at, affine.at);
        near(parts(through, columns, ld).real, exact, limit * Math.max(1, ...scales), what);
        zeros(parts(through, columns, ld).padding);

        // In place, and row by row: the same bits.
        kernels.layerNormalizationInputGradient(rows, columns, ld, x.at, da.at, da.at, statistics.at, affine.at);
        expect(words(da)).toEqual(words(through));
        kernels.layerNormalizationApply(rows, columns, ld, x.at, x.at, 0, affine.at, parameters.at);
        expect(words(x)).toEqual(words(out));
        intact();
      }
    });

    test("a row does not depend on the others, and NaN, ∞ and overflow stay in theirs", () => {
      const { x, affine, parameters, out } = normalization(spec, 6, 13, 16, NaN);
      const rows = [0, 1, 2, 3, 4, 5].map((r) => {
        const alone = instance.words(16);
        kernels.layerNormalizationApply(1, 13, 16, x.at + r * 64, alone.at, 0, affine.at, parameters.at);
        return words(alone);
      });
      x.f32.fill(1e25, 3 * 16, 3 * 16 + 6);
      for (const [at, value] of [[5, NaN], [16 + 12, Infinity], [2 * 16, -Infinity]]) x.f32[at] = value;
      kernels.layerNormalizationApply(6, 13, 16, x.at, out.at, 0, affine.at, parameters.at);
      for (const r of [0, 1, 2]) expect([...out.f32.subarray(r * 16, r * 16 + 13)].every(Number.isNaN)).toBe(true);
      expect([...out.f32.subarray(48, 61)].every(Number.isFinite)).toBe(true);
      for (const r of [4, 5]) expect(words(out).slice(r * 16, r * 16 + 16)).toEqual(rows[r]);
      for (const r of [3, 4, 5]) zeros([...out.f32.subarray(r * 16 + 13, r * 16 + 16)]);
      intact();
    });

    test("a huge mean leaves no NaN in the padding of gradients", () => {
      const { x, da, affine, parameters, out, gradient } = normalization(spec, 2, 3, 8, 0);
      const statistics = instance.words(16);
      x.f32.set([2e38, 2e38, 2e38]);
      kernels.layerNormalizationApply(2, 3, 8, x.at, out.at, statistics.at, affine.at, parameters.at);
      statistics.f32.set([2e38, 300]);
      kernels.layerNormalizationGradient(2, 3, 8, x.at, da.at, statistics.at, gradient.at);
      expect([gradient.f32[3], gradient.f32[11]]).toEqual([0, 0]);
    });
  });

  describe("batch normalization", () => {
    const spec: Spec = { type: "batchNormalization", epsilon, momentum: 0.25 };

    test("forward and backward with the batch's statistics, and the running ones after it", () => {
      for (const { rows, columns, ld } of sizes.filter(({ rows }) => rows > 1)) {
        const what = `${rows} × ${columns}, ld ${ld}`;
        const made = normalization(spec, rows, columns, ld, 0.5);
        const { x, da, twin, flat, flatDa, affine, running, parameters, out, gradient } = made;
        const statistics = instance.floats(new Array<number>(3 * ld).fill(0));
        const want = twin.forward(flat, { training: true });
        kernels.batchNormalizationTrain(rows, ld, ld, x.at, out.at, statistics.at, affine.at, parameters.at);
        const scales = [...statistics.f32.subarray(ld, ld + columns)];
        const limit = bound(made, flat, scales);
        near(parts(out, columns, ld).real, want, limit, what);
        zeros(parts(out, columns, ld).padding);

        const exact = twin.nodes[0].backward(flatDa);
        const through = instance.words(rows * ld);
        kernels.batchNormalizationGradient(rows, ld, ld, x.at, da.at, through.at, statistics.at, affine.at, gradient.at);
        const { gamma, beta } = twin.nodes[0].gradients;
        near([...gradient.f32.subarray(0, columns)], gamma, limit, what);
        near([...gradient.f32.subarray(ld, ld + columns)], beta, limit, what);
        zeros([...gradient.f32.subarray(columns, ld), ...gradient.f32.subarray(ld + columns)]);
        near(parts(through, columns, ld).real, exact, limit * Math.max(1, ...scales), what);
        zeros(parts(through, columns, ld).padding);
        const alone = instance.words(2 * ld);
        kernels.batchNormalizationGradient(rows, ld, ld, x.at, da.at, 0, statistics.at, affine.at, alone.at);
        expect(words(alone)).toEqual(words(gradient));

        // The two halves of the columns one after the other, and in place: the same bits.
        for (const [from, n] of [[0, ld / 2], [ld / 2, ld / 2]].map((part) => part.map((c) => c & ~3))) {
          kernels.batchNormalizationGradient(rows, n, ld, x.at + 4 * from, da.at + 4 * from, da.at + 4 * from, statistics.at + 4 * from, affine.at + 4 * from, alone.at + 4 * from);
        }
        expect([words(da), words(alone)]).toEqual([words(through), words(gradient)]);
        const again = instance.words(3 * ld);
        for (const from of [0, ld / 2]) kernels.batchNormalizationTrain(rows, ld / 2, ld, x.at + 4 * from, x.at + 4 * from, again.at + 4 * from, affine.at + 4 * from, parameters.at);
        expect([words(x), words(again)]).toEqual([words(out), words(statistics)]);

        twin.settle();
        kernels.batchNormalizationSettle(rows, ld, statistics.at, running.at, instance.floats([0.25]).at);
        near([...running.f32.subarray(0, columns)], twin.nodes[0].values.mean, 2e-6, what);
        near([...running.f32.subarray(ld, ld + columns)], twin.nodes[0].values.variance, 2e-6, what);
        intact();
      }
    });

    test("forward with running statistics", () => {
      for (const { rows, columns, ld } of sizes) {
        const { x, twin, flat, affine, running, parameters, out } = normalization(spec, rows, columns, ld, 0.5);
        const scale = instance.words(ld);
        kernels.batchNormalizationScale(ld, running.at + 4 * ld, scale.at, parameters.at);
        kernels.batchNormalizationApply(rows, ld, ld, x.at, out.at, running.at, scale.at, affine.at);
        near(parts(out, columns, ld).real, twin.forward(flat, { training: false }), 1e-6, `${rows} × ${columns}`);
        zeros(parts(out, columns, ld).padding);
        kernels.batchNormalizationApply(rows, ld, ld, x.at, x.at, running.at, scale.at, affine.at);
        expect(words(x)).toEqual(words(out));
        intact();
      }
    });

    test("NaN stays in its column; running statistics that would not be finite stay as they are", () => {
      const { x, affine, running, parameters, out } = normalization(spec, 4, 8, 8, 0);
      const before = [...running.f32];
      const statistics = instance.words(24);
      for (const [at, value] of [[1, NaN], [10, Infinity], [3, 3e38], [11, -3e38]]) x.f32[at] = value;
      kernels.batchNormalizationTrain(4, 8, 8, x.at, out.at, statistics.at, affine.at, parameters.at);
      for (let at = 0; at < 32; at++) expect(Number.isFinite(out.f32[at]), `${at}`).toBe(at % 8 !== 1 && at % 8 !== 2);
      kernels.batchNormalizationSettle(4, 8, statistics.at, running.at, instance.floats([0.1]).at);
      expect([...running.f32].every(Number.isFinite)).toBe(true);
      expect([1, 2, 9, 10, 11].map((at) => running.f32[at])).toEqual([1, 2, 9, 10, 11].map((at) => before[at]));
      expect([0, 3, 4, 8, 12].every((at) => running.f32[at] !== before[at])).toBe(true);
      intact();
    });
  });

  test("normalization by what was measured", () => {
    for (const { rows, columns, ld } of sizes) {
      instance.reset();
      const [x, da] = [matrix(rows, columns, -100, 100), matrix(rows, columns)];
      const [[mean], [deviation]] = [matrix(1, columns, -100, 100), matrix(1, columns, 0.1, 30)];
      const measured = instance.floats([...padded(mean, ld), ...padded(deviation, ld)]);
      const [from, dy, out] = [instance.matrix(x, ld), instance.matrix(da, ld), instance.words(rows * ld)];
      kernels.normalizationApply(rows, columns, ld, from.at, out.at, measured.at);
      expect(parts(out, columns, ld).real).toEqual(x.flatMap((row) => row.map((value, c) => Math.fround(Math.fround(value - mean[c]) / deviation[c]))));
      zeros(parts(out, columns, ld).padding);
      kernels.normalizationInputGradient(rows, columns, ld, dy.at, out.at, measured.at);
      expect(parts(out, columns, ld).real).toEqual(da.flatMap((row) => row.map((value, c) => Math.fround(value / deviation[c]))));
      zeros(parts(out, columns, ld).padding);
      kernels.normalizationInputGradient(rows, columns, ld, dy.at, dy.at, measured.at);
      expect(words(dy)).toEqual(words(out));
      intact();
    }
  });

  describe("regularization", () => {
    test("addPenalty: sums in f64, gradients rounded once an operation", () => {
      for (const n of [0, 8, 16, 40, 104]) {
        for (const [l1, l2] of [[0.01, 0.02], [0.3, 0], [0, 0.7]].map((pair) => pair.map(Math.fround))) {
          instance.reset();
          const [[w], [g]] = [matrix(1, n), matrix(1, n)];
          if (n > 8) [w[0], w[1], w[2], w[3]] = [0, -0, 2 ** -149, Math.fround(3e38)];
          const [weights, gradients, total, parameters] = [instance.floats(w), instance.floats(g), instance.words(2), instance.floats([l1, l2])];
          total.u32.fill(0);
          for (let turn = 1; turn <= 2; turn++) {
            kernels.addPenalty(n, weights.at, turn === 1 ? gradients.at : 0, total.at, parameters.at);
            const want = w.reduce((sum, value) => sum + l1 * Math.abs(value) + l2 * value * value, 0);
            expect(Math.abs(instance.double(total) - turn * want)).toBeLessThanOrEqual(1e-14 * turn * want);
          }
          expect([...gradients.f32]).toEqual(w.map((value, i) => Math.fround(g[i] + Math.fround((value === 0 ? 0 : Math.sign(value) * l1) + Math.fround(2 * l2 * value)))));
          expect([...weights.f32]).toEqual(w);
          intact();
        }
      }
    });

    test("limitNorms: columns longer than allowed are scaled, the others keep their bits", () => {
      for (const k of [1, 3, 8, 33]) {
        for (const n of [1, 7, 8, 9, 17]) {
          instance.reset();
          const ld = leading(n);
          const w = matrix(k, n).map((row) => row.map((value, c) => (c % 3 === 2 ? 0 : Math.fround(value * (c % 3 ? 3 : 0.3 / Math.sqrt(k))))));
          const [from, panels, back] = [instance.matrix(w, n), instance.words(k * ld), instance.words(k * n)];
          kernels.packPanels(k, n, from.at, n, panels.at);
          kernels.limitNorms(k, n, panels.at, instance.floats([1.25]).at);
          kernels.unpackPanels(k, n, panels.at, back.at, n);
          for (let c = 0; c < n; c++) {
            const norm = Math.hypot(...w.map((row) => row[c]));
            w.forEach((row, r) => {
              if (norm <= 1.25) expect(back.f32[r * n + c]).toBe(row[c]);
              else expect(Math.abs(back.f32[r * n + c] - (row[c] * 1.25) / norm)).toBeLessThanOrEqual(1e-6);
            });
          }
          intact();
        }
      }
    });

    test("limitNorms: a norm that overflows gives zeros, NaN stays NaN in its column", () => {
      instance.reset();
      const panels = instance.floats(new Array<number>(16).fill(1));
      [panels.f32[0], panels.f32[1]] = [3e38, NaN];
      kernels.limitNorms(2, 8, panels.at, instance.floats([1]).at);
      expect([panels.f32[0], panels.f32[8]]).toEqual([0, 0]);
      expect(panels.f32[1]).toBeNaN();
      expect(panels.f32[2]).toBeCloseTo(Math.SQRT1_2, 6);
    });
  });
});

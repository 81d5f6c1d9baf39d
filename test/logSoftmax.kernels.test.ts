// The kernels of logSoftmax, which work on whole rows: accuracy, specials, shapes, padding, aliasing and guard words, on every build.

import { beforeEach, describe, expect, test } from "vitest";
import { builds, Instance, leading } from "./instance.js";
import { logSoftmax } from "./reference/activations.js";
import { sampler } from "./reference/random.js";

const huge = 2 ** 128 - 2 ** 104;
const widths = [...Array.from({ length: 67 }, (_, i) => i + 1), 1009];
const ulp = (x: number) => 2 ** (Math.max(Math.floor(Math.log2(Math.abs(x))), -126) - 23);

describe.each(builds)("%s build", (build) => {
  const wasm = new Instance(build);
  const { kernels } = wasm;
  let draw = sampler(1);
  beforeEach(() => void ((draw = sampler(1)), wasm.reset()));
  const spread = (n: number, range: number) => Array.from({ length: n }, () => Math.fround(draw(-range, range)));

  const forward = (rows: number[][], padding = NaN) => {
    wasm.reset();
    const columns = rows[0].length, ld = leading(columns);
    const z = wasm.matrix(rows, ld, padding), a = wasm.words(rows.length * ld);
    kernels.logSoftmaxForward(rows.length, columns, ld, z.at, a.at, 0);
    const results = () => rows.map((_, r) => Array.from(a.f32.subarray(r * ld, r * ld + columns)));
    const apart = results();
    kernels.logSoftmaxForward(rows.length, columns, ld, z.at, z.at, 0);
    a.f32.set(z.f32);
    expect(results()).toEqual(apart);
    expect(wasm.brokenGuard()).toBe(-1);
    return apart;
  };

  test.each([0.1, 1, 10, 60, 1e4])("1 to 67 columns, logits up to ±%d: elements within 0.51 ULP, batch invariance, any padding", (range) => {
    for (const columns of widths) {
      const rows = [spread(columns, range), spread(columns, range), spread(columns, range)];
      const got = forward(rows);
      rows.forEach((row, r) => {
        logSoftmax(row).forEach((exact, i) => expect(Math.abs(got[r][i] - exact), `${columns} columns`).toBeLessThanOrEqual(0.51 * ulp(exact)));
        expect(forward([row], Infinity)[0]).toEqual(got[r]);
      });
    }
  });

  test("the most likely class keeps its digits however certain it is", () => {
    for (const gap of [0, 1e-3, 1, 10, 30, 60, 87, 95, 103]) {
      const row = [0, -gap, -gap - 1].map(Math.fround);
      const exact = logSoftmax(row);
      forward([row])[0].forEach((value, i) => expect(Math.abs(value - exact[i]), `gap ${gap}`).toBeLessThanOrEqual(0.51 * ulp(exact[i])));
    }
  });

  test("one column gives 0; equal logits −log n, however large; a gap past float32 is the gap", () => {
    expect(forward([[3], [-1e30], [0], [huge]]).flat()).toEqual([0, 0, 0, 0]);
    for (const x of [0, 1e30, -1e30, huge, -huge, 2 ** -149]) expect(forward([[x, x, x, x, x]])[0]).toEqual(Array(5).fill(Math.fround(-Math.log(5))));
    expect(forward([[1e30, -1e30, 0]])[0]).toEqual([0, -2e30, -1e30].map(Math.fround));
    expect(forward([[huge, -huge]])[0]).toEqual([0, -Infinity]);
  });

  test("NaN, +∞ and all −∞ make the whole row NaN, and only that row; −∞ beside finite values gives −∞", () => {
    for (const columns of [1, 2, 3, 4, 6, 9]) {
      for (let position = 0; position < columns; position++) {
        for (const bad of [NaN, Infinity]) {
          const row = spread(columns, 8);
          const [clean, spoiled] = forward([row, row.map((x, i) => (i === position ? bad : x))]);
          expect(clean.some(Number.isNaN)).toBe(false);
          expect(spoiled.every(Number.isNaN)).toBe(true);
        }
      }
      expect(forward([Array(columns).fill(-Infinity)])[0].every(Number.isNaN)).toBe(true);
    }
    expect(forward([[0, -Infinity, 0, -Infinity, -Infinity]])[0]).toEqual([Math.fround(-Math.LN2), -Infinity, Math.fround(-Math.LN2), -Infinity, -Infinity]);
  });

  test("backward against float64, in place, padding 0, −∞ passes da on", () => {
    for (const columns of widths) {
      wasm.reset();
      const ld = leading(columns), rows = 3;
      const z = Array.from({ length: rows }, () => spread(columns, 4));
      z[1][0] = columns > 1 ? -Infinity : 0;
      const a = wasm.matrix(z.map((row) => logSoftmax(row)), ld);
      const da = wasm.matrix(z.map(() => spread(columns, 2)), ld), dz = wasm.words(rows * ld);
      kernels.logSoftmaxBackward(rows, columns, ld, a.at, da.at, dz.at, 0);
      for (let r = 0; r < rows; r++) {
        const sum = da.f32.subarray(r * ld, r * ld + columns).reduce((s, d) => s + d, 0);
        for (let i = r * ld; i < r * ld + ld; i++) {
          if (i % ld >= columns) expect(dz.f32[i]).toBe(0);
          else {
            const share = Math.exp(a.f32[i]) * sum, exact = da.f32[i] - share;
            // 1e-14 for e^a and the order of the sum, where the difference cancels.
            expect(Math.abs(dz.f32[i] - exact)).toBeLessThanOrEqual(0.5 * ulp(exact) + 1e-14 * (Math.abs(share) + columns));
          }
        }
      }
      const apart = dz.f32.slice();
      kernels.logSoftmaxBackward(rows, columns, ld, a.at, da.at, da.at, 0);
      expect(Array.from(da.f32)).toEqual(Array.from(apart));
      expect(wasm.brokenGuard()).toBe(-1);
    }
  });

  test("no columns and no rows write nothing", () => {
    const z = wasm.words(8), a = wasm.words(8);
    for (const [rows, columns] of [[0, 3], [3, 0]]) {
      kernels.logSoftmaxForward(rows, columns, leading(columns), z.at, a.at, 0);
      kernels.logSoftmaxBackward(rows, columns, leading(columns), z.at, a.at, a.at, 0);
    }
    expect(a.f32.every(Number.isNaN)).toBe(true);
    expect(wasm.brokenGuard()).toBe(-1);
  });
});

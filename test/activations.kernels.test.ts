// The activation kernels, called directly: accuracy in ULP, special values, shapes, padding, aliasing and guard words, on every build.

import { beforeEach, describe, expect, test } from "vitest";
import { activationTable } from "../src/activations.js";
import { Instance, builds, leading } from "./instance.js";
import * as reference from "./reference/activations.js";

const { slope, specialInputs } = reference;
const subnormal = 2 ** -149, tiny = 2 ** -126, huge = 2 ** 128 - 2 ** 104;

type Id = keyof typeof activationTable;
const elementwise = (Object.keys(activationTable) as Id[]).filter((id) => !activationTable[id].across);

/** An elementwise activation's row in the reference. */
function factsOf(id: Id): reference.KernelFacts {
  const row: reference.ReferenceActivation | undefined = reference.activations[id];
  if (!row?.value || !row.derivative || !row.kernel) throw new Error(`test/reference/activations.ts: ${id} must have value, derivative and kernel`);
  return row.kernel;
}

/** Spacing of float32 at x ≥ 0. */
const ulp = (x: number) => 2 ** (Math.max(Math.floor(Math.log2(Math.max(x, tiny))), -126) - 23);

let state = 1;
const uniform = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
const spread = (n: number, range = 8) => Array.from({ length: n }, () => Math.fround((uniform() * 2 - 1) * range));
const same = (got: ArrayLike<number>, wanted: ArrayLike<number>) => expect(Array.from(got)).toEqual(Array.from(wanted)); // tells −0 from 0

describe.each(builds)("%s build", (build) => {
  const wasm = new Instance(build);
  const { kernels } = wasm;
  beforeEach(() => void ((state = 1), wasm.reset()));
  const parameters = (id: Id) => wasm.floats([factsOf(id).parameter ?? slope]).at;

  test.each(elementwise)("%s and its derivative: special values at every position", (id) => {
    const { special, derivativeSpecial } = factsOf(id);
    for (const [kernel, wanted] of [[`${id}Forward`, special], [`${id}Derivative`, derivativeSpecial]] as const) {
      expect(wanted.length).toBe(specialInputs.length);
      for (let position = 0; position < 16; position++) {
        specialInputs.forEach((x, i) => {
          wasm.reset();
          const z = wasm.floats(Array.from({ length: 16 }, (_, j) => (j === position ? x : 0.25)));
          const a = wasm.words(16);
          kernels[kernel](1, 16, 16, z.at, a.at, parameters(id));
          same([a.f32[position]], [wanted[i]]);
          expect(a.f32.every((y, j) => j === position || y === a.f32[position === 0 ? 1 : 0])).toBe(true);
        });
      }
    }
  });

  test.each(elementwise)("%s: shapes, in place, guards; a value gives the same bits at every position", (name) => {
    const pool = spread(71);
    const one = new Map<number, number[]>();
    for (const x of pool) {
      wasm.reset();
      const z = wasm.floats(Array(8).fill(x)), a = wasm.words(8), d = wasm.words(8), p = parameters(name);
      kernels[`${name}Forward`](1, 1, 8, z.at, a.at, p);
      kernels[`${name}Derivative`](1, 1, 8, z.at, d.at, p);
      one.set(x, [a.f32[0], d.f32[0]]);
    }
    for (const [rows, columns] of [[0, 5], [1, 1], [1, 4], [3, 3], [1, 5], [2, 8], [3, 9], [5, 13], [1, 67], [7, 31]]) {
      wasm.reset();
      const ld = leading(columns), n = rows * ld, p = parameters(name);
      const z = wasm.floats(Array.from({ length: n }, (_, i) => pool[(i * 5 + columns) % pool.length]));
      const before = z.f32.slice();
      ["Forward", "Derivative"].forEach((suffix, which) => {
        const out = wasm.words(n), place = wasm.floats(before);
        kernels[name + suffix](rows, columns, ld, z.at, out.at, p);
        same(out.f32, Array.from(before, (x) => one.get(x)![which]));
        same(z.f32, before);
        kernels[name + suffix](rows, columns, ld, place.at, place.at, p);
        same(place.f32, out.f32);
      });
      expect(wasm.brokenGuard()).toBe(-1);
    }
  });

  test.each(elementwise)("%sBackward against float64; padding becomes 0 even from NaN", (name) => {
    const { from, derivative, absolute, relaxedAbsolute = absolute } = factsOf(name).backward;
    const allowed = build === "relaxed" ? relaxedAbsolute : absolute;
    expect(from).toBe(activationTable[name].derivativeFrom);
    for (const [rows, columns] of [[0, 5], [1, 1], [1, 4], [3, 3], [1, 5], [2, 8], [5, 13], [7, 31], [3, 67]]) {
      wasm.reset();
      const ld = leading(columns), p = parameters(name);
      const z = wasm.matrix(Array.from({ length: rows }, () => spread(columns)), ld);
      const da = wasm.matrix(Array.from({ length: rows }, () => spread(columns, 2)), ld);
      const x = wasm.words(rows * ld), dz = wasm.words(rows * ld);
      if (from === "output") kernels[`${name}Forward`](rows, columns, ld, z.at, x.at, p);
      else x.f32.set(z.f32);
      kernels[`${name}Backward`](rows, columns, ld, x.at, da.at, dz.at, p);
      for (let i = 0; i < rows * ld; i++) {
        if (i % ld >= columns) same([dz.f32[i]], [0]);
        else {
          const exact = da.f32[i] * derivative(x.f32[i]);
          expect(Math.abs(dz.f32[i] - exact)).toBeLessThanOrEqual(Math.abs(da.f32[i]) * allowed + 0.5 * ulp(Math.abs(exact)));
        }
      }
      const apart = dz.f32.slice();
      kernels[`${name}Backward`](rows, columns, ld, x.at, da.at, da.at, p);
      same(da.f32, apart);
      expect(wasm.brokenGuard()).toBe(-1);
    }
  });

  test("derivatives from an output that is bounded stay within 2^-23 of their peak over its whole range", () => {
    const bounded = elementwise.filter((id) => factsOf(id).backward.from === "output" && factsOf(id).range.every(Number.isFinite));
    expect(bounded).toEqual(expect.arrayContaining(["sigmoid", "tanh"]));
    for (const id of bounded) {
      wasm.reset();
      const { range: [lowest, highest], backward: { derivative } } = factsOf(id);
      const n = 65536, dz = wasm.words(n), ones = wasm.floats(new Float32Array(n).fill(1));
      const a = wasm.floats(Float32Array.from({ length: n }, (_, i) => lowest + ((highest - lowest) * (i + uniform())) / n));
      a.f32.set([0, highest, lowest, highest - 2 ** -24, 0.5, tiny, subnormal, highest - 2 ** -23]);
      kernels[`${id}Backward`](1, n, n, a.at, ones.at, dz.at, parameters(id));
      const peak = a.f32.reduce((most, x) => Math.max(most, Math.abs(derivative(x))), 0);
      expect(a.f32.reduce((most, x, i) => Math.max(most, Math.abs(dz.f32[i] - derivative(x))), 0)).toBeLessThanOrEqual(2 ** -23 * peak);
    }
  });

  test("NaN in the output or in da becomes a NaN gradient; relu passes nothing where a ≤ 0", () => {
    const a = wasm.matrix([[NaN, 1, 0.5, NaN]], 8), da = wasm.matrix([[1, NaN, 1, 0]], 8);
    for (const name of elementwise.filter((n) => n !== "linear")) {
      const dz = wasm.words(8);
      kernels[`${name}Backward`](1, 4, 8, a.at, da.at, dz.at, parameters(name));
      expect(Array.from(dz.f32, Number.isNaN)).toEqual([true, true, false, true, false, false, false, false]);
    }
    const dz = wasm.words(8);
    kernels.reluBackward(1, 4, 8, wasm.matrix([[0, -0, -1, 2]], 8).at, wasm.matrix([[Infinity, NaN, 3, -5]], 8).at, dz.at, 0);
    same(dz.f32, [0, 0, 0, -5, 0, 0, 0, 0]);
  });

  describe("softmax", () => {
    const exactRow = (z: ArrayLike<number>) => {
      const row = Array.from(z), most = Math.max(...row), e = row.map((x) => Math.exp(x - most));
      return e.map((x) => x / e.reduce((s, y) => s + y, 0));
    };
    const forward = (rows: number[][], padding: number[] = [NaN, huge, Infinity, -huge, 1, NaN, -Infinity]) => {
      const columns = rows[0].length, ld = leading(columns);
      const z = wasm.floats(rows.flatMap((row) => [...row, ...padding.slice(0, ld - columns)])), a = wasm.words(rows.length * ld);
      kernels.softmaxForward(rows.length, columns, ld, z.at, a.at, 0);
      const apart = a.f32.slice();
      kernels.softmaxForward(rows.length, columns, ld, z.at, z.at, 0);
      same(z.f32, apart);
      for (let i = 0; i < apart.length; i++) if (i % ld >= columns) same([apart[i]], [0]);
      expect(wasm.brokenGuard()).toBe(-1);
      return rows.map((_, r) => Array.from(apart.subarray(r * ld, r * ld + columns)));
    };

    test.each([0.1, 1, 10, 60])("1 to 67 columns, logits up to ±%d: elements, sums, padding, batch invariance", (range) => {
      for (const columns of [...Array.from({ length: 67 }, (_, i) => i + 1), 1009]) {
        wasm.reset();
        const rows = [spread(columns, range), spread(columns, range), spread(columns, range)];
        const got = forward(rows);
        rows.forEach((row, r) => {
          const exact = exactRow(row), largest = ulp(Math.max(...exact));
          exact.forEach((p, i) => expect(Math.abs(got[r][i] - p)).toBeLessThanOrEqual(3 * ulp(p) + 2 * largest));
          expect(Math.abs(got[r].reduce((s, p) => s + p, 0) - 1)).toBeLessThanOrEqual(columns * 2 ** -24);
          same(forward([row])[0], got[r]);
        });
      }
    });

    test("one column is 1; equal logits are equal shares, however large", () => {
      same(forward([[3], [-1e30], [0]]).flat(), [1, 1, 1]);
      for (const x of [0, 1e30, -1e30, huge, -huge, subnormal]) same(forward([[x, x, x, x, x]])[0], Array(5).fill(Math.fround(0.2)));
    });

    test("a shift of the logits changes nothing if it rounds nothing", () => {
      const row = Array.from({ length: 19 }, () => Math.floor(uniform() * 40));
      const [plain, shifted] = forward([row, row.map((x) => x + 2 ** 20)]);
      same(shifted, plain);
      same(forward([[1e30, -1e30, 1e30], [huge, -huge, 0]]).flat(), [0.5, 0, 0.5, 1, 0, 0]);
    });

    test("NaN, +∞ and all −∞ make the whole row NaN, and only that row; −∞ beside finite values gives 0", () => {
      for (const columns of [1, 3, 4, 6, 9]) {
        for (let position = 0; position < columns; position++) {
          for (const bad of [NaN, Infinity]) {
            const row = spread(columns);
            const [clean, spoiled] = forward([row, row.map((x, i) => (i === position ? bad : x))]);
            expect(clean.some(Number.isNaN)).toBe(false);
            expect(spoiled.every(Number.isNaN)).toBe(true);
          }
        }
        expect(forward([Array(columns).fill(-Infinity)])[0].every(Number.isNaN)).toBe(true);
      }
      same(forward([[0, -Infinity, 0, -Infinity, -Infinity]])[0], [0.5, 0, 0.5, 0, 0]);
    });

    test("backward against float64, in place, padding 0", () => {
      for (const columns of [...Array.from({ length: 67 }, (_, i) => i + 1), 1009]) {
        wasm.reset();
        const ld = leading(columns), rows = 3;
        const a = wasm.matrix(Array.from({ length: rows }, () => exactRow(spread(columns, 3))), ld);
        const da = wasm.matrix(Array.from({ length: rows }, () => spread(columns, 2)), ld);
        const dz = wasm.words(rows * ld);
        kernels.softmaxBackward(rows, columns, ld, a.at, da.at, dz.at, 0);
        for (let r = 0; r < rows; r++) {
          let sum = 0, total = 0;
          for (let i = r * ld; i < r * ld + columns; i++) sum += a.f32[i] * da.f32[i], total += a.f32[i];
          for (let i = r * ld; i < r * ld + ld; i++) {
            const exact = a.f32[i] * (da.f32[i] - sum / total);
            if (i % ld >= columns) same([dz.f32[i]], [0]);
            else expect(Math.abs(dz.f32[i] - exact)).toBeLessThanOrEqual(1.01 * 2 ** -23 * Math.abs(exact));
          }
        }
        const apart = dz.f32.slice();
        kernels.softmaxBackward(rows, columns, ld, a.at, da.at, da.at, 0);
        same(da.f32, apart);
        expect(wasm.brokenGuard()).toBe(-1);
      }
    });

    test("backward keeps its accuracy beside a large common part of da, and with one large da anywhere", () => {
      for (const at of [0, 1, 4, 6]) {
        wasm.reset();
        const z = spread(7, 3);
        z[at] = -9; // p of about 1e-4, as when the true class is badly predicted
        const p = exactRow(z), a = wasm.matrix([p, p], 8);
        const loss = p.map((_, i) => (i === at ? -1 / a.f32[at] : 0)), shifted = spread(7).map((x) => Math.fround(x + 1000));
        const da = wasm.matrix([loss, shifted], 8), dz = wasm.words(16);
        kernels.softmaxBackward(2, 7, 8, a.at, da.at, dz.at, 0);
        for (let r = 0; r < 2; r++) {
          const mean = p.reduce((s, x, i) => s + x * da.f32[r * 8 + i], 0);
          p.forEach((x, i) => {
            const exact = x * (da.f32[r * 8 + i] - mean);
            expect(Math.abs(dz.f32[r * 8 + i] - exact)).toBeLessThanOrEqual(3e-7 * Math.abs(exact) + 1e-6 * x);
          });
        }
      }
    });

    test("no columns and no rows write nothing", () => {
      const z = wasm.words(4), a = wasm.words(4);
      for (const [rows, columns] of [[0, 3], [3, 0]]) {
        kernels.softmaxForward(rows, columns, leading(columns), z.at, a.at, 0);
        kernels.softmaxBackward(rows, columns, leading(columns), z.at, a.at, a.at, 0);
      }
      expect(a.f32.every(Number.isNaN)).toBe(true);
      expect(wasm.brokenGuard()).toBe(-1);
    });
  });
});

// The kernels of prelu, whose slopes are learned, one a column: exact results, specials, shapes, padding, aliasing and guard words, on every build.

import { describe, expect, test } from "vitest";
import { builds, Instance, leading } from "./instance.js";
import { sampler } from "./reference/random.js";

const shapes = [[0, 5], [1, 1], [1, 4], [3, 3], [1, 5], [2, 8], [3, 9], [5, 13], [1, 67], [7, 31], [64, 7]];
const { fround } = Math;
const f = (z: number, slope: number) => (z > 0 ? z : fround(slope * z));
const df = (z: number, da: number, slope: number) => (Number.isNaN(z) ? NaN : z > 0 ? da : fround(slope * da));

describe.each(builds)("%s build", (build) => {
  const wasm = new Instance(build);
  const { kernels } = wasm;

  test("forward, backward and the gradient of the slopes at awkward shapes, in place, padding 0", () => {
    for (const [rows, columns] of shapes) {
      wasm.reset();
      const draw = sampler(rows * 100 + columns), ld = leading(columns);
      const random = (n: number, m: number) => Array.from({ length: n }, () => Array.from({ length: m }, () => fround(draw(-2, 2))));
      const z = wasm.matrix(random(rows, columns), ld), da = wasm.matrix(random(rows, columns), ld), slopes = wasm.matrix(random(1, columns), ld);
      const a = wasm.words(rows * ld), dz = wasm.words(rows * ld), out = wasm.words(ld);
      kernels.preluSlopeGradient(rows, columns, ld, z.at, da.at, out.at);
      for (let c = 0; c < ld; c++) {
        let sum = 0;
        for (let i = c; i < rows * ld && c < columns; i += ld) sum = fround(sum + (z.f32[i] > 0 ? 0 : fround(z.f32[i] * da.f32[i])));
        expect(out.f32[c]).toBe(sum);
      }
      kernels.preluForward(rows, columns, ld, z.at, a.at, slopes.at);
      kernels.preluBackward(rows, columns, ld, z.at, da.at, dz.at, slopes.at);
      for (let i = 0; i < rows * ld; i++) {
        const slope = slopes.f32[i % ld];
        if (i % ld < columns) expect([a.f32[i], dz.f32[i]]).toEqual([f(z.f32[i], slope), df(z.f32[i], da.f32[i], slope)]);
        else expect(dz.f32[i]).toBe(0);
      }
      kernels.preluBackward(rows, columns, ld, z.at, da.at, da.at, slopes.at);
      expect(Array.from(da.f32)).toEqual(Array.from(dz.f32));
      kernels.preluForward(rows, columns, ld, z.at, z.at, slopes.at);
      expect(Array.from(z.f32)).toEqual(Array.from(a.f32));
      expect(wasm.brokenGuard()).toBe(-1);
    }
  });

  test("specials: NaN, ±∞, ±0 and subnormals, with slopes of any sign", () => {
    const tiny = 2 ** -126, values = [NaN, Infinity, -Infinity, 0, -0, tiny / 2, -tiny / 2, -1];
    for (const slope of [0.25, 0, 1, -0.5]) {
      wasm.reset();
      const z = wasm.floats(values), ones = wasm.floats(values.map(() => 1)), slopes = wasm.floats(values.map(() => slope));
      const a = wasm.words(8), dz = wasm.words(8), out = wasm.words(8);
      kernels.preluForward(1, 8, 8, z.at, a.at, slopes.at);
      expect([...a.f32]).toEqual(values.map((x) => f(x, slope)));
      kernels.preluBackward(1, 8, 8, z.at, ones.at, dz.at, slopes.at);
      expect([...dz.f32]).toEqual(values.map((x) => df(x, 1, slope)));
      kernels.preluSlopeGradient(1, 8, 8, z.at, ones.at, out.at);
      expect([...out.f32]).toEqual([NaN, 0, -Infinity, 0, 0, 0, -tiny / 2, -1]);
    }
  });
});

// elu and celu at other depths than 1, against float64, on every build.

import { describe, expect, test } from "vitest";
import { builds, Instance } from "./instance.js";
import { sampler } from "./reference/random.js";

const { fround } = Math;
const ulp = (x: number) => 2 ** (Math.max(Math.floor(Math.log2(Math.abs(x))), -126) - 23);

/** f, f′ and f′ from a. */
const functions = {
  elu: [(z: number, alpha: number) => alpha * Math.expm1(z), (z: number, alpha: number) => alpha * Math.exp(z), (a: number, alpha: number) => a + alpha],
  celu: [(z: number, alpha: number) => alpha * Math.expm1(z / alpha), (z: number, alpha: number) => Math.exp(z / alpha), (a: number, alpha: number) => (a + alpha) / alpha],
} as const;

describe.each(builds)("%s build", (build) => {
  const wasm = new Instance(build);

  test.each(["elu", "celu"] as const)("%s: f, f′ and the gradient within 0.51 ULP", (id) => {
    const [f, derivative, derivativeOf] = functions[id], draw = sampler(3);
    for (const alpha of [0.05, 0.3, 1, 2.5, 1e4, 1e-3].map(fround)) {
      wasm.reset();
      const n = 4096, p = wasm.floats([alpha]);
      const z = wasm.floats(Float32Array.from({ length: n }, (_, i) => draw(-1, 0.2) * 10 ** (i % 12 - 7) * (id === "celu" ? Math.max(alpha, 1) : 1)));
      const a = wasm.words(n), d = wasm.words(n), ones = wasm.floats(new Float32Array(n).fill(1)), dz = wasm.words(n);
      wasm.kernels[`${id}Forward`](1, n, n, z.at, a.at, p.at);
      wasm.kernels[`${id}Derivative`](1, n, n, z.at, d.at, p.at);
      wasm.kernels[`${id}Backward`](1, n, n, a.at, ones.at, dz.at, p.at);
      z.f32.forEach((x, i) => {
        const wanted = x > 0 ? [x, 1, 1] : [f(x, alpha), derivative(x, alpha), derivativeOf(a.f32[i], alpha)];
        [a, d, dz].forEach(({ f32 }, which) => expect(Math.abs(f32[i] - wanted[which]), `${which} at ${x}, alpha ${alpha}`).toBeLessThanOrEqual(0.51 * ulp(wanted[which])));
      });
      expect(wasm.brokenGuard()).toBe(-1);
    }
  });

  test("elu with alpha 0 is relu", () => {
    const p = wasm.floats([0]), z = wasm.floats([-Infinity, -2, 3, NaN]), a = wasm.words(4), d = wasm.words(4);
    wasm.kernels.eluForward(1, 4, 4, z.at, a.at, p.at);
    wasm.kernels.eluDerivative(1, 4, 4, z.at, d.at, p.at);
    expect([...a.f32]).toEqual([-0, -0, 3, NaN]);
    expect([...d.f32]).toEqual([0, 0, 1, NaN]);
  });
});

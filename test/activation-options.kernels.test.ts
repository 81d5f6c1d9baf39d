// Activations with other options than the defaults, on every build.

import { describe, expect, test } from "vitest";
import { builds, Instance } from "./instance.js";
import { sampler } from "./reference/random.js";

const { fround } = Math;
const tiny = 2 ** -126;
const ulp = (x: number) => 2 ** (Math.max(Math.floor(Math.log2(Math.abs(x))), -126) - 23);

/** f, f′ and f′ from a. */
const functions = {
  elu: [(z: number, alpha: number) => alpha * Math.expm1(z), (z: number, alpha: number) => alpha * Math.exp(z), (a: number, alpha: number) => a + alpha],
  celu: [(z: number, alpha: number) => alpha * Math.expm1(z / alpha), (z: number, alpha: number) => Math.exp(z / alpha), (a: number, alpha: number) => (a + alpha) / alpha],
} as const;

describe.each(builds)("%s build", (build) => {
  const wasm = new Instance(build);
  const { kernels } = wasm;

  test("leakyRelu keeps gradual underflow and slopes 0 and 1", () => {
    for (const s of [0, 1, 0.3, 1e-40]) {
      const z = wasm.floats([-1, -tiny, -3e-45, 1e-45, -7, 7, -0, 0]), a = wasm.words(8), dz = wasm.words(8), p = wasm.floats([s]);
      kernels.leakyReluForward(1, 8, 8, z.at, a.at, p.at);
      expect([...a.f32]).toEqual(Array.from(z.f32, (x) => (x > 0 ? x : Math.fround(p.f32[0] * x))));
      kernels.leakyReluBackward(1, 8, 8, a.at, wasm.floats([1, 1, 1, 1, 1, 1, 1, 1]).at, dz.at, p.at);
      expect([...dz.f32]).toEqual(Array.from(z.f32, (x) => (x > 0 ? 1 : p.f32[0])));
    }
  });

  test.each(["elu", "celu"] as const)("%s: f, f′ and the gradient within 0.51 ULP", (id) => {
    const [f, derivative, derivativeOf] = functions[id], draw = sampler(3);
    for (const alpha of [0.05, 0.3, 1, 2.5, 1e4, 1e-3].map(fround)) {
      wasm.reset();
      const n = 4096, p = wasm.floats([alpha]);
      const z = wasm.floats(Float32Array.from({ length: n }, (_, i) => draw(-1, 0.2) * 10 ** (i % 12 - 7) * (id === "celu" ? Math.max(alpha, 1) : 1)));
      const a = wasm.words(n), d = wasm.words(n), ones = wasm.floats(new Float32Array(n).fill(1)), dz = wasm.words(n);
      kernels[`${id}Forward`](1, n, n, z.at, a.at, p.at);
      kernels[`${id}Derivative`](1, n, n, z.at, d.at, p.at);
      kernels[`${id}Backward`](1, n, n, a.at, ones.at, dz.at, p.at);
      z.f32.forEach((x, i) => {
        const wanted = x > 0 ? [x, 1, 1] : [f(x, alpha), derivative(x, alpha), derivativeOf(a.f32[i], alpha)];
        [a, d, dz].forEach(({ f32 }, which) => expect(Math.abs(f32[i] - wanted[which]), `${which} at ${x}, alpha ${alpha}`).toBeLessThanOrEqual(0.51 * ulp(wanted[which])));
      });
      expect(wasm.brokenGuard()).toBe(-1);
    }
  });

  test("elu with alpha 0 is relu", () => {
    const p = wasm.floats([0]), z = wasm.matrix([[-Infinity, -2, 3, NaN]], 8), a = wasm.words(8), d = wasm.words(8);
    kernels.eluForward(1, 4, 8, z.at, a.at, p.at);
    kernels.eluDerivative(1, 4, 8, z.at, d.at, p.at);
    expect([...a.f32.subarray(0, 4)]).toEqual([-0, -0, 3, NaN]);
    expect([...d.f32.subarray(0, 4)]).toEqual([0, 0, 1, NaN]);
  });
});

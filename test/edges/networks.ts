// The same sizes through the public API: matmul, and dense layers with every activation, which must give the bits of the kernels called one by one.

import { expect } from "vitest";
import type { LayerActivationId } from "../../src/activations.js";
import { dense, matmul, Matrix, Network, ShapeError, type Backend } from "../../src/index.js";
import { activations, parametersOf } from "./activations.js";
import { booleans, productOf, shapes, type Bench } from "./matrix.js";
import { factors, padded } from "./products.js";
import { innerCounts, KC } from "./sizes.js";

const same = (got: Float32Array, want: Float32Array, what: object): void => {
  const bytes = (values: Float32Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  if (!bytes(got).equals(bytes(want))) expect.fail(`${JSON.stringify(what)}: ${got.length} values must be those of the kernels, the first different one is number ${got.findIndex((value, i) => !Object.is(value, want[i]))}`);
};

export function edgesOfMatmul(bench: Bench, backend: Backend): void {
  for (const [m, n, k] of shapes(bench.build, KC)) {
    if (!bench.takes(8)) continue;
    const of = factors(m, n, k, "random");
    for (const transposeA of booleans) {
      for (const transposeB of booleans) {
        const a = transposeA ? new Matrix(k, m, of.aT, { backend }) : new Matrix(m, k, of.a, { backend });
        const b = transposeB ? new Matrix(n, k, of.bT, { backend }) : new Matrix(k, n, of.b, { backend });
        const out = new Matrix(m, n, new Float32Array(m * n).fill(NaN), { backend });
        const product = matmul(a, b, { transposeA, transposeB });
        expect(matmul(a, b, { transposeA, transposeB, out })).toBe(out);
        for (const { data } of [product, out]) same(data, productOf(bench.build, m, n, k, "random", false).bits(of, () => data.slice()), { matmul: [m, n, k], transposeA, transposeB });
        for (const matrix of [a, b, out, product]) matrix.dispose();
      }
    }
  }
}

/** a = f(z), computed by the kernel on its own. */
function activated({ stage }: Bench, id: LayerActivationId, m: number, n: number, z: Float32Array): Float32Array {
  stage.clear(0);
  const ld = padded(n), at = stage.matrix(m, n, ld, 0, z), parameters = parametersOf(stage, id, ld);
  stage.load();
  stage.kernels[`${id}Forward`](m, n, ld, at, at, parameters);
  return stage.read(at, m, n, ld);
}

export function edgesOfDense(bench: Bench, backend: Backend): void {
  const middle = innerCounts(KC)[4];
  for (const [m, n, k] of shapes(bench.build, KC)) {
    if (n * k === 0) continue;
    // What follows the product does not depend on k.
    for (const id of k === middle ? activations : (["linear"] as const)) {
      for (const useBias of booleans) {
        if (!bench.takes(1)) continue;
        const of = factors(m, n, k, "random");
        const network = new Network({ inputs: k, layers: [dense(n, id, { useBias, weightsInitializer: "zeros" })] }, { backend });
        network.layers[0].setWeights(useBias ? { weights: of.b, bias: of.bias.slice(0, n) } : { weights: of.b });
        if (m === 0) {
          // No rows are more often a mistake than a wish: a dense layer says so.
          expect(() => network.predict(of.a)).toThrow(ShapeError);
          network.dispose();
          continue;
        }
        const got = network.predict(of.a), what = { dense: [m, n, k], id, useBias };
        const z = productOf(bench.build, m, n, k, "random", useBias).bits(of, () => (id === "linear" ? got : network.trace(of.a).z[1]!));
        same(got, activated(bench, id, m, n, z), what);
        network.dispose();
      }
    }
  }
}

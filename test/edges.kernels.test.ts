/// <reference types="vite/types/importMeta.d.ts" />
// The edge matrix (test/edges/) on every build. Here one case in a few, of each shape others; all of them: npm run test:edges.

import { expect, test } from "vitest";
import { createBackend, type Backend } from "../src/index.js";
import { createThreadedBackend } from "../src/threads.js";
import type { WasmBuild } from "../src/wasm.js";
import { encode } from "../scripts/encode.mjs";
import { edgesOfActivations } from "./edges/activations.js";
import { Bench, edgesOfInputGradients, edgesOfProducts, edgesOfWeightGradients } from "./edges/matrix.js";
import { edgesOfDense, edgesOfMatmul } from "./edges/networks.js";
import { Stage } from "./edges/stage.js";
import { bytesOf, type Build } from "./instance.js";

const all = import.meta.env.MODE === "edges";

function backendOf(build: Build, threads: number): Backend | Promise<Backend> {
  const module: WasmBuild = { variant: build === "relaxed" ? "relaxed" : "strict", text: encode(bytesOf(build)) };
  return threads === 1 ? createBackend({ module }) : createThreadedBackend({ module, threads });
}

test("a stage finds any word that is not what it must be", () => {
  for (const turn of [0, 1]) {
    const stage = new Stage("strict", 1 << 16), { floats } = stage;
    stage.clear(turn);
    const a = stage.matrix(3, 5, 7, 1, Float32Array.from({ length: 15 }, (_, i) => i)), c = stage.matrix(2, 2, 8);
    stage.load();
    floats.set([1, 2], c >> 2);
    floats.set([3, 4], (c >> 2) + 8);
    floats[(a >> 2) + 5] = 0.5;
    stage.expect(c, 2, 2, 8, [1, 2, 3, 4]);
    expect(stage.difference()).toBeGreaterThan(0);
    stage.ignore(a, 1, 5, 6, 7);
    expect(stage.difference()).toBe(-1);
    for (let at = (a >> 2) - 17; at < (c >> 2) + 32; at++) {
      const before = floats[at];
      floats[at] = before + 1; // a NaN stays the same NaN
      if (Number.isNaN(before)) floats[at] = 0;
      expect(stage.difference()).toBe(at * 4 - (a - 68));
      floats[at] = before;
      stage.ignore(at << 2, 1, 0, 1, 0);
    }
  }
});

test.each([
  ["strict", { build: "strict", threads: 1, step: 13 }],
  ["relaxed", { build: "relaxed", threads: 1, step: 13 }],
  ["debug", { build: "debug", threads: 1, step: 29 }],
  ["threads", { build: "strict", threads: 3, step: 29 }],
] as const)("%s", async (name, { build, threads, step }) => {
  const bench = new Bench(build, threads, all ? 1 : step), backend = await backendOf(build, threads);
  const { bytesInUse } = backend.memory();
  const parts = {
    products: () => edgesOfProducts(bench),
    "input gradients": () => edgesOfInputGradients(bench),
    "weight gradients": () => edgesOfWeightGradients(bench),
    activations: () => edgesOfActivations(bench),
    matmul: () => edgesOfMatmul(bench, backend),
    "dense layers": () => edgesOfDense(bench, backend),
  };
  const counts = Object.entries(parts).map(([part, run]) => {
    const before = bench.cases;
    run();
    return `${part} ${(bench.cases - before).toLocaleString("en")}`;
  });
  expect(backend.memory().bytesInUse).toBe(bytesInUse);
  backend.dispose();
  console.log(`${name}: ${bench.cases.toLocaleString("en")} shapes, 0 failures (${counts.join(", ")})`);
  expect(bench.cases).toBeGreaterThanOrEqual(all ? 100_000 : 3_000);
}, 600_000);

// Every activation, derivative and core against exact results: edges, each binade, random floats, NaNs and the worst inputs that the sweep of all floats has
// found (accuracy/results/sweep.json), on every build. And those results themselves: complete, of these kernels, within the stated bounds.

import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { instantiate, modulesOf } from "../accuracy/builds.mjs";
import { both, nans, random, stratified } from "../accuracy/inputs.mjs";
import { digestOf, measure, plain } from "../accuracy/measure.mjs";
import { rowsOf } from "../accuracy/rows.mjs";
import { activationTable } from "../src/activations.js";
import { builds } from "./instance.js";
import * as reference from "./reference/activations.js";
import * as exact from "./reference/exact.js";
import { distribution } from "./reference/normal.js";

const rows = rowsOf({ ...reference, ...exact, distribution });
const results = JSON.parse(readFileSync(new URL("../accuracy/results/sweep.json", import.meta.url), "utf8")).rows;
const named = rows.map((row) => [row.name, row] as const);

let instances: Record<string, ReturnType<typeof instantiate>>;
beforeAll(async () => {
  instances = {};
  for (const build of builds) instances[build] = instantiate(await modulesOf(build));
});

const wordOf = (x: number) => new Uint32Array(Float32Array.of(x).buffer)[0] & 0x7fffffff;

/** Floats of both signs round a word. */
const around = (word: number, n: number) => both(Uint32Array.from({ length: n }, (_, i) => Math.max(word - n / 2, 0) + i));

function* sample(name: string, root?: number): Generator<Uint32Array> {
  yield* stratified(64);
  yield* random(50_000, 7);
  yield* nans(65_521);
  if (root !== undefined) yield* around(wordOf(root), 4096);
  for (const build of ["strict", "relaxed"]) {
    const { worstBits, fromOutputBits } = results[name][build];
    for (const bits of [worstBits, fromOutputBits]) if (bits !== undefined) yield* around(Number(bits) & 0x7fffffff, 64);
  }
}

const boundOf = (row: (typeof rows)[number], build: string): number => row.bounds[build === "relaxed" ? "relaxed" : "strict"];

test("every kernel that works number by number is measured", () => {
  const measured = new Set(rows.map(({ kernel }) => kernel));
  for (const name of Object.keys(instances.strict.kernels)) {
    const [, id] = /^(.*)(Forward|Derivative)$/.exec(name) ?? [];
    const isAcross = id in activationTable && activationTable[id as keyof typeof activationTable].across;
    if (id && !reference.layerKernels.includes(id) && !isAcross) expect(measured, name).toContain(name);
  }
});

test.each(named)("%s over a stratified sample", (name, row) => {
  const figures = measure(row, instances, sample(name, row.root));
  for (const [build, { maxUlp, nan, inversions = 0, asymmetric = 0, outside, smallest, largest, worst, fromOutput }] of Object.entries(figures)) {
    const where = `${build}, at ${worst}`;
    expect(maxUlp, where).toBeLessThanOrEqual(boundOf(row, build));
    expect({ nan, inversions, asymmetric, outside }, where).toEqual({ nan: 0, inversions: 0, asymmetric: 0, outside: 0 });
    if (row.monotone) expect([smallest, largest], where).toEqual(row.range.map(plain));
    if (fromOutput !== undefined && build !== "relaxed") expect(fromOutput, where).toBeLessThanOrEqual(1);
  }
});

describe.each(builds)("%s build", (build) => {
  test.each(named)("%s: the same bits at offsets 0 to 3 and lengths 1 to 67", (_, row) => {
    const place = instances[build].place(row);
    const pool = new Uint32Array([...random(35, 3)].flatMap((bits) => [...bits]));
    place.inputBits.set(pool);
    place.run(pool.length);
    const alone = place.outputBits.slice(0, pool.length);
    for (let offset = 0; offset < 4; offset++) {
      for (let length = 1; length <= 67; length++) {
        place.inputBits.fill(0x7fc00000, 0, 80);
        place.inputBits.set(pool.subarray(0, length), offset);
        place.run(offset + length);
        expect(place.outputBits.subarray(offset, offset + length)).toEqual(alone.subarray(0, length));
      }
    }
  });

  test.each(named)("%s of any NaN is NaN, at every position", (name, row) => {
    const place = instances[build].place(row);
    for (const bits of [0x7fc00000, 0xffc00000, 0x7f800001, 0xff800001, 0x7fffffff, 0xffffffff]) {
      for (let position = 0; position < 12; position++) {
        place.inputBits.fill(0x3f000000, 0, 12);
        place.inputBits[position] = bits;
        place.run(12);
        expect(Array.from(place.output.subarray(0, 12), Number.isNaN)).toEqual(Array.from({ length: 12 }, (_, i) => i === position && name !== "linear.derivative"));
      }
    }
  });
});

const assembly = new Map(["activations/", ""].flatMap((folder) => {
  const at = new URL(`../assembly/${folder}`, import.meta.url);
  return readdirSync(at).filter((file) => file.endsWith(".ts")).map((file) => [file, readFileSync(new URL(file, at), "utf8")] as const);
}));

/** What a header in assembly/ says of a function: "Max 0.51 ULP", by itself or as "`tanh` in math.ts". */
function stated(name: string, build: "strict" | "relaxed"): number | undefined {
  const texts = [...assembly].filter(([file]) => build === "relaxed" || file !== "math-relaxed.ts").map(([, text]) => text);
  const headers = texts.flatMap((text) => [...text.matchAll(new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\n(?:// @ts-ignore: decorator\\n@\\w+\\n)?export function ${name}\\(`, "g"))].map(([, header]) => header));
  const bounds = headers.map((header) => /Max ([\d.]+) ULP/.exec(header)?.[1]).filter((bound) => bound !== undefined);
  const [, core] = /`(\w+)` in math.ts/.exec(headers.join()) ?? [];
  return bounds.length > 0 ? Math.max(...bounds.map(Number)) : core ? stated(core, build) : undefined;
}

test("headers are found", () => {
  expect(["tanhForward", "geluDerivative", "exp", "arctanDerivative"].map((name) => stated(name, "strict"))).toEqual([0.51, 0.58, 0.8, 0.51]);
  expect(stated("tanhForward", "relaxed")).toBe(1.5);
});

test.each(named)("%s: the header states the bound", (_, { kernel, bounds }) => {
  for (const build of ["strict", "relaxed"] as const) {
    const bound = stated(kernel, build);
    if (bound !== undefined) expect(bounds[build]).toBe(bound);
    // An alias of another kernel, or said to be exact.
    else expect(bounds[build] <= 0.51 || kernel === "softplusDerivative").toBe(true);
  }
});

describe("the committed sweep", () => {
  test("has every row", () => expect(Object.keys(results)).toEqual(rows.map(({ name }) => name)));

  test.each(named)("%s: of these kernels, within the bounds", (name, row) => {
    const found = results[name];
    expect(digestOf(row, instances.strict), "the kernel has changed: npm run sweep").toBe(found.strict.digest);
    for (const build of ["strict", "relaxed"]) {
      const { maxUlp, nan, inversions = 0, asymmetric = 0, outside, inputs, smallest, largest, fromOutput } = found[build];
      expect(maxUlp).toBeLessThanOrEqual(boundOf(row, build));
      expect({ nan, inversions, asymmetric, outside }, build).toEqual({ nan: 0, inversions: 0, asymmetric: 0, outside: 0 });
      if (build === "strict" && fromOutput !== undefined) expect(fromOutput).toBeLessThanOrEqual(1);
      if (found.every > 1) continue;
      expect(inputs).toBe(2 ** 32);
      if (row.kind === "value") expect([smallest, largest]).toEqual(row.range.map(plain));
    }
  });
});

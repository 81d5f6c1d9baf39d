// What the fuzzer starts from, and what it has found: every seed through its target, without the fuzzer. `npm run fuzz` goes on from there.

import { expect, test } from "vitest";
import { fuzz as bytes } from "../fuzz/targets/bytes.js";
import { fuzz as container } from "../fuzz/targets/container.js";
import { Draw } from "../fuzz/targets/draw.js";
import { compose, fuzz as header } from "../fuzz/targets/header.js";
import { fuzz as model } from "../fuzz/targets/model.js";
import { verdicts } from "./reference/safetensors.js";
// @ts-expect-error: a plain module
import { readSeeds } from "../fuzz/corpus.mjs";
import { random } from "./numbers.js";

const targets = { bytes, container, header, model };

test.each(Object.entries(targets))("%s", (name, fuzz) => {
  const seeds = readSeeds(name) as Uint8Array[];
  expect(seeds.length).toBeGreaterThan(0);
  for (const seed of seeds) fuzz(seed);
});

test("drawn headers: the reader says what the slow validator says", () => {
  const outcomes = new Set<string | undefined>();
  const drawn = random(96 * 5000, 7).map((value) => Math.abs(value) * 2 ** 20);
  for (let i = 0; i < 5000; i++) {
    const decisions = Uint8Array.from(drawn.subarray(i * 96, i * 96 + 96));
    header(decisions);
    const { rust, lanewise } = verdicts(compose(new Draw(decisions)));
    outcomes.add(rust ?? `stricter: ${lanewise}`);
  }
  // Of every kind some: accepted, refused by all the rules, and where lanewise is stricter.
  expect(outcomes.has("stricter: undefined")).toBe(true);
  expect([...outcomes].filter((outcome) => outcome!.startsWith("stricter: ")).length).toBeGreaterThanOrEqual(7);
  expect(outcomes.size).toBeGreaterThan(30);
});

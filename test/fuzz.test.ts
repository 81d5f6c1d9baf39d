// What the fuzzer starts from, and what it has found: every seed through its target, without the fuzzer. `npm run fuzz` goes on from there.

import { expect, test, vi } from "vitest";
import { fuzz as bytes } from "../fuzz/targets/bytes.js";
import { fuzz as container } from "../fuzz/targets/container.js";
import { Draw } from "../fuzz/targets/draw.js";
import { compose, fuzz as header } from "../fuzz/targets/header.js";
import { fuzz as model } from "../fuzz/targets/model.js";
import { verdicts } from "./reference/safetensors.js";
import { readSeeds } from "../fuzz/corpus.mjs";

const targets = { bytes, container, header, model };

test.each(Object.entries(targets))("%s", (name, fuzz) => {
  const seeds = readSeeds(name) as Uint8Array[];
  expect(seeds.length).toBeGreaterThan(0);
  for (const seed of seeds) fuzz(seed);
});

test("container, where an engine has no TextDecoder", () => {
  vi.stubGlobal("TextDecoder", undefined);
  vi.stubGlobal("TextEncoder", undefined);
  try {
    for (const seed of readSeeds("container") as Uint8Array[]) container(seed);
  } finally {
    vi.unstubAllGlobals();
  }
});

test("drawn headers: the reader says what the slow validator says", () => {
  const outcomes = new Set<string>();
  let state = 1;
  const byte = (): number => (state = (state * 48271) % 2147483647) & 255;
  for (let i = 0; i < 20_000; i++) {
    const decisions = Uint8Array.from({ length: 96 }, byte);
    if (i < 5000) header(decisions);
    const { rust, lanewise } = verdicts(compose(new Draw(decisions)));
    outcomes.add(rust ?? `accepted: ${lanewise}`);
  }
  // Files that both take, and each way in which lanewise is stricter; the rest are the rules of the format.
  expect([...outcomes].filter((outcome) => outcome.startsWith("accepted: ")).sort()).toEqual([
    "accepted: a dtype other than F32", "accepted: a name twice", "accepted: a number other than 0 to 2^53 - 1", "accepted: a tensor as a list",
    "accepted: an empty tensor of huge sizes", "accepted: metadata of null", "accepted: undefined",
  ]);
  expect(outcomes.size).toBeGreaterThanOrEqual(40);
});

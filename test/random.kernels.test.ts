import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createBackend } from "../src/index.js";
import { permutation, PERMUTATION_BYTES, SHUFFLE } from "../src/random.js";
import { builds, Instance, type Buffer } from "./instance.js";
import { philox, randomBits, randomNormal, randomUniform, shuffled, type Key } from "./reference/random.js";

const seeded: Key = [0x12345678, 0x9abcdef0, 3, 7];
const keys: Key[] = [[0, 0, 0, 0], seeded, [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]];

function digest({ buffer, byteOffset, byteLength }: Uint32Array): string {
  return createHash("sha256").update(new Uint8Array(buffer, byteOffset, byteLength)).digest("hex");
}

/** sha256 of the first 1,000 numbers (little-endian words) for the key `seeded`, and of 0 … 9,999 shuffled. A change here breaks every saved seed. */
const golden = {
  randomBits: "b83a4b7e8cc276a6d6d9de64042d721cd51c2426778f6d54b10899b158a846ca",
  randomUniform: "4bef63c3ad5b6e81534389188147e40484936b5d78a8eece2d18c9ff9d787cb0",
  randomNormal: "546c20c19e5d72c56c8e3cbea95984278994dac0ee597607d94b88f8728300ab",
};
const goldenShuffle = "2c974b5eba74537bf80b530b0a44a0f446b3d7715a9f1781387a82efcb1af8d2";

/** Known answers of Random123 (kat_vectors, philox4x32 10). */
const known: [counter: number[], key: number[], words: number[]][] = [
  [[0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
  [[0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]],
  [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]],
];

test.each(known)("the reference gives the known answers", (counter, key, words) => {
  expect(philox(counter, key)).toEqual(words);
});

describe.each(builds)("%s", (build) => {
  const instance = new Instance(build);

  function draw(kernel: "randomBits" | "randomUniform" | "randomNormal", n: number, key: Key, parameters: number[] = []): Buffer {
    instance.reset();
    const out = instance.words(n);
    const at = instance.integers(key.map((k) => k | 0)).at;
    const block = instance.floats(parameters);
    if (kernel === "randomBits") instance.kernels.randomBits(n, out.at, at, 0);
    else instance.kernels[kernel](n, out.at, at, block.at);
    expect(instance.brokenGuard()).toBe(-1);
    return out;
  }

  test("the first block of seed 0 is the known answer", () => {
    expect([...draw("randomBits", 4, [0, 0, 0, 0]).u32]).toEqual(known[0][2]);
  });

  test.each(keys)("bits equal the reference for seed %i %i, stream %i, purpose %i", (...key) => {
    expect([...draw("randomBits", 1001, key).u32]).toEqual(randomBits(1001, key));
  });

  test("number i does not depend on how many are drawn", () => {
    for (const kernel of ["randomBits", "randomUniform", "randomNormal"] as const) {
      const all = [...draw(kernel, 23, seeded, [-1, 2]).u32];
      for (let n = 0; n <= 23; n++) expect([...draw(kernel, n, seeded, [-1, 2]).u32]).toEqual(all.slice(0, n));
    }
  });

  test("uniform numbers equal the reference bit for bit and stay in [low, high)", () => {
    const intervals = [[0, 1], [-0.05, 0.05], [1, 1 + 2 ** -23], [-3, -2], [-1, 0], [5, 5], [-5, -5], [1000, 1000.001]];
    for (const [low, high] of intervals.map((pair) => pair.map(Math.fround))) {
      const values = draw("randomUniform", 1001, seeded, [low, high]).f32;
      expect([...values]).toEqual(randomUniform(1001, low, high, seeded));
      for (const value of values) expect(value >= low && (value < high || low === high)).toBe(true);
    }
  });

  test("uniform numbers fill their interval", () => {
    const counts = new Array<number>(16).fill(0);
    for (const value of draw("randomUniform", 160_000, seeded, [0, 1]).f32) counts[Math.floor(value * 16)]++;
    // χ² with 15 degrees of freedom: 45 is passed once in 13,000 seeds.
    expect(counts.reduce((s, c) => s + (c - 10_000) ** 2 / 10_000, 0)).toBeLessThan(45);
  });

  test("normal numbers are the quantiles of the reference, to an ULP", () => {
    const values = draw("randomNormal", 1000, seeded, [0, 1]).f32;
    randomNormal(1000, 0, 1, seeded).forEach((expected, i) => {
      expect(Math.abs(values[i] - expected)).toBeLessThanOrEqual(2 ** -24 * 1.01 * Math.abs(expected));
    });
    const moved = draw("randomNormal", 1000, seeded, [3, 0.5]).f32;
    randomNormal(1000, 3, 0.5, seeded).forEach((expected, i) => {
      expect(Math.abs(moved[i] - expected)).toBeLessThanOrEqual(2 ** -24 * 1.01 * Math.abs(expected));
    });
  });

  test("normal numbers have the moments of the distribution", () => {
    const n = 200_000;
    const values = [...draw("randomNormal", n, seeded, [0, 1]).f32];
    const moment = (power: number): number => values.reduce((s, v) => s + v ** power, 0) / n;
    // Four standard errors each.
    expect(Math.abs(moment(1))).toBeLessThan(4 / Math.sqrt(n));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    expect(Math.abs(moment(3))).toBeLessThan(4 * Math.sqrt(15 / n));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
  });

  test("a stream can be entered at any block", () => {
    const whole = [...draw("randomBits", 1001, seeded).u32];
    const out = instance.words(9);
    instance.kernels.randomBits(9, out.at, instance.integers(seeded.map((k) => k | 0)).at, 100);
    expect([...out.u32]).toEqual(whole.slice(400, 409));
  });

  test("the first 1,000 numbers are golden", () => {
    expect({
      randomBits: digest(draw("randomBits", 1000, seeded).u32),
      randomUniform: digest(draw("randomUniform", 1000, seeded, [-1, 1]).u32),
      randomNormal: digest(draw("randomNormal", 1000, seeded, [0, 1]).u32),
    }).toEqual(golden);
  });
});

describe("permutation", () => {
  const backend = createBackend();
  const block = backend.linear.allocate(PERMUTATION_BYTES, "test");
  const permuted = (n: number, seed: number, stream: number): number[] => [...permutation(backend, { seed, purpose: SHUFFLE, stream }, n, block)];

  test("equals the reference and permutes, with more words than are drawn at a time too", () => {
    for (const n of [0, 1, 2, 3, 4, 5, 17, 100, 1000, 10_000]) {
      for (const [seed, stream] of [[0, 0], [2 ** 53 - 1, 5], [0x12345678, 2 ** 31]]) {
        const result = permuted(n, seed, stream);
        expect(result).toEqual(shuffled(Array.from({ length: n }, (_, i) => i), [seed >>> 0, Math.floor(seed / 2 ** 32), stream, SHUFFLE]));
        expect(result.sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      }
    }
    expect(digest(new Uint32Array(permuted(10_000, 7, 1)))).toBe(goldenShuffle);
  });

  test("makes all orders of four equally often", () => {
    const counts = new Map<string, number>();
    for (let stream = 0; stream < 24_000; stream++) {
      const order = permuted(4, 1, stream).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    // χ² with 23 degrees of freedom: 57 is passed once in 9,000 seeds.
    expect([...counts.values()].reduce((s, c) => s + (c - 1000) ** 2 / 1000, 0)).toBeLessThan(57);
  });
});

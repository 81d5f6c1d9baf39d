// The checksum of model files: its definition, what it depends on, and what it costs.

import { expect, test } from "vitest";
import { checksum } from "../src/checksum.js";
import type { Container, Tensor } from "../src/safetensors.js";

const rotated = (h: bigint): bigint => ((h << 13n) | (h >> 19n)) & 0xffffffffn;

/** The same in whole numbers of any length. */
function reference({ metadata, tensors }: Container): string {
  let h = 0n;
  const mix = (words: readonly number[]): void => {
    h ^= BigInt(words.length);
    for (const word of words) h = (rotated((h + BigInt(word >>> 0) * 2246822519n) & 0xffffffffn) * 2654435761n) & 0xffffffffn;
  };
  const text = (value: string): void => mix([...value].map((letter) => letter.codePointAt(0)!));
  for (const [key, value] of [...metadata].sort(([a], [b]) => (a < b ? -1 : 1))) if (key !== "checksum") [key, value].forEach(text);
  for (const [name, { data }] of [...tensors].sort(([a], [b]) => (a < b ? -1 : 1))) {
    text(name);
    mix([...new Uint32Array(data.slice().buffer)]);
  }
  return h.toString(16).padStart(8, "0");
}

const tensor = (...values: number[]): Tensor => ({ shape: [values.length], data: Float32Array.from(values) });
const container = (metadata: Record<string, string>, tensors: Record<string, Tensor>): Container => ({ metadata: new Map(Object.entries(metadata)), tensors: new Map(Object.entries(tensors)) });

test("is what its definition says, whatever the order of names", () => {
  const cases = [
    container({}, {}),
    container({ format: "lanewise", config: "{\"ü\": \"\u{1f600}\"}" }, { "1.weights": tensor(1, -2, 3e38, 1e-45), "1.bias": tensor(), a: tensor(Infinity, -0) }),
    container({ config: "{}", version: "2", checksum: "ffffffff" }, { b: { shape: [2], data: Float32Array.from([9, 8, 7, 6]).subarray(1, 3) } }),
  ];
  for (const each of cases) {
    const reversed = { metadata: new Map([...each.metadata].reverse()), tensors: new Map([...each.tensors].reverse()) };
    expect(checksum(each)).toBe(reference(each));
    expect(checksum(reversed)).toBe(reference(each));
  }
  expect(checksum(cases[1])).toBe("b504ce6b");
});

test("differs for every single bit, and for data in other tensors", () => {
  const data = Float32Array.from({ length: 40 }, (_, i) => Math.fround(i * 0.1));
  const seen = new Set([checksum(container({}, { a: { shape: [40], data } }))]);
  const words = new Uint32Array(data.buffer);
  for (let bit = 0; bit < 40 * 32; bit++) {
    words[bit >> 5] ^= 1 << (bit & 31);
    seen.add(checksum(container({}, { a: { shape: [40], data } })));
    words[bit >> 5] ^= 1 << (bit & 31);
  }
  seen.add(checksum(container({}, { a: tensor(...data.subarray(0, 20)), b: tensor(...data.subarray(20)) })));
  seen.add(checksum(container({}, { b: { shape: [40], data } })));
  expect(seen.size).toBe(1 + 40 * 32 + 2);
});

test("10 MB take less than 30 ms", () => {
  const large = container({}, { a: { shape: [2_500_000], data: new Float32Array(2_500_000).fill(1.5) } });
  const times = Array.from({ length: 9 }, () => {
    const start = performance.now();
    checksum(large);
    return performance.now() - start;
  });
  expect(Math.min(...times)).toBeLessThan(30);
  console.log(`checksum of 10 MB: ${Math.min(...times).toFixed(1)} ms`);
});

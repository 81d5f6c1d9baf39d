// What dropout and noise draw: the reference's numbers by place, step, layer and seed, and their statistics.

import { describe, expect, test } from "vitest";
import { builds, Instance, leading, type Buffer } from "./instance.js";
import { normalQuantile, philox, sampler } from "./reference/random.js";

const seeds = [[0, 0], [7, 0], [0xffffffff, 0x1fffff]] as const;
const least = (rate: number): number => Math.floor(rate * 2 ** 32);

interface Drawn {
  seed?: readonly [low: number, high: number];
  step?: number;
  stream?: number;
  first?: number;
  /** Batches since the step. */
  part?: number;
}

describe.each(builds)("%s", (build) => {
  const instance = new Instance(build);
  const draw = sampler(3);

  function dropout(rows: number, columns: number, rate: number, x: Buffer, { seed = [7, 0], step = 0, part = 0, stream = 0, first = 0 }: Drawn = {}, ld = leading(columns)): { a: Buffer; mask: Buffer } {
    const [a, mask] = [instance.words(rows * ld), instance.words(rows * ld)];
    const random = instance.integers([...seed, step, part].map((word) => word | 0));
    instance.kernels.dropoutDraw(rows, columns, ld, x.at, a.at, mask.at, random.at, instance.integers([stream, 3, least(rate) | 0]).at, first);
    return { a, mask };
  }

  const word = (r: number, c: number, ld: number, purpose: number, { seed = [7, 0], step = 0, part = 0, stream = 0 }: Drawn): number =>
    philox([(r * ld) / 4 + (c >> 2), step >>> 0, stream + part * 65536, purpose], [...seed])[c & 3];

  test("dropout keeps what the reference keeps", () => {
    for (const [i, seed] of seeds.entries()) {
      for (const [rows, columns, more] of [[0, 5, 0], [1, 1, 0], [1, 7, 0], [3, 3, 0], [3, 8, 0], [2, 8, 8], [5, 17, 0], [4, 33, 8]]) {
        const ld = leading(columns) + more;
        for (const rate of [0, 0.2, 0.5, 0.9, 1 - 2 ** -40]) {
          instance.reset();
          const given = Array.from({ length: rows }, () => Array.from({ length: columns }, () => Math.fround(draw(-2, 2))));
          const where = { seed, step: [0, 5, 2 ** 31 + 3][i], part: i, stream: i * 3 };
          const { a, mask } = dropout(rows, columns, rate, instance.matrix(given, ld), where, ld);
          const scale = Math.fround(1 / (1 - least(rate) / 2 ** 32));
          for (let r = 0; r < rows; r++) {
            for (let c = 0; c < ld; c++) {
              const m = c < columns && word(r, c, ld, 3, where) >= least(rate) ? scale : 0;
              expect(mask.f32[r * ld + c]).toBe(m);
              expect(a.f32[r * ld + c] - (c < columns ? Math.fround(given[r][c] * m) : 0)).toBe(0);
            }
          }
          expect(instance.brokenGuard()).toBe(-1);
        }
      }
    }
  });

  test("rows from `first` on are those of the whole, in place too", () => {
    instance.reset();
    const x = instance.matrix(Array.from({ length: 9 }, () => Array.from({ length: 13 }, () => draw(-2, 2))), 16, 0);
    const { a, mask } = dropout(9, 13, 0.4, x);
    const rest = dropout(5, 13, 0.4, { ...x, at: x.at + 4 * 64 }, { first: 4 });
    expect([[...rest.a.u32], [...rest.mask.u32]]).toEqual([[...a.u32.subarray(64)], [...mask.u32.subarray(64)]]);
    instance.kernels.dropoutDraw(9, 13, 16, x.at, x.at, mask.at, instance.integers([7, 0, 0, 0]).at, instance.integers([0, 3, least(0.4)]).at, 0);
    expect([...x.u32]).toEqual([...a.u32]);
  });

  test("NaN and ∞ stay where kept and become NaN where dropped", () => {
    instance.reset();
    const { a, mask } = dropout(4, 8, 0.5, instance.matrix(Array.from({ length: 4 }, () => [NaN, Infinity, -Infinity, NaN, Infinity, -Infinity, Infinity, NaN]), 8));
    a.f32.forEach((value, i) => expect(Math.abs(value)).toEqual(mask.f32[i] > 0 && [1, 2, 4, 5, 6].includes(i % 8) ? Infinity : NaN));
  });

  test("a million values: the rate within four standard errors, and layers, steps and seeds do not know of each other", () => {
    const [rows, columns] = [1000, 1000];
    const kept = (rate: number, where: Drawn): number[] => {
      instance.reset();
      const x = instance.words(rows * columns);
      x.f32.fill(1);
      const { a } = dropout(rows, columns, rate, x, where);
      return Array.from(a.f32, (value) => (value > 0 ? 1 : 0));
    };
    const n = rows * columns;
    for (const rate of [0.1, 0.5, 0.8]) {
      const mean = kept(rate, {}).reduce((s, v) => s + v, 0) / n;
      expect(Math.abs(mean - (1 - rate))).toBeLessThan(4 * Math.sqrt((rate * (1 - rate)) / n));
    }
    const masks = [{}, { stream: 1 }, { step: 1 }, { part: 1 }, { seed: [8, 0] as const }, { seed: [7, 1] as const }].map((where) => kept(0.5, where));
    expect(kept(0.5, {})).toEqual(masks[0]);
    for (let i = 0; i < masks.length; i++) {
      for (let j = 0; j < i; j++) {
        const together = masks[i].reduce((s, v, at) => s + (v === masks[j][at] ? 1 : 0), 0) / n;
        expect(Math.abs(together - 0.5), `${i} ${j}`).toBeLessThan((4 * 0.5) / Math.sqrt(n));
      }
    }
  });

  test("noise is the quantile of the reference's words, to an ULP", () => {
    for (const [i, seed] of seeds.entries()) {
      for (const [rows, columns] of [[0, 3], [1, 1], [3, 7], [2, 8], [4, 33]]) {
        instance.reset();
        const ld = leading(columns);
        const given = Array.from({ length: rows }, () => Array.from({ length: columns }, () => Math.fround(draw(-2, 2))));
        const [x, a] = [instance.matrix(given, ld, 0), instance.words(rows * ld)];
        const where = { seed, step: i * 7, part: i % 3, stream: i };
        const random = instance.integers([...seed, where.step, where.part].map((bits) => bits | 0));
        const deviation = Math.fround(0.3);
        instance.kernels.gaussianNoiseDraw(rows, columns, ld, x.at, a.at, random.at, instance.integers([i, 4]).at, instance.floats([deviation]).at, 0);
        for (let r = 0; r < rows; r++) {
          for (let c = 0; c < ld; c++) {
            const noise = c < columns ? deviation * normalQuantile((word(r, c, ld, 4, where) + 0.5) * 2 ** -32) : 0;
            const want = (given[r][c] ?? 0) + noise;
            expect(Math.abs(a.f32[r * ld + c] - want)).toBeLessThanOrEqual(2 ** -24 * 1.01 * (Math.abs(want) + Math.abs(noise)));
          }
        }
        const half = instance.words(rows * ld);
        const from = rows >> 1;
        instance.kernels.gaussianNoiseDraw(rows - from, columns, ld, x.at + from * ld * 4, half.at, random.at, instance.integers([i, 4]).at, instance.floats([deviation]).at, from);
        expect([...half.u32.subarray(0, (rows - from) * ld)]).toEqual([...a.u32.subarray(from * ld)]);
        expect(instance.brokenGuard()).toBe(-1);
      }
    }
  });
});

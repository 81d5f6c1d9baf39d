// Each optimizer of the table, row and kernel together, against its reference in float64; and what clipping needs.

import { describe, expect, test } from "vitest";
import { checkOptimizer } from "../src/check-optimizer.js";
import { Schedule, scheduleTable, type ScheduleId } from "../src/schedules.js";
import { builds, Instance, type Buffer } from "./instance.js";
import { optimizers, optionSets, type ReferenceOptimizer } from "./reference/optimizers.js";
import { sampler } from "./reference/random.js";
import { schedules } from "./reference/schedules.js";

const counts = [0, 8, 16, 24, 40, 64, 104];

interface Case {
  name: string;
  id: keyof typeof optimizers;
  options: object;
}

const cases: Case[] = (Object.keys(optimizers) as (keyof typeof optimizers)[]).flatMap((id) =>
  optionSets[id].map((options) => ({ name: `${id} ${JSON.stringify(options).replaceAll('"', "")}`, id, options })),
);

const normal = (n: number, draw: (low: number, high: number) => number, size: number): number[] =>
  Array.from({ length: n }, () => Math.fround(size * draw(-1, 1)));

describe.each(builds)("%s", (build) => {
  const instance = new Instance(build);

  /** The largest error of the weights after the steps, relative to the largest weight. */
  function trajectoryError({ id, options }: Case, n: number, steps: number, rateAt?: (step: number) => number): number {
    instance.reset();
    const draw = sampler(n + steps);
    const start = normal(n, draw, 1);
    const optimizer = checkOptimizer("test", id, options);
    const weights = instance.floats(start);
    const gradients = instance.words(n);
    const state = instance.floats(new Array<number>(optimizer.slots.length * n).fill(0));
    const block = instance.words(7);
    const twin: ReferenceOptimizer = optimizers[id](options as never);
    const exact = [...start];
    let { powers } = optimizer;
    for (let t = 1; t <= steps; t++) {
      const g = normal(n, draw, t % 3 ? 1 : 0.01);
      const update = optimizer.update(optimizer.rateAt(t - 1), t, powers);
      gradients.f32.set(g);
      block.f32.set(update.parameters);
      instance.kernels[update.kernel](n, weights.at, gradients.at, state.at, block.at, n);
      expect([...gradients.f32]).toEqual(g);
      twin.step(exact, g, rateAt?.(t - 1));
      powers = update.powers ?? powers;
    }
    expect(instance.brokenGuard()).toBe(-1);
    const largest = Math.max(...exact.map(Math.abs), 1);
    return Math.max(0, ...exact.map((w, i) => Math.abs(w - weights.f32[i]) / largest));
  }

  test.each(cases)("$name: 20 steps", (item) => {
    for (const n of counts) expect(trajectoryError(item, n, 20), `n = ${n}`).toBeLessThanOrEqual(2e-6);
  });

  test.each(cases)("$name: 1,000 steps", (item) => {
    expect(trajectoryError(item, 24, 1000)).toBeLessThanOrEqual(2e-5);
  });

  test.each(cases)("$name: 20 steps of each schedule", ({ name, id, options }) => {
    for (const schedule of Object.keys(scheduleTable) as ScheduleId[]) {
      const { rateAt, sets } = schedules[schedule];
      for (const given of sets) {
        const learningRate = new Schedule(schedule, given);
        expect(trajectoryError({ name, id, options: { ...options, learningRate } }, 24, 20, (step) => rateAt(given as never, step)), schedule).toBeLessThanOrEqual(2e-6);
      }
    }
  });

  test.each(cases)("$name: a weight's step does not depend on its position", ({ id, options }) => {
    const optimizer = checkOptimizer("test", id, options);
    const { kernel, parameters } = optimizer.update(0.01, 3, optimizer.powers);
    const step = (n: number): number[] => {
      instance.reset();
      const weights = instance.floats(new Array<number>(n).fill(0.3));
      const gradients = instance.floats(new Array<number>(n).fill(-0.7));
      const state = instance.floats(new Array<number>(optimizer.slots.length * n).fill(0.2));
      instance.kernels[kernel](n, weights.at, gradients.at, state.at, instance.floats(parameters).at, n);
      return [...weights.f32];
    };
    expect(new Set(step(8)).size).toBe(1);
    const [weight] = step(8);
    for (const n of counts.slice(1)) expect(new Set(step(n))).toEqual(new Set([weight]));
  });

  test.each(cases)("$name: parts of a block give the bits of the whole", ({ id, options }) => {
    const optimizer = checkOptimizer("test", id, options);
    const { kernel, parameters } = optimizer.update(0.01, 3, optimizer.powers);
    const n = 40, draw = (count: number) => Array.from({ length: count }, (_, i) => Math.fround(Math.abs(Math.sin(i + 1))));
    const step = (bounds: number[]): number[] => {
      instance.reset();
      const [weights, gradients, state] = [draw(n), draw(n), draw(optimizer.slots.length * n)].map((values) => instance.floats(values));
      const block = instance.floats(parameters);
      for (const [i, from] of bounds.slice(0, -1).entries()) {
        instance.kernels[kernel](bounds[i + 1] - from, weights.at + from * 4, gradients.at + from * 4, state.at + from * 4, block.at, n);
      }
      return [...weights.f32, ...state.f32];
    };
    expect(step([0, 8, 8, 32, 40])).toEqual(step([0, 40]));
  });

  test("sgd does not touch the state", () => {
    instance.reset();
    const state = instance.words(8);
    const before = [...state.u32];
    const ones = new Array<number>(8).fill(1);
    const block = instance.floats([0.1, 0.9, 1, 1, 0]);
    instance.kernels.sgdUpdate(8, instance.floats(ones).at, instance.floats(ones).at, state.at, block.at, 8);
    expect([...state.u32]).toEqual(before);
  });

  test("adam's first step is the learning rate, whatever the gradient's size", () => {
    instance.reset();
    const gradients = [1e-4, -1e-4, 1, -1, 1e4, -1e4, 1e15, -1e15];
    const weights = instance.floats(new Array(8).fill(0));
    const state = instance.floats(new Array(16).fill(0));
    const { parameters } = checkOptimizer("test", "adam").update(1e-3, 1, [1, 1]);
    instance.kernels.adamUpdate(8, weights.at, instance.floats(gradients).at, state.at, instance.floats(parameters).at, 8);
    weights.f32.forEach((w, i) => expect(w / (-1e-3 * Math.sign(gradients[i]))).toBeCloseTo(1, 3));
  });

  describe("clipping", () => {
    function block(values: number[]): Buffer {
      instance.reset();
      return instance.floats(values);
    }

    test("sumOfSquares equals the reference, and takes numbers whose squares f32 cannot hold", () => {
      for (const n of counts) {
        const values = normal(n, sampler(n), 3);
        const x = block(values);
        const total = instance.words(2);
        instance.kernels.sumOfSquares(n, x.at, total.at);
        const expected = values.reduce((s, v) => s + v * v, 0);
        expect(Math.abs(instance.double(total) - expected)).toBeLessThanOrEqual(1e-14 * expected);
        expect(instance.brokenGuard()).toBe(-1);
      }
      const huge = Math.fround(3e38);
      const tiny = 2 ** -149;
      const x = block(new Array<number>(8).fill(huge));
      const total = instance.words(2);
      instance.kernels.sumOfSquares(8, x.at, total.at);
      expect(instance.double(total)).toBe(8 * huge * huge);
      x.f32.fill(tiny);
      instance.kernels.sumOfSquares(8, x.at, total.at);
      expect(instance.double(total)).toBe(8 * tiny * tiny);
      x.f32[2] = NaN;
      instance.kernels.sumOfSquares(8, x.at, total.at);
      expect(instance.double(total)).toBeNaN();
    });

    test("scale multiplies exactly once", () => {
      for (const n of counts) {
        const values = normal(n, sampler(n), 3);
        const x = block(values);
        instance.kernels.scale(n, x.at, instance.floats([0.3]).at);
        expect([...x.f32]).toEqual(values.map((v) => Math.fround(v * Math.fround(0.3))));
        expect(instance.brokenGuard()).toBe(-1);
      }
    });

    test("clipValue keeps what is inside and NaN", () => {
      const x = block([0.25, -0.25, 0.5, -0.5, 0.75, -0.75, Infinity, -Infinity, NaN, -0, 1e-45, 3e38]);
      instance.kernels.clipValue(12, x.at, instance.floats([0.5]).at);
      expect([...x.f32]).toEqual([0.25, -0.25, 0.5, -0.5, 0.5, -0.5, 0.5, -0.5, NaN, -0, 2 ** -149, 0.5]);
      expect(instance.brokenGuard()).toBe(-1);
    });

    test("isFiniteBlock finds one bad number anywhere, or one past a limit", () => {
      const flag = (values: number[], factor = 1): number => {
        const x = block(values);
        const out = instance.words(1);
        instance.kernels.isFiniteBlock(values.length, x.at, out.at, instance.floats([factor]).at);
        expect(instance.brokenGuard()).toBe(-1);
        return out.i32[0];
      };
      for (const n of counts) {
        const good: number[] = Array.from({ length: n }, (_, i) => (i % 2 ? -3.4e38 : i % 3 ? 1e-45 : 3.4e38));
        expect(flag(good)).toBe(1);
        const tame = good.map((value) => value / 2 ** 27);
        expect(flag(tame, 2 ** 26)).toBe(1);
        for (let i = 0; i < n; i++) expect(flag(tame.with(i, -(2 ** 102)), 2 ** 26)).toBe(0);
        for (let i = 0; i < n; i++) for (const bad of [NaN, Infinity, -Infinity]) expect(flag(good.with(i, bad))).toBe(0);
      }
    });
  });
});

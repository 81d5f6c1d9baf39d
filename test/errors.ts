// How far gradients are from the float64 twin, and how far they may be: reliability's bound, max(2 × what float32 reaches, 1e-6).

import { expect } from "vitest";
import { rounded, type Case, type Draw } from "./nets.js";
import type { Run } from "./reference/layers.js";

export const training: Run = { training: true };

/** max|got − want| / max|want|, or the error itself where the reference is all but zero. */
export function relative(got: ArrayLike<number>, want: readonly number[]): number {
  expect(got.length).toBe(want.length);
  return want.reduce((most, value, i) => Math.max(most, Math.abs(got[i] - value)), 0) / largest(want);
}

export const largest = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-12);

/** Roundings to float32: to the nearest, and to one side or the other by chance. Often the first tells how large errors are, in deep nets more are needed. */
export function* roundings(draw: Draw): Generator<(value: number) => number> {
  // Lehmer's generator: one number for each operation of a network should cost little.
  let state = 1 + Math.floor(draw(0, 2 ** 31 - 2));
  const either = (value: number): number => Math.fround(value * (1 + ((state = (state * 48271) % 2147483647) / 2147483647 - 0.5) * 2 ** -23));
  for (let i = 0; i < 16; i++) yield i === 0 ? Math.fround : either;
}

interface Result {
  loss: number;
  gradients: Record<string, ArrayLike<number>>;
}

function ofTwin(twin: Case["twin"], { x, rows, loss }: Case): Result & { gradients: Record<string, number[]> } {
  const { loss: value, input } = twin.backward([...x], rows, loss, training);
  return { loss: value, gradients: Object.fromEntries([["input", input], ...twin.nodes.flatMap(({ gradients }, i) => Object.entries(gradients).map(([name, g]) => [`${i + 1}.${name}`, g]))]) };
}

/**
 * The worst error of loss and gradients in units of what is allowed: 1e-6 of the largest value; or, where terms cancel so that float32 cannot do so well, 1e-6 of
 * the terms' absolute sum, or twice the worst error of the twin with each operation rounded to float32. Where that loses three digits more, there is nothing to see.
 */
export function worstError(made: Case, got: Result, draw: Draw): { share: number; name: string; error: number; seen: number } {
  const { compared, skipped, ...worst } = compare(made, got, draw);
  return { ...worst, seen: compared / (compared + skipped) };
}

/** The same, with how many arrays were compared and how many skipped. */
export function compare(made: Case, got: Result, draw: Draw): { share: number; name: string; error: number; compared: number; skipped: number } {
  const exact = ofTwin(made.twin, made);
  expect(Object.keys(got.gradients).sort()).toEqual(Object.keys(exact.gradients).sort());
  const arrays: Record<string, { got: ArrayLike<number>; want: number[]; bound: number; rough: number }> = { loss: { got: [got.loss], want: [exact.loss], bound: 1e-6, rough: 0 } };
  for (const [name, want] of Object.entries(exact.gradients)) arrays[name] = { got: got.gradients[name], want, bound: 1e-6, rough: 0 };
  for (const [i, { terms }] of made.twin.nodes.entries()) {
    for (const [name, sum] of Object.entries(terms)) if (`${i + 1}.${name}` in arrays) arrays[`${i + 1}.${name}`].bound = Math.max(1e-6, (1e-6 * sum) / largest(exact.gradients[`${i + 1}.${name}`]));
  }
  let worst = { share: Infinity, name: "", error: 0, compared: 0, skipped: 0 };
  for (const round of roundings(draw)) {
    const rough = ofTwin(rounded(made, round), made);
    for (const [name, array] of Object.entries(arrays)) array.rough = Math.max(array.rough, relative(name === "loss" ? [rough.loss] : rough.gradients[name], array.want));
    worst = { share: 0, name: "", error: 0, compared: 0, skipped: 0 };
    for (const [name, { got, want, bound, rough }] of Object.entries(arrays)) {
      const error = relative(got, want);
      const share = error / Math.max(bound, 2 * rough);
      if (rough > 1e-2) {
        worst.skipped += 1;
        continue;
      }
      worst.compared += 1;
      if (!(share <= worst.share)) worst = { ...worst, share, name, error };
    }
    if (worst.share <= 1) break;
  }
  return worst;
}

export function ofNetwork({ network, x, y }: Case): Result {
  const { loss, layers, input } = network.gradients(x, y as Float32Array);
  return { loss, gradients: Object.fromEntries([["input", input], ...layers.flatMap((layer, i) => Object.entries(layer).map(([name, g]) => [`${i + 1}.${name}`, g!]))]) };
}


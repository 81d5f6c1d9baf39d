// What layers in float64 are made of; `round` is applied to every operation.

import { activations, type ActivationId } from "./activations.js";

export type Round = (value: number) => number;

export const filled = (n: number, value: number): number[] => new Array<number>(n).fill(value);
export const rowsOf = (matrix: number[], columns: number): number[][] => Array.from({ length: matrix.length / columns }, (_, r) => matrix.slice(r * columns, (r + 1) * columns));

/**
 * dz of one row. Where operations are rounded, tanh′ and sigmoid′ come from the rounded output as they do in PyTorch, and here: 1 − a² and a (1 − a) lose digits
 * where a is nearly 1.
 */
export function activationBackward(round: Round, id: ActivationId, z: number[], da: number[], negativeSlope: number): number[] {
  if (round(1 / 3) === 1 / 3 || (id !== "tanh" && id !== "sigmoid")) return activations[id].backward(z, da, negativeSlope).map(round);
  const a = activations[id].forward(z, negativeSlope).map(round);
  return a.map((value, i) => round(da[i] * round(id === "tanh" ? 1 - round(value * value) : value * round(1 - value))));
}

export function activate(round: Round, id: ActivationId, negativeSlope = 0.05) {
  let z: number[] = [];
  let columns = 1;
  return {
    forward(input: number[], width: number): number[] {
      [z, columns] = [input, width];
      return rowsOf(z, columns).flatMap((row) => activations[id].forward(row, negativeSlope).map(round));
    },
    backward(da: number[]): number[] {
      const gradients = rowsOf(da, columns);
      return rowsOf(z, columns).flatMap((row, r) => activationBackward(round, id, row, gradients[r], negativeSlope));
    },
    kink: () => Math.min(Infinity, ...activations[id].kinks.flatMap((kink) => z.map((value) => Math.abs(value - kink)))),
  };
}

/** max(z, 0) + slope · min(z, 0) with a slope for each column, which is learned. */
export function prelu(round: Round) {
  let z: number[] = [];
  return {
    forward(input: number[], slopes: number[]): number[] {
      z = input;
      return z.map((value, at) => (value > 0 ? value : round(slopes[at % slopes.length] * value)));
    },
    backward(da: number[], slopes: number[]) {
      const dz = da.map((d, at) => (z[at] > 0 ? d : round(slopes[at % slopes.length] * d)));
      return { dz, slopes: columnSums(round, da.map((d, at) => round(d * Math.min(z[at], 0))), slopes.length) };
    },
    kink: () => Math.min(Infinity, ...z.map(Math.abs)),
  };
}

/** Y = X·W, its gradients and the terms of that of W. */
export function product(round: Round, inputs: number, units: number) {
  let x: number[] = [];
  return {
    forward(input: number[], w: number[], start: number[]): number[] {
      x = input;
      const y: number[] = [];
      for (let r = 0; r < x.length / inputs; r++) {
        for (let j = 0; j < units; j++) {
          let sum = start[j];
          for (let i = 0; i < inputs; i++) sum = round(sum + round(x[r * inputs + i] * w[i * units + j]));
          y.push(sum);
        }
      }
      return y;
    },
    backward(dy: number[], w: number[]): { dx: number[]; dw: number[]; terms: number } {
      const [dx, dw, terms] = [filled(x.length, 0), filled(w.length, 0), filled(w.length, 0)];
      for (let r = 0; r < x.length / inputs; r++) {
        for (let i = 0; i < inputs; i++) {
          for (let j = 0; j < units; j++) {
            const value = x[r * inputs + i];
            const d = dy[r * units + j];
            dw[i * units + j] = round(dw[i * units + j] + round(value * d));
            terms[i * units + j] += Math.abs(value * d);
            dx[r * inputs + i] = round(dx[r * inputs + i] + round(d * w[i * units + j]));
          }
        }
      }
      return { dx, dw, terms: terms.reduce((most, term) => Math.max(most, term), 0) };
    },
  };
}

/** Σ over the rows, column by column, and the largest sum of absolute values. */
export function columnSums(round: Round, matrix: number[], columns: number): { sums: number[]; terms: number } {
  const [sums, terms] = [filled(columns, 0), filled(columns, 0)];
  matrix.forEach((value, at) => {
    sums[at % columns] = round(sums[at % columns] + value);
    terms[at % columns] += Math.abs(value);
  });
  return { sums, terms: Math.max(...terms) };
}

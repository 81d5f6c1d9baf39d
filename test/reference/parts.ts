// What layers in float64 are made of; `round` is applied to every operation.

import { activations, type ActivationId } from "./activations.js";

export type Round = (value: number) => number;

export const filled = (n: number, value: number): number[] => new Array<number>(n).fill(value);
export const rowsOf = (matrix: number[], columns: number): number[][] => Array.from({ length: matrix.length / columns }, (_, r) => matrix.slice(r * columns, (r + 1) * columns));

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
      return rowsOf(z, columns).flatMap((row, r) => activations[id].backward(row, gradients[r], negativeSlope).map(round));
    },
    kink: () => Math.min(Infinity, ...activations[id].kinks.flatMap((kink) => z.map((value) => Math.abs(value - kink)))),
  };
}

/** Y = X·W, its gradients and the terms of that of W. */
export function product(round: Round, inputs: number, units: number) {
  let x: number[] = [];
  return {
    forward(input: number[], w: number[], start: number[]): number[] {
      x = input;
      return rowsOf(x, inputs).flatMap((row) => Array.from({ length: units }, (_, j) => row.reduce((sum, value, i) => round(sum + round(value * w[i * units + j])), start[j])));
    },
    backward(dy: number[], w: number[]): { dx: number[]; dw: number[]; terms: number } {
      const [dx, dw, terms] = [filled(x.length, 0), filled(w.length, 0), filled(w.length, 0)];
      for (let r = 0; r < x.length / inputs; r++) {
        for (let i = 0; i < inputs; i++) {
          for (let j = 0; j < units; j++) {
            const [value, d] = [x[r * inputs + i], dy[r * units + j]];
            dw[i * units + j] = round(dw[i * units + j] + round(value * d));
            terms[i * units + j] += Math.abs(value * d);
            dx[r * inputs + i] = round(dx[r * inputs + i] + round(d * w[i * units + j]));
          }
        }
      }
      return { dx, dw, terms: Math.max(...terms) };
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

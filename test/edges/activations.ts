// Activation kernels at every size that has an edge: whatever the stride, in place or not, each row is what it is alone, and nothing else is written.

import { activationRow, activationTable, type LayerActivationId } from "../../src/activations.js";
import { call, type Call } from "../../src/program.js";
import { booleans, type Bench } from "./matrix.js";
import { padded } from "./products.js";
import { columnCounts, panelStrides, rowCounts, MC } from "./sizes.js";
import type { Stage } from "./stage.js";

export const activations = [...Object.keys(activationTable), "prelu"] as LayerActivationId[];

/** Numbers of all sizes that activations tell apart, the same at the same place. */
export const numbers = (length: number, seed: number): Float32Array => Float32Array.from({ length }, (_, i) => Math.sin(i * 12.9898 + seed) * [0.4, 3, 9][i % 3]);

/** The block an activation reads its numbers from. */
export function parametersOf(stage: Stage, id: LayerActivationId, ld: number): number {
  const values = Object.values(activationRow(id).options).map((option) => option.default);
  return id === "prelu" ? stage.matrix(1, ld, ld, 0, new Float32Array(ld).fill(values[0])) : stage.matrix(1, values.length, values.length, 0, values);
}

export function edgesOfActivations(bench: Bench): void {
  const { build, stage } = bench;
  const rowsOf = rowCounts(build).filter((m) => m <= MC), most = Math.max(...rowsOf);
  for (const id of activations) {
    for (const suffix of ["Forward", "Backward", "Derivative"] as const) {
      const kernel = `${id}${suffix}` as const;
      if (!(kernel in stage.kernels)) continue;
      for (const n of columnCounts) {
        const x = numbers(most * n, n), da = numbers(most * n, n + 0.5), width = padded(n);
        /** `rows` rows of x from `first` on; gives where the result lies. */
        const run = (first: number, rows: number, ld: number, inPlace: boolean): number => {
          const part = (values: Float32Array) => values.subarray(first * n, (first + rows) * n);
          const from = stage.matrix(rows, n, ld, 0, part(x)), parameters = parametersOf(stage, id, ld);
          const gradient = suffix === "Backward" ? stage.matrix(rows, n, ld, 0, part(da)) : from;
          const to = inPlace ? gradient : stage.matrix(rows, ld);
          if (suffix === "Backward") stage.expect(gradient + n * 4, rows, width - n, ld, new Float32Array(rows * (width - n)));
          stage.load();
          bench.run((suffix === "Backward" ? call(kernel, rows, n, ld, from, gradient, to, parameters) : call(kernel, rows, n, ld, from, to, parameters)) as Call);
          // Padding is the kernels' own.
          for (const matrix of [from, gradient, to]) stage.ignore(matrix, rows, n, ld, ld);
          return to;
        };
        const alone = new Float32Array(most * n);
        for (let r = 0; r < most; r++) {
          stage.clear(0);
          alone.set(stage.read(run(r, 1, width, false), 1, n, width), r * n);
        }
        for (const m of rowsOf) {
          for (const ld of panelStrides(n)) {
            for (const inPlace of booleans) {
              if (!bench.takes(1)) continue;
              stage.clear(bench.cases);
              stage.expect(run(0, m, ld, inPlace), m, n, ld, alone.subarray(0, m * n));
              bench.check({ kernel, m, n, ld, inPlace });
            }
          }
        }
      }
    }
  }
}

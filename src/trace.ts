// Every intermediate array of a forward pass, for looking inside.

import type { Rows } from "./check.js";
import type { Model } from "./model.js";
import { Arena } from "./arena.js";
import { recordForward } from "./plan.js";
import { Program } from "./program.js";

/** Arrays by layer number, each rows × units; index 0 is the input. z[l] is what layer l's activation was applied to; undefined where it has none. */
export interface Trace {
  z: (Float32Array | undefined)[];
  a: Float32Array[];
}

/** @internal */
export function traceForward({ lease, stack, inputs }: Model, { data, rows }: Rows, where: string): Trace {
  const { backend, layers } = stack;
  return lease.sublet((own) => {
    try {
      const x = own.allocate(rows * inputs * 4, where);
      const program = new Program(backend);
      const places = recordForward(stack, program, new Arena(own, rows, false, where), x, "trace");
      program.write(own, rows, where);
      const compact = own.allocate(rows * Math.max(...layers.map(({ units, inputs: columns }) => Math.max(units, columns))) * 4, where);
      backend.linear.f32(x, data.length).set(data);
      program.run(rows);
      const copy = (pointer: number, ld: number, columns: number) => {
        backend.kernels.call("copyRows", rows, columns, pointer, ld, compact, columns);
        return backend.linear.f32(compact, rows * columns).slice();
      };
      return {
        z: [undefined, ...places.map(({ z }, i) => z && copy(z.pointer, z.ld, layers[i].units))],
        a: [data.slice(), ...places.map(({ a }, i) => copy(a.pointer, a.ld, layers[i].units))],
      };
    } finally {
      own.dispose();
    }
  });
}

// The one loop of the activations that are given as a function in f64, two lanes at a time. Slower than a loop of its own (2 to 5 ns an element), but an
// activation is then no more than its f and f′.

import { clearPadding, demote, highPair, lowPair } from "./row";

/** f or f′ of two numbers. */
export type Core = (x: v128, parameters: usize) => v128;

/** out = f(x), or f(x) · da unless `da` is 0, rounded once. x, da, out: rows · ld floats; out may be x or da. */
// @ts-ignore: decorator
@noinline
export function apply(rows: i32, ld: i32, x: usize, da: usize, out: usize, parameters: usize, f: Core): void {
  for (const end = x + (<usize>rows * <usize>ld << 2); x < end; x += 16, out += 16) {
    const v = v128.load(x);
    let low = f(lowPair(v), parameters), high = f(highPair(v), parameters);
    if (da) {
      const d = v128.load(da);
      low = f64x2.mul(low, lowPair(d));
      high = f64x2.mul(high, highPair(d));
      da += 16;
    }
    v128.store(out, demote(low, high));
  }
}

/** dz = da · f′(x), rounded once; f′ is given. x, da, dz: [rows × columns], ld floats a row; dz may be da. Padding of dz is set to zero. */
// @ts-ignore: decorator
@noinline
export function chain(rows: i32, columns: i32, ld: i32, x: usize, da: usize, dz: usize, parameters: usize, f: Core): void {
  apply(rows, ld, x, da, dz, parameters, f);
  clearPadding(rows, columns, ld, dz);
}

// The cores of assembly/ that no activation exports as they are, as kernels like an activation's forward.
import { apply } from "../assembly/elementwise";
import * as math from "../assembly/math";
import { bounded, exp64, expm164, normal64 } from "../assembly/math64";

export function exp(rows: i32, columns: i32, ld: i32, z: usize, a: usize, parameters: usize): void {
  for (const end = z + (<usize>rows * <usize>ld << 2); z < end; z += 16, a += 16) v128.store(a, math.exp(v128.load(z)));
}

export function log(rows: i32, columns: i32, ld: i32, z: usize, a: usize, parameters: usize): void {
  for (const end = z + (<usize>rows * <usize>ld << 2); z < end; z += 16, a += 16) v128.store(a, math.log(v128.load(z)));
}

export function log1p(rows: i32, columns: i32, ld: i32, z: usize, a: usize, parameters: usize): void {
  for (const end = z + (<usize>rows * <usize>ld << 2); z < end; z += 16, a += 16) v128.store(a, math.log1p(v128.load(z)));
}

function expm1Pair(x: v128, parameters: usize): v128 {
  return expm164(x);
}

export function expm1(rows: i32, columns: i32, ld: i32, z: usize, a: usize, parameters: usize): void {
  apply(rows, ld, z, 0, a, parameters, expm1Pair);
}

function normalPair(x: v128, parameters: usize): v128 {
  const c = bounded(x, 200);
  return normal64(c, exp64(f64x2.mul(c, f64x2.mul(c, f64x2.splat(-0.5)))));
}

/** Φ, the normal distribution: (1 + erf(z / √2)) / 2. */
export function normal(rows: i32, columns: i32, ld: i32, z: usize, a: usize, parameters: usize): void {
  apply(rows, ld, z, 0, a, parameters, normalPair);
}

// Linear activation: the identity. Exact, every bit pattern kept.
import { clearPadding } from "../row";

/** a = z. z, a: [rows × columns], ld floats a row; may be the same buffer. */
export function linearForward(rows: i32, columns: i32, ld: i32, z: usize, a: usize, parameters: usize): void {
  if (z != a) copy(z, a, <usize>rows * <usize>ld << 2);
}

/** dz = da; x is not read. da, dz: [rows × columns], ld floats a row; dz may be da. Padding of dz is set to zero. */
export function linearBackward(rows: i32, columns: i32, ld: i32, x: usize, da: usize, dz: usize, parameters: usize): void {
  if (da != dz) copy(da, dz, <usize>rows * <usize>ld << 2);
  clearPadding(rows, columns, ld, dz);
}

/** out = 1, for every z, NaN too. out: [rows × columns], ld floats a row; may be z. */
export function linearDerivative(rows: i32, columns: i32, ld: i32, z: usize, out: usize, parameters: usize): void {
  const one = f32x4.splat(1);
  const bytes = <usize>rows * <usize>ld << 2;
  for (let i: usize = 0; i < bytes; i += 16) v128.store(out + i, one);
}

function copy(from: usize, to: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 32) {
    const x0 = v128.load(from + i), x1 = v128.load(from + i, 16);
    v128.store(to + i, x0);
    v128.store(to + i, x1, 16);
  }
}

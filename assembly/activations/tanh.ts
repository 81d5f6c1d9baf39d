// Hyperbolic tangent.
import { tanh, tanhPrime } from "../math";
import { clearPadding, demote, highPair, lowPair } from "../row";
import { madd } from "../simd";

/** Read, for an engine rebuilds a splat in every turn of a loop. */
const ONE = memory.data<f64>([1, 1], 16);

/**
 * a = tanh z. z, a: [rows × columns], ld floats a row; may be the same buffer.
 * Accuracy, special values and source: `tanh` in math.ts.
 */
export function tanhForward(rows: i32, columns: i32, ld: i32, z: usize, a: usize, parameters: usize): void {
  const bytes = <usize>rows * <usize>ld << 2;
  for (let i: usize = 0; i < bytes; i += 32) {
    const x0 = v128.load(z + i), x1 = v128.load(z + i, 16);
    v128.store(a + i, tanh(x0));
    v128.store(a + i, tanh(x1), 16);
  }
}

// @ts-ignore: decorator
@inline
function gradient(a: v128, da: v128): v128 {
  // In f32 1 − a² would be three roundings, as a product one more: through 32 layers, gradients a tenth worse (DESIGN.md, "Gradients against PyTorch").
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.mul(da, madd(f32x4.neg(a), a, f32x4.splat(1)));
  return demote(slope(lowPair(a), lowPair(da)), slope(highPair(a), highPair(da)));
}

/** da (1 − a²). */
// @ts-ignore: decorator
@inline
function slope(a: v128, da: v128): v128 {
  return f64x2.mul(da, f64x2.sub(v128.load(ONE), f64x2.mul(a, a)));
}

/**
 * dz = da · (1 − a²). a, da, dz: [rows × columns], ld floats a row; dz may be da. Padding of dz is set to zero.
 * Exact for the given a but for one rounding, of dz; relaxed: 1 − a² within 2^-24 of the derivative at the given a, its peak being 1. NaN in a or da → NaN.
 */
export function tanhBackward(rows: i32, columns: i32, ld: i32, a: usize, da: usize, dz: usize, parameters: usize): void {
  const bytes = <usize>rows * <usize>ld << 2;
  for (let i: usize = 0; i < bytes; i += 32) {
    const x0 = v128.load(a + i), x1 = v128.load(a + i, 16);
    const d0 = v128.load(da + i), d1 = v128.load(da + i, 16);
    v128.store(dz + i, gradient(x0, d0));
    v128.store(dz + i, gradient(x1, d1), 16);
  }
  clearPadding(rows, columns, ld, dz);
}

/**
 * out = f′(z) = 1 − tanh² z, from the input. z, out: [rows × columns], ld floats a row; may be the same buffer.
 * Accuracy, special values and source: `tanhPrime` in math.ts.
 */
export function tanhDerivative(rows: i32, columns: i32, ld: i32, z: usize, out: usize, parameters: usize): void {
  const bytes = <usize>rows * <usize>ld << 2;
  for (let i: usize = 0; i < bytes; i += 32) {
    const x0 = v128.load(z + i), x1 = v128.load(z + i, 16);
    v128.store(out + i, tanhPrime(x0));
    v128.store(out + i, tanhPrime(x1), 16);
  }
}

import { exp, log1p } from "../math";
import { highPair, laneMask, lowPair, sumPairs } from "../row";
import { madd } from "../simd";

// x, target, gradient: [rows × columns], ld floats from row to row; gradient may be x or 0 (not written). Targets lie in [0, 1].
// The terms of a row are f32, summed in f64. Padding of x and target never counts; padding of the gradient becomes 0.

// 1, the sign bit
const CONSTANTS: usize = memory.data<f32>([1, 1, 1, 1, -0.0, -0.0, -0.0, -0.0], 16);

/**
 * Binary crossentropy of logits z. total = Σ max(z, 0) − z y + log1p(exp(−|z|)), gradient = (sigmoid(z) − y) / parameters[0].
 *
 * With e = exp(−|z|), and s = 1 − y, t = y for z ≥ 0, the two swapped for z < 0, the term is |z| s + log1p(e) and the gradient
 * ±(s − t e) / (1 + e), its sign that of z: nothing cancels for hard targets, and a term is finite for every finite z.
 * Accuracy: total 4 ULP; gradient 4 ULP for y = 0 or 1, else 4 ULP of 1. Specials: NaN gives NaN, and so does z = ±∞ on its target's side.
 * Source: PyTorch `BCEWithLogitsLoss`, summed; the regrouping is ours.
 */
export function binaryCrossentropyFromLogits(
  rows: i32, columns: i32, ld: i32, x: usize, target: usize, gradient: usize, total: usize, parameters: usize,
): void {
  const scale = f32x4.splat(1 / load<f32>(parameters));
  const stride = (<usize>ld) << 2;
  let sum: f64 = 0;
  for (let r = 0; r < rows; r++) {
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    for (let c = 0; c < ld; c += 4) {
      const at = (<usize>c) << 2;
      const mask = laneMask(columns - c);
      const one = v128.load(CONSTANTS);
      const z = v128.load(x + at);
      const y = v128.load(target + at);
      const u = f32x4.sub(one, y);
      const negative = i32x4.shr_s(z, 31);
      const s = v128.bitselect(y, u, negative);
      const size = f32x4.abs(z);
      const e = exp(f32x4.neg(size));
      const term = v128.and(madd(size, s, log1p(e)), mask);
      low = f64x2.add(low, lowPair(term));
      high = f64x2.add(high, highPair(term));
      if (gradient) {
        const t = v128.bitselect(u, y, negative);
        const sign = v128.and(z, v128.load(CONSTANTS, 16));
        const slope = f32x4.div(f32x4.sub(s, f32x4.mul(t, e)), f32x4.add(one, e));
        v128.store(gradient + at, v128.and(f32x4.mul(v128.xor(slope, sign), scale), mask));
      }
    }
    sum += sumPairs(low, high);
    x += stride;
    target += stride;
    if (gradient) gradient += stride;
  }
  store<f64>(total, sum);
}

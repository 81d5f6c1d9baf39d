import { exp, log1p } from "../math";
import { highPair, laneMask, lowPair, rowMaximum, sumPairs } from "../row";
import { madd } from "../simd";

// x, target, gradient: [rows × columns], ld floats from row to row; gradient may be x or 0 (not written). Targets are ≥ 0 and need
// not sum to 1. Sums within a row are f64. Padding of x and target never counts; padding of the gradient becomes 0.

/**
 * Crossentropy of logits z. total = Σ y (ln Σ exp(z) − z), gradient = (softmax(z) Σ y − y) / parameters[0].
 *
 * Per row, with m the largest logit and s = Σ exp(z − m) ≥ 1: the loss is log1p(s − 1) Σ y + Σ y (m − z), so it is finite for finite
 * logits of any size and keeps its digits when one class is nearly certain. A class with y = 0 adds nothing even at z = −∞.
 * Accuracy: z − m is rounded to f32, so with d the largest m − z a row is within (4 + d / 2) ULP, and columns · 2⁻⁵³; the gradient
 * within 4 ULP of Σ y. Specials: NaN or +∞ in a row, or nothing but −∞, makes its loss and gradient NaN.
 * Source: PyTorch `CrossEntropyLoss` with class probabilities, summed.
 */
export function categoricalCrossentropyFromLogits(
  rows: i32, columns: i32, ld: i32, x: usize, target: usize, gradient: usize, total: usize, parameters: usize,
): void {
  const scale = f32x4.splat(1 / load<f32>(parameters));
  const zero = f32x4.splat(0);
  const stride = (<usize>ld) << 2;
  let sum: f64 = 0;
  for (let r = 0; r < rows; r++) {
    const most = f32x4.splat(rowMaximum(x, columns, ld));
    const wide = lowPair(most);
    let partLow = zero;
    let partHigh = zero;
    let weightLow = zero;
    let weightHigh = zero;
    let gapLow = zero;
    let gapHigh = zero;
    for (let c = 0; c < ld; c += 4) {
      const at = (<usize>c) << 2;
      const mask = laneMask(columns - c);
      const z = v128.load(x + at);
      const y = v128.and(v128.load(target + at), mask);
      const e = v128.and(exp(f32x4.sub(z, most)), mask);
      partLow = f64x2.add(partLow, lowPair(e));
      partHigh = f64x2.add(partHigh, highPair(e));
      const a = lowPair(y);
      const b = highPair(y);
      weightLow = f64x2.add(weightLow, a);
      weightHigh = f64x2.add(weightHigh, b);
      const counted = v128.bitselect(z, most, f32x4.ne(y, zero));
      gapLow = f64x2.add(gapLow, f64x2.mul(a, f64x2.sub(wide, lowPair(counted))));
      gapHigh = f64x2.add(gapHigh, f64x2.mul(b, f64x2.sub(wide, highPair(counted))));
      // Kept for the second pass; in place this is the last time z is needed.
      if (gradient) v128.store(gradient + at, e);
    }
    const part = sumPairs(partLow, partHigh);
    const weight = sumPairs(weightLow, weightHigh);
    const logarithm = f32x4.extract_lane(log1p(f32x4.splat(<f32>(part - 1))), 0);
    sum += <f64>logarithm * weight + sumPairs(gapLow, gapHigh);
    if (gradient) {
      const share = f32x4.splat(<f32>(weight / part));
      for (let c = 0; c < ld; c += 4) {
        const at = (<usize>c) << 2;
        const slope = madd(v128.load(gradient + at), share, f32x4.neg(v128.load(target + at)));
        v128.store(gradient + at, v128.and(f32x4.mul(slope, scale), laneMask(columns - c)));
      }
      gradient += stride;
    }
    x += stride;
    target += stride;
  }
  store<f64>(total, sum);
}

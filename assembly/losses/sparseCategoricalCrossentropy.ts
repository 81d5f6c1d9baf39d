import { exp, log1p } from "../math";
import { fillRow, highPair, laneMask, lowPair, rowMaximum, sumPairs } from "../row";

// x, gradient: [rows × columns], ld floats from row to row; target: one i32 class number t a row. gradient may be x or 0 (not written).
// Padding of x never counts; padding of the gradient becomes 0. A class number outside 0 … columns − 1 makes the loss and the row's gradient NaN.

/**
 * Crossentropy of logits z. total = Σ ln Σ exp(z) − z[t], gradient = (softmax(z) − [column = t]) / parameters[0].
 *
 * Per row, with m the largest logit and s = Σ exp(z − m) ≥ 1, summed in f64: the loss is log1p(s − 1) + (m − z[t]), so it is finite for
 * finite logits of any size and keeps its digits when one class is nearly certain; so does the gradient at t, (exp(z[t] − m) − s) / s, in f64.
 * Accuracy: z − m is rounded to f32, so with d the largest m − z a row's loss and gradient are within (4 + d / 2) ULP, and columns · 2⁻⁵³.
 * Specials: NaN or +∞ in a row, or nothing but −∞, makes its loss and gradient NaN. Source: PyTorch `CrossEntropyLoss`, summed.
 */
export function sparseCategoricalCrossentropyFromLogits(
  rows: i32, columns: i32, ld: i32, x: usize, target: usize, gradient: usize, total: usize, parameters: usize,
): void {
  const divisor = load<f32>(parameters);
  const stride = (<usize>ld) << 2;
  let sum: f64 = 0;
  for (let r = 0; r < rows; r++, x += stride, target += 4) {
    const t = load<i32>(target);
    if (<u32>t >= <u32>columns) {
      sum = NaN;
      if (gradient) {
        fillRow(gradient, columns, ld, NaN);
        gradient += stride;
      }
      continue;
    }
    const most = rowMaximum(x, columns, ld);
    const chosen = load<f32>(x + ((<usize>t) << 2));
    const shift = f32x4.splat(most);
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    for (let c = 0; c < ld; c += 4) {
      const at = (<usize>c) << 2;
      const e = v128.and(exp(f32x4.sub(v128.load(x + at), shift)), laneMask(columns - c));
      low = f64x2.add(low, lowPair(e));
      high = f64x2.add(high, highPair(e));
      if (gradient) v128.store(gradient + at, e);
    }
    const part = sumPairs(low, high);
    sum += <f64>f32x4.extract_lane(log1p(f32x4.splat(<f32>(part - 1))), 0) + (<f64>most - <f64>chosen);
    if (gradient) {
      const cell = gradient + ((<usize>t) << 2);
      const atClass = (<f64>load<f32>(cell) - part) / (part * <f64>divisor);
      const share = f32x4.splat(<f32>(1 / (part * <f64>divisor)));
      for (let c = 0; c < ld; c += 4) {
        const at = (<usize>c) << 2;
        v128.store(gradient + at, v128.and(f32x4.mul(v128.load(gradient + at), share), laneMask(columns - c)));
      }
      store<f32>(cell, <f32>atClass);
      gradient += stride;
    }
  }
  store<f64>(total, sum);
}

// Losses of the distribution softmax(z), taken from the logits z = x.
//
// x, gradient: [rows × columns], ld floats from row to row; gradient may be x or 0 (not written). total and gradient of row r are times w[r], rowWeights being one
// f32 a row, or 0 for 1 everywhere; the gradient is divided by parameters[0]. Sums within a row are f64. Padding never counts; that of the gradient becomes 0.
//
// Per row, with m the largest logit and s = Σ exp(z − m) ≥ 1, −ln softmax(z) is log1p(s − 1) + (m − z): finite for finite logits of any size, and it keeps its
// digits when one class is nearly certain. z − m is rounded to f32. NaN or +∞ in a row, or nothing but −∞, makes its loss and gradient NaN.

import { exp, log1p } from "../cores";
import { clearPadding, fillRow, highPair, laneMask, lowPair, rowMaximum, rowWeight, sumPairs } from "../row";
import { madd } from "../simd";

// 1, the largest f32
const CONSTANTS: usize = memory.data<f32>([1, 1, 1, 1, 3.4028235e38, 3.4028235e38, 3.4028235e38, 3.4028235e38], 16);

function largest(row: usize, columns: i32, ld: i32): f32 {
  return rowMaximum(row, columns, ld);
}

/** s of a row; its terms go to `out`, which may be the row, unless that is 0. */
function exponentials(row: usize, out: usize, columns: i32, most: f32): f64 {
  const shift = f32x4.splat(most);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let c = 0; c < columns; c += 4) {
    const at = (<usize>c) << 2;
    const e = v128.and(exp(f32x4.sub(v128.load(row + at), shift)), laneMask(columns - c));
    low = f64x2.add(low, lowPair(e));
    high = f64x2.add(high, highPair(e));
    if (out) v128.store(out + at, e);
  }
  return sumPairs(low, high);
}

/** log1p(s − 1) */
function logarithm(s: f64): f64 {
  return <f64>f32x4.extract_lane(log1p(f32x4.splat(<f32>(s - 1))), 0);
}

/** Loss of dense targets, [rows × columns] like x, y ≥ 0, which need not sum to 1; minus their entropy if `divergence`. ε = parameters[1] goes evenly to all classes. */
function dense(
  divergence: bool, rows: i32, columns: i32, ld: i32, x: usize, target: usize, gradient: usize, total: usize, parameters: usize, rowWeights: usize,
): void {
  const divisor = load<f32>(parameters);
  const smoothing = load<f32>(parameters, 4);
  const kept = f32x4.splat(1 - smoothing);
  const spread = f32x4.splat(smoothing / <f32>columns);
  const zero = f32x4.splat(0);
  const stride = (<usize>ld) << 2;
  let sum: f64 = 0;
  for (let r = 0; r < rows; r++) {
    const most = f32x4.splat(largest(x, columns, ld));
    const wide = lowPair(most);
    let massLow = zero;
    let massHigh = zero;
    let gapLow = zero;
    let gapHigh = zero;
    for (let c = 0; c < columns; c += 4) {
      const at = (<usize>c) << 2;
      const y = v128.and(madd(v128.load(target + at), kept, spread), laneMask(columns - c));
      const a = lowPair(y);
      const b = highPair(y);
      massLow = f64x2.add(massLow, a);
      massHigh = f64x2.add(massHigh, b);
      // A class with y = 0 adds nothing, even at z = −∞.
      const counted = v128.bitselect(v128.load(x + at), most, f32x4.ne(y, zero));
      let low = f64x2.sub(wide, lowPair(counted));
      let high = f64x2.sub(wide, highPair(counted));
      if (divergence) {
        // −ln y = ln(1 + (1 − y) / y), finite at 0
        const l = log1p(f32x4.pmin(f32x4.div(f32x4.sub(v128.load(CONSTANTS), y), y), v128.load(CONSTANTS, 16)));
        low = f64x2.sub(low, lowPair(l));
        high = f64x2.sub(high, highPair(l));
      }
      gapLow = f64x2.add(gapLow, f64x2.mul(a, low));
      gapHigh = f64x2.add(gapHigh, f64x2.mul(b, high));
    }
    const mass = sumPairs(massLow, massHigh);
    const part = exponentials(x, gradient, columns, f32x4.extract_lane(most, 0));
    const weight = rowWeight(rowWeights, r);
    sum += <f64>weight * (logarithm(part) * mass + sumPairs(gapLow, gapHigh));
    if (gradient) {
      const share = f32x4.splat(<f32>(mass / part));
      const scale = f32x4.splat(weight / divisor);
      for (let c = 0; c < columns; c += 4) {
        const at = (<usize>c) << 2;
        const slope = madd(v128.load(gradient + at), share, f32x4.neg(madd(v128.load(target + at), kept, spread)));
        v128.store(gradient + at, f32x4.mul(slope, scale));
      }
      gradient += stride;
    }
    x += stride;
    target += stride;
  }
  if (gradient) clearPadding(rows, columns, ld, gradient - <usize>rows * stride);
  store<f64>(total, sum);
}

/**
 * Crossentropy: ℓ = Σ −y ln softmax(z), ∂ℓ/∂z = softmax(z) Σ y − y, with y (1 − ε) + ε / columns for y in [0, 1], ε = parameters[1].
 * Accuracy: with d the largest m − z a row is within (4 + d / 2) ULP, and columns · 2⁻⁵³; the gradient within 4 ULP of Σ y.
 * Source: PyTorch `CrossEntropyLoss` with class probabilities, summed.
 */
export function categoricalCrossentropyFromLogitsLoss(
  rows: i32, columns: i32, ld: i32, x: usize, target: usize, gradient: usize, total: usize, parameters: usize, rowWeights: usize,
): void {
  dense(false, rows, columns, ld, x, target, gradient, total, parameters, rowWeights);
}

/**
 * Kullback-Leibler divergence: ℓ = Σ y (ln y − ln softmax(z)), 0 where y is; the gradient is that of the crossentropy. parameters[1] must be 0.
 * Accuracy: as the crossentropy, in ULP of Σ y |ln y| + Σ y |ln softmax(z)|. Source: PyTorch `KLDivLoss`, summed.
 */
export function klDivergenceFromLogitsLoss(
  rows: i32, columns: i32, ld: i32, x: usize, target: usize, gradient: usize, total: usize, parameters: usize, rowWeights: usize,
): void {
  dense(true, rows, columns, ld, x, target, gradient, total, parameters, rowWeights);
}

/**
 * Crossentropy of class numbers, one i32 t a row: ℓ = −ln softmax(z)[t], ∂ℓ/∂z = softmax(z) − [column = t]; with ε = parameters[1] the class has the target
 * 1 − ε + ε / columns and every other one ε / columns. A class number outside 0 … columns − 1 makes the loss and the row's gradient NaN.
 *
 * Without ε the gradient at t, (exp(z[t] − m) − s) / s in f64, keeps its digits when the class is nearly certain.
 * Accuracy: with d the largest m − z a row's loss, and without ε its gradient, is within (4 + d / 2) ULP, and columns · 2⁻⁵³; with ε the gradient is within
 * 4 ULP of 1. Source: PyTorch `CrossEntropyLoss`, summed.
 */
export function sparseCategoricalCrossentropyFromLogitsLoss(
  rows: i32, columns: i32, ld: i32, x: usize, target: usize, gradient: usize, total: usize, parameters: usize, rowWeights: usize,
): void {
  const divisor = <f64>load<f32>(parameters);
  const smoothing = <f64>load<f32>(parameters, 4);
  const spread = smoothing / <f64>columns;
  const kept = 1 - smoothing;
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
    const most = largest(x, columns, ld);
    let gap = kept * (<f64>most - <f64>load<f32>(x + ((<usize>t) << 2)));
    if (smoothing) for (let c = 0; c < columns; c++) gap += spread * (<f64>most - <f64>load<f32>(x + ((<usize>c) << 2)));
    const part = exponentials(x, gradient, columns, most);
    const weight = <f64>rowWeight(rowWeights, r);
    sum += weight * (logarithm(part) + gap);
    if (gradient) {
      const cell = gradient + ((<usize>t) << 2);
      const atClass = weight * (<f64>load<f32>(cell) - part * (kept + spread)) / (part * divisor);
      const share = f32x4.splat(<f32>(weight / (part * divisor)));
      const less = f32x4.splat(<f32>(weight * spread / divisor));
      for (let c = 0; c < columns; c += 4) {
        const at = (<usize>c) << 2;
        v128.store(gradient + at, f32x4.sub(f32x4.mul(v128.load(gradient + at), share), less));
      }
      store<f32>(cell, <f32>atClass);
      gradient += stride;
    }
  }
  if (gradient) clearPadding(rows, columns, ld, gradient - <usize>rows * stride);
  store<f64>(total, sum);
}

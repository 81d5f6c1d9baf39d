// Layers that bring values to mean 0 and variance 1: forward and backward side by side.
//
// x, a, da, dx: [rows × columns], ld floats from row to row, ld a multiple of 8; a may be x, dx may be da. Variances are divided by the count.
// `affine` points to γ, then β, ld floats each; `affineGradient` to theirs. Padding of γ and β is 0, so it is in a, and in dx if it is in da.
// Sums run in an order that depends on the length alone. Only `madd` may be fused. NaN or ∞ in a row (layer) or column (batch) makes all of it NaN.

import { laneMask } from "../row";
import { madd } from "../simd";

/** The sum of the lanes, in a fixed order. */
// @ts-ignore: decorator
@inline
function laneSum(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

/**
 * a = γ (x − mean) / √(variance + ε) + β, mean and variance over a row; parameters[0] = ε.
 * `statistics`: [rows × 8] floats, of which mean and 1 / √(variance + ε) are written for each row; or 0. Source: Ba, Kiros, Hinton: Layer Normalization (2016).
 */
export function layerNormalizationApply(rows: i32, columns: i32, ld: i32, x: usize, a: usize, statistics: usize, affine: usize, parameters: usize): void {
  const epsilon = load<f32>(parameters), beta = affine + (<usize>ld << 2), n = <f32>columns;
  for (let r = 0; r < rows; r++) {
    let sum = f32x4.splat(0);
    for (let c = 0; c < columns; c += 4) sum = f32x4.add(sum, v128.and(v128.load(x + (<usize>c << 2)), laneMask(columns - c)));
    const mean = laneSum(sum) / n, means = f32x4.splat(mean);
    let squares = f32x4.splat(0);
    for (let c = 0; c < columns; c += 4) {
      const d = v128.and(f32x4.sub(v128.load(x + (<usize>c << 2)), means), laneMask(columns - c));
      squares = f32x4.add(squares, f32x4.mul(d, d));
    }
    const scale: f32 = 1 / sqrt<f32>(laneSum(squares) / n + epsilon), scales = f32x4.splat(scale);
    if (statistics) {
      store<f32>(statistics, mean);
      store<f32>(statistics, scale, 4);
      statistics += 32;
    }
    for (let c = 0; c < ld; c += 4) {
      const at = <usize>c << 2, d = v128.and(f32x4.sub(v128.load(x + at), means), laneMask(columns - c));
      v128.store(a + at, madd(f32x4.mul(d, scales), v128.load(affine + at), v128.load(beta + at)));
    }
    x += <usize>ld << 2;
    a += <usize>ld << 2;
  }
}

/** dx = s (g − mean(g) − x̂ mean(g x̂)), g = γ da, x̂ = (x − mean) s, over each row; s and mean from `statistics`. */
export function layerNormalizationInputGradient(rows: i32, columns: i32, ld: i32, x: usize, da: usize, dx: usize, statistics: usize, gamma: usize): void {
  const n = <f32>columns;
  for (let r = 0; r < rows; r++, statistics += 32) {
    const means = v128.load32_splat(statistics), scales = v128.load32_splat(statistics, 4);
    let first = f32x4.splat(0), second = f32x4.splat(0);
    for (let c = 0; c < ld; c += 4) {
      const at = <usize>c << 2, mask = laneMask(columns - c), g = v128.and(f32x4.mul(v128.load(gamma + at), v128.load(da + at)), mask);
      const xhat = v128.and(f32x4.mul(f32x4.sub(v128.load(x + at), means), scales), mask);
      first = f32x4.add(first, g);
      second = f32x4.add(second, f32x4.mul(g, xhat));
    }
    const meanG = f32x4.splat(laneSum(first) / n), meanGx = f32x4.splat(laneSum(second) / n);
    for (let c = 0; c < ld; c += 4) {
      const at = <usize>c << 2, g = f32x4.mul(v128.load(gamma + at), v128.load(da + at));
      const xhat = f32x4.mul(f32x4.sub(v128.load(x + at), means), scales);
      v128.store(dx + at, v128.and(f32x4.mul(scales, f32x4.sub(f32x4.sub(g, meanG), f32x4.mul(xhat, meanGx))), laneMask(columns - c)));
    }
    x += <usize>ld << 2;
    da += <usize>ld << 2;
    dx += <usize>ld << 2;
  }
}

/** dγ = Σ da x̂, dβ = Σ da over the rows, in row order, for the first n columns; 0 for those that fill up the last four. */
export function layerNormalizationGradient(rows: i32, n: i32, ld: i32, x: usize, da: usize, statistics: usize, affineGradient: usize): void {
  const stride = <usize>ld << 2;
  for (let c = 0; c < n; c += 4) {
    let from = x + (<usize>c << 2), g = da + (<usize>c << 2), at = statistics;
    let scale = f32x4.splat(0), shift = f32x4.splat(0);
    for (let r = 0; r < rows; r++, from += stride, g += stride, at += 32) {
      const xhat = f32x4.mul(f32x4.sub(v128.load(from), v128.load32_splat(at)), v128.load32_splat(at, 4)), d = v128.load(g);
      scale = f32x4.add(scale, f32x4.mul(d, xhat));
      shift = f32x4.add(shift, d);
    }
    // x̂ of padding, −mean · s, may overflow.
    v128.store(affineGradient + (<usize>c << 2), v128.and(scale, laneMask(n - c)));
    v128.store(affineGradient + stride + (<usize>c << 2), shift);
  }
}

// Column by column in what they compute, row by row in how they go about it: a walk down the columns of a wide matrix waits for the cache. Sums lie in memory
// meanwhile, and add up in row order as ever.

/** scale = 1 / √(variance + ε) for n columns, n a multiple of 4; parameters[0] = ε. */
export function batchNormalizationScale(n: i32, variance: usize, scale: usize, parameters: usize): void {
  const epsilon = v128.load32_splat(parameters), one = f32x4.splat(1);
  for (let at: usize = 0; at < <usize>n << 2; at += 16) v128.store(scale + at, f32x4.div(one, f32x4.sqrt(f32x4.add(v128.load(variance + at), epsilon))));
}

/** a = γ (x − mean) scale + β for the first n columns, n a multiple of 4. Source: Ioffe & Szegedy: Batch Normalization (2015). */
export function batchNormalizationApply(rows: i32, n: i32, ld: i32, x: usize, a: usize, mean: usize, scale: usize, affine: usize): void {
  const stride = <usize>ld << 2, end = <usize>n << 2, beta = affine + stride;
  for (let r = 0; r < rows; r++, x += stride, a += stride) {
    for (let at: usize = 0; at < end; at += 16) {
      v128.store(a + at, madd(f32x4.mul(f32x4.sub(v128.load(x + at), v128.load(mean + at)), v128.load(scale + at)), v128.load(affine + at), v128.load(beta + at)));
    }
  }
}

/**
 * The same with mean and variance of the batch. `statistics`: mean, 1 / √(variance + ε) and variance of each column, ld floats each.
 */
export function batchNormalizationTrain(rows: i32, n: i32, ld: i32, x: usize, a: usize, statistics: usize, affine: usize, parameters: usize): void {
  const stride = <usize>ld << 2, bytes = <usize>n << 2, scale = statistics + stride, variance = scale + stride;
  memory.fill(statistics, 0, bytes);
  memory.fill(variance, 0, bytes);
  let row = x;
  for (let r = 0; r < rows; r++, row += stride) {
    for (let at: usize = 0; at < bytes; at += 16) v128.store(statistics + at, f32x4.add(v128.load(statistics + at), v128.load(row + at)));
  }
  divide(bytes, statistics, <f32>rows);
  row = x;
  for (let r = 0; r < rows; r++, row += stride) {
    for (let at: usize = 0; at < bytes; at += 16) {
      const d = f32x4.sub(v128.load(row + at), v128.load(statistics + at));
      v128.store(variance + at, f32x4.add(v128.load(variance + at), f32x4.mul(d, d)));
    }
  }
  divide(bytes, variance, <f32>rows);
  batchNormalizationScale(n, variance, scale, parameters);
  batchNormalizationApply(rows, n, ld, x, a, statistics, scale, affine);
}

function divide(bytes: usize, x: usize, divisor: f32): void {
  for (let at: usize = 0; at < bytes; at += 16) v128.store(x + at, f32x4.div(v128.load(x + at), f32x4.splat(divisor)));
}

/**
 * dγ = Σ da x̂, dβ = Σ da, and dx = γ s (da − dβ / rows − x̂ dγ / rows) unless dx is 0, for the first n columns, n a multiple of 4.
 * x̂ = (x − mean) s with mean and s from `statistics`.
 */
export function batchNormalizationGradient(rows: i32, n: i32, ld: i32, x: usize, da: usize, dx: usize, statistics: usize, gamma: usize, affineGradient: usize): void {
  const stride = <usize>ld << 2, bytes = <usize>n << 2, scale = statistics + stride, beta = affineGradient + stride, share = f32x4.splat(1 / <f32>rows);
  memory.fill(affineGradient, 0, bytes);
  memory.fill(beta, 0, bytes);
  for (let r = 0, at = x, g = da; r < rows; r++, at += stride, g += stride) {
    for (let c: usize = 0; c < bytes; c += 16) {
      const d = v128.load(g + c), xhat = f32x4.mul(f32x4.sub(v128.load(at + c), v128.load(statistics + c)), v128.load(scale + c));
      v128.store(affineGradient + c, f32x4.add(v128.load(affineGradient + c), f32x4.mul(d, xhat)));
      v128.store(beta + c, f32x4.add(v128.load(beta + c), d));
    }
  }
  if (!dx) return;
  for (let r = 0; r < rows; r++, x += stride, da += stride, dx += stride) {
    for (let c: usize = 0; c < bytes; c += 16) {
      const s = v128.load(scale + c), xhat = f32x4.mul(f32x4.sub(v128.load(x + c), v128.load(statistics + c)), s);
      const rest = f32x4.sub(f32x4.sub(v128.load(da + c), f32x4.mul(v128.load(beta + c), share)), f32x4.mul(xhat, f32x4.mul(v128.load(affineGradient + c), share)));
      v128.store(dx + c, f32x4.mul(f32x4.mul(v128.load(gamma + c), s), rest));
    }
  }
}

/**
 * running ← running + momentum (batch − running) for mean and variance, the batch's variance divided by rows − 1; parameters[0] = momentum. Nothing happens with fewer rows than 2. Columns whose new
 * value would not be finite stay as they are: a finite loss can come from a variance that overflows.
 */
export function batchNormalizationSettle(rows: i32, ld: i32, statistics: usize, running: usize, parameters: usize): void {
  if (rows < 2) return;
  const stride = <usize>ld << 2, momentum = v128.load32_splat(parameters), zero = f32x4.splat(0), unbiased = f32x4.splat(<f32>rows / <f32>(rows - 1)), one = f32x4.splat(1);
  for (let part: usize = 0; part < 2; part++) {
    for (let at: usize = 0; at < stride; at += 16) {
      const to = running + part * stride + at, old = v128.load(to);
      const batch = f32x4.mul(v128.load(statistics + 2 * part * stride + at), part ? unbiased : one);
      const next = f32x4.add(old, f32x4.mul(momentum, f32x4.sub(batch, old)));
      v128.store(to, v128.bitselect(next, old, f32x4.eq(f32x4.sub(next, next), zero)));
    }
  }
}

/** a = (x − mean) / deviation by column; `measured` points to mean, then deviation, ld floats each. Padding of a is 0. */
export function normalizationApply(rows: i32, columns: i32, ld: i32, x: usize, a: usize, measured: usize): void {
  const stride = <usize>ld << 2;
  for (let r = 0; r < rows; r++, x += stride, a += stride) {
    for (let c = 0; c < ld; c += 4) {
      const at = <usize>c << 2;
      v128.store(a + at, v128.and(f32x4.div(f32x4.sub(v128.load(x + at), v128.load(measured + at)), v128.load(measured + stride + at)), laneMask(columns - c)));
    }
  }
}

/** dx = da / deviation by column. Padding of dx is 0. */
export function normalizationInputGradient(rows: i32, columns: i32, ld: i32, da: usize, dx: usize, measured: usize): void {
  const stride = <usize>ld << 2;
  for (let r = 0; r < rows; r++, da += stride, dx += stride) {
    for (let c = 0; c < ld; c += 4) {
      const at = <usize>c << 2;
      v128.store(dx + at, v128.and(f32x4.div(v128.load(da + at), v128.load(measured + stride + at)), laneMask(columns - c)));
    }
  }
}

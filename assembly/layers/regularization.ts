// What keeps weights small.

import { highPair, lowPair, sumPairs } from "../row";

/**
 * total += l1 Σ|w| + l2 Σw², in f64; gradients += l1 sign(w) + 2 l2 w unless gradients is 0. parameters: l1, l2; n a multiple of 8. sign(0) = 0, as in PyTorch.
 */
export function addPenalty(n: i32, weights: usize, gradients: usize, total: usize, parameters: usize): void {
  const l1 = v128.load32_splat(parameters), l2 = load<f32>(parameters, 4), twice = f32x4.splat(2 * l2), zero = f32x4.splat(0);
  let low1 = f64x2.splat(0), high1 = low1, low2 = low1, high2 = low1;
  for (let i = 0; i < n; i += 4) {
    const at = <usize>i << 2, w = v128.load(weights + at), size = f32x4.abs(w), l = lowPair(w), h = highPair(w);
    low1 = f64x2.add(low1, lowPair(size));
    high1 = f64x2.add(high1, highPair(size));
    low2 = f64x2.add(low2, f64x2.mul(l, l));
    high2 = f64x2.add(high2, f64x2.mul(h, h));
    if (gradients) {
      const sign = v128.and(v128.or(v128.and(w, f32x4.splat(-0.0)), l1), f32x4.ne(w, zero));
      v128.store(gradients + at, f32x4.add(v128.load(gradients + at), f32x4.add(sign, f32x4.mul(twice, w))));
    }
  }
  store<f64>(total, load<f64>(total) + <f64>load<f32>(parameters) * sumPairs(low1, high1) + <f64>l2 * sumPairs(low2, high2));
}

/** Scales every column of panels [k × n] whose Euclidean norm is greater than parameters[0] down to it. A norm that overflows makes its column 0. Source: Srivastava et al. 2014, section 5.1. */
export function limitNorms(k: i32, n: i32, panels: usize, parameters: usize): void {
  const most = v128.load32_splat(parameters), one = f32x4.splat(1);
  for (let j = 0; j < n; j += 8, panels += <usize>k << 5) {
    for (let half: usize = 0; half < 32; half += 16) {
      let sum = f32x4.splat(0);
      for (let p = 0; p < k; p++) {
        const w = v128.load(panels + half + (<usize>p << 5));
        sum = f32x4.add(sum, f32x4.mul(w, w));
      }
      const factor = f32x4.pmin(one, f32x4.div(most, f32x4.sqrt(sum)));
      for (let p = 0; p < k; p++) {
        const at = panels + half + (<usize>p << 5);
        v128.store(at, f32x4.mul(v128.load(at), factor));
      }
    }
  }
}

import { madd } from "../simd";

/**
 * Lion (Chen et al. 2023: Symbolic Discovery of Optimization Algorithms, algorithm 2).
 * weights −= learningRate · (sign(β₁ m + (1 − β₁) g) + weightDecay · weights), sign(0) = 0; then m = β₂ m + (1 − β₂) g.
 *
 * weights, gradients: n floats; state: m (n floats), zeros before the first step; n a multiple of 8, no aliasing.
 * Parameters: [0] learningRate  [1] 1 − β₁  [2] 1 − β₂  [3] learningRate · weightDecay
 */
export function lion(n: i32, weights: usize, gradients: usize, state: usize, parameters: usize, stride: i32): void {
  const rate = v128.load32_splat(parameters);
  const k1 = v128.load32_splat(parameters, 4);
  const k2 = v128.load32_splat(parameters, 8);
  const decay = f32x4.neg(v128.load32_splat(parameters, 12));
  const zero = f32x4.splat(0), sign = i32x4.splat(i32.MIN_VALUE);
  const end = weights + ((<usize>n) << 2);
  while (weights < end) {
    const w = v128.load(weights);
    const m = v128.load(state);
    const change = f32x4.sub(v128.load(gradients), m);
    v128.store(state, madd(k2, change, m));
    const c = madd(k1, change, m);
    const step = v128.and(v128.bitselect(c, rate, sign), f32x4.ne(c, zero));
    v128.store(weights, f32x4.sub(madd(decay, w, w), step));
    weights += 16;
    gradients += 16;
    state += 16;
  }
}

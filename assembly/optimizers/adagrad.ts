import { madd } from "../simd";

/**
 * Adagrad (Duchi, Hazan & Singer 2011), as PyTorch defines it. g = gradients + weightDecay · weights; s = s + g²; weights −= rate · g / (√(s + s₀) + ε).
 *
 * weights, gradients: n floats; state: s (n floats), zeros before the first step; n a multiple of 8, no aliasing.
 * Parameters: [0] rate = learningRate / (1 + (t − 1) · learningRateDecay)  [1] ε  [2] weightDecay  [3] s₀, the initial accumulator
 */
export function adagrad(n: i32, weights: usize, gradients: usize, state: usize, parameters: usize, stride: i32): void {
  const rate = f32x4.neg(v128.load32_splat(parameters));
  const epsilon = v128.load32_splat(parameters, 4);
  const decay = v128.load32_splat(parameters, 8);
  const initial = v128.load32_splat(parameters, 12);
  const end = weights + ((<usize>n) << 2);
  while (weights < end) {
    const w = v128.load(weights);
    const g = madd(decay, w, v128.load(gradients));
    const s = madd(g, g, v128.load(state));
    v128.store(state, s);
    v128.store(weights, madd(rate, f32x4.div(g, f32x4.add(f32x4.sqrt(f32x4.add(s, initial)), epsilon)), w));
    weights += 16;
    gradients += 16;
    state += 16;
  }
}

import { madd } from "../simd";

/**
 * NAdam (Dozat 2016), as PyTorch defines it: Adam whose step looks ahead by the next momentum.
 *
 *   g = gradients + weightDecay · weights
 *   m = m + (1 − β₁)(g − m)      v = v + (1 − β₂)(g² − v)
 *   weights −= (ofMean · m + ofGradient · g) / (√v · correction + ε)
 *
 * weights, gradients: n floats; state: m, then v, `stride` floats apart, zeros before the first step; n a multiple of 8, no aliasing.
 * Parameters, computed by the caller in float64 for step t = 1, 2, … with μᵢ = β₁ (1 − ½ · 0.96^(i · momentumDecay)):
 *   [0] ofMean = learningRate · μₜ₊₁ / (1 − μ₁ ⋯ μₜ₊₁)   [1] 1 − β₁   [2] 1 − β₂   [3] correction = 1 / √(1 − β₂ᵗ)   [4] ε   [5] weightDecay
 *   [6] ofGradient = learningRate · (1 − μₜ) / (1 − μ₁ ⋯ μₜ)
 */
export function nadam(n: i32, weights: usize, gradients: usize, state: usize, parameters: usize, stride: i32): void {
  const ofMean = v128.load32_splat(parameters);
  const k1 = v128.load32_splat(parameters, 4);
  const k2 = v128.load32_splat(parameters, 8);
  const correction = v128.load32_splat(parameters, 12);
  const epsilon = v128.load32_splat(parameters, 16);
  const decay = v128.load32_splat(parameters, 20);
  const ofGradient = v128.load32_splat(parameters, 24);
  const end = weights + (<usize>n << 2), slot = <usize>stride << 2;
  let second = state + slot;
  while (weights < end) {
    const w = v128.load(weights);
    const g = madd(decay, w, v128.load(gradients));
    let m = v128.load(state);
    m = madd(k1, f32x4.sub(g, m), m);
    v128.store(state, m);
    let v = v128.load(second);
    v = madd(k2, f32x4.sub(f32x4.mul(g, g), v), v);
    v128.store(second, v);
    const step = madd(ofMean, m, f32x4.mul(ofGradient, g));
    v128.store(weights, f32x4.sub(w, f32x4.div(step, madd(f32x4.sqrt(v), correction, epsilon))));
    weights += 16;
    gradients += 16;
    state += 16;
    second += 16;
  }
}

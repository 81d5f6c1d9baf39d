import { madd } from "../simd";

// Both kernels read one block of parameters, computed by the caller in float64:
//   [0] learningRate  [1] momentum  [2] 1 − dampening  [3] nesterov (0 or 1)  [4] weightDecay
// PyTorch's first step takes the gradient undamped; since the state starts as zeros, the caller passes [2] = 1 at the first step.

/**
 * Plain gradient descent. g = gradients + weightDecay · weights; weights −= learningRate · g.
 *
 * weights, gradients: n floats, n a multiple of 8, no aliasing. `state` is not touched.
 * Source: PyTorch `SGD` with momentum = 0. Each operation rounds once (fused in the relaxed build).
 */
export function sgd(n: i32, weights: usize, gradients: usize, state: usize, parameters: usize, stride: i32): void {
  const rate = f32x4.neg(v128.load32_splat(parameters));
  const decay = v128.load32_splat(parameters, 16);
  const end = weights + ((<usize>n) << 2);
  while (weights < end) {
    const w0 = v128.load(weights);
    const w1 = v128.load(weights, 16);
    const g0 = madd(decay, w0, v128.load(gradients));
    const g1 = madd(decay, w1, v128.load(gradients, 16));
    v128.store(weights, madd(rate, g0, w0));
    v128.store(weights, madd(rate, g1, w1), 16);
    weights += 32;
    gradients += 32;
  }
}

/**
 * Gradient descent with momentum. g = gradients + weightDecay · weights; b = momentum · b + (1 − dampening) · g;
 * weights −= learningRate · (nesterov ? g + momentum · b : b).
 *
 * weights, gradients, state: n floats each (state = b, zeros before the first step), n a multiple of 8, no aliasing.
 * Source: PyTorch `SGD`. Each operation rounds once (fused in the relaxed build).
 */
export function sgdMomentum(n: i32, weights: usize, gradients: usize, state: usize, parameters: usize, stride: i32): void {
  const rate = f32x4.neg(v128.load32_splat(parameters));
  const momentum = v128.load32_splat(parameters, 4);
  const undamped = v128.load32_splat(parameters, 8);
  const nesterov = f32x4.ne(v128.load32_splat(parameters, 12), f32x4.splat(0));
  const decay = v128.load32_splat(parameters, 16);
  // The direction is (g and nesterov) + b · share: g + momentum · b, or b itself.
  const share = v128.bitselect(momentum, f32x4.splat(1), nesterov);
  const end = weights + ((<usize>n) << 2);
  while (weights < end) {
    const w0 = v128.load(weights);
    const w1 = v128.load(weights, 16);
    const g0 = madd(decay, w0, v128.load(gradients));
    const g1 = madd(decay, w1, v128.load(gradients, 16));
    const b0 = madd(momentum, v128.load(state), f32x4.mul(undamped, g0));
    const b1 = madd(momentum, v128.load(state, 16), f32x4.mul(undamped, g1));
    v128.store(state, b0);
    v128.store(state, b1, 16);
    v128.store(weights, madd(rate, madd(share, b0, v128.and(g0, nesterov)), w0));
    v128.store(weights, madd(rate, madd(share, b1, v128.and(g1, nesterov)), w1), 16);
    weights += 32;
    gradients += 32;
    state += 32;
  }
}

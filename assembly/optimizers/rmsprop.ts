import { madd } from "../simd";

/**
 * RMSprop (Tieleman & Hinton 2012; Graves 2013 for `centered`), as PyTorch defines it. g = gradients + weightDecay · weights; v = ρ v + (1 − ρ) g²;
 * d = g / (√v + ε), √(v − m²) if centered, m = ρ m + (1 − ρ) g; b = momentum · b + d; weights −= learningRate · b.
 *
 * weights, gradients: n floats; state: v, then m if centered, then b if there is momentum, `stride` floats apart, zeros before the first step; n a multiple of 8, no aliasing.
 * Parameters: [0] learningRate  [1] 1 − ρ  [2] momentum  [3] ε  [4] weightDecay  [5] centered (0 or 1)
 *
 * Centered, the state holds v − m² itself: ρ (s + (1 − ρ) (g − m)²) with the old m. That is the same number, never below 0 and without the cancellation that
 * takes all digits once gradients hardly change.
 */
export function rmsprop(n: i32, weights: usize, gradients: usize, state: usize, parameters: usize, stride: i32): void {
  const rate = f32x4.neg(v128.load32_splat(parameters));
  const k = v128.load32_splat(parameters, 4);
  const momentum = v128.load32_splat(parameters, 8);
  const epsilon = v128.load32_splat(parameters, 12);
  const decay = v128.load32_splat(parameters, 16);
  const centered = load<f32>(parameters, 20) != 0;
  const moving = load<f32>(parameters, 8) != 0;
  const end = weights + (<usize>n << 2), slot = <usize>stride << 2;
  while (weights < end) {
    const w = v128.load(weights);
    const g = madd(decay, w, v128.load(gradients));
    const v = v128.load(state);
    let b = state + slot, next: v128;
    if (centered) {
      const m = v128.load(b), d = f32x4.sub(g, m);
      v128.store(b, madd(k, d, m));
      const s = madd(k, f32x4.mul(d, d), v);
      next = f32x4.sub(s, f32x4.mul(k, s));
      b += slot;
    } else {
      next = madd(k, f32x4.sub(f32x4.mul(g, g), v), v);
    }
    v128.store(state, next);
    let step = f32x4.div(g, f32x4.add(f32x4.sqrt(next), epsilon));
    if (moving) {
      step = madd(momentum, v128.load(b), step);
      v128.store(b, step);
    }
    v128.store(weights, madd(rate, step, w));
    weights += 16;
    gradients += 16;
    state += 16;
  }
}

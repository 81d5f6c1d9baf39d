import { madd } from "../simd";

/**
 * Adadelta (Zeiler 2012), as PyTorch defines it. g = gradients + weightDecay · weights; v = ρ v + (1 − ρ) g²; d = √((a + ε) / (v + ε)) · g;
 * a = ρ a + (1 − ρ) d²; weights −= learningRate · d.
 *
 * weights, gradients: n floats; state: v, then a, `stride` floats apart, zeros before the first step; n a multiple of 8, no aliasing.
 * Parameters: [0] learningRate  [1] 1 − ρ  [2] ε  [3] weightDecay
 */
export function adadelta(n: i32, weights: usize, gradients: usize, state: usize, parameters: usize, stride: i32): void {
  const rate = f32x4.neg(v128.load32_splat(parameters));
  const k = v128.load32_splat(parameters, 4);
  const epsilon = v128.load32_splat(parameters, 8);
  const decay = v128.load32_splat(parameters, 12);
  const end = weights + (<usize>n << 2), slot = <usize>stride << 2;
  let changes = state + slot;
  while (weights < end) {
    const w = v128.load(weights);
    const g = madd(decay, w, v128.load(gradients));
    let v = v128.load(state);
    v = madd(k, f32x4.sub(f32x4.mul(g, g), v), v);
    v128.store(state, v);
    const a = v128.load(changes);
    const d = f32x4.mul(f32x4.sqrt(f32x4.div(f32x4.add(a, epsilon), f32x4.add(v, epsilon))), g);
    v128.store(changes, madd(k, f32x4.sub(f32x4.mul(d, d), a), a));
    v128.store(weights, madd(rate, d, w));
    weights += 16;
    gradients += 16;
    state += 16;
    changes += 16;
  }
}

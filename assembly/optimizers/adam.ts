import { madd } from "../simd";

// Adam, AdamW and AMSGrad (Kingma & Ba 2015; Loshchilov & Hutter 2019; Reddi et al. 2018), as PyTorch defines them:
//
//   g = gradients + l2 · weights                     Adam's weight decay; 0 for AdamW
//   m = m + (1 − β₁)(g − m)      v = v + (1 − β₂)(g² − v)
//   weights = weights − decoupled · weights          AdamW's weight decay; 0 for Adam
//   weights −= stepSize · m / (√v · correction + ε)  √(max of all v so far) for AMSGrad
//
// One block of parameters, computed by the caller in float64 for step t = 1, 2, …, then rounded to f32:
//   [0] stepSize = learningRate / (1 − β₁ᵗ)   [1] 1 − β₁   [2] 1 − β₂   [3] correction = 1 / √(1 − β₂ᵗ)   [4] ε
//   [5] l2 = weightDecay (adam) or 0   [6] decoupled = learningRate · weightDecay (adamW) or 0
//
// The means are written with 1 − β, not β, and the decay as a difference, because 1 − β and learningRate · weightDecay are small:
// rounded to f32 as 0.999 or 0.99999 they would lose the digits that count, and the error would grow with every step.

/** The new weights, from four weights and their moments; `second` is v or the running maximum of v. */
// @ts-ignore: decorator
@inline
function moved(w: v128, first: v128, second: v128, step: v128, correction: v128, epsilon: v128, decoupled: v128): v128 {
  const denominator = madd(f32x4.sqrt(second), correction, epsilon);
  return madd(step, f32x4.div(first, denominator), madd(decoupled, w, w));
}

/**
 * Adam and AdamW: formula and parameters above.
 *
 * weights, gradients: n floats; state: m, and v `stride` floats behind it, n floats each, zeros before the first step; n a multiple of 8, no aliasing.
 * √ and ÷ are exact to half an ULP. A gradient past 1.8e19 overflows v, and the next step would make the weight NaN: the caller takes such a step back.
 */
export function adam(n: i32, weights: usize, gradients: usize, state: usize, parameters: usize, stride: i32): void {
  const step = f32x4.neg(v128.load32_splat(parameters));
  const k1 = v128.load32_splat(parameters, 4);
  const k2 = v128.load32_splat(parameters, 8);
  const correction = v128.load32_splat(parameters, 12);
  const epsilon = v128.load32_splat(parameters, 16);
  const l2 = v128.load32_splat(parameters, 20);
  const decoupled = f32x4.neg(v128.load32_splat(parameters, 24));
  const end = weights + (<usize>n << 2), slot = <usize>stride << 2;
  let v = state + slot;
  while (weights < end) {
    const w0 = v128.load(weights);
    const w1 = v128.load(weights, 16);
    const g0 = madd(l2, w0, v128.load(gradients));
    const g1 = madd(l2, w1, v128.load(gradients, 16));
    const p0 = v128.load(state);
    const p1 = v128.load(state, 16);
    const m0 = madd(k1, f32x4.sub(g0, p0), p0);
    const m1 = madd(k1, f32x4.sub(g1, p1), p1);
    v128.store(state, m0);
    v128.store(state, m1, 16);
    const q0 = v128.load(v);
    const q1 = v128.load(v, 16);
    const v0 = madd(k2, f32x4.sub(f32x4.mul(g0, g0), q0), q0);
    const v1 = madd(k2, f32x4.sub(f32x4.mul(g1, g1), q1), q1);
    v128.store(v, v0);
    v128.store(v, v1, 16);
    v128.store(weights, moved(w0, m0, v0, step, correction, epsilon, decoupled));
    v128.store(weights, moved(w1, m1, v1, step, correction, epsilon, decoupled), 16);
    weights += 32;
    gradients += 32;
    state += 32;
    v += 32;
  }
}

/**
 * AMSGrad (Adam or AdamW with the running maximum of v): formula and parameters above.
 *
 * As `adam`, with n more floats of state `stride` floats behind v: the maximum. A NaN gradient makes v, and so the weight, NaN for good.
 */
export function adamAmsgrad(n: i32, weights: usize, gradients: usize, state: usize, parameters: usize, stride: i32): void {
  const step = f32x4.neg(v128.load32_splat(parameters));
  const k1 = v128.load32_splat(parameters, 4);
  const k2 = v128.load32_splat(parameters, 8);
  const correction = v128.load32_splat(parameters, 12);
  const epsilon = v128.load32_splat(parameters, 16);
  const l2 = v128.load32_splat(parameters, 20);
  const decoupled = f32x4.neg(v128.load32_splat(parameters, 24));
  const end = weights + (<usize>n << 2), slot = <usize>stride << 2;
  let v = state + slot;
  let most = v + slot;
  while (weights < end) {
    const w0 = v128.load(weights);
    const g0 = madd(l2, w0, v128.load(gradients));
    const p0 = v128.load(state);
    const m0 = madd(k1, f32x4.sub(g0, p0), p0);
    v128.store(state, m0);
    const q0 = v128.load(v);
    const v0 = madd(k2, f32x4.sub(f32x4.mul(g0, g0), q0), q0);
    v128.store(v, v0);
    const most0 = f32x4.pmax(v0, v128.load(most));
    v128.store(most, most0);
    v128.store(weights, moved(w0, m0, most0, step, correction, epsilon, decoupled));
    weights += 16;
    gradients += 16;
    state += 16;
    v += 16;
    most += 16;
  }
}

// What knows which build is being made: `madd`, and where a build has a method of its own (math-relaxed.ts, atan's gradient, the tile). `madd` is
// separate multiply and add in the strict build, so every engine rounds alike; in the relaxed build the engine may fuse the two.

/** a · b + c in f32x4. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** a · b + c in f64x2. */
// @ts-ignore: decorator
@inline
export function madd64(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.relaxed_madd(a, b, c);
  return f64x2.add(f64x2.mul(a, b), c);
}

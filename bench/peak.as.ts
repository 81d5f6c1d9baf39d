// The machine's 128-bit limit, for the column "share of the limit": separate multiply and add, as in the strict build, on two
// multiply and two add pipes is 4 operations of 4 lanes = 16 flop a cycle. Two loops, because the order of instructions
// that an engine chooses leaves pipes idle in one or the other; peak.mjs takes the faster.
// Measured on AMD EPYC (Zen 5), best of 60, GFLOP/s on Node 20 / 26: chains 59.6 / 69.0, tile 68.7 / 64.9. 8, 10, 11, 12
// and 14 chains and longer passes of either are slower on both.

/** flop done in one pass: 13 chains × 4 lanes × (multiply + add) */
export const chainsFlop: i32 = 104;

/**
 * Multiply and add on thirteen chains that do not wait for each other, nothing loaded. Each goes to x = x/2 + 1/2, so its
 * values stay near 1 and never turn subnormal. `scale` must be 0.5; it is an argument because newer V8 rebuilds a splat
 * of a constant at every use, at a third of the speed.
 */
export function chains(passes: i32, scale: f32): f32 {
  const half = f32x4.splat(scale);
  let a = f32x4.splat(1.0), b = f32x4.splat(1.1), c = f32x4.splat(1.2), d = f32x4.splat(1.3);
  let e = f32x4.splat(1.4), f = f32x4.splat(1.5), g = f32x4.splat(1.6), h = f32x4.splat(1.7);
  let i = f32x4.splat(1.8), j = f32x4.splat(1.9), k = f32x4.splat(2.0), l = f32x4.splat(2.1);
  let m = f32x4.splat(2.2);
  for (let pass = 0; pass < passes; pass++) {
    a = f32x4.add(f32x4.mul(a, half), half);
    b = f32x4.add(f32x4.mul(b, half), half);
    c = f32x4.add(f32x4.mul(c, half), half);
    d = f32x4.add(f32x4.mul(d, half), half);
    e = f32x4.add(f32x4.mul(e, half), half);
    f = f32x4.add(f32x4.mul(f, half), half);
    g = f32x4.add(f32x4.mul(g, half), half);
    h = f32x4.add(f32x4.mul(h, half), half);
    i = f32x4.add(f32x4.mul(i, half), half);
    j = f32x4.add(f32x4.mul(j, half), half);
    k = f32x4.add(f32x4.mul(k, half), half);
    l = f32x4.add(f32x4.mul(l, half), half);
    m = f32x4.add(f32x4.mul(m, half), half);
  }
  // The sum keeps every chain alive.
  const left = f32x4.add(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), f32x4.add(e, f));
  const right = f32x4.add(f32x4.add(f32x4.add(g, h), f32x4.add(i, j)), f32x4.add(k, l));
  return f32x4.extract_lane(f32x4.add(f32x4.add(left, right), m), 0);
}

/** flop done in one pass: 10 sums × 4 lanes × (multiply + add) */
export const tileFlop: i32 = 80;

// @ts-ignore: decorator
@inline
const row: usize = 64; // bytes from one row of a to the next

/**
 * A step of a 5×8 matrix kernel that has all it needs in the first-level cache: ten sums, two vectors of b, a splat of a and the
 * product. Memory is never written, so all products are zero; speed does not depend on the values.
 */
export function tile(passes: i32, start: f32): f32 {
  let c00 = f32x4.splat(start), c01 = c00, c10 = c00, c11 = c00;
  let c20 = c00, c21 = c00, c30 = c00, c31 = c00, c40 = c00, c41 = c00;
  for (let pass = 0; pass < passes; pass++) {
    const at = <usize>(pass & 63) << 4;
    const b0 = v128.load(at), b1 = v128.load(at, 16);
    let x = v128.load32_splat(at, 256);
    c00 = f32x4.add(c00, f32x4.mul(x, b0));
    c01 = f32x4.add(c01, f32x4.mul(x, b1));
    x = v128.load32_splat(at, 256 + row);
    c10 = f32x4.add(c10, f32x4.mul(x, b0));
    c11 = f32x4.add(c11, f32x4.mul(x, b1));
    x = v128.load32_splat(at, 256 + 2 * row);
    c20 = f32x4.add(c20, f32x4.mul(x, b0));
    c21 = f32x4.add(c21, f32x4.mul(x, b1));
    x = v128.load32_splat(at, 256 + 3 * row);
    c30 = f32x4.add(c30, f32x4.mul(x, b0));
    c31 = f32x4.add(c31, f32x4.mul(x, b1));
    x = v128.load32_splat(at, 256 + 4 * row);
    c40 = f32x4.add(c40, f32x4.mul(x, b0));
    c41 = f32x4.add(c41, f32x4.mul(x, b1));
  }
  // The sum of the sums keeps them all alive.
  const left = f32x4.add(f32x4.add(f32x4.add(c00, c01), f32x4.add(c10, c11)), c20);
  const right = f32x4.add(f32x4.add(f32x4.add(c21, c30), f32x4.add(c31, c40)), c41);
  return f32x4.extract_lane(f32x4.add(left, right), 0);
}

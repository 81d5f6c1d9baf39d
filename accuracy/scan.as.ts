// What is asked of every float, four at a time: JavaScript looks closer only at blocks where something is wrong.

/**
 * Of the n floats at `got`, n a multiple of 4: how many differ in a bit from those at `wanted`, the smallest, the largest (NaN passed over), and how many are
 * less than the one before, or greater if `falling`. Written to `out` as i32, f32, f32, i32.
 */
export function scan(got: usize, wanted: usize, n: i32, falling: bool, out: usize): void {
  let equal = i32x4.splat(0), inverted = i32x4.splat(0), low = f32x4.splat(Infinity), high = f32x4.splat(-Infinity);
  let last = v128.load32_splat(got);
  const end = got + (<usize>n << 2);
  if (falling) {
    for (let at = got; at < end; at += 16, wanted += 16) {
      const y = v128.load(at);
      equal = i32x4.sub(equal, i32x4.eq(y, v128.load(wanted)));
      low = f32x4.pmin(low, y);
      high = f32x4.pmax(high, y);
      inverted = i32x4.sub(inverted, f32x4.gt(y, v128.shuffle<i32>(last, y, 3, 4, 5, 6)));
      last = y;
    }
  } else {
    for (let at = got; at < end; at += 16, wanted += 16) {
      const y = v128.load(at);
      equal = i32x4.sub(equal, i32x4.eq(y, v128.load(wanted)));
      low = f32x4.pmin(low, y);
      high = f32x4.pmax(high, y);
      inverted = i32x4.sub(inverted, f32x4.lt(y, v128.shuffle<i32>(last, y, 3, 4, 5, 6)));
      last = y;
    }
  }
  low = f32x4.pmin(low, v128.shuffle<i32>(low, low, 2, 3, 0, 1));
  low = f32x4.pmin(low, v128.shuffle<i32>(low, low, 1, 0, 3, 2));
  high = f32x4.pmax(high, v128.shuffle<i32>(high, high, 2, 3, 0, 1));
  high = f32x4.pmax(high, v128.shuffle<i32>(high, high, 1, 0, 3, 2));
  store<i32>(out, n - sum(equal));
  store<f32>(out, f32x4.extract_lane(low, 0), 4);
  store<f32>(out, f32x4.extract_lane(high, 0), 8);
  store<i32>(out, sum(inverted), 12);
}

function sum(v: v128): i32 {
  return i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3);
}

/** Whether the n floats at `got` are those at `other` with `flip` applied to their bits. */
export function mirrors(got: usize, other: usize, n: i32, flip: i32): bool {
  const mask = i32x4.splat(flip);
  let different = i32x4.splat(0);
  for (const end = got + (<usize>n << 2); got < end; got += 16, other += 16) different = v128.or(different, v128.xor(v128.load(got), v128.xor(v128.load(other), mask)));
  return !v128.any_true(different);
}

// The generator behind initialisation, shuffling and dropout: Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers:
// as easy as 1, 2, 3; SC 2011). It has no state: block b of a stream is a function of the key and of b, so number i never depends
// on how many were asked for, and a stream can be entered anywhere.
//
// `key` points to four u32: seed low, seed high, stream, purpose. The seed is Philox's key; block b has the counter
// [b low, b high, stream, purpose]. Number i is word i mod 4 of block ⌊i / 4⌋. `out` is 16-byte aligned and holds n words, n ≥ 0.
// Nothing here uses `madd`: every build gives the same bits.

const MULTIPLIERS: usize = memory.data<u32>([0xD2511F53, 0xCD9E8D57, 0, 0], 16);
const WEYL: usize = memory.data<u32>([0x9E3779B9, 0, 0xBB67AE85, 0], 16);

/** Ten rounds over counter = [c₀, c₁, c₂, c₃] with key = [k₀, 0, k₁, 0]. */
export function philox(counter: v128, key: v128): v128 {
  const multipliers = v128.load(MULTIPLIERS);
  const weyl = v128.load(WEYL);
  for (let round = 0; round < 10; round++) {
    // [low₀, high₀, low₁, high₁] of c₀ · M₀ and c₂ · M₁
    const products = i64x2.extmul_low_i32x4_u(v128.shuffle<i32>(counter, counter, 0, 2, 0, 2), multipliers);
    const odd = i64x2.shr_u(counter, 32);
    counter = v128.xor(v128.xor(v128.shuffle<i32>(products, products, 3, 2, 1, 0), odd), key);
    key = i32x4.add(key, weyl);
  }
  return counter;
}

/** Seed low and high as philox() takes them. */
// @ts-ignore: decorator
@inline
export function seedOf(key: usize): v128 {
  return i64x2.replace_lane(i64x2.splat(<i64>load<u32>(key)), 1, <i64>load<u32>(key, 4));
}

/** The counter of a block: its number below, stream and purpose above. */
// @ts-ignore: decorator
@inline
function counterOf(key: usize, block: u64): v128 {
  return i64x2.replace_lane(i64x2.splat(load<i64>(key, 8)), 0, <i64>block);
}

/** Stores the first n lanes (1 to 4) of v. */
// @ts-ignore: decorator
@inline
function storeLanes(out: usize, v: v128, n: i32): void {
  if (n >= 4) {
    v128.store(out, v);
    return;
  }
  v128.store32_lane(out, v, 0);
  if (n > 1) v128.store32_lane(out, v, 1, 4);
  if (n > 2) v128.store32_lane(out, v, 2, 8);
}

/** out = n u32, the words of the stream from block `first` (word 4 · first) on. */
export function randomBits(n: i32, out: usize, key: usize, first: i32): void {
  const seed = seedOf(key);
  for (let i = 0; i < n; i += 4) {
    storeLanes(out + ((<usize>i) << 2), philox(counterOf(key, <u64>first + <u64>(i >> 2)), seed), n - i);
  }
}

/**
 * out = n f32 in [low, high) with low = parameters[0], high = parameters[1], high − low finite in f32.
 *
 * u = (word >>> 8) · 2⁻²⁴, exact; value = low + u · (high − low), each operation rounded to f32; should the rounding reach `high`,
 * the next f32 below it. With low = high every value is low.
 */
export function randomUniform(n: i32, out: usize, key: usize, parameters: usize): void {
  const seed = seedOf(key);
  const low = load<f32>(parameters);
  const high = load<f32>(parameters, 4);
  const lows = f32x4.splat(low);
  const widths = f32x4.splat(high - low);
  const unit = f32x4.splat(5.9604644775390625e-8);
  const last = f32x4.splat(max<f32>(low, below(high)));
  for (let i = 0; i < n; i += 4) {
    const words = philox(counterOf(key, <u64>(i >> 2)), seed);
    const u = f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(words, 8)), unit);
    storeLanes(out + ((<usize>i) << 2), f32x4.pmin(f32x4.add(lows, f32x4.mul(u, widths)), last), n - i);
  }
}

/** The next f32 below a finite x. */
function below(x: f32): f32 {
  const bits = reinterpret<i32>(x);
  if (x == 0) return reinterpret<f32>(0x80000001);
  return reinterpret<f32>(bits + (bits > 0 ? -1 : 1));
}

/**
 * out = n f32, normal with mean = parameters[0] and standard deviation = parameters[1].
 *
 * value = mean + deviation · quantile((word + ½) · 2⁻³²), in f64 throughout and rounded to f32 at the end: one word a number, within
 * ±6.338 deviations, and a larger word gives a larger number.
 */
export function randomNormal(n: i32, out: usize, key: usize, parameters: usize): void {
  const seed = seedOf(key);
  const mean = <f64>load<f32>(parameters);
  const deviation = <f64>load<f32>(parameters, 4);
  for (let i = 0; i < n; i += 4) {
    let words = philox(counterOf(key, <u64>(i >> 2)), seed);
    for (let j = i, end = min(n, i + 4); j < end; j++) {
      store<f32>(out + ((<usize>j) << 2), <f32>(mean + deviation * quantile(i32x4.extract_lane(words, 0))));
      words = v128.shuffle<i32>(words, words, 1, 2, 3, 0);
    }
  }
}

/**
 * The p-quantile of the standard normal distribution, p = (word + ½) · 2⁻³². Odd about ½ to the bit; error below 1e-15 relative.
 * Source: Wichura, Algorithm AS 241 (PPND16), Applied Statistics 37 (1988). Its far tail (p < 1.4e-11) is out of reach of 32 bits.
 */
export function quantile(word: u32): f64 {
  const p = (<f64>word + 0.5) * 2.3283064365386963e-10;
  const q = p - 0.5;
  if (abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return q *
      (((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r + 45921.953931549871457) * r +
        13731.693765509461125) * r + 1971.5909503065514427) * r + 133.14166789178437745) * r + 3.387132872796366608) /
      (((((((5226.495278852854561 * r + 28729.085735721942674) * r + 39307.89580009271061) * r + 21213.794301586595867) * r +
        5394.1960214247511077) * r + 687.1870074920579083) * r + 42.313330701600911252) * r + 1);
  }
  const r = sqrt(-logarithm(q < 0 ? p : 1 - p)) - 1.6;
  const tail =
    (((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) * r + 1.27045825245236838258) * r +
      3.64784832476320460504) * r + 5.7694972214606914055) * r + 4.6303378461565452959) * r + 1.42343711074968357734) /
    (((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 0.0151986665636164571966) * r +
      0.14810397642748007459) * r + 0.68976733498510000455) * r + 1.6763848301838038494) * r + 2.05319162663775882187) * r + 1);
  return q < 0 ? -tail : tail;
}

/** ln x of a normal f64: x = 2ᵉ m with m in [√½, √2), ln m = 2 artanh(s), s = (m − 1) / (m + 1), by its series. */
function logarithm(x: f64): f64 {
  const shifted = reinterpret<u64>(x) - 0x3FE6A09E667F3BCD; // √½
  const e = <i64>shifted >> 52;
  const m = reinterpret<f64>(reinterpret<u64>(x) - (<u64>e << 52));
  const s = (m - 1) / (m + 1);
  const z = s * s;
  let sum: f64 = 0;
  for (let k = 21; k > 0; k -= 2) sum = sum * z + 1 / <f64>k;
  return <f64>e * 0.6931471805599453 + 2 * s * sum;
}

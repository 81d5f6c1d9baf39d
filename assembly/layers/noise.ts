// Dropout and Gaussian noise. Every number is settled by seed, step, layer and place: `random` points to seed low, seed high, the step and the
// number of the batch since the last step, `draw` to the layer's stream (below 2¹⁶) and the purpose. The four values from column c of row r take the words of Philox's counter [r · ld / 4 + c / 4, step, stream + 2¹⁶ batch, purpose], so
// neither threads nor the order of work decide what is drawn. `first` is the number of the first row.
//
// x, a: [rows × columns], ld floats from row to row, ld a multiple of 8; a may be x.

import { philox, quantile, seedOf } from "../random";
import { laneMask } from "../row";

/** The counter of row 0, column 0. */
// @ts-ignore: decorator
@inline
function counterOf(random: usize, draw: usize): v128 {
  const high = load<i64>(draw) + <i64>(load<u32>(random, 12) << 16);
  return i64x2.replace_lane(i64x2.splat(high), 0, <i64>(<u64>load<u32>(random, 8) << 32));
}

/** out = n words of the blocks from `block` on, n a multiple of 4: what philox() gives, four blocks at a time, word i of each in one vector. */
function drawWords(n: i32, out: usize, random: usize, draw: usize, block: u32): void {
  const step = v128.load32_splat(random, 8), stream = i32x4.add(v128.load32_splat(draw), i32x4.shl(v128.load32_splat(random, 12), 16)), purpose = v128.load32_splat(draw, 4);
  const m0 = i32x4.splat(0xD2511F53), m1 = i32x4.splat(0xCD9E8D57), w0 = i32x4.splat(0x9E3779B9), w1 = i32x4.splat(0xBB67AE85);
  for (; n >= 16; n -= 16, block += 4, out += 64) {
    let c0 = i32x4.add(i32x4.splat(block), i32x4(0, 1, 2, 3)), c1 = step, c2 = stream, c3 = purpose;
    let k0 = v128.load32_splat(random), k1 = v128.load32_splat(random, 4);
    for (let round = 0; round < 10; round++) {
      const a = i64x2.extmul_low_i32x4_u(c0, m0), b = i64x2.extmul_high_i32x4_u(c0, m0);
      const c = i64x2.extmul_low_i32x4_u(c2, m1), d = i64x2.extmul_high_i32x4_u(c2, m1);
      c0 = v128.xor(v128.xor(v128.shuffle<i32>(c, d, 1, 3, 5, 7), c1), k0);
      c2 = v128.xor(v128.xor(v128.shuffle<i32>(a, b, 1, 3, 5, 7), c3), k1);
      c1 = v128.shuffle<i32>(c, d, 0, 2, 4, 6);
      c3 = v128.shuffle<i32>(a, b, 0, 2, 4, 6);
      k0 = i32x4.add(k0, w0);
      k1 = i32x4.add(k1, w1);
    }
    const a = v128.shuffle<i32>(c0, c1, 0, 4, 1, 5), b = v128.shuffle<i32>(c2, c3, 0, 4, 1, 5);
    const c = v128.shuffle<i32>(c0, c1, 2, 6, 3, 7), d = v128.shuffle<i32>(c2, c3, 2, 6, 3, 7);
    v128.store(out, v128.shuffle<i32>(a, b, 0, 1, 4, 5));
    v128.store(out, v128.shuffle<i32>(a, b, 2, 3, 6, 7), 16);
    v128.store(out, v128.shuffle<i32>(c, d, 0, 1, 4, 5), 32);
    v128.store(out, v128.shuffle<i32>(c, d, 2, 3, 6, 7), 48);
  }
  for (; n > 0; n -= 4, block++, out += 16) v128.store(out, philox(i64x2.add(counterOf(random, draw), i64x2.replace_lane(i64x2.splat(0), 0, <i64>block)), seedOf(random)));
}

/**
 * mask = 1 / (1 − rate) with probability 1 − rate, else 0; a = x · mask. draw[2] = ⌊rate · 2³²⌋: a value is dropped if its word is below it.
 *
 * Padding of mask and a is 0. NaN and ∞ stay where kept, and become NaN where dropped. Source: Srivastava et al., Dropout, JMLR 15 (2014), in the inverted form.
 */
export function dropoutDraw(rows: i32, columns: i32, ld: i32, x: usize, a: usize, mask: usize, random: usize, draw: usize, first: i32): void {
  const least = load<u32>(draw, 8);
  drawWords(rows * ld, mask, random, draw, <u32>(first * (ld >> 2)));
  const threshold = i32x4.splat(least), scale = f32x4.splat(<f32>(1 / (1 - <f64>least / 4294967296)));
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < ld; c += 4, x += 16, a += 16, mask += 16) {
      const kept = v128.and(i32x4.ge_u(v128.load(mask), threshold), laneMask(columns - c));
      const m = v128.and(kept, scale);
      v128.store(mask, m);
      v128.store(a, v128.and(f32x4.mul(v128.load(x), m), laneMask(columns - c)));
    }
  }
}

/** a = x + parameters[0] · n, n standard normal (random.ts: quantile). Padding of a is that of x. */
export function gaussianNoiseDraw(rows: i32, columns: i32, ld: i32, x: usize, a: usize, random: usize, draw: usize, parameters: usize, first: i32): void {
  const seed = seedOf(random), start = counterOf(random, draw), deviation = <f64>load<f32>(parameters);
  for (let r = 0; r < rows; r++) {
    const block = (first + r) * (ld >> 2);
    for (let c = 0; c < ld; c += 4, x += 16, a += 16) {
      let words = philox(i64x2.add(start, i64x2.replace_lane(i64x2.splat(0), 0, <i64>(<u32>block + (c >> 2)))), seed);
      let noise = f32x4.splat(0);
      for (let lane = 0; lane < 4; lane++) {
        // The last lane is written four times round: each turn moves the numbers one lane down.
        noise = f32x4.replace_lane(v128.shuffle<i32>(noise, noise, 1, 2, 3, 0), 3, <f32>(deviation * quantile(i32x4.extract_lane(words, 0))));
        words = v128.shuffle<i32>(words, words, 1, 2, 3, 0);
      }
      v128.store(a, f32x4.add(v128.load(x), v128.and(noise, laneMask(columns - c))));
    }
  }
}

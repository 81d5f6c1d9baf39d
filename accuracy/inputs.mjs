// Which floats are put in: blocks of at most 65,536 bit patterns. In `everything` each block of positive numbers is followed by its negatives.
import { block } from "./builds.mjs";

const infinity = 0x7f800000, sign = 0x80000000;

/** All 2^32, or every `step`th of either sign: up to infinity in order, then the NaNs. */
export function* everything(step = 1) {
  const bits = new Uint32Array(block);
  for (let start = 0; start < sign; start += block * step) {
    // Infinity ends the numbers, so that no block has both them and NaNs.
    const end = start <= infinity ? infinity + 1 : sign;
    const n = Math.min(block, Math.ceil((end - start) / step));
    for (const side of [0, sign]) {
      for (let i = 0, word = side + start; i < n; i++, word += step) bits[i] = word;
      yield bits.subarray(0, n);
    }
    if (end === infinity + 1 && start + block * step >= end) start = infinity + 1 - block * step;
  }
}

/** Each binade: 64 inputs at either end and pairs of neighbours at `pairs` places, drawn evenly, then their negatives. ±∞ as well. */
export function* stratified(pairs = 4096) {
  const bits = new Uint32Array(2 * pairs + 128);
  const stride = (1 << 23) / pairs;
  let state = 1;
  for (let exponent = 0; exponent < 255; exponent++) {
    const start = exponent * (1 << 23);
    for (let i = 0; i < 64; i++) {
      bits[i] = start + i;
      bits[bits.length - 64 + i] = start + (1 << 23) - 64 + i;
    }
    for (let i = 0; i < pairs; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      bits[64 + 2 * i] = start + i * stride + (state >>> 8) % (stride - 1);
      bits[65 + 2 * i] = bits[64 + 2 * i] + 1;
    }
    yield* both(bits.sort());
  }
  yield* both(Uint32Array.of(infinity));
}

/** n floats drawn evenly from all bit patterns of positive numbers, and their negatives. */
export function* random(n, seed) {
  let state = seed;
  const bits = Uint32Array.from({ length: n }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * infinity);
  }).sort();
  for (let start = 0; start < n; start += block) yield* both(bits.subarray(start, start + block));
}

/** These bit patterns of positive numbers, ascending, and then the negatives of the same. */
export function* both(bits) {
  yield bits;
  yield bits.map((word) => word | sign);
}

/** Every `step`th NaN of either sign. */
export function* nans(step) {
  yield* both(Uint32Array.from({ length: Math.min(block, Math.floor((sign - infinity - 1) / step)) }, (_, i) => infinity + 1 + i * step));
}

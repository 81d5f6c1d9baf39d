// Plain work on rows and blocks: copies between row strides, sums down the batch, sums of blocks.

import { madd } from "./simd";

/**
 * to[rows × columns] (ldt) = from[rows × columns] (ldf); columns from `columns` to ldt become 0. No overlap, or all the same place. Every NaN is written as 0x7FC00000:
 * the bits of one that was computed are the engine's choice, so results come through here on their way out.
 */
export function copyRows(rows: i32, columns: i32, from: usize, ldf: i32, to: usize, ldt: i32): void {
  const whole = columns & ~3;
  for (let r = 0; r < rows; r++) {
    let c = 0;
    for (; c < whole; c += 4) {
      const x = v128.load(from + (<usize>c << 2));
      v128.store(to + (<usize>c << 2), v128.bitselect(x, f32x4.splat(NaN), f32x4.eq(x, x)));
    }
    for (; c < columns; c++) {
      const x = load<f32>(from + (<usize>c << 2));
      store<f32>(to + (<usize>c << 2), x == x ? x : NaN);
    }
    for (; c < ldt; c++) store<f32>(to + (<usize>c << 2), 0);
    from += <usize>ldf << 2;
    to += <usize>ldt << 2;
  }
}

/** to[rows × columns] = the rows of from[… × columns] that `indices` (i32) name, in their order; both contiguous, any 32-bit values. No overlap. */
export function gatherRows(rows: i32, columns: i32, from: usize, indices: usize, to: usize): void {
  const whole = <usize>(columns & ~3) << 2, bytes = <usize>columns << 2;
  for (let r = 0; r < rows; r++, indices += 4, to += bytes) {
    const row = from + <usize>load<u32>(indices) * bytes;
    let i: usize = 0;
    for (; i < whole; i += 16) v128.store(to + i, v128.load(row + i));
    for (; i < bytes; i += 4) store<i32>(to + i, load<i32>(row + i));
  }
}

/** out[columns] = Σ over rows of x[rows × columns] (ld), in row order: the bias gradient. rows = 0 gives zeros. columns is a multiple of 4 and at most ld. */
export function sumRows(rows: i32, columns: i32, ld: i32, x: usize, out: usize): void {
  const step = <usize>ld << 2;
  for (let c = 0; c < columns; c += 4) {
    let from = x + (<usize>c << 2);
    let sum = f32x4.splat(0);
    for (let r = 0; r < rows; r++, from += step) sum = f32x4.add(sum, v128.load(from));
    v128.store(out + (<usize>c << 2), sum);
  }
}

/** y = y + parameters[0] · x, in place; n is a multiple of 8, no overlap. Each operation rounds once (fused in the relaxed build). */
export function axpy(n: i32, x: usize, y: usize, parameters: usize): void {
  const factor = v128.load32_splat(parameters);
  const end = x + ((<usize>n) << 2);
  for (; x < end; x += 16, y += 16) v128.store(y, madd(factor, v128.load(x), v128.load(y)));
}

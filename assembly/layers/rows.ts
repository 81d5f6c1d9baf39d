// Two matrices element by element: [rows × columns], ld floats from row to row, ld a multiple of 8. out may be x or y.

/** out = x + y */
export function addRows(rows: i32, _columns: i32, ld: i32, x: usize, y: usize, out: usize): void {
  const end = out + (<usize>rows * <usize>ld << 2);
  for (; out < end; x += 16, y += 16, out += 16) v128.store(out, f32x4.add(v128.load(x), v128.load(y)));
}

/** out = x · y */
export function multiplyRows(rows: i32, _columns: i32, ld: i32, x: usize, y: usize, out: usize): void {
  const end = out + (<usize>rows * <usize>ld << 2);
  for (; out < end; x += 16, y += 16, out += 16) v128.store(out, f32x4.mul(v128.load(x), v128.load(y)));
}

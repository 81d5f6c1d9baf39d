import { highPair, laneMask, lowPair, sumPairs } from "../row";

/**
 * Mean squared error. total = Σ (x − y)², gradient = 2 (x − y) / parameters[0].
 *
 * x, target, gradient: [rows × columns], ld floats from row to row; gradient may be x or 0 (not written).
 * Accuracy: x − y is rounded to f32, its square is exact in f64 and summed in f64, so the total cannot overflow;
 * gradient within 2 ULP. Padding of x and target is not read as numbers; padding of the gradient becomes 0.
 * Specials: NaN and ±∞ in a real column reach total and gradient. Source: PyTorch `MSELoss`, summed.
 */
export function meanSquaredError(
  rows: i32, columns: i32, ld: i32, x: usize, target: usize, gradient: usize, total: usize, parameters: usize,
): void {
  const scale = f32x4.splat(2 / load<f32>(parameters));
  const stride = (<usize>ld) << 2;
  let sum: f64 = 0;
  for (let r = 0; r < rows; r++) {
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    for (let c = 0; c < ld; c += 4) {
      const at = (<usize>c) << 2;
      const difference = v128.and(f32x4.sub(v128.load(x + at), v128.load(target + at)), laneMask(columns - c));
      const a = lowPair(difference);
      const b = highPair(difference);
      low = f64x2.add(low, f64x2.mul(a, a));
      high = f64x2.add(high, f64x2.mul(b, b));
      if (gradient) v128.store(gradient + at, f32x4.mul(difference, scale));
    }
    sum += sumPairs(low, high);
    x += stride;
    target += stride;
    if (gradient) gradient += stride;
  }
  store<f64>(total, sum);
}

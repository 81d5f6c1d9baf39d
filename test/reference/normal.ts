// The normal distribution in float64, to a few units in the last place, far tails included.

/** Φ(−y) e^(y²/2), y ≥ 0. */
function mills(y: number): number {
  if (y < 1.2) {
    // e^(y²/2) (Φ(y) − 1/2) = (y + y³/3 + y⁵/(3 · 5) + …) / √(2π): no term is negative, and up to here the difference loses less than two bits.
    let sum = y, term = y;
    for (let n = 3; term > sum * 1e-18; n += 2) sum += term *= (y * y) / n;
    return Math.exp((y * y) / 2) / 2 - sum / Math.sqrt(2 * Math.PI);
  }
  // Laplace's continued fraction 1 / (y + 1 / (y + 2 / (y + …))), from behind.
  let tail = y;
  for (let n = Math.ceil(250 / (y * y)) + 12; n > 0; n--) tail = y + n / tail;
  return 1 / (tail * Math.sqrt(2 * Math.PI));
}

/** φ(x) = e^(−x²/2) / √(2π). */
export const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

/** Φ(x): the integral of φ from −∞. */
export function distribution(x: number): number {
  const tail = Math.exp((-x * x) / 2) * mills(Math.abs(x));
  return x < 0 ? tail : 1 - tail;
}

// exp, log and a cosine in float64 by + − × ÷ alone, for what decides weights: Math.exp and its like differ between engines. Arguments have been checked.

const LN2_HIGH = 0.6931471803691238; // 32 bits: k · LN2_HIGH is exact
const LN2_LOW = 1.9082149292705877e-10;

/** e^x, relative error below 1e-15; 0 or Infinity where float64 ends. x = k ln 2 + r, Taylor's series in r. */
export function exp(x: number): number {
  const limited = Math.max(-760, Math.min(760, x));
  const k = Math.round(limited / LN2_HIGH);
  const r = limited - k * LN2_HIGH - k * LN2_LOW;
  let sum = 1;
  for (let i = 14; i > 0; i--) sum = 1 + (r / i) * sum;
  for (let i = Math.abs(k); i > 0; i--) sum *= k < 0 ? 0.5 : 2;
  return sum;
}

/** ln x for a finite x > 0, relative error below 1e-15. x = 2^k m with m near 1, ln m = 2 artanh(s), s = (m − 1) / (m + 1), by its series. */
export function log(x: number): number {
  let m = x;
  let k = 0;
  for (; m > Math.SQRT2; k++) m /= 2;
  for (; m < Math.SQRT1_2; k--) m *= 2;
  const s = (m - 1) / (m + 1);
  let sum = 0;
  for (let i = 23; i > 0; i -= 2) sum = sum * s * s + 1 / i;
  return k * LN2_HIGH + (k * LN2_LOW + 2 * s * sum);
}

/** (1 − cos πx) / 2 = sin² (πx / 2) for 0 ≤ x ≤ 1, relative error below 2e-15 near 0 too: from 0 to 1 along half a cosine. Taylor's series of the sine. */
export function halfCosine(x: number): number {
  if (x > 0.5) return 1 - halfCosine(1 - x);
  const angle = (Math.PI / 2) * x;
  let sum = 1;
  for (let i = 18; i > 0; i -= 2) sum = 1 - ((angle * angle) / (i * (i + 1))) * sum;
  return angle * sum * (angle * sum);
}

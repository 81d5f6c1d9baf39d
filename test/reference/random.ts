// The generator, slowly: Philox4x32-10 with its products in BigInt, and what is drawn from it.

/** Ten rounds of Philox on four u32 with a key of two. */
export function philox(counter: number[], key: number[]): number[] {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const p0 = 0xd2511f53n * BigInt(c0);
    const p1 = 0xcd9e8d57n * BigInt(c2);
    [c0, c1, c2, c3] = [
      (Number(p1 >> 32n) ^ c1 ^ k0) >>> 0,
      Number(p1 & 0xffffffffn),
      (Number(p0 >> 32n) ^ c3 ^ k1) >>> 0,
      Number(p0 & 0xffffffffn),
    ];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** Seed low, seed high, stream, purpose. */
export type Key = [number, number, number, number];

/** The words of a stream, without end. */
export function* words([seedLow, seedHigh, stream, purpose]: Key): Generator<number, never> {
  for (let block = 0n; ; block++) {
    yield* philox([Number(block & 0xffffffffn), Number(block >> 32n), stream, purpose], [seedLow, seedHigh]);
  }
}

export function randomBits(n: number, key: Key): number[] {
  const source = words(key);
  return Array.from({ length: n }, () => source.next().value);
}

/** The next f32 below x. */
function below(x: number): number {
  const f = new Float32Array([x]);
  const u = new Int32Array(f.buffer);
  if (x === 0) return -(2 ** -149);
  u[0] += x > 0 ? -1 : 1;
  return f[0];
}

export function randomUniform(n: number, low: number, high: number, key: Key): number[] {
  const width = Math.fround(high - low);
  const last = Math.max(low, below(high));
  return randomBits(n, key).map((word) => Math.min(Math.fround(low + Math.fround((word >>> 8) * 2 ** -24 * width)), last));
}

/** The upper tail of the standard normal distribution at x ≥ 0: a series near 0, a continued fraction beyond 2. */
function upperTail(x: number): number {
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  if (x > 2) {
    let fraction = x;
    for (let k = 300; k > 0; k--) fraction = x + k / fraction;
    return density / fraction;
  }
  let term = x;
  let sum = x;
  for (let k = 3; term > 1e-20; k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return 0.5 - density * sum;
}

/** The x with P(X ≤ x) = p, by bisection. */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  let near = 0;
  let far = 10;
  for (let i = 0; i < 60; i++) {
    const middle = (near + far) / 2;
    if (upperTail(middle) > p) near = middle;
    else far = middle;
  }
  return -(near + far) / 2;
}

export function randomNormal(n: number, mean: number, deviation: number, key: Key): number[] {
  return randomBits(n, key).map((word) => mean + deviation * normalQuantile((word + 0.5) * 2 ** -32));
}

/** Fisher–Yates from the end; an index below `bound` by multiplying a word with it, drawn again where that would be biased. */
export function shuffled<T>(items: readonly T[], key: Key): T[] {
  const source = words(key);
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const bound = BigInt(i + 1);
    let product = 0n;
    do product = BigInt(source.next().value) * bound;
    while ((product & 0xffffffffn) < 0x100000000n % bound);
    const j = Number(product >> 32n);
    [result[i], result[j]] = [result[j], result[i]];
  }
  return result;
}

/** Test data: uniform numbers in [low, high), a stream for each seed. */
export function sampler(seed: number): (low: number, high: number) => number {
  const source = words([seed, 0, 0, 0x7e57]);
  return (low, high) => low + (source.next().value / 2 ** 32) * (high - low);
}

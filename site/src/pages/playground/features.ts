// THE table of features: what the network is given of a point.

interface FeatureRow {
  readonly label: string;
  /** The same in JavaScript, of a and b. */
  readonly code: string;
  readonly of: (x1: number, x2: number) => number;
}

export const featureTable = {
  x1: { label: "x₁", code: "a", of: (a) => a },
  x2: { label: "x₂", code: "b", of: (_a, b) => b },
  x1x1: { label: "x₁²", code: "a * a", of: (a) => a * a },
  x2x2: { label: "x₂²", code: "b * b", of: (_a, b) => b * b },
  x1x2: { label: "x₁x₂", code: "a * b", of: (a, b) => a * b },
  sin1: { label: "sin x₁", code: "Math.sin(a)", of: (a) => Math.sin(a) },
  sin2: { label: "sin x₂", code: "Math.sin(b)", of: (_a, b) => Math.sin(b) },
} as const satisfies Readonly<Record<string, FeatureRow>>;

export type FeatureId = keyof typeof featureTable;

/** Rows of features, row-major, from pairs x1, x2. */
export function featuresOf(points: Float64Array, features: readonly FeatureId[]): Float32Array {
  const count = points.length / 2;
  const columns = features.map((id) => featureTable[id].of);
  const rows = new Float32Array(count * columns.length);
  for (let i = 0, o = 0; i < count; i++) {
    for (const of of columns) rows[o++] = of(points[2 * i], points[2 * i + 1]);
  }
  return rows;
}

/** x1, x2 at the middles of size × size cells of the square ±reach, from the top left, row by row. */
export function grid(size: number, reach: number): Float64Array {
  const at = (i: number) => ((2 * i + 1) / size - 1) * reach;
  const points = new Float64Array(2 * size * size);
  for (let row = 0, o = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      points[o++] = at(column);
      points[o++] = -at(row);
    }
  }
  return points;
}

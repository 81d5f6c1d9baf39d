// THE table of data sets: points in the square ±3, each with a class or a number from −1 to 1.

import { createRandom, normal, permutation } from "./random";

/** Half the side of the square that all data lie in. */
export const REACH = 3;

/** In float64, so that they are the decimal numbers that the printed code holds. */
export interface Points {
  /** x1, x2 of each point, one behind the other. */
  readonly x: Float64Array;
  /** Class numbers from 0, or what is to be predicted. */
  readonly y: Float64Array;
}

export interface DataSet extends Points {
  /** Undefined for a regression. */
  readonly classes: number | undefined;
  /** The first rows train, the others test. */
  readonly trainCount: number;
  /** What the axes stand for, where it is not x₁ and x₂. */
  readonly names?: readonly [string, string];
  readonly classNames?: readonly string[];
}

interface DataRow {
  readonly label: string;
  readonly classes: number | undefined;
  /** Where a point of class c lies, or any point of a regression; `t` from 0 to 1 spreads them. */
  place(c: number, t: number, random: () => number): readonly [number, number];
  /** For a regression: what belongs to a place. */
  value?(x1: number, x2: number): number;
}

const { PI, cos, exp, hypot, sin, sqrt } = Math;

const disc = (low: number, high: number, t: number, random: () => number): [number, number] => {
  const angle = 2 * PI * random();
  const radius = sqrt(low * low + (high * high - low * low) * t);
  return [radius * cos(angle), radius * sin(angle)];
};
const anywhere = (_c: number, _t: number, random: () => number): [number, number] => [(2 * random() - 1) * 2.8, (2 * random() - 1) * 2.8];
const hills = [[-1.6, 1.3, 1], [1.5, 1.6, -1], [0.1, -0.1, 1], [-1.4, -1.6, -1], [1.6, -1.4, 1]] as const;

export const dataTable = {
  circles: { label: "Circles", classes: 2, place: (c, t, random) => (c === 0 ? disc(0, 1.25, t, random) : disc(1.9, 2.75, t, random)) },
  xor: {
    label: "XOR", classes: 2,
    place(c, _t, random) {
      const x1 = 0.15 + 2.5 * random();
      const x2 = 0.15 + 2.5 * random();
      const side = random() < 0.5 ? 1 : -1;
      return [side * x1, (c === 0 ? side : -side) * x2];
    },
  },
  gaussians: { label: "Gaussians", classes: 2, place: (c, _t, random) => [(c === 0 ? -1.15 : 1.15) + 0.55 * normal(random), (c === 0 ? -1.15 : 1.15) + 0.55 * normal(random)] },
  moons: {
    label: "Moons", classes: 2,
    place(c, t) {
      const angle = PI * t;
      return c === 0 ? [1.7 * cos(angle) - 0.85, 1.7 * sin(angle) - 0.45] : [0.85 - 1.7 * cos(angle), 0.45 - 1.7 * sin(angle)];
    },
  },
  spirals: {
    label: "Spirals", classes: 2,
    place(c, t) {
      const radius = 0.15 + 2.55 * t;
      const angle = 1.75 * 2 * PI * t + c * PI;
      return [radius * sin(angle), radius * cos(angle)];
    },
  },
  pinwheel: {
    label: "Pinwheel", classes: 4,
    place(c, t, random) {
      const radius = 0.35 + 2.3 * t;
      const angle = (c / 4) * 2 * PI + 0.75 * radius + 0.12 * normal(random);
      return [radius * cos(angle), radius * sin(angle)];
    },
  },
  plane: { label: "Plane", classes: undefined, place: anywhere, value: (x1, x2) => (x1 + x2) / (2 * REACH) },
  hills: {
    label: "Hills", classes: undefined, place: anywhere,
    value: (x1, x2) => hills.reduce((sum, [h1, h2, sign]) => sum + sign * exp(-(hypot(x1 - h1, x2 - h2) ** 2) / 0.9), 0),
  },
} as const satisfies Readonly<Record<string, DataRow>>;

export type DataId = keyof typeof dataTable;

/** Three decimals: the code that reproduces a network holds its data, and short numbers that are exactly these. */
const short = (value: number): number => Math.round(value * 1000) / 1000;

/**
 * `count` points of a data set, in drawn order, classes in equal parts. `noise` from 0 to 1 spreads the points of a class and adds to the values of a regression.
 * The test points are others for another share, but each point is the same.
 */
export function generate(id: DataId, count: number, noise: number, trainShare: number, seed: number): DataSet {
  const { classes, place, value }: DataRow = dataTable[id];
  const random = createRandom(seed);
  const x = new Float64Array(2 * count);
  const y = new Float64Array(count);
  const kinds = classes ?? 1;
  for (const [i, row] of permutation(count, random).entries()) {
    const [x1, x2] = place(i % kinds, (Math.floor(i / kinds) + 0.5) / Math.ceil(count / kinds), random);
    const [n1, n2] = [normal(random), normal(random)];
    const clean = value === undefined;
    const moved = clean ? [x1 + 0.8 * noise * n1, x2 + 0.8 * noise * n2] : [x1, x2];
    x.set(moved.map((v) => short(Math.max(-REACH, Math.min(REACH, v)))), 2 * row);
    y[row] = value === undefined ? i % kinds : short(Math.max(-1, Math.min(1, value(x1, x2) + 0.5 * noise * n1)));
  }
  return { x, y, classes, trainCount: splitAt(count, trainShare) };
}

/** At least one row on each side. */
export function splitAt(count: number, trainShare: number): number {
  return Math.max(1, Math.min(count - 1, Math.round(count * trainShare)));
}

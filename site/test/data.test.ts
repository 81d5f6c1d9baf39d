import { describe, expect, it } from "vitest";
import { dataTable, generate, REACH, splitAt, type DataId } from "../src/pages/playground/data";
import { featuresOf, featureTable, grid, type FeatureId } from "../src/pages/playground/features";
import { createRandom, normal, permutation } from "../src/pages/playground/random";

const ids = Object.keys(dataTable) as DataId[];

describe.each(ids)("data set %s", (id) => {
  const { classes } = dataTable[id];

  it("gives the same points for the same seed, and others for another", () => {
    const [a, b, c] = [7, 7, 8].map((seed) => generate(id, 200, 0.2, 0.7, seed));
    expect(a).toEqual(b);
    expect(a.x).not.toEqual(c.x);
  });

  it.each([0, 0.1, 1])("keeps to the square and to its values with noise %d", (noise) => {
    const { x, y } = generate(id, 331, noise, 0.7, 1);
    expect(x).toHaveLength(662);
    expect(y).toHaveLength(331);
    expect(x.every((value) => Math.abs(value) <= REACH)).toBe(true);
    if (classes === undefined) expect(y.every((value) => Math.abs(value) <= 1)).toBe(true);
    else expect(y.every((value) => Number.isInteger(value) && value >= 0 && value < classes)).toBe(true);
  });

  it("has classes in equal parts, on both sides of the split", () => {
    const { y, trainCount } = generate(id, 400, 0.1, 0.7, 5);
    expect(trainCount).toBe(280);
    if (classes === undefined) return;
    const share = (rows: Float64Array, kind: number) => rows.filter((value) => value === kind).length / rows.length;
    for (let kind = 0; kind < classes; kind++) {
      expect(share(y, kind)).toBeCloseTo(1 / classes, 2);
      expect(Math.abs(share(y.subarray(0, trainCount), kind) - 1 / classes)).toBeLessThan(0.12);
    }
  });

  it("moves the split, not the points, with the share", () => {
    const [a, b] = [0.3, 0.8].map((share) => generate(id, 100, 0.1, share, 2));
    expect(a.x).toEqual(b.x);
    expect([a.trainCount, b.trainCount]).toEqual([30, 80]);
  });

  it("has short numbers, which the printed code can hold exactly", () => {
    const { x } = generate(id, 100, 0.3, 0.7, 3);
    expect(x.every((value) => Number(value.toFixed(3)) === value)).toBe(true);
  });
});

it("separates circles, moons, spirals and pinwheel without noise", () => {
  // The nearest other point is of the same class.
  for (const id of ["circles", "moons", "spirals", "pinwheel"] as const) {
    const { x, y } = generate(id, 400, 0, 0.7, 1);
    for (let i = 0; i < 400; i++) {
      let [nearest, least] = [-1, Infinity];
      for (let j = 0; j < 400; j++) {
        const distance = Math.hypot(x[2 * i] - x[2 * j], x[2 * i + 1] - x[2 * j + 1]);
        if (j !== i && distance < least) [nearest, least] = [j, distance];
      }
      expect(y[nearest], `${id}, point ${i}`).toBe(y[i]);
    }
  }
});

it("leaves at least one row on each side of a split", () => {
  expect([splitAt(4, 0.01), splitAt(4, 0.99), splitAt(10, 0.5)]).toEqual([1, 3, 5]);
});

describe("random numbers", () => {
  it("are uniform, normal and permutations", () => {
    const random = createRandom(4);
    const draws = Array.from({ length: 20_000 }, random);
    expect(draws.every((value) => value >= 0 && value < 1)).toBe(true);
    for (let tenth = 0; tenth < 10; tenth++) expect(draws.filter((value) => Math.floor(10 * value) === tenth).length / 20_000).toBeCloseTo(0.1, 1);
    const normals = Array.from({ length: 20_000 }, () => normal(random));
    const mean = normals.reduce((sum, value) => sum + value) / 20_000;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.sqrt(normals.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 20_000)).toBeCloseTo(1, 1);
    expect(permutation(50, random).sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });
});

describe("features", () => {
  it("are what their code says, row by row", () => {
    const all = Object.keys(featureTable) as FeatureId[];
    const points = Float64Array.of(0.5, -2, 1.5, 0.25);
    const rows = featuresOf(points, all);
    for (const [r, [a, b]] of [[0.5, -2], [1.5, 0.25]].entries()) {
      for (const [f, id] of all.entries()) expect(rows[r * all.length + f]).toBe(Math.fround(new Function("a", "b", `return ${featureTable[id].code}`)(a, b)));
    }
  });

  it("has grids from the top left, at the middles of their cells", () => {
    expect([...grid(2, 3)]).toEqual([-1.5, 1.5, 1.5, 1.5, -1.5, -1.5, 1.5, -1.5]);
  });
});

import { describe, expect, it } from "vitest";
import { layoutOf } from "../src/pages/playground/layout";

describe.each([320, 358, 620, 1100])("the network in %d pixels", (width) => {
  it.each([[1, [2]], [1, [2, 8, 8]], [4, [7, 64]], [1, [2, ...Array(64).fill(64)]], [3, [2, ...Array(64).fill(1)]], [1, [2, ...Array(20).fill(8)]], [8, [1, ...Array(7).fill(33)]]] as const)("has room for %d outputs behind %j", (outputs, units) => {
    const { columns, output, tile, height } = layoutOf(width, units, outputs);
    expect(columns.map(({ tops }) => tops.length)).toEqual(units);
    expect(output.tops).toHaveLength(outputs);
    const taken = new Set<string>();
    for (const { x, tops } of columns) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x + tile).toBeLessThanOrEqual(width);
      for (const top of tops) {
        expect(Number.isInteger(top) && top >= 0 && top + tile <= height).toBe(true);
        // No two pictures overlap.
        for (const [dx, dy] of [[0, 0], [tile - 1, tile - 1]]) {
          expect(taken.has(`${x + dx},${top + dy}`)).toBe(false);
          taken.add(`${x + dx},${top + dy}`);
        }
      }
    }
  });
});

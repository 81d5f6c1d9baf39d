import { describe, expect, it } from "vitest";
import { dataSetFrom, readTable } from "../src/pages/playground/csv";
import { REACH } from "../src/pages/playground/data";

const flowers = `length,width,kind
1.4,0.2,setosa
4.7,1.4,versicolor
1.3,0.3,setosa
4.5,1.5,versicolor
`;

describe("reading", () => {
  it("takes the names of the columns from a header", async () => {
    expect(await readTable(flowers)).toEqual({
      names: ["length", "width", "kind"],
      rows: [["1.4", "0.2", "setosa"], ["4.7", "1.4", "versicolor"], ["1.3", "0.3", "setosa"], ["4.5", "1.5", "versicolor"]],
    });
  });

  it.each([
    ["semicolons", "a;b;c\n1;2;0\n3;4;1\n"],
    ["tabs", "a\tb\tc\n1\t2\t0\n3\t4\t1\n"],
    ["a byte order mark and Windows line ends", "\uFEFFa,b,c\r\n1,2,0\r\n3,4,1\r\n"],
    ["quotes and blank lines", '"a","b","c"\n\n"1","2","0"\n3,4,1\n\n'],
  ])("understands %s", async (_what, text) => {
    expect(await readTable(text)).toEqual({ names: ["a", "b", "c"], rows: [["1", "2", "0"], ["3", "4", "1"]] });
  });

  it("takes numbers in the first row as data", async () => {
    expect(await readTable("1,2,0\n3,4,1\n")).toEqual({ names: ["column 1", "column 2", "column 3"], rows: [["1", "2", "0"], ["3", "4", "1"]] });
    expect((await readTable("1,2,red\n3,4,blue\n")).rows).toHaveLength(2);
  });

  it.each([
    ["", /empty/],
    ["a,b\n1,2\n", /three columns/],
    ["a,b,c\n1,2,0\n3,4\n", /Row 3 has 2 columns, the first has 3/],
    ['a,b,c\n1,"2,0\n', /Row \d+: Quoted field unterminated/],
    [`a,b,c\n${"1,2,0\n".repeat(20_001)}`, /20001 rows/],
  ])("says what is wrong: %#", async (text, message) => {
    await expect(readTable(text)).rejects.toThrow(message);
  });
});

describe("a data set from a table", () => {
  it("has the words of the target as classes, and both columns in the square", async () => {
    const data = dataSetFrom(await readTable(flowers), 0, 1, 2, 1);
    expect(data.classes).toBe(2);
    expect(data.classNames).toEqual(["setosa", "versicolor"]);
    expect(data.names).toEqual(["length", "width"]);
    for (let i = 0; i < 4; i++) expect(data.y[i]).toBe(data.x[2 * i] > 0 ? 1 : 0);
    expect(Math.max(...data.x)).toBeCloseTo(0.92 * REACH, 2);
    expect(Math.min(...data.x)).toBeCloseTo(-0.92 * REACH, 2);
  });

  it("is a regression where the target holds many numbers", async () => {
    const rows = Array.from({ length: 12 }, (_, i) => `${i},${i * i},${i / 3}`).join("\n");
    const data = dataSetFrom(await readTable(rows), 0, 1, 2, 1);
    expect(data.classes).toBeUndefined();
    expect([Math.min(...data.y), Math.max(...data.y)]).toEqual([-1, 1]);
  });

  it("keeps the cells of a row together in the drawn order", async () => {
    const rows = Array.from({ length: 50 }, (_, i) => `${i},${-i},${i % 2}`).join("\n");
    const { x, y } = dataSetFrom(await readTable(rows), 0, 1, 2, 3);
    for (let i = 0; i < 50; i++) {
      expect(x[2 * i]).toBeCloseTo(-x[2 * i + 1], 5);
      expect(Math.round(((x[2 * i] / (0.92 * REACH) + 1) / 2) * 49) % 2).toBe(y[i]);
    }
  });

  it.each([
    ["a,b,c\n1,x,0\n2,3,1\n4,5,0\n6,7,1\n", /“b” must hold numbers only; row 1 has “x”/],
    ["a,b,c\n1,2,0\n3,4,1\n", /at least 4/],
    ["a,b,c\n1,2,u\n3,4,u\n5,6,u\n7,8,u\n", /“c” is “u” in every row/],
    [`a,b,c\n${Array.from({ length: 9 }, (_, i) => `${i},${i},w${i}`).join("\n")}`, /9 different words/],
  ])("says what is wrong: %#", async (text, message) => {
    const table = await readTable(text);
    expect(() => dataSetFrom(table, 0, 1, 2, 1)).toThrow(message);
  });
});

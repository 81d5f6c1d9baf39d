// Points from the user's own CSV: which columns there are, and a data set from three of them. Papa Parse reads the text; it is fetched when it is first needed.

import { createRandom, permutation } from "./random";
import { REACH, type DataSet } from "./data";

export interface Table {
  readonly names: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** More rows than this are more than the page can show. */
export const MOST_ROWS = 20_000;
/** More classes than this are numbers, not classes. */
const MOST_CLASSES = 8;

/** @throws Error in words for the user */
export async function readTable(text: string): Promise<Table> {
  const { parse } = (await import("papaparse")).default;
  const { data, errors } = parse<string[]>(text.replace(/^\uFEFF/, ""), { skipEmptyLines: "greedy" });
  // A single column has no delimiter to find, and is of no use either.
  const wrong = errors.find(({ type }) => type === "Quotes");
  if (wrong) throw new Error(`Row ${(wrong.row ?? 0) + 1}: ${wrong.message}.`);
  if (data.length === 0) throw new Error("The file is empty.");
  const width = data[0].length;
  if (width < 3) throw new Error(`A row needs three columns or more, two to learn from and one to predict; the first has ${width}.`);
  const uneven = data.findIndex((row) => row.length !== width);
  if (uneven >= 0) throw new Error(`Row ${uneven + 1} has ${data[uneven].length} columns, the first has ${width}.`);
  const hasHeader = data.length > 1 && data[0].every((cell, c) => !isNumber(cell) || c === width - 1) && data[0].some((_, c) => !isNumber(data[0][c]) && isNumber(data[1][c]));
  const rows = hasHeader ? data.slice(1) : data;
  if (rows.length > MOST_ROWS) throw new Error(`The file has ${rows.length} rows; this page takes ${MOST_ROWS}.`);
  return { names: hasHeader ? data[0].map((name, c) => name.trim() || `column ${c + 1}`) : data[0].map((_, c) => `column ${c + 1}`), rows };
}

const isNumber = (cell: string | undefined): boolean => cell !== undefined && cell.trim() !== "" && Number.isFinite(Number(cell));

/** Columns that hold numbers only. */
export const numericColumns = ({ names, rows }: Table): number[] => names.flatMap((_, c) => (rows.every((row) => isNumber(row[c])) ? [c] : []));

/**
 * Columns a and b, each moved and scaled into the square, against `target`: classes if it holds words or at most 8 whole numbers, else numbers scaled to ±1.
 * The rows come in drawn order, so that train and test are alike.
 */
export function dataSetFrom({ names, rows }: Table, a: number, b: number, target: number, seed: number): DataSet {
  const numeric = numericColumns({ names, rows });
  for (const column of [a, b]) {
    if (!numeric.includes(column)) {
      const row = rows.findIndex((cells) => !isNumber(cells[column]));
      throw new Error(`“${names[column]}” must hold numbers only; row ${row + 1} has “${rows[row][column]}”.`);
    }
  }
  if (rows.length < 4) throw new Error(`The file has ${rows.length} rows of data; it needs at least 4.`);
  const order = permutation(rows.length, createRandom(seed));
  const scaled = (column: number, reach: number): number[] => {
    const values = order.map((row) => Number(rows[row][column]));
    const low = values.reduce((least, value) => Math.min(least, value), Infinity);
    const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
    return values.map((value) => Math.round((high > low ? (2 * (value - low)) / (high - low) - 1 : 0) * reach * 1000) / 1000);
  };
  const [x1, x2] = [scaled(a, 0.92 * REACH), scaled(b, 0.92 * REACH)];
  const cells = order.map((row) => rows[row][target].trim());
  const kinds = [...new Set(cells)].sort((left, right) => (isNumber(left) && isNumber(right) ? Number(left) - Number(right) : left < right ? -1 : 1));
  const words = !numeric.includes(target);
  if (words && kinds.length > MOST_CLASSES) throw new Error(`“${names[target]}” has ${kinds.length} different words; this page shows up to ${MOST_CLASSES} classes.`);
  const asClasses = words || (kinds.length <= MOST_CLASSES && kinds.every((kind) => Number.isInteger(Number(kind))));
  if (asClasses && kinds.length < 2) throw new Error(`“${names[target]}” is “${kinds[0]}” in every row: there is nothing to tell apart.`);
  return {
    x: Float64Array.from({ length: 2 * rows.length }, (_, i) => (i % 2 === 0 ? x1 : x2)[i >> 1]),
    y: Float64Array.from(asClasses ? cells.map((cell) => kinds.indexOf(cell)) : scaled(target, 1)),
    classes: asClasses ? kinds.length : undefined,
    trainCount: rows.length,
    names: [names[a], names[b]],
    classNames: asClasses ? kinds : undefined,
  };
}

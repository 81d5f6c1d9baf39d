// Where the pictures of the units lie: a column for the inputs and for each hidden layer, then the output.

export interface ColumnLayout {
  readonly x: number;
  /** Upper ends of the pictures, in whole pixels. */
  readonly tops: readonly number[];
}

export interface Layout {
  /** Side of a picture, in whole pixels. */
  readonly tile: number;
  readonly columns: readonly ColumnLayout[];
  readonly output: ColumnLayout;
  readonly height: number;
  /** Whether lines between columns have room, and names below them. */
  readonly roomy: boolean;
  /** Middle of the line of names. */
  readonly names: number;
}

const LARGEST = 38;
const TALLEST = 380;
/** Height of the line of names, and between two bands. */
const NAMES = 18;
const BETWEEN = 14;

/** Side of a picture with the columns in so many bands, one below the other. */
function tileFor(width: number, count: number, most: number, bands: number): { pitch: number; roomy: boolean; tile: number } {
  const pitch = (width - 14) / Math.ceil(count / bands);
  const roomy = bands === 1 && pitch >= 40;
  return { pitch, roomy, tile: Math.max(3, Math.min(LARGEST, Math.floor(roomy ? pitch * 0.55 : pitch * 0.9), Math.floor((TALLEST / bands / most) * 0.86))) };
}

/** `width` in pixels, `units` of the inputs and the hidden layers, and how many outputs. */
export function layoutOf(width: number, units: readonly number[], outputs: number): Layout {
  const most = Math.max(...units, outputs);
  const count = units.length;
  // Deep networks go on in a further band where that makes their pictures larger.
  const bands = [1, 2, 3, 4].reduce((best, n) => (tileFor(width, count, most, n).tile > tileFor(width, count, most, best).tile ? n : best));
  const { pitch, roomy, tile } = tileFor(width, count, most, bands);
  const gap = tile > 14 ? 5 : tile > 6 ? 2 : 1;
  const perBand = Math.ceil(count / bands);
  const body = most * (tile + gap) + 4;
  const tops = (n: number, band: number) => Array.from({ length: n }, (_, u) => Math.round(band * (body + BETWEEN) + (body - n * (tile + gap) + gap) / 2 + u * (tile + gap)));
  const place = (c: number) => Math.floor((c % perBand) * pitch + (roomy ? 6 : (pitch - tile) / 2));
  const height = bands * body + (bands - 1) * BETWEEN;
  return {
    tile, roomy, height: height + (roomy ? NAMES : 0), names: height + NAMES / 2,
    columns: units.map((n, c) => ({ x: place(c), tops: tops(n, Math.floor(c / perBand)) })),
    output: { x: bands > 1 ? Math.floor((((count - 1) % perBand) + 1) * pitch + 1) : Math.floor(width - 12), tops: tops(outputs, bands - 1) },
  };
}

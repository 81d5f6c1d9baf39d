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
const NAMES = 18;

/** `width` in pixels, `units` of the inputs and the hidden layers, and how many outputs. */
export function layoutOf(width: number, units: readonly number[], outputs: number): Layout {
  const most = Math.max(...units, outputs);
  const pitch = (width - 14) / units.length;
  const roomy = pitch >= 40;
  const tile = Math.max(3, Math.min(LARGEST, Math.floor(roomy ? pitch * 0.55 : pitch * 0.9), Math.floor((TALLEST / most) * 0.86)));
  const gap = tile > 14 ? 5 : tile > 6 ? 2 : 1;
  const body = most * (tile + gap) + 4;
  const tops = (count: number) => Array.from({ length: count }, (_, u) => Math.round((body - count * (tile + gap) + gap) / 2 + u * (tile + gap)));
  return {
    tile, roomy, height: body + (roomy ? NAMES : 0), names: body + NAMES / 2,
    columns: units.map((count, c) => ({ x: Math.floor(c * pitch + (roomy ? 6 : (pitch - tile) / 2)), tops: tops(count) })),
    output: { x: Math.floor(width - 12), tops: tops(outputs) },
  };
}

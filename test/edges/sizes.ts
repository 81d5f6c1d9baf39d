// Which sizes have edges: tiles and blocks, read from the sources of the kernels, and what lies round them.

import { readFileSync } from "node:fs";
import type { Build } from "../instance.js";

/** A constant of assembly/<file>, of the relaxed build where the two differ. */
function constant(file: string, name: string, relaxed = false): number {
  const source = readFileSync(new URL(`../../assembly/${file}.ts`, import.meta.url), "utf8");
  const found = new RegExp(`const ${name}: i32 = (?:ASC_FEATURE_RELAXED_SIMD \\? (\\d+) : )?(\\d+);`).exec(source);
  if (found === null) throw new Error(`assembly/${file}.ts: ${name} must be a number`);
  return Number((relaxed && found[1]) || found[2]);
}

/** Rows of a tile. */
export const tileRows = (build: Build): number => constant("microkernel", "MR", build === "relaxed");
/** Columns of a panel. */
export const NR = constant("microkernel", "NR");
/** Terms of a sum between two stores, of rows of A between two panels, and of rows of the batch in the weight gradient. */
export const [KC, MC, BC] = ["KC", "MC", "BC"].map((name) => constant("gemm", name));
/** From this product of rows and power of 2 in their stride on, the weight gradient copies dZ. */
export const CROWDED = constant("gemm", "CROWDED");

const aroundTile = (size: number, prime: number): number[] => [...new Set([0, 1, 2, size - 1, size, size + 1, 2 * size + 1, prime])];

/** Rows of C; the last is the first prime above a block. */
export const rowCounts = (build: Build): number[] => [...aroundTile(tileRows(build), 23), 131];
/** Columns of C; 53 are seven panels, which gemv takes as four, two and one. */
export const columnCounts = aroundTile(NR, 53);
/** Terms of a sum. */
export const innerCounts = (block: number): number[] => [0, 1, block - 1, block, block + 1, 3 * block + 2, 4097];

/** Shapes with more than a block of rows as well as of terms show nothing new and take most of the time. */
export const worthwhile = (m: number, k: number): boolean => m <= MC || k <= KC + 1;

/** `width`, one more, and the next prime from two more on. */
export function strides(width: number): number[] {
  let prime = Math.max(width + 2, 2);
  while (Array.from({ length: Math.floor(Math.sqrt(prime)) - 1 }, (_, i) => i + 2).some((divisor) => prime % divisor === 0)) prime += 1;
  return [width, width + 1, prime];
}

/** The same in whole panels, for matrices whose rows must be. */
export const panelStrides = (width: number): number[] => strides(Math.ceil(width / NR)).map((panels) => panels * NR);

// Digits in the terminal: one character holds two pixels, one above the other, so a digit is 28 columns by 14 lines.

import { SIDE } from "./digits.js";
import type { Terminal } from "./terminal.js";

const GAP = 2;

/** 14 lines, each 28 columns wide, for 784 pixels in [0, 1]. */
export function drawDigit(pixels: Float32Array, terminal: Terminal): string[] {
  const lines: string[] = [];
  for (let y = 0; y < SIDE; y += 2) {
    let line = "";
    for (let x = 0; x < SIDE; x++) {
      const upper = pixels[y * SIDE + x];
      const lower = pixels[(y + 1) * SIDE + x];
      line += terminal.grey ? greyPair(upper, lower) : inkPair(upper, lower);
    }
    lines.push(terminal.grey ? `${line}\x1b[0m` : line);
  }
  return lines;
}

/** The upper pixel as the colour of an upper half block, the lower one as the colour behind it. */
function greyPair(upper: number, lower: number): string {
  return `\x1b[38;5;${grey(upper)};48;5;${grey(lower)}m▀`;
}

/** Colours 232 to 255 of the 256-colour palette are greys from near black to near white. */
function grey(ink: number): number {
  return 232 + Math.round(ink * 23);
}

function inkPair(upper: number, lower: number): string {
  return " ▄▀█"[2 * Number(upper >= 0.5) + Number(lower >= 0.5)];
}

/** Joins blocks of lines, each SIDE columns wide, into rows of as many blocks as fit in `columns`. */
export function sideBySide(blocks: string[][], columns: number): string[] {
  const perRow = Math.max(1, Math.floor((columns + GAP) / (SIDE + GAP)));
  const lines: string[] = [];
  for (let first = 0; first < blocks.length; first += perRow) {
    const row = blocks.slice(first, first + perRow);
    if (first > 0) lines.push("");
    for (let i = 0; i < row[0].length; i++) lines.push(row.map((block) => pad(block[i])).join(" ".repeat(GAP)).trimEnd());
  }
  return lines;
}

function pad(line: string): string {
  const shown = line.replace(/\x1b\[[\d;]*m/g, "").length;
  return line + " ".repeat(Math.max(0, SIDE - shown));
}

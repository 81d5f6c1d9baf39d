// What the trained network got right and wrong, as text, and the digest of its weights.

import { createHash } from "node:crypto";
import { endianness } from "node:os";
import { CLASSES, PIXELS, type Digits } from "./digits.js";
import { drawDigit, sideBySide } from "./drawing.js";
import { grouped } from "./progress.js";
import type { Terminal } from "./terminal.js";

export interface Mistake {
  /** Index among the test digits. */
  index: number;
  label: number;
  predicted: number;
  probability: number;
}

export interface Results {
  correct: number;
  count: number;
  /** Mean of -log(probability of the true digit). */
  loss: number;
  /** confusion[label][predicted] counts digits. */
  confusion: number[][];
  /** Surest first. */
  mistakes: Mistake[];
}

/** `probabilities` is count × 10, row-major. */
export function judge(probabilities: Float32Array, labels: Uint8Array): Results {
  const confusion = Array.from({ length: CLASSES }, () => new Array<number>(CLASSES).fill(0));
  const mistakes: Mistake[] = [];
  let loss = 0;
  labels.forEach((label, index) => {
    const row = probabilities.subarray(index * CLASSES, (index + 1) * CLASSES);
    let predicted = 0;
    for (let digit = 1; digit < CLASSES; digit++) if (row[digit] > row[predicted]) predicted = digit;
    confusion[label][predicted]++;
    // The smallest float32 stands for a probability that rounded to 0, whose log would be infinite.
    loss -= Math.log(Math.max(row[label], 2 ** -149));
    if (predicted !== label) mistakes.push({ index, label, predicted, probability: row[predicted] });
  });
  mistakes.sort((a, b) => b.probability - a.probability || a.index - b.index);
  const count = labels.length;
  return { correct: count - mistakes.length, count, loss: loss / count, confusion, mistakes };
}

export function accuracyLine(results: Results, terminal: Terminal): string {
  const accuracy = terminal.bold(`${((100 * results.correct) / results.count).toFixed(2)} %`);
  const share = `${grouped(results.correct)} of ${grouped(results.count)} test digits`;
  return `Test accuracy ${accuracy}: ${share}, loss ${results.loss.toFixed(4)}`;
}

export function confusionMatrix(results: Results, terminal: Terminal): string {
  const width = Math.max(4, String(results.count).length) + 1;
  const digits = Array.from({ length: CLASSES }, (_, digit) => digit);
  const head = digits.map((digit) => String(digit).padStart(width)).join("");
  const rows = results.confusion.map((row, label) => {
    const total = row.reduce((sum, n) => sum + n, 0);
    const cells = row.map((n, predicted) => {
      const text = (n === 0 ? "·" : String(n)).padStart(width);
      if (n === 0) return terminal.dim(text);
      if (predicted === label) return terminal.good(text);
      // Only what goes wrong often stands out.
      return n >= total / 100 ? terminal.bad(text) : text;
    });
    const found = total === 0 ? "-" : `${((100 * row[label]) / total).toFixed(1)} %`;
    return `  ${terminal.bold(String(label))} ${cells.join("")}  ${terminal.dim(found.padStart(7))}`;
  });
  const title = `${terminal.bold("Confusion matrix")}: a row for each true digit, a column for each prediction`;
  return [title, `    ${terminal.bold(head)}    ${terminal.dim("found")}`, ...rows].join("\n");
}

/** The mistakes the network was surest of, drawn as many to a row as the terminal has room for. */
export function worstMistakes(results: Results, test: Digits, terminal: Terminal, howMany = 5): string {
  const worst = results.mistakes.slice(0, howMany);
  if (worst.length === 0) return `${terminal.bold("Worst mistakes")}: none`;
  const drawings = worst.map(({ index, label, predicted, probability }) => [
    ...drawDigit(test.images.subarray(index * PIXELS, (index + 1) * PIXELS), terminal),
    `true ${label}, predicted ${predicted}`,
    `p = ${probability.toFixed(4)}, test digit ${index}`,
  ]);
  const title = `${terminal.bold("Worst mistakes")}: wrong, and surest of it`;
  return [title, ...sideBySide(drawings, terminal.columns())].join("\n");
}

export interface LayerWeights {
  weights?: Float32Array;
  bias?: Float32Array;
}

/** SHA-256 over each layer's arrays (weights, then bias) as little-endian float32, in layer order. */
export function weightsDigest(layers: Iterable<{ getWeights(): LayerWeights }>): string {
  const hash = createHash("sha256");
  for (const layer of layers) {
    for (const values of Object.values(layer.getWeights())) if (values) hash.update(littleEndian(values));
  }
  return hash.digest("hex");
}

function littleEndian(values: Float32Array): Uint8Array {
  if (endianness() === "LE") return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return Buffer.from(values.slice().buffer).swap32();
}

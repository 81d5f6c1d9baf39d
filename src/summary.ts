// The text table of network.summary().

import type { TrainableLayer } from "./layers/layer.js";
import { countLearned } from "./parameters.js";

export function summarize(inputs: number, layers: readonly TrainableLayer[]): string {
  const rows = [["layer", "", "W", "b", "z", "a", "parameters"], ["0", "input", "", "", "", `batch × ${inputs}`, ""]];
  let total = 0;
  for (const [i, layer] of layers.entries()) {
    const { label, parameters, preactivation, units } = layer;
    const shape = (name: string) => parameters.find((parameter) => parameter.name === name)?.shape.join(" × ") ?? "";
    const count = countLearned(layer);
    const batch = `batch × ${units}`;
    rows.push([String(i + 1), label, shape("weights"), shape("bias"), preactivation ? batch : "", batch, count.toLocaleString("en")]);
    total += count;
  }
  return `${alignColumns(rows, 6)}\n\n${total.toLocaleString("en")} parameters, depth ${layers.length}`;
}

/** Rows of cells as lines, a rule below the first; columns from `right` on are aligned at their ends. */
export function alignColumns(rows: readonly (readonly string[])[], right: number): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) => row.map((cell, column) => (column < right ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join("  ").trimEnd());
  lines.splice(1, 0, "─".repeat(Math.max(...lines.map(({ length }) => length))));
  return lines.join("\n");
}

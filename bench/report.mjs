// How figures look in the terminal, in README.md and in the page. Times in results are ms a call.

export function formatTime(milliseconds) {
  const [value, unit] =
    milliseconds < 1e-3 ? [milliseconds * 1e6, "ns"]
    : milliseconds < 1 ? [milliseconds * 1e3, "µs"]
    : milliseconds < 1e3 ? [milliseconds, "ms"]
    : [milliseconds / 1e3, "s"];
  return `${formatNumber(value)} ${unit}`;
}

/** Three digits; more would be noise. */
export function formatNumber(value) {
  // The bounds are where rounding reaches the next power of ten: 9.996 is 10.0, not 10.00.
  return value >= 99.95 ? value.toFixed(0) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

export const formatRatio = (value) => `${formatNumber(value)}×`;

/** How far the middle half of the samples lies apart, as a part of the median. */
const formatSpread = ({ median, p25, p75 }) => `±${(((p75 - p25) / 2 / median) * 100).toFixed(1)}%`;

export const formatSpeed = ({ gflops, nsPerElement }) =>
  gflops === undefined ? `${formatNumber(nsPerElement)} ns/element` : `${formatNumber(gflops)} GFLOP/s`;

/** ratio(line) → the text of the ratio column; limit in GFLOP/s. */
export function formatLines(lines, ratio, limit) {
  return lines.map((line) => [
    line.label,
    formatTime(line.median),
    formatSpread(line),
    formatSpeed(line),
    ratio(line),
    line.gflops === undefined ? "" : `${((100 * line.gflops) / limit).toFixed(0)}% of the limit`,
    line.samples < 15 ? `${line.samples} samples` : "",
  ]);
}

/** The first column to the left, the others to the right. */
export function alignColumns(rows, widths = []) {
  for (const row of rows) row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, cell.length)));
  return rows.map((row) => row.map((cell, index) => (index ? cell.padStart(widths[index]) : cell.padEnd(widths[index]))).join("  ").trimEnd());
}

/** What a table of one kind is called, with the unit of its cells. */
export const kindTitles = {
  matmul: "Matrix product, GFLOP/s",
  activation: "Activations, ns per element",
  inference: "Inference, time a call",
  training: "Training, time a step",
};

/** A workload's name in the table of its kind: "784-128-10, batch 1". */
export const rowName = ({ id }) => id.replace(/^(matmul|infer|train) /, "").replace(/(?<=\d)x(?=\d)/g, "×").replace(/ (batch|sgd$|adam$)/g, ", $1");

export function formatCell(kind, { median, gflops, nsPerElement }) {
  if (kind === "matmul") return formatNumber(gflops);
  if (kind === "activation") return formatNumber(nsPerElement);
  return formatTime(median);
}

/** What bench/depth.mjs measures of a network, and what the columns are called. */
export const depthColumns = { build: "build", firstStep: "first step", step: "a step", save: "save", bytes: "memory" };

export const formatDepth = ({ depth, ...line }) => [
  depth.toLocaleString("en"),
  ...Object.keys(depthColumns).map((name) => (name === "bytes" ? `${formatNumber(line[name] / 1e6)} MB` : formatTime(line[name]))),
];

// bench/results as tables: the short one of README.md and the page docs/benchmarks.md. scripts/readme-tables.mjs writes them.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { depthColumns, formatCell, formatDepth, formatNumber, formatRatio, formatTime, kindTitles, rowName } from "./report.mjs";
import { kinds, workloads } from "./workloads.mjs";

/** The rows of the README, one or two of a kind. */
const told = [
  "matmul 1024x1024x1024", "tanh", "infer 784-128-10 batch 1", "infer 784-512-512-10 batch 256", "infer 64 layers of 64 batch 1", "infer 2-8-8-1 batch 1", "train 784-128-10 batch 32 adam",
  "train 784-512-512-10 batch 128 adam", "train 64 layers of 64 batch 32 adam", "train 2-8-8-2 batch 32 adam",
];
/** The rivals of its columns: tuned plain JS of one run, the others of another. */
const rivals = ["onnxruntime-web", "tfjs-wasm", "jax-js", "pytorch"];
const verbs = { matmul: "matrix product", activation: "65,536 elements of", inference: "inference", training: "training" };

/** The tables show the forms that are fastest; the result files have all. */
const isShown = ({ form }) => (form ?? "session") === "session";

const table = (rows) => {
  const [head, ...body] = rows;
  return [head, head.map((_, index) => (index ? "---:" : ":---")), ...body].map((row) => `| ${row.join(" | ")} |`).join("\n");
};

/** One table for each kind. `extra` are the columns behind the contestants': [[title, (lineOf) → text], …]. */
function tables({ lines, contestants }, isPeers, extra) {
  const parts = [];
  for (const kind of kinds) {
    const rows = workloads.filter((row) => row.kind === kind && isShown(row));
    const find = (id, key) => lines.find((line) => line.id === id && line.key === key);
    const timed = rows.filter(({ id }) => lines.some((line) => line.id === id));
    const columns = contestants.filter(({ key }) => timed.some(({ id }) => find(id, key)));
    if (timed.length === 0) continue;
    const body = timed.map((row) => {
      const lineOf = (key) => find(row.id, key);
      const cells = columns.map(({ key }) => {
        const line = lineOf(key);
        return line ? formatCell(kind, line) + (isPeers ? relation(line, lineOf("strict")) : "") : "–";
      });
      return [rowName(row), ...cells, ...extra.map(([, text]) => text(lineOf))];
    });
    parts.push(table([[kindTitles[kind], ...columns.map(({ label }) => label), ...extra.map(([title]) => title)], ...body]));
  }
  return parts.join("\n\n");
}

/** How many times as long as lanewise a rival takes. */
const relation = (line, ours) => (ours && line.key !== ours.key ? ` (${formatRatio(line.median / ours.median)})` : "");

function caption({ engine, cpu, os, date, limit }) {
  return `${engine}, ${cpu}, ${os}, ${date.slice(0, 10)}; one thread; median of interleaved samples. Limit of 128-bit SIMD in the same run: ${formatNumber(limit.gflops)} GFLOP/s.`;
}

function renderOwn(results) {
  const { gflops } = results.limit;
  const extra = [
    ["over tuned plain JS", (lineOf) => formatRatio(lineOf("plain").median / lineOf("strict").median)],
    ["share of the limit", (lineOf) => (lineOf("strict").gflops === undefined ? "–" : `${((100 * lineOf("strict").gflops) / gflops).toFixed(0)}%`)],
  ];
  return `${caption(results)} Repeat with \`npm run bench\`.\n\n${tables(results, false, extra)}`;
}

function renderPeers(results) {
  const versions = results.contestants.map(({ label, version }) => `${label} ${version}`).join("; ");
  const missing = results.absent.filter(({ id }) => id === undefined).map(({ label, reason }) => `\n\nNot timed: ${label} (${reason}).`).join("");
  return `${caption(results)} In brackets: how many times lanewise's time. Repeat with \`node bench/peers.mjs\`.\n\n${tables(results, true, [])}\n\nVersions: ${versions}.${missing}`;
}

function renderDepth({ engine, cpu, os, date, width, batch, runs, lines }) {
  const caption = `${engine}, ${cpu}, ${os}, ${date.slice(0, 10)}; one thread; layers of ${width}, tanh, batch ${batch}; medians of ${runs} networks. Repeat with \`npm run bench:depth\`.`;
  return `## Depth\n\n${caption}\n\n${table([["Layers", ...Object.values(depthColumns)], ...lines.map(formatDepth)])}`;
}

/** What the files of a pattern hold, the newest Node first. */
function resultsOf(folder, pattern) {
  const files = existsSync(folder) ? readdirSync(folder) : [];
  const major = (name) => Number(name.match(pattern)[1]);
  const names = files.filter((file) => pattern.test(file)).sort((a, b) => major(b) - major(a));
  return names.map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")));
}

const all = (folder) => ({ own: resultsOf(folder, /^(\d+)\.json$/), depth: resultsOf(folder, /^depth-(\d+)\.json$/), peers: resultsOf(folder, /^peers-(\d+)\.json$/) });

/** The README's table; `folder` is the URL of bench/results/. Each ratio is of two figures of one run. */
export function renderSpeed(folder) {
  const { own: [own], peers: [peers] } = all(folder);
  if (own === undefined) return "";
  const find = (results, id, key) => results?.lines.find((line) => line.id === id && line.key === key);
  const times = (results, id, key) => {
    const [theirs, ours] = [find(results, id, key), find(results, id, "strict")];
    return theirs && ours ? formatRatio(theirs.median / ours.median) : "–";
  };
  const label = (key) => peers?.contestants.find((contestant) => contestant.key === key)?.label;
  const columns = rivals.filter(label);
  const rows = workloads.filter(({ id }) => told.includes(id) && find(own, id, "strict"));
  const body = rows.map((row) => [
    `${verbs[row.kind]} ${rowName(row)}`, ...["strict", "relaxed"].map((key) => find(own, row.id, key)).map((line) => (line ? formatTime(line.median) : "–")),
    times(own, row.id, "plain"), ...columns.map((key) => times(peers, row.id, key)),
  ]);
  const head = ["lanewise's time, and what multiple of it others take", "lanewise", "lanewise, relaxed", "plain JS, tuned", ...columns.map(label)];
  return `${table([head, ...body])}\n\nAbove 1× lanewise is faster. ${caption(own)}`;
}

/** docs/benchmarks.md. */
export function renderBenchmarks(folder) {
  const { own, depth, peers } = all(folder);
  const sections = [
    ...own.map((results) => `## lanewise and plain JavaScript, ${engineOf(results)}\n\n${renderOwn(results)}`),
    ...depth.slice(0, 1).map(renderDepth),
    ...peers.map((results) => `## lanewise and other libraries, ${engineOf(results)}\n\n${renderPeers(results)}`),
  ];
  return `# Benchmarks\n\n<!-- Written by scripts/readme-tables.mjs from bench/results/: change those, or bench/tables.mjs. -->\n\n${sections.join("\n\n")}\n`;
}

const engineOf = ({ engine }) => engine.split(".")[0];

// Writes the figures of bench/results/*.json into README.md, between <!-- bench:start --> and <!-- bench:end -->, and those of accuracy/results/ between the
// marks of the same form, and into docs/accuracy.md. With --check: changes nothing, and ends with 1 if the files are not what it would write.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { renderPage, renderShort } from "../accuracy/report.mjs";
import { kinds, workloads } from "../bench/workloads.mjs";
import { depthColumns, formatCell, formatDepth, formatNumber, formatRatio, kindTitles, rowName } from "../bench/report.mjs";

const root = new URL("../", import.meta.url);

/** The README shows the rows that tell most; the result files have all. */
const isShown = ({ form, kind, batch }, isPeers) => (form ?? "session") === "session" && (isPeers || kind !== "inference" || batch !== 32);

const table = (rows) => {
  const [head, ...body] = rows;
  return [head, head.map((_, index) => (index ? "---:" : ":---")), ...body].map((row) => `| ${row.join(" | ")} |`).join("\n");
};

/** One table for each kind. `extra` are the columns behind the contestants': [[title, (lineOf) → text], …]. */
function tables({ lines, contestants }, isPeers, extra) {
  const parts = [];
  for (const kind of kinds) {
    const rows = workloads.filter((row) => row.kind === kind && isShown(row, isPeers));
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
  return `### Depth\n\n${caption}\n\n${table([["Layers", ...Object.values(depthColumns)], ...lines.map(formatDepth)])}`;
}

/** The newest Node that has a file of the kind. */
function newest(folder, pattern) {
  const files = existsSync(folder) ? readdirSync(folder) : [];
  const major = (name) => Number(name.match(pattern)[1]);
  const [name] = files.filter((file) => pattern.test(file)).sort((a, b) => major(b) - major(a));
  return name && JSON.parse(readFileSync(new URL(name, folder), "utf8"));
}

/** The text between the marks; `folder` is the URL of bench/results/. */
export function renderTables(folder) {
  const own = newest(folder, /^(\d+)\.json$/);
  const depth = newest(folder, /^depth-(\d+)\.json$/);
  const peers = newest(folder, /^peers-(\d+)\.json$/);
  // The last part is for those who want it: it is long, and wide.
  return [own && `### lanewise and plain JavaScript\n\n${renderOwn(own)}`, depth && renderDepth(depth), peers && `<details><summary>lanewise and other libraries</summary>\n\n${renderPeers(peers)}\n\n</details>`]
    .filter(Boolean)
    .join("\n\n");
}

export function replaceRegion(readme, text, name = "bench") {
  const [startMark, endMark] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const start = readme.indexOf(startMark);
  const end = readme.indexOf(endMark);
  if (start < 0 || end < start) throw new Error(`README.md must hold ${startMark} and, after it, ${endMark}`);
  return `${readme.slice(0, start + startMark.length)}\n${text && `${text}\n`}${readme.slice(end)}`;
}

/** What each file must hold: { "README.md": text, … }. */
function renderFiles() {
  const read = (file) => readFileSync(new URL(file, root), "utf8");
  const [sweep, rivals] = ["sweep", "rivals"].map((name) => JSON.parse(read(`accuracy/results/${name}.json`)));
  const readme = replaceRegion(read("README.md"), renderTables(new URL("bench/results/", root)));
  return { "README.md": replaceRegion(readme, renderShort(sweep, rivals), "accuracy"), "docs/accuracy.md": renderPage(sweep, rivals) };
}

function main() {
  for (const [name, after] of Object.entries(renderFiles())) {
    const file = new URL(name, root);
    if (!process.argv.includes("--check")) writeFileSync(file, after);
    else if (!existsSync(file) || readFileSync(file, "utf8") !== after) {
      console.error(`${name} does not show the figures of bench/results and accuracy/results: run node scripts/readme-tables.mjs`);
      process.exitCode = 1;
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();

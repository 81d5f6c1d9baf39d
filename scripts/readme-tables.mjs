// Writes the figures of bench/results/*.json into README.md, between <!-- bench:start --> and <!-- bench:end -->, and into docs/benchmarks.md; those of accuracy/results/
// between the marks of the same form, and into docs/accuracy.md. With --check: changes nothing, and ends with 1 if the files are not what it would write.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { renderPage, renderShort } from "../accuracy/report.mjs";
import { renderBenchmarks, renderSpeed } from "../bench/tables.mjs";

const root = new URL("../", import.meta.url);

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
  const results = new URL("bench/results/", root);
  const readme = replaceRegion(read("README.md"), renderSpeed(results));
  return { "README.md": replaceRegion(readme, renderShort(sweep, rivals), "accuracy"), "docs/accuracy.md": renderPage(sweep, rivals), "docs/benchmarks.md": renderBenchmarks(results) };
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

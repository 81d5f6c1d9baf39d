// node bench/page/run.mjs: runs the bench page in Chromium without a window, and keeps its results.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { machine, warnIfBusy } from "../machine.mjs";
import { alignColumns, formatLines, formatNumber, formatRatio } from "../report.mjs";
import { reference } from "../compare.mjs";
import { bundlePage } from "./bundle.mjs";
import { openChromium, watchComplaints } from "./chromium.mjs";
import { startServer } from "./server.mjs";

const standard = "bench/results/chromium.json";
const usage = `Usage: npm run bench:chromium -- [options]

Runs the bench page in Chromium, which must be installed, checks that it has nothing to complain of, and keeps the results.

  --full      every workload, two minutes (default: the quick run)
  --out FILE  write the results there (default: ${standard})
  --help      this text`;

let flags;
try {
  flags = parseArgs({ options: { full: { type: "boolean" }, out: { type: "string" }, help: { type: "boolean" } } }).values;
} catch (error) {
  console.error(`bench: ${error.message}\n\n${usage}`);
  process.exit(2);
}
if (flags.help) console.log(usage);
else await runInChromium();

async function runInChromium() {
  const { cpu, os, load } = machine(); // what the page cannot know; now, because the load must not be our own
  const busy = warnIfBusy();
  if (busy) console.log(busy);
  const server = await startServer({ read: await bundlePage() });
  const chromium = await openChromium();
  try {
    const page = await chromium.browser.newPage();
    const complaints = watchComplaints(page);
    await page.goto(`${server.address}?${flags.full ? "full" : "quick"}`);
    await page.waitForSelector("html[data-state=done], html[data-state=failed]", { timeout: 15 * 60_000 });
    const [json, status] = await page.evaluate(() => ["json", "status"].map((id) => document.getElementById(id).textContent));
    if (complaints.length > 0) throw new Error(`the page complained:\n  ${complaints.join("\n  ")}`);
    const results = { ...JSON.parse(json), cpu, os, load };
    print(results, status);
    writeFileSync(flags.out ?? new URL(`../../${standard}`, import.meta.url), `${JSON.stringify(results, null, 1)}\n`);
    console.log(`Written to ${flags.out ?? standard}.`);
  } catch (error) {
    console.error(`bench: ${error.message}`);
    process.exitCode = 1;
  } finally {
    await chromium.close();
    server.close();
  }
}

function print({ engine, cpu, lines, absent, limit }, status) {
  console.log(`${engine}, ${cpu}. ${status}`);
  const widths = [];
  for (const id of new Set(lines.map((line) => line.id))) {
    const own = lines.filter((line) => line.id === id);
    const plain = own.find(({ key }) => key === reference).median;
    const ratio = ({ key, median }) => (key === reference ? "" : `${formatRatio(plain / median)} plain JS`);
    console.log(`\n${id}`);
    for (const row of alignColumns(formatLines(own, ratio, limit.gflops), widths)) console.log(`  ${row}`);
  }
  for (const { label, reason } of absent.filter(({ id }) => id === undefined)) console.log(`\n${label}: not timed, ${reason}`);
  console.log(`\nLimit of 128-bit SIMD in this run: ${formatNumber(limit.gflops)} GFLOP/s.`);
}

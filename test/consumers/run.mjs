// npm run test:consumers: the packed library in fresh folders, in every bundler and engine that npm has for this platform, and in Chromium. Each consumer trains XOR,
// predicts, saves and loads; all must end with the same bits. Prints a matrix; ends with 1 if a consumer fails.
import { execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { openChromium, watchComplaints } from "../../bench/page/chromium.mjs";
import { startServer } from "../../bench/page/server.mjs";

const here = import.meta.dirname ?? dirname(new URL(import.meta.url).pathname);
const root = join(here, "../..");
const npm = (cwd, ...args) => execFileSync("npm", [...args, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], { cwd, encoding: "utf8" });

// Not "ci": it refuses a lockfile without the programs of platforms that a registry did not hold when the lockfile was written. The versions are the lockfile's all the same.
if (!existsSync(join(here, "node_modules/.package-lock.json"))) npm(here, "install", "--no-save");
const { bundlers } = await import("./bundlers.mjs");
const { bunBinary, denoBinary, nodeBinary, printed, versionOf, workerd } = await import("./engines.mjs");

const work = await mkdtemp(join(tmpdir(), "lanewise-consumers-"));
npm(root, "pack", "--pack-destination", work);
const tarball = join(work, (await readdir(work))[0]);

/** A new folder with the library installed from the tarball, and the fixtures. */
async function freshFolder(name) {
  const folder = join(work, name.replace(/\W+/g, "-"));
  await mkdir(folder);
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  npm(folder, "install", "--offline", tarball);
  await cp(join(here, "fixtures"), folder, { recursive: true });
  return folder;
}

const patience = 60_000;

/** Opens a page of `folder` and gives what `ask` evaluates to in it. */
async function inPage(browser, folder, page, ask, headers = {}) {
  const server = await startServer({ read: (path) => readFile(join(folder, path)).catch(() => undefined), isolated: false, headers });
  const tab = await browser.newPage();
  try {
    const complaints = watchComplaints(tab);
    await tab.goto(`${server.address}${page}`);
    await tab.waitForFunction("globalThis.outcome || globalThis.consumers", { timeout: patience });
    const result = await tab.evaluate(ask);
    if (complaints.length > 0) throw new Error(complaints.join("; "));
    return result;
  } finally {
    await tab.close();
    server.close();
  }
}

/** Bytes of all scripts of a bundle, gzipped. */
async function weigh(folder) {
  const scripts = (await readdir(folder, { recursive: true })).filter((file) => extname(file) === ".js");
  const sizes = await Promise.all(scripts.map(async (file) => gzipSync(await readFile(join(folder, file)), { level: 9 }).length));
  return sizes.reduce((sum, size) => sum + size, 0);
}

const chromium = await openChromium();
const { browser } = chromium;
const chromiumVersion = (await browser.version()).replace(/^.*\//, "");

const bundled = ["vite", "webpack", "rollup", "esbuild", "parcel"].map((name) => ({
  name,
  version: versionOf(name),
  async run(folder) {
    const out = join(folder, await bundlers[name](folder));
    // Those that are given a script, not a page, leave the page as it is.
    if (!existsSync(join(out, "index.html"))) await cp(join(folder, "index.html"), join(out, "index.html"));
    return { ...(await inPage(browser, out, "index.html", "globalThis.outcome")), gzip: await weigh(out) };
  },
}));

const policy = { "Content-Security-Policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; img-src data:" };
const pages = [
  ["script type=module, no bundler", "page"],
  ["web worker", "worker"],
  ["service worker", "serviceWorker"],
  ["AudioWorklet", "audioWorklet"],
].map(([name, ask]) => ({ name, version: chromiumVersion, run: (folder) => inPage(browser, folder, "page.html", `consumers.${ask}()`) }));
pages.push({
  name: "strict Content-Security-Policy",
  version: chromiumVersion,
  async run(folder) {
    if (!(await inPage(browser, folder, "page.html", "consumers.evalForbidden()", policy))) throw new Error("the policy must forbid eval");
    return inPage(browser, folder, "page.html", "consumers.page()", policy);
  },
});

const nodes = [20, 26].flatMap((major) => [["Node, import", "main.mjs"], ["Node, require()", "required.cjs"]].map(([name, file]) => ({
  name,
  version: execFileSync(nodeBinary(major), ["--version"], { encoding: "utf8" }).trim().slice(1),
  run: (folder) => printed(nodeBinary(major), [file], { cwd: folder }),
})));
const engines = [
  ...nodes,
  { name: "Deno", version: versionOf("deno"), run: (folder) => printed(denoBinary(), ["run", "--no-prompt", "--quiet", "main.mjs"], { cwd: folder, env: { ...process.env, DENO_DIR: join(work, "deno"), DENO_NO_UPDATE_CHECK: "1" } }) },
  { name: "Bun", version: versionOf("bun"), run: (folder) => printed(bunBinary(), ["run", "main.mjs"], { cwd: folder }) },
  { name: "workerd", version: versionOf("workerd"), run: (folder) => workerd(folder, 'compatibilityDate = "2026-11-01"') },
  { name: "workerd, nodejs_compat, 2024", version: versionOf("workerd"), run: (folder) => workerd(folder, 'compatibilityDate = "2024-09-23", compatibilityFlags = ["nodejs_compat"]') },
];

const rows = [];
try {
  let expected;
  for (const { name, version, run } of [...engines, ...bundled, ...pages]) {
    const began = performance.now();
    let result;
    try {
      const { error, rounded, digest, gzip } = await run(await freshFolder(`${name} ${version}`));
      expected ??= digest;
      const wrong = error ?? (rounded !== "0110" ? `predictions must be 0110, got ${rounded}` : digest !== expected ? `the bits must be ${expected}, got ${digest}` : undefined);
      result = { passed: wrong === undefined, bits: digest ?? "", gzip, note: wrong };
    } catch (error) {
      result = { passed: false, bits: "", note: error.message };
    }
    rows.push({ name, version, time: performance.now() - began, ...result });
    console.error(`${result.passed ? "ok  " : "FAIL"} ${name} ${version}${result.passed ? "" : `: ${result.note}`}`);
  }
} finally {
  await chromium.close();
  await rm(work, { recursive: true, force: true });
}

const table = [["consumer", "version", "XOR", "bits", "bundle, gzip", "s"], ...rows.map(({ name, version, passed, bits, gzip, time }) => [name, version, passed ? "trained" : "FAILED", bits, gzip === undefined ? "" : `${gzip}`, (time / 1000).toFixed(1)])];
const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
console.log(table.map((row) => row.map((cell, column) => (column < 4 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join("  ")).join("\n"));
process.exitCode = rows.every(({ passed }) => passed) ? 0 : 1;

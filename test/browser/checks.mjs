// Checks in a page of Chromium, with the library as it stands in dist/: a line a check; the process ends with 1 if one fails.
import { readFile } from "node:fs/promises";
import { openChromium, watchComplaints } from "../../bench/page/chromium.mjs";
import { startServer } from "../../bench/page/server.mjs";

const root = new URL("../../", import.meta.url);
/** ms after which a check has failed: a page that waits for ever answers nobody. */
const patience = 60_000;

let failures = 0;
export function report(passed, what, got) {
  if (!passed) failures++;
  console.log(`${passed ? "ok  " : "FAIL"} ${what}${passed ? "" : `, got ${JSON.stringify(got)}`}`);
}

/** Runs a check; what it throws is a failure like any other. */
export async function check(what, action) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error(`no answer in ${patience / 1000} s`)), patience)));
  try {
    const { passed, got } = await Promise.race([action(), late]);
    report(passed, what, got);
  } catch (error) {
    report(false, what, error.message);
  } finally {
    clearTimeout(timer);
  }
}

const serve = (script) => (path) => {
  if (path === "index.html") return `<!doctype html><title>lanewise</title><link rel="icon" href="data:,"><script type="module" src="test/browser/${script}"></script>`;
  if (!/^(dist|test\/browser)\//.test(path)) return undefined;
  return readFile(new URL(path, root)).catch(() => undefined);
};

/** Opens a page that runs a script of this folder on a server of its own, and hands `use` a way to call its checks. */
async function withPage(browser, script, where, options, use) {
  const server = await startServer({ read: serve(script), ...options });
  const page = await browser.newPage();
  try {
    const complaints = watchComplaints(page);
    await page.goto(server.address);
    await page.waitForFunction("globalThis.checks", { timeout: patience });
    const ask = (name) => page.evaluate((name) => globalThis.checks[name](), name);
    await use(ask, page);
    if (!options.expectsComplaints) report(complaints.length === 0, `${where}: nothing to complain of in the console`, complaints);
  } catch (error) {
    report(false, `${where}: the page opens`, error.message);
  } finally {
    await page.close();
    server.close();
  }
}


/** pages: [where, options of startServer, use] of the page that runs `script`, one after the other. */
export async function runPages(script, pages) {
  const chromium = await openChromium();
  try {
    console.log(await chromium.browser.version());
    for (const page of pages) await withPage(chromium.browser, script, ...page);
  } finally {
    await chromium.close();
  }
  console.log(failures === 0 ? "All checks passed." : `${failures} failed.`);
  process.exitCode = failures === 0 ? 0 : 1;
}

// npm run test:site: every page of the built site in a real browser. A line a check; ends with 1 if one fails. Screenshots go to site/test/artefacts.
import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { runnerImport } from "vite";
import { chromium } from "./browsers/chromium.mjs";
import { firefox } from "./browsers/firefox.mjs";
import { everyPage } from "./every-page.mjs";
import { serveSite } from "./serve.mjs";
import * as activations from "./pages/activations.mjs";
import * as bench from "./pages/bench.mjs";
import * as digits from "./pages/digits.mjs";
import * as playground from "./pages/playground.mjs";

/** THE table of browsers: each opens tabs as browsers/chromium.mjs says. */
const browsers = { chromium, firefox };
/** The checks of each page beside those of every page: a list of { name, run(tab, address, say) }, which throw what is wrong. */
const pages = { playground, activations, digits, bench };
/** ms after which a check has failed. */
const PATIENCE = 90_000;

const { values } = parseArgs({ options: { browser: { type: "string", default: Object.keys(browsers).join() }, only: { type: "string", default: "" } } });
const artefacts = new URL("../artefacts/", import.meta.url);
mkdirSync(artefacts, { recursive: true });

let failures = 0;
async function check(what, tab, action) {
  if (!what.includes(values.only)) return;
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error(`no answer in ${PATIENCE / 1000} s`)), PATIENCE)));
  try {
    const said = [];
    await Promise.race([action((text) => said.push(text)), late]);
    const complaints = tab.complaints();
    if (complaints.length > 0) throw new Error(`the console says ${complaints.join("; ")}`);
    console.log(`ok   ${what}${said.length > 0 ? `: ${said.join(", ")}` : ""}`);
  } catch (error) {
    failures += 1;
    console.log(`FAIL ${what}: ${error.message}`);
  } finally {
    clearTimeout(timer);
  }
}

for (const name of values.browser.split(",")) {
  const browser = await browsers[name]();
  console.log(browser.version);
  const site = await serveSite();
  try {
    const { module } = await runnerImport(new URL("../../src/pages.ts", import.meta.url).pathname);
    for (const row of module.pages) {
      if (!pages[row.id]) throw new Error(`test/e2e/pages/${row.id}.mjs must hold the checks of ${row.file}`);
      for (const { name: what, run } of [...everyPage(row, artefacts), ...pages[row.id].checks]) {
        const tab = await browser.open();
        await check(`${name}, ${row.id}: ${what}`, tab, (say) => run(tab, site, say));
        await tab.close();
      }
    }
  } finally {
    await browser.close();
    site.close();
  }
}
console.log(failures === 0 ? "All checks passed." : `${failures} failed.`);
process.exitCode = failures === 0 ? 0 : 1;

// Firefox by WebDriver BiDi. What its pages ask of the system (theme, motion) is settled when it starts, so each combination is a Firefox of its own.
import { launch } from "puppeteer-core";
import { findProgram, watchComplaints } from "../../../../bench/page/chromium.mjs";

export async function firefox() {
  const executablePath = findProgram(["firefox-esr", "firefox"]);
  if (!executablePath) throw new Error("Firefox must be installed (Debian: apt-get install firefox-esr)");
  const running = new Map();
  const start = (theme, reducedMotion) => {
    const key = `${theme} ${reducedMotion}`;
    const extraPrefsFirefox = { "layout.css.prefers-color-scheme.content-override": theme === "dark" ? 0 : 1, "ui.prefersReducedMotion": reducedMotion ? 1 : 0 };
    if (!running.has(key)) running.set(key, launch({ browser: "firefox", executablePath, headless: true, extraPrefsFirefox, protocolTimeout: 120_000 }));
    return running.get(key);
  };
  const first = await start("light", false);
  return {
    version: await first.version(),
    open: () => openTab(start),
    async close() {
      for (const browser of running.values()) await (await browser).close();
    },
  };
}

function openTab(start) {
  let page;
  let context;
  let complaints = [];
  return {
    async load(address, { width = 1440, height = 900, theme = "light", reducedMotion = false } = {}) {
      if (page === undefined) {
        context = await (await start(theme, reducedMotion)).createBrowserContext();
        page = await context.newPage();
        complaints = watchComplaints(page);
      }
      await page.setViewport({ width, height });
      // Leaving for the same page with another hash is no load in this protocol.
      if (page.url().split("#")[0] === address.split("#")[0]) await page.goto("about:blank");
      await page.goto(address, { waitUntil: "load" });
      // A window behind others shows no focus.
      await page.bringToFront();
      await page.waitForFunction("document.hasFocus()", { polling: 50 });
    },
    evaluate: (code) => page.evaluate(code),
    waitFor: (code, patience = 20_000) => page.waitForFunction(code, { timeout: patience, polling: 50 }),
    press: (key) => page.keyboard.press(key),
    screenshot: (path) => page.screenshot({ path, fullPage: true }),
    complaints: () => complaints,
    close: () => context?.close(),
  };
}

// Chromium as the checks need it. Another browser is a file like this one: it returns { version, open(), close() }, and open() a tab with the functions below. Checks do
// everything else by evaluating code in the page, so that a driver needs no more.
import { openChromium, watchComplaints } from "../../../../bench/page/chromium.mjs";

export async function chromium() {
  const { browser, close } = await openChromium();
  return { version: await browser.version(), open: () => openTab(browser), close };
}

async function openTab(browser) {
  // A profile of its own: nothing cached, nothing chosen.
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  const complaints = watchComplaints(page);
  return {
    /** Loads an address in a window of this size; theme and reduced motion as the system would ask for them. */
    async load(address, { width = 1440, height = 900, theme = "light", reducedMotion = false } = {}) {
      await page.setViewport({ width, height, isMobile: width < 500, hasTouch: width < 500, deviceScaleFactor: width < 500 ? 2 : 1 });
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }, { name: "prefers-reduced-motion", value: reducedMotion ? "reduce" : "no-preference" }]);
      await page.goto(address, { waitUntil: "load" });
    },
    /** The value of a JavaScript expression in the page, awaited; JSON values only. */
    evaluate: (code) => page.evaluate(code),
    /** Until the expression is true. */
    waitFor: (code, patience = 20_000) => page.waitForFunction(code, { timeout: patience, polling: 50 }),
    press: (key) => page.keyboard.press(key),
    screenshot: (path) => page.screenshot({ path, fullPage: true }),
    /** What the console said, and requests that failed, since the tab was opened. */
    complaints: () => complaints,
    close: () => context.close(),
  };
}

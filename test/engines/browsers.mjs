// Chromium, Firefox and WebKitGTK, each with a page on a server of its own that is cross-origin isolated.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { launch } from "puppeteer-core";
import { findProgram, openChromium } from "../../bench/page/chromium.mjs";
import { startServer } from "../../bench/page/server.mjs";

const root = new URL("../../", import.meta.url);
/** ms for one thread count: a page that waits for ever answers nobody. */
const patience = 240_000;

const html = `<!doctype html><title>conformance</title><link rel="icon" href="data:,">
<script type="module" src="test/conformance/page.mjs"></script>`;

async function read(path) {
  if (path === "index.html") return html;
  if (!/^(dist|test\/conformance)\//.test(path)) return undefined;
  return readFile(new URL(path, root)).catch(() => undefined);
}

/** programs: what must be in the PATH, by names of which one will do; packages: Debian's, for those that are not. */
export const browsers = [
  { name: "Chromium", programs: [["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]], packages: ["chromium"], open: () => openPage(openChromium) },
  { name: "Firefox", programs: [["firefox-esr", "firefox"]], packages: ["firefox-esr"], open: () => openPage(openFirefox) },
  { name: "WebKitGTK", programs: [["WebKitWebDriver"], ["Xvfb"]], packages: ["webkit2gtk-driver", "xvfb"], open: openWebKit },
];

/** Resolves as `promise` does, if that is soon enough. */
function soon(promise) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error(`no answer in ${patience / 1000} s`)), patience)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** examine() of a page whose functions `ask(name, argument)` calls. */
const examineBy = (ask) => async (counts, heard) => {
  for (const threads of counts) heard(await soon(ask("examine", threads)));
  heard({ relaxed: await soon(ask("examineRelaxed")) });
};

/** A browser that puppeteer drives: Chromium by its DevTools, Firefox by WebDriver BiDi. */
async function openPage(openBrowser) {
  const server = await startServer({ read });
  const { browser, close } = await openBrowser();
  const page = await browser.newPage();
  await page.goto(server.address);
  await page.waitForFunction("globalThis.examineRelaxed", { timeout: patience });
  return {
    version: (await browser.version()).match(/[\d.]+/)[0],
    examine: examineBy((name, argument) => page.evaluate((name, argument) => globalThis[name](argument), name, argument)),
    async close() {
      await close();
      server.close();
    },
  };
}

async function openFirefox() {
  const browser = await launch({ browser: "firefox", executablePath: findProgram(browsers[1].programs[0]), headless: true, protocolTimeout: patience });
  return { browser, close: () => browser.close() };
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** MiniBrowser, which Debian keeps outside the PATH: /usr/lib/<architecture>/webkit2gtk-<version>/MiniBrowser. */
function findMiniBrowser() {
  const folders = (parent) => (existsSync(parent) ? readdirSync(parent).map((name) => join(parent, name)) : []);
  const candidates = ["/usr/lib", "/usr/libexec"].flatMap((parent) => [parent, ...folders(parent).filter((folder) => /linux-gnu$/.test(folder))]);
  const found = candidates.flatMap(folders).filter((folder) => /webkit/.test(folder)).map((folder) => join(folder, "MiniBrowser")).find(existsSync);
  if (found === undefined) throw new Error("WebKitGTK's MiniBrowser must lie in a folder of /usr/lib or /usr/libexec, found none");
  return found;
}

/** A screen for a browser that cannot do without: { display, close() }. */
async function openScreen() {
  const server = spawn("Xvfb", ["-displayfd", "3", "-nolisten", "tcp", "-screen", "0", "800x600x24"], { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const [number] = await soon(once(server.stdio[3], "data"));
  return { display: `:${String(number).trim()}`, close: () => server.kill() };
}

async function openWebKit() {
  const { Builder, Capabilities } = await import("selenium-webdriver");
  const binary = findMiniBrowser();
  const [server, screen, port] = await Promise.all([startServer({ read }), openScreen(), freePort()]);
  const home = mkdtempSync(join(tmpdir(), "lanewise-webkit-"));
  const driver = spawn("WebKitWebDriver", [`--port=${port}`], { stdio: "ignore", env: { ...process.env, DISPLAY: screen.display, HOME: home, XDG_CACHE_HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home } });
  const close = () => {
    driver.kill();
    screen.close();
    server.close();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const capabilities = new Capabilities({ browserName: "MiniBrowser", "webkitgtk:browserOptions": { binary, args: ["--automation"] } });
    let session;
    for (let attempt = 0; session === undefined; attempt++) {
      session = await new Builder().usingServer(`http://127.0.0.1:${port}`).withCapabilities(capabilities).build().catch((error) => {
        if (attempt === 20) throw error;
      });
      if (session === undefined) await pause(500);
    }
    await session.manage().setTimeouts({ script: patience, pageLoad: patience });
    await session.get(server.address);
    await session.wait(() => session.executeScript("return globalThis.examineRelaxed !== undefined"), patience);
    const version = (await session.getCapabilities()).get("browserVersion");
    const ask = async (name, argument = null) => {
      const script = "const [name, argument, done] = arguments; Promise.resolve().then(() => globalThis[name](argument)).then((value) => done({ value }), (error) => done({ error: String(error) }));";
      const { value, error } = await session.executeAsyncScript(script, name, argument);
      if (error) throw new Error(error);
      return value;
    };
    return {
      version,
      examine: examineBy(ask),
      async close() {
        await session.quit().catch(() => {});
        close();
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}

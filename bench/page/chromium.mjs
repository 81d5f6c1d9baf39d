// Chromium without a window, for the bench page and for test/browser.
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { launch } from "puppeteer-core";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The first of these programs in the PATH. */
export const findProgram = (names) => names.flatMap((name) => process.env.PATH.split(delimiter).map((folder) => join(folder, name))).find(isProgram);

/** The program in the environment variable CHROMIUM, or the first of the usual names in the PATH. */
function findChromium() {
  const found = process.env.CHROMIUM || findProgram(names);
  if (!found) {
    const looked = `none of ${names.join(", ")} is in the PATH`;
    throw new Error(`Chromium must be installed (Debian: apt-get install chromium), or CHROMIUM must name its program; ${looked}`);
  }
  return found;
}

/** Chromium with an empty profile of its own. Returns { browser, close() }. */
export async function openChromium() {
  const profile = mkdtempSync(join(tmpdir(), "lanewise-chromium-"));
  const isRoot = process.getuid?.() === 0; // the sandbox refuses to work for root
  const flags = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
  const removeProfile = () => rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  try {
    const browser = await launch({ executablePath: findChromium(), headless: true, userDataDir: profile, args: [...flags, ...(isRoot ? ["--no-sandbox"] : [])] });
    return {
      browser,
      async close() {
        await browser.close();
        removeProfile();
      },
    };
  } catch (error) {
    removeProfile();
    throw error;
  }
}

/** Everything a page complains of: errors in its console, errors nobody caught, requests that failed. Filled as they come. */
export function watchComplaints(page) {
  const complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("requestfailed", (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
  return complaints;
}

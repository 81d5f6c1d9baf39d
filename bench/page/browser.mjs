// This page as the place of a run: see bench/compete.mjs.
import peakUrl from "../../build/bench/peak.wasm?url";
import { openChannel } from "../channel.mjs";
import { createPeakProbe } from "../peak.mjs";

/** Two milliseconds a sample: the clock of a page that is not isolated ticks ten times in one. */
const passes = 1_000_000;

/** "Chromium 156.0.8078.79": the browser's name and version, as well as the browser says. */
async function engineName() {
  const { fullVersionList } = (await navigator.userAgentData?.getHighEntropyValues(["fullVersionList"])) ?? {};
  // Chromium adds a brand that does not exist, so that nobody relies on the list; and itself beside the one that it is sold under.
  const real = fullVersionList?.filter(({ brand }) => !/not.*brand/i.test(brand)) ?? [];
  const chosen = real.find(({ brand }) => brand !== "Chromium") ?? real[0];
  if (chosen) return `${chosen.brand} ${chosen.version}`;
  const [, name, version] = navigator.userAgent.match(/(Firefox)\/([\d.]+)/) ?? navigator.userAgent.match(/Version\/([\d.]+).*(Safari)/) ?? [];
  if (name === undefined) return navigator.userAgent;
  return name === "Firefox" ? `Firefox ${version}` : `Safari ${name}`;
}

/** Everything a figure means nothing without; a page is not told the CPU. */
export async function createPlace() {
  const engine = await engineName();
  const { platform } = navigator.userAgentData ?? navigator;
  return {
    engine,
    machine: () => ({
      date: new Date().toISOString(),
      engine,
      userAgent: navigator.userAgent,
      crossOriginIsolated,
      cpu: "unknown CPU",
      cores: navigator.hardwareConcurrency,
      os: platform,
    }),
    open: (contestant) => openChannel(contestant, workerChannel(contestant, engine)),
    createProbe: async () => createPeakProbe(await (await fetch(peakUrl)).arrayBuffer(), passes),
  };
}

function workerChannel({ file, option }, engine) {
  const worker = new Worker(new URL("./worker.mjs", import.meta.url), { type: "module" });
  worker.postMessage({ file, option, engine });
  return {
    send: (message) => worker.postMessage(message),
    onReply: (listener) => (worker.onmessage = ({ data }) => listener(data)),
    onEnd: (listener) => (worker.onerror = ({ message }) => listener(message ?? "it could not be loaded")),
    extra: () => ({}),
    close: () => worker.terminate(),
  };
}

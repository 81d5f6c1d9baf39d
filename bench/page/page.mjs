// The bench page: says where it runs, runs on a click or at once for ?quick and ?full, and shows what comes out.
// When it is done, <html data-state> is "done" or "failed": bench/page/run.mjs waits for that.
import { createThreadedBackend } from "lanewise/threads";
import { compete } from "../compete.mjs";
import { own, threaded } from "../contestants.mjs";
import { formatNumber, rowName } from "../report.mjs";
import { workloads } from "../workloads.mjs";
import { createPlace } from "./browser.mjs";
import { element, facts, legend, sections } from "./view.mjs";

const find = (id) => document.getElementById(id);
const buttons = [...document.querySelectorAll("[data-run]")];

const quickIds = [
  "matmul 512x512x512",
  "tanh",
  "sigmoid",
  "infer 784-128-10 batch 1",
  "infer 784-128-10 batch 256",
  "infer 784-512-512-10 batch 256",
  "infer 2-8-8-1 batch 1",
  "train 784-128-10 batch 32 sgd",
  "train 784-512-512-10 batch 128 adam",
];
const runs = {
  quick: { chosen: workloads.filter(({ id }) => quickIds.includes(id)), options: { samples: 9, warmUp: 100, longestWarmUp: 800, budget: 600 } },
  full: { chosen: workloads, options: {} },
};

const tableNote =
  "Medians of interleaved samples, one thread unless the column says otherwise. “Over tuned” and “of the limit” are those of lanewise, strict.";

const [strict, relaxed, ...plain] = own;
const contestants = [strict, relaxed, threaded, ...plain];

const place = await createPlace();

async function showFacts(limit) {
  const backend = await createThreadedBackend({ threads: 2 });
  const threads = backend.threadsReason ? `${backend.threads}: ${backend.threadsReason}` : `${backend.threads} of ${navigator.hardwareConcurrency}`;
  backend.dispose();
  find("facts").replaceChildren(
    ...facts([
      ["Engine", place.engine],
      ["Threads", threads],
      ["Limit of 128-bit SIMD, one thread", limit === undefined ? "measured during the run" : `${formatNumber(limit)} GFLOP/s`],
    ]),
  );
}

function showStatus(text, failed = false) {
  find("status").textContent = text;
  find("status").classList.toggle("failed", failed);
}

async function run(name) {
  const { chosen, options } = runs[name];
  document.documentElement.dataset.state = "running";
  buttons.forEach((button) => (button.disabled = true));
  find("progress").hidden = false;
  find("progress").value = 0;
  find("results").hidden = find("after").hidden = true;
  showStatus("Starting the workers …");

  const lines = [];
  const notes = [];
  // A page in the background is slowed down by its browser.
  const onHidden = () => document.hidden && notes.push("The page was hidden during the run: its figures may be low.");
  document.addEventListener("visibilitychange", onHidden, { once: true });
  const show = (limit) => {
    find("results").hidden = false;
    find("sections").replaceChildren(...sections({ workloads: chosen, contestants, lines, limit }));
    find("legend").replaceChildren(...legend(contestants.filter(({ key }) => lines.some((line) => line.key === key))));
  };
  try {
    const results = await compete({
      place,
      contestants,
      workloads: chosen,
      options,
      onAbsent: (label, reason) => notes.push(`${label}: not timed, ${reason}`),
      onLines(workload, added, _, limit) {
        lines.push(...added);
        show(limit);
        const done = chosen.indexOf(workload) + 1;
        find("progress").value = done / chosen.length;
        if (done < chosen.length) showStatus(`Timing ${rowName(chosen[done])} (${done + 1} of ${chosen.length})`);
      },
    });
    show(results.limit.gflops);
    await showFacts(results.limit.gflops);
    find("json").textContent = JSON.stringify({ ...results, notes }, null, 1);
    find("notes").replaceChildren(...[...notes, tableNote].map((note) => element("li", {}, note)));
    find("after").hidden = false;
    showStatus("Done: every result agreed with plain JavaScript’s.");
    document.documentElement.dataset.state = "done";
  } catch (error) {
    console.error(error);
    showStatus(`Stopped: ${error.message}`, true);
    document.documentElement.dataset.state = "failed";
  } finally {
    document.removeEventListener("visibilitychange", onHidden);
    find("progress").hidden = true;
    buttons.forEach((button) => (button.disabled = false));
  }
}

buttons.forEach((button) => button.addEventListener("click", () => run(button.dataset.run)));
find("copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText(find("json").textContent);
  find("copy").textContent = "Copied";
  setTimeout(() => (find("copy").textContent = "Copy"), 2000);
});

await showFacts();
const asked = Object.keys(runs).find((name) => new URLSearchParams(location.search).has(name));
if (asked) await run(asked);

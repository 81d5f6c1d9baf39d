// progressBar(): what a terminal gets, and what a file gets.

import { expect, test, vi } from "vitest";
import { ArgumentError, checkpoint, dense, Network, type StreamFitOptions } from "../src/index.js";
import { progressBar, type ProgressStream } from "../src/node.js";
import { random } from "./numbers.js";

const x = random(20 * 4, 1);
const y = random(20, 2);

function make(): Network {
  const network = new Network({ inputs: 4, layers: [dense(1)] });
  network.compile({ optimizer: "sgd", loss: "mse" });
  return network;
}

/** A terminal or a file that keeps what it gets, on a clock that goes on by 60 ms at each look. */
function fake(options: Partial<ProgressStream>): { stream: ProgressStream; text(): string } {
  let text = "";
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => (now += 60));
  return { stream: { ...options, write: (more) => void (text += more) }, text: () => text };
}

const slow = { onBatchEnd: () => {} };

test("a file gets a line an epoch, without control characters", async () => {
  const { stream, text } = fake({});
  const history = await make().fit(x, y, { epochs: 12, batchSize: 5, validationSplit: 0.2, callbacks: [slow, progressBar({ stream })] });
  vi.restoreAllMocks();
  const lines = text().split("\n");
  expect(lines.length).toBe(13);
  lines.slice(0, 12).forEach((line, i) => {
    expect(line).toMatch(/^epoch [ \d]\d\/12  loss [\d.e-]+  valLoss [\d.e-]+  [\d.]+ batches\/s  \d+\.\d s$/);
    expect(line).toContain(`epoch ${String(i + 1).padStart(2)}/12  loss ${history.loss[i].toPrecision(4)}  valLoss ${history.valLoss![i].toPrecision(4)}`);
  });
  expect(text()).not.toMatch(/[\r\x1b]/);
});

test("a terminal gets a line that is written over, never as wide as itself", async () => {
  const { stream, text } = fake({ isTTY: true, columns: 70 });
  await make().fit(x, y, { epochs: 2, batchSize: 1, callbacks: [progressBar({ stream })] });
  vi.restoreAllMocks();
  const lines = text().split("\r").slice(1);
  expect(lines.length).toBeGreaterThan(10);
  for (const line of lines) {
    expect(line).toMatch(/^epoch [12]\/2  [█░]+  [ \d]\d\/20  loss .* s left\x1b\[K$|^epoch [12]\/2  loss .* s\x1b\[K\n$/);
    expect(line.replace(/\x1b\[K\n?$/, "").length).toBeLessThan(70);
  }
  expect(text()).toMatch(/epoch 1\/2  █+░+   \d\/20  loss /);
  expect(text()).toMatch(/░  1\d\/20  loss /);
  expect(text()).toMatch(/█  20\/20  loss /);
  expect(text().split("\n").length).toBe(3);
});

test("says how long it will take, from where a resumed fit goes on too", async () => {
  const network = make();
  let seen = 0;
  await network.fit(x, y, { epochs: 4, batchSize: 1, signal: { get aborted() { return seen === 30; } }, callbacks: [{ onBatchEnd: () => void seen++ }] });
  const { stream, text } = fake({ isTTY: true, columns: 200 });
  await network.fit(x, y, { epochs: 4, batchSize: 1, resume: true, callbacks: [progressBar({ stream })] });
  vi.restoreAllMocks();
  const [first] = text().split("\r").slice(1);
  expect(first).toMatch(/^epoch 2\/4  █{11}░{9}  11\/20  .*batches\/s  \d+ s left/);
  expect(text()).toMatch(/epoch 4\/4.* 1 s left/);
});

test("an epoch that has only its end to come has no speed", async () => {
  for (const isTTY of [true, false]) {
    const network = make();
    let bytes: Uint8Array;
    await network.fit(x, y, { epochs: 2, batchSize: 5, callbacks: [checkpoint({ every: { batches: 4 }, save: (made) => void (bytes = made) })] });
    const { stream, text } = fake({ isTTY, columns: 200 });
    await Network.load(bytes!).fit(x, y, { epochs: 2, batchSize: 5, resume: true, callbacks: [progressBar({ stream })] });
    vi.restoreAllMocks();
    expect(text()).toMatch(/epoch 2\/2  loss [\d.]+  0\.\d s/);
    expect(text()).not.toContain("batches/s");
  }
});

test("a stream of unknown length has no bar, and an aborted fit ends its line", async () => {
  const { stream, text } = fake({ isTTY: true, columns: 200 });
  let seen = 0;
  const options: StreamFitOptions = { signal: { get aborted() { return seen === 6; } }, callbacks: [progressBar({ stream }), { onBatchEnd: () => void seen++ }] };
  await make().fit(function* () { for (;;) yield { x, y }; }, options);
  vi.restoreAllMocks();
  expect(text()).toMatch(/^\repoch 1\/1  batch 1  loss [\d.]+  [\d.]+ batches\/s\x1b\[K/);
  expect(text().endsWith("\x1b[K\n")).toBe(true);
});

test.each([5, "stderr", {}, null])("stream: %j", (stream) => expect(() => progressBar({ stream: stream as never })).toThrow(ArgumentError));

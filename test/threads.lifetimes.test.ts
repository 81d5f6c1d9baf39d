// Crews come and go without a trace, a thread that dies in the middle of a batch is an error in less than a second, and training on threads can be called off.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { dense, Network, StateError } from "../src/index.js";
import type { Script } from "../src/program.js";
import { createThreadedBackend } from "../src/threads.js";
import { random } from "./numbers.js";

test("100 crews of two threads leave no worker, descriptor or handle; `npm run test:threads` starts more", () => {
  const printed = execFileSync(process.execPath, ["--expose-gc", fileURLToPath(new URL("threads/starts.mjs", import.meta.url)), "100"], { encoding: "utf8" });
  expect(printed).toMatch(/100 starts, nothing left\n$/);
});

/** ms until predict() says that a worker is lost which trapped in the middle of its program. */
async function loseWorker(): Promise<number> {
  const backend = await createThreadedBackend({ threads: 2 });
  const network = new Network({ inputs: 512, layers: [dense(512, "relu"), dense(512, "tanh"), dense(512)] }, { backend });
  const x = random(256 * 512, 1);
  const before = network.predict(x);
  expect(before.some((value) => value !== 0)).toBe(true);
  // The words of its program: index, count and arguments, call by call. No call has 99 arguments.
  const { crew, linear } = backend;
  const run = crew!.run.bind(crew);
  crew!.run = (scripts: readonly Script[]) => {
    const words = linear.i32(scripts[1].start, (scripts[1].end - scripts[1].start) / 4);
    const calls = [];
    for (let at = 0; at < words.length; at += 2 + words[at + 1]) calls.push(at);
    expect(calls.length).toBeGreaterThan(6);
    words[calls[calls.length >> 1] + 1] = 99;
    run(scripts);
  };
  const began = performance.now();
  expect(() => network.predict(x)).toThrow(StateError);
  const took = performance.now() - began;
  expect(() => network.predict(x)).toThrow(/^createThreadedBackend: every worker must be alive, got /);
  backend.dispose();
  return took;
}

test("a worker that dies in the middle of a batch is an error in less than a second", async () => {
  const times = [await loseWorker(), await loseWorker(), await loseWorker()];
  // The least of three: on a machine that has more to do than cores, a wait of 50 ms can be one of 500.
  expect(Math.min(...times)).toBeLessThan(1000);
});

test("an abort ends training on threads after the current batch", async () => {
  const backend = await createThreadedBackend({ threads: 2 });
  const network = new Network({ inputs: 256, layers: [dense(256, "relu"), dense(256)], seed: 1 }, { backend });
  network.compile({ optimizer: "adam", loss: "mse" });
  const controller = new AbortController();
  let batches = 0;
  const x = random(512 * 256, 2);
  const history = await network.fit(x, x, { epochs: 5, batchSize: 64, signal: controller.signal, callbacks: [{ onBatchEnd: () => void (++batches === 11 && controller.abort()) }] });
  expect([batches, history.loss.length]).toEqual([11, 1]);
  expect(network.predict(x).length).toBe(512 * 256);
  backend.dispose();
});

// The page's side of test/browser/training.mjs, which calls what is in `checks`.
import * as lanewise from "../../dist/index.js";
import { createTrainingWorker } from "../../dist/worker.js";
import { createNetwork, fitAndDigest } from "./subject.mjs";

/** Draws for some ms and returns the frames a second, and the ms of the longest. */
function watchFrames(milliseconds) {
  return new Promise((resolve) => {
    const times = [];
    const frame = (time) => {
      times.push(time);
      if (time - times[0] < milliseconds) return requestAnimationFrame(frame);
      const gaps = times.slice(1).map((time, i) => time - times[i]);
      resolve({ rate: (1000 * gaps.length) / (times.at(-1) - times[0]), longest: Math.max(...gaps) });
    };
    requestAnimationFrame(frame);
  });
}

const ownWorker = () => new Worker(new URL("serve.mjs", import.meta.url), { type: "module" });

async function withWorker(options, use) {
  const worker = await createTrainingWorker(options);
  try {
    return await use(worker);
  } finally {
    worker.dispose();
  }
}

globalThis.checks = {
  /** The bits of a fit() in the worker. */
  train: () => withWorker({}, async (worker) => {
    const network = createNetwork(lanewise);
    return { threads: worker.threads, reason: worker.threadsReason, ...(await fitAndDigest(network, (...data) => worker.fit(network, ...data))) };
  }),
  trainOnTwo: () => withWorker({ threads: 2 }, async (worker) => {
    const network = createNetwork(lanewise);
    return { threads: worker.threads, reason: worker.threadsReason, ...(await fitAndDigest(network, (...data) => worker.fit(network, ...data))) };
  }),
  trainInOwn: () => withWorker({ worker: ownWorker() }, async (worker) => {
    const network = createNetwork(lanewise);
    return fitAndDigest(network, (...data) => worker.fit(network, ...data));
  }),

  /** Frames of a page that shows progress while 784-512-512-10 trains, beside those of an idle page. */
  frames: () => withWorker({}, async (worker) => {
    const { Network, dense } = lanewise;
    const rows = 6000;
    const network = new Network({ inputs: 784, layers: [dense(512, "relu"), dense(512, "relu"), dense(10, "softmax")], seed: 1 });
    network.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy" });
    let state = 1;
    const x = Float32Array.from({ length: rows * 784 }, () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32);
    const y = Int32Array.from({ length: rows }, (_, row) => row % 10);
    const idle = await watchFrames(2000);
    const controller = new AbortController();
    let batches = 0;
    const running = worker.fit(network, x, y, { epochs: 1000, batchSize: 128, signal: controller.signal, transfer: true, onProgress: ({ epoch, batch, steps }) => {
      batches = epoch * steps + batch + 1;
      document.title = `batch ${batches}`;
    } });
    while (batches === 0) await new Promise(requestAnimationFrame);
    const before = batches;
    const training = await watchFrames(4000);
    const seen = batches - before;
    controller.abort();
    await running;
    return { idle, training, batches: seen };
  }),

  /** How createTrainingWorker ends where workers from blobs are forbidden. */
  refused: () => withWorker({}, () => "it started").catch((error) => `${error.name}: ${error.message}`),
};

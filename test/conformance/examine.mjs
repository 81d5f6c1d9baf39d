// What an engine is asked, by test/conformance/host.mjs and test/conformance/page.mjs.
import { conform } from "./program.mjs";
import { createBackend, dense, LanewiseError, Network } from "../../dist/index.js";
import { relaxed } from "../../dist/relaxed.js";
import { createThreadedBackend } from "../../dist/threads.js";

/** The digests on so many threads, with the names of what was shared among them; or the reason that the library gives why there are not so many. */
export async function examine(threads) {
  const began = performance.now();
  const backend = await createThreadedBackend({ threads });
  try {
    if (backend.threads !== threads) return { threads, reason: backend.threadsReason };
    let meetings = 0;
    if (backend.crew !== undefined) {
      const run = backend.crew.run.bind(backend.crew);
      backend.crew.run = (scripts) => {
        if (scripts.length === threads) meetings++;
        run(scripts);
      };
    }
    const shared = [];
    const digests = await conform(backend, (name) => {
      if (meetings > 0) shared.push(name);
      meetings = 0;
    });
    return { threads, digests, shared, milliseconds: performance.now() - began };
  } finally {
    backend.dispose();
  }
}

/** Whether the relaxed build runs; where it does not, the library must have said so in an error of its own. */
export function examineRelaxed() {
  try {
    const network = new Network({ inputs: 2, layers: [dense(8, "tanh"), dense(1)], seed: 1 }, { backend: createBackend({ module: relaxed }) });
    network.compile({ optimizer: "adam", loss: "mse" });
    const loss = () => network.trainBatch([[1, 2], [3, 4]], [[1], [0]]);
    return { runs: loss() > loss() };
  } catch (error) {
    if (!(error instanceof LanewiseError)) throw error;
    return { runs: false, reason: error.message };
  }
}

// Every function and class of the public entries, as junk is thrown at it; test/api.test.ts fails where one is missing.

import fc from "fast-check";
import * as main from "../../src/index.js";
import * as infer from "../../src/infer.js";
import * as node from "../../src/node.js";
import * as relaxed from "../../src/relaxed.js";
import * as threads from "../../src/threads.js";
import * as worker from "../../src/worker.js";
import { junk } from "./junk.js";

export const entries = { main, infer, node, relaxed, threads, worker };

/** Makes what the call gave go away, so that nothing waits for the garbage collector. */
async function dispose(made: unknown): Promise<void> {
  const result = (await made) as { dispose?: unknown } | null | undefined;
  if (typeof result === "object" && typeof result?.dispose === "function") (result.dispose as () => void).call(result);
}

type Caller = (...args: any[]) => unknown;
const call = (f: unknown): Caller => (...args) => (f as Caller)(...args);
const create = (type: unknown): Caller => (...args) => new (type as new (...args: unknown[]) => unknown)(...args);
/** A layer's options count when a network is built of it; an optimizer's and so on when a network is compiled. */
const small = { maximumBytes: 1 << 22 };
const build = (f: unknown): Caller => (...args) => new main.Network({ inputs: 2, layers: [(f as Caller)(...args) as never] }, { backend: main.createBackend(small) });
/** Names that would become files, or start workers: not those. */
const noText: Caller = (...args) => args.map((arg) => (typeof arg === "string" || arg instanceof String || arg instanceof URL || arg instanceof Uint8Array ? 0 : arg));

/** By entry and name; errors are no functions to call. */
export const callers: Readonly<Record<string, Caller>> = {
  ...Object.fromEntries(["dense", "activation", "residual", "layerNormalization", "batchNormalization", "normalization", "dropout", "gaussianNoise", "custom"].map((name) => [`main.${name}`, build(main[name as "dense"])])),
  ...Object.fromEntries(
    ["sgd", "adam", "adamW", "rmsprop", "adagrad", "adadelta", "nadam", "lion", "lbfgs", "stepDecay", "exponentialDecay", "cosineDecay", "oneCycle", "earlyStopping", "reduceOnPlateau", "checkpoint", "confusionMatrix", "matmul", "createBackend", "initialize"]
      .map((name) => [`main.${name}`, call(main[name as "sgd"])]),
  ),
  "main.Network": (config, options) => create(main.Network)(config, options ?? { backend: main.createBackend(small) }),
  "main.Network.load": (bytes, options) => main.Network.load(bytes, options),
  "main.Matrix": (rows, columns, data, options) => create(main.Matrix)(rows, columns, data, options ?? { backend: main.createBackend(small) }),
  ...Object.fromEntries(Object.entries(main.activations).flatMap(([name, f]) => [[`main.activations.${name}`, call(f)], [`main.activations.${name}.derivative`, call(f.derivative)]])),
  "infer.load": call(infer.load),
  "node.fileCheckpoint": (...args) => node.fileCheckpoint(...(noText(...args) as [never])),
  "node.writeFileAtomically": (...args) => node.writeFileAtomically(...(noText(...args) as [never, never])),
  "node.progressBar": call(node.progressBar),
  "worker.createTrainingWorker": (...args) => worker.createTrainingWorker(...(args as [never])),
  "worker.serve": call(worker.serve),
  "threads.createThreadedBackend": (options) => threads.createThreadedBackend({ threads: 1, ...options }),
};

/** One call of any export with junk, none to four of it. */
export const exported: fc.Arbitrary<{ name: string; args: unknown[] }> = fc.record({
  name: fc.constantFrom(...Object.keys(callers)),
  args: fc.array(junk, { maxLength: 4 }),
});

export async function callExport({ name, args }: { name: string; args: unknown[] }): Promise<void> {
  await dispose(await callers[name](...args));
}

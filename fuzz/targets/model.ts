// Model files with changes: Network.load, load of "lanewise/infer" and loadWeights refuse with their own errors, take nothing with them, or agree to the bit.

import { Network, type LanewiseError } from "../../src/index.js";
import { ArgumentError, FormatError, OutOfMemoryError, ShapeError, StateError } from "../../src/errors.js";
import { load } from "../../src/infer.js";
import { Draw } from "./draw.js";
import { backend, changedModel, models } from "./models.js";

/** What a file may do to each reader. A network too large for this backend is one as well. */
const refusals = [FormatError, OutOfMemoryError];
const hosts = models.map((bytes) => Network.load(bytes, { backend }));
const x = (rows: number, columns: number): Float32Array => Float32Array.from({ length: rows * columns }, (_, i) => Math.fround((i % 7) / 3 - 1));

export function fuzz(bytes: Uint8Array): void {
  readModel(changedModel(new Draw(bytes)));
}

export function readModel(bytes: Uint8Array): void {
  const { bytesInUse } = backend.memory();
  const network = attempt(() => Network.load(bytes, { backend }), refusals);
  const model = attempt(() => load(bytes, { backend }), refusals);
  if (network) {
    if (!model) throw new Error("a network for training is none for inference");
    if (network.inputs < 1e4) same(network.predict(x(2, network.inputs)), model.predict(x(2, network.inputs)));
    const training = attempt(() => network.save({ includeOptimizer: true }), [ArgumentError, StateError]);
    for (const again of [network.save(), training]) {
      if (!again) continue;
      const copy = Network.load(again, { backend });
      same(copy.save({ includeOptimizer: again === training }), again);
      copy.dispose();
    }
  }
  network?.dispose();
  model?.dispose();
  for (const host of hosts) {
    const before = host.save();
    const taken = attempt(() => (host.loadWeights(bytes), true), [...refusals, ShapeError]);
    if (taken) host.loadWeights(before);
    same(host.save(), before);
  }
  if (backend.memory().bytesInUse !== bytesInUse) throw new Error(`${backend.memory().bytesInUse - bytesInUse} bytes more in use than before`);
}

function attempt<T>(call: () => T, allowed: readonly (abstract new (...args: never[]) => LanewiseError)[]): T | undefined {
  try {
    return call();
  } catch (error) {
    if (allowed.some((kind) => error instanceof kind)) return undefined;
    throw error;
  }
}

function same(a: Uint8Array | Float32Array, b: Uint8Array | Float32Array): void {
  const bytes = (array: Uint8Array | Float32Array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  if (!bytes(a).equals(bytes(b))) throw new Error("two readings of one file differ");
}

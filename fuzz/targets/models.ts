// Good model files, and changes to them that know where the decisions are: in the JSON of header, config and training record.

import { activation, adam, batchNormalization, cosineDecay, createBackend, dense, dropout, gaussianNoise, layerNormalization, Network, normalization, residual, sgd, type LayerFactory } from "../../src/index.js";
import { checksum } from "../../src/checksum.js";
import { readContainer } from "../../src/safetensors.js";
import { file, headerOf } from "../../test/bad-input/world.js";
import type { Draw } from "./draw.js";

export const backend = createBackend({ maximumBytes: 1 << 24 });

function saved(layers: LayerFactory[], compile?: Parameters<Network["compile"]>[0]): Uint8Array {
  const network = new Network({ inputs: 2, layers, seed: 3 }, { backend });
  if (compile) {
    network.compile(compile);
    network.trainBatch([[0.5, -1], [1, 2]], [[0, 1], [1, 0]]);
  }
  const bytes = network.save({ includeOptimizer: compile !== undefined });
  network.dispose();
  return bytes;
}

/** Where a fit was interrupted, as save() writes it. */
const position = {
  settings: { batchSize: 2, shuffle: false }, phase: 2, called: 0, epoch: 0, batch: 1, sums: { rows: 2, loss: 0.5, hits: 1, counters: [] }, stop: false, history: { loss: [] }, states: [],
};

function interrupted(bytes: Uint8Array): Uint8Array {
  const { header, data } = headerOf(bytes);
  header.__metadata__.training = JSON.stringify({ ...JSON.parse(header.__metadata__.training), position });
  return file(JSON.stringify(header), data);
}

const trained = saved([dense(3, "relu"), dense(2)], { optimizer: adam({ amsgrad: true, learningRate: 0.01 }), loss: "mse", metrics: ["meanAbsoluteError"] });
export const models: readonly Uint8Array[] = [
  saved([dense(3, "tanh"), dense(2, "softmax")]),
  trained,
  interrupted(trained),
  saved([residual([layerNormalization(), dense(2, "sigmoid")]), batchNormalization(), normalization(), dropout(0.5), gaussianNoise(0.1), activation("leakyRelu", { negativeSlope: 0.1 })]),
  saved([dense(2, "prelu", { l2: 0.1, maxNorm: 1 })], { optimizer: sgd({ momentum: 0.9, learningRate: cosineDecay({ initial: 0.1, steps: 9 }) }), loss: "huber" }),
];

const odd: readonly unknown[] = [
  null, true, false, 0, 1, 2, 3, 4, -1, 0.5, 1e9, 2 ** 31, 2 ** 53, 1e300, "", "F32", "F64", "relu", "softmax", "dense", "residual", "custom", "mse", "sgd", "__proto__", "constructor", [], {}, [0, 8],
  [[]], [null], { type: "dense", units: 2 }, { type: "residual", layers: [] }, { name: "prelu" }, { length: 2 ** 32 }, { __proto__: null, toString: 1 },
];

type Node = Record<string, unknown>;
const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null;

/** A place within `root`: each decision goes one level down or stays. */
function place(draw: Draw, root: Node): { parent: Node; key: string } {
  let parent = root;
  for (;;) {
    const keys = Object.keys(parent);
    const key = keys.length > 0 ? draw.from(keys) : "0";
    const child = parent[key];
    if (!isNode(child) || draw.oneIn(4)) return { parent, key };
    parent = child;
  }
}

function mutate(draw: Draw, root: Node): void {
  const { parent, key } = place(draw, root);
  const what = draw.below(8);
  if (what === 0) delete parent[key];
  else if (what === 1 && Array.isArray(parent)) parent.push(structuredClone(parent[draw.below(parent.length + 1)]));
  else if (what === 2) parent[key] = (({ parent, key }) => structuredClone(parent[key]))(place(draw, root));
  else if (what === 3) parent[key] = [parent[key]];
  else if (what === 4 && typeof parent[key] === "number") parent[key] = parent[key] + draw.below(5) - 2;
  else if (what === 5) parent[draw.oneIn(2) ? draw.text() : "units"] = structuredClone(draw.from(odd));
  else parent[key] = structuredClone(draw.from(odd));
}

/** One of the models with up to three changes; with a checksum, or as of version 1, which has none. */
export function changedModel(draw: Draw): Uint8Array {
  const { header, data } = headerOf(draw.from(models));
  const metadata = header.__metadata__ as Node;
  const records: Node = {};
  for (const key of ["config", "training"]) if (metadata[key] !== undefined) records[key] = JSON.parse(metadata[key] as string);
  for (let n = draw.below(3) + 1; n > 0; n--) mutate(draw, draw.oneIn(4) ? (header as Node) : records);
  for (const [key, record] of Object.entries(records)) if (isNode(header.__metadata__)) metadata[key] = JSON.stringify(record);
  const bytes = file(JSON.stringify(header), data.slice());
  for (let n = draw.below(8); n > 5; n--) bytes[draw.below(bytes.length)] = draw.byte();
  return draw.oneIn(4) ? withChecksum(bytes) : bytes;
}

/** As version 2, if it can be read at all. */
function withChecksum(bytes: Uint8Array): Uint8Array {
  try {
    const { metadata, tensors } = readContainer("fuzz", bytes);
    const { header, data } = headerOf(bytes);
    const all = new Map(metadata).set("version", "2");
    Object.assign(header.__metadata__, { version: "2", checksum: checksum({ metadata: all, tensors }) });
    return file(JSON.stringify(header), data);
  } catch {
    return bytes;
  }
}

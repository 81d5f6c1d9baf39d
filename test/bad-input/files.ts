// Files that are no model files, or not any more.

import { ArgumentError, FormatError, Network, StateError } from "../../src/index.js";
import type { Row } from "./catalogue.js";
import { during, edited, file, headerOf, reconfigured, type World } from "./world.js";

type Bad = readonly [id: string, says: readonly string[], bytes: (world: World) => Uint8Array];

const withLength = (length: bigint, rest = 8): Uint8Array => {
  const bytes = new Uint8Array(8 + rest);
  new DataView(bytes.buffer).setBigUint64(0, length, true);
  return bytes;
};
const tensor = (entry: unknown, data = 8): Uint8Array => file(JSON.stringify({ a: entry }), new Uint8Array(data));
const deep = (n: number): string => "[".repeat(n) + "]".repeat(n);

const containers: readonly Bad[] = [
  ["an empty file", ["8 bytes of header length", "got 0 bytes", "at byte 0"], () => new Uint8Array(0)],
  ["seven bytes", ["got 7 bytes"], () => new Uint8Array(7)],
  ["a header longer than the file", ["the header must be 1000 bytes long", "got 8", "truncated"], () => withLength(1000n)],
  ["a header longer than the limit", ["at most 100000000 bytes", "got 100000001"], () => withLength(100_000_001n)],
  ["a header of 2⁶⁴ − 1 bytes", ["got 18446744073709551615"], () => withLength(2n ** 64n - 1n)],
  ["a header of 0 bytes", ["JSON in UTF-8"], () => withLength(0n, 0)],
  ["a PNG", ["header"], () => Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13])],
  ["a zip", ["header"], () => Uint8Array.from([0x50, 0x4b, 3, 4, 20, 0, 0, 0, 8, 0])],
  ["JSON without the length", ["header"], () => new TextEncoder().encode('{"weights":[1,2,3]}')],
  ["a header that is not JSON", ["the header must be JSON in UTF-8"], () => file("{not json}")],
  ["a header that is not UTF-8", ["JSON in UTF-8"], () => { const bytes = file('{"aa":1}'); bytes[10] = 0xff; return bytes; }],
  ["a header with a byte order mark", ["JSON in UTF-8"], () => file("\ufeff{}")],
  ["a header that is an array", ["a JSON object", "got an array"], () => file("[]")],
  ["a header that is a number", ["a JSON object", "got number"], () => file("5")],
  ["a header that is null", ["a JSON object"], () => file("null")],
  ["a header nested a million deep", ["a"], () => file(`{"a":${deep(1e6)}}`)],
  ["a dtype nested 125 deep", ["must have a dtype among", "got an array of 1"], () => file(`{"a":{"dtype":${deep(125)}}}`)],
  ["a dtype nested 126 deep", ["nested at most 127 deep", "at byte 147"], () => file(`{"a":{"dtype":${deep(126)}}}`)],
  ["a dtype nested a million deep", ["nested at most 127 deep", "at byte 147"], () => file(`{"a":{"dtype":${deep(1e6)}}}`)],
  ["metadata that is no object", ["__metadata__ must be an object", "got an array of 0"], () => file('{"__metadata__":[]}')],
  ["metadata that is not text", ['"format" of __metadata__ must be a string', "got 1"], () => file('{"__metadata__":{"format":1}}')],
  ["a tensor twice", ["must stand once", 'got "a" twice'],
    () => file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a" : {"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', new Uint8Array(4))],
  ["a tensor twice, once in escapes", ["must stand once", 'got "a" twice'], () => file('{"a":1,"\\u0061":2}')],
  ["a shape twice", ["must stand once", 'got "shape" twice'], () => file('{"a":{"dtype":"F32","shape":[1],"shape":[2],"data_offsets":[0,4]}}', new Uint8Array(4))],
  ["metadata twice", ["must stand once"], () => file('{"__metadata__":{},"__metadata__":{}}')],
  ["a tensor that is null", ["must have a dtype", "got undefined"], () => tensor(null)],
  ["an unknown dtype", ["must have a dtype among BOOL", 'got "F31"'], () => tensor({ dtype: "F31", shape: [2], data_offsets: [0, 8] })],
  ["a dtype called constructor", ['got "constructor"'], () => tensor({ dtype: "constructor", shape: [2], data_offsets: [0, 8] })],
  ["another dtype", ['tensor "a" must be F32', "got F64"], () => tensor({ dtype: "F64", shape: [1], data_offsets: [0, 8] })],
  ["a shape of 2.0", ["must be whole, in digits", 'got "2.0"', "at byte 37"], () => file('{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}', new Uint8Array(8))],
  ["a shape of 2e0", ["must be whole, in digits", 'got "2e0"'], () => file('{"a":{"dtype":"F32","shape":[2e0],"data_offsets":[0,8]}}', new Uint8Array(8))],
  ["an offset of -0", ["must be whole, in digits", 'got "-0"'], () => file('{"a":{"dtype":"F32","shape":[2],"data_offsets":[-0,8]}}', new Uint8Array(8))],
  ["a number of 400 digits where nobody looks", ["must be whole, in digits", 'got "9999'], () => file(`{"a":{"dtype":"F32","shape":[2],"more":${"9".repeat(400)},"data_offsets":[0,8]}}`, new Uint8Array(8))],
  ["half of a surrogate pair", ["must be Unicode", "half of a surrogate pair", "at byte 9"], () => file('{"a\\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', new Uint8Array(8))],
  ["half of a surrogate pair in the metadata", ["must be Unicode"], () => file('{"__metadata__":{"format":"\\udfff"}}')],
  ["a tensor without values of huge sizes", ["must take Infinity bytes", "got 0"], () => tensor({ dtype: "F32", shape: [2 ** 40, 2 ** 40, 0], data_offsets: [0, 0] }, 0)],
  ["no shape", ["must have a shape of whole numbers", "got undefined"], () => tensor({ dtype: "F32", data_offsets: [0, 8] })],
  ["a negative shape", ["a number of the header must be whole", 'got "-2"', "at byte 37"], () => tensor({ dtype: "F32", shape: [-2], data_offsets: [0, 8] })],
  ["a fractional shape", ["a number of the header must be whole", 'got "0.5"', "at byte 37"], () => tensor({ dtype: "F32", shape: [0.5, 4], data_offsets: [0, 8] })],
  ["a shape of texts", ["shape of whole numbers"], () => tensor({ dtype: "F32", shape: ["2"], data_offsets: [0, 8] })],
  ["a shape of 2⁵³", ["from 0 to 9007199254740991", 'got "9007199254740992"', "at byte 37"], () => file('{"a":{"dtype":"F32","shape":[9007199254740992],"data_offsets":[0,8]}}', new Uint8Array(8))],
  ["a shape that overflows", ["must take Infinity bytes for F32 [4294967296,4294967296]", "got 8"],
    () => tensor({ dtype: "F32", shape: [2 ** 32, 2 ** 32], data_offsets: [0, 8] })],
  ["a shape of a million dimensions", ["1000000 dimensions"], () => tensor({ dtype: "F32", shape: new Array(1e6).fill(2), data_offsets: [0, 8] })],
  ["a shape of another size", ["must take 12 bytes for F32 [3]", "got 8"], () => tensor({ dtype: "F32", shape: [3], data_offsets: [0, 8] })],
  ["no offsets", ["data_offsets [begin, end]", "got undefined"], () => tensor({ dtype: "F32", shape: [2] })],
  ["one offset", ["data_offsets [begin, end]", "got an array of 1"], () => tensor({ dtype: "F32", shape: [2], data_offsets: [8] })],
  ["offsets in reverse", ["data_offsets [begin, end]"], () => tensor({ dtype: "F32", shape: [2], data_offsets: [8, 0] })],
  ["negative offsets", ["a number of the header must be whole", 'got "-8"', "at byte 56"], () => tensor({ dtype: "F32", shape: [2], data_offsets: [-8, 0] })],
  ["offsets past the end", ["the tensors must take 16 bytes", "got 8", "truncated"], () => tensor({ dtype: "F32", shape: [4], data_offsets: [0, 16] })],
  ["a hole before the first tensor", ['tensor "a" must start where the one before ends (0)', "got 4"], () => tensor({ dtype: "F32", shape: [1], data_offsets: [4, 8] })],
  ["tensors that overlap", ['tensor "b" must start where the one before ends (8)', "got 4"],
    () => file('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', new Uint8Array(8))],
  ["a hole between tensors", ["must start where the one before ends (4)", "got 8"],
    () => file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}', new Uint8Array(12))],
  ["bytes after the last tensor", ["must end with its last tensor", "got 4 bytes more"], () => tensor({ dtype: "F32", shape: [1], data_offsets: [0, 4] })],
  ["a safetensors file of others", ['format "lanewise"', "got undefined", "another program"], () => tensor({ dtype: "F32", shape: [2], data_offsets: [0, 8] })],
  ["an empty safetensors file", ['format "lanewise"', "got undefined"], () => file("{}")],
  ["another format", ['got "pt"'], () => file('{"__metadata__":{"format":"pt"}}')],
];

const models: readonly Bad[] = [
  ["another version", ["of version 1 or 2", 'got "3"'], ({ bytes }) => edited(bytes, ({ __metadata__ }) => void (__metadata__.version = "3"))],
  ["version 2 without checksum", ["must have its checksum", "got undefined", "damaged"], ({ bytes }) => edited(bytes, ({ __metadata__ }) => void (__metadata__.version = "2"))],
  ["a bit of the last weight that is another", ["must have its checksum", "damaged"], ({ bytes }) => bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte))],
  ["no version", ["of version 1", "got undefined"], ({ bytes }) => edited(bytes, ({ __metadata__ }) => void delete __metadata__.version)],
  ["no config", ["config in the metadata must be what save() wrote"], ({ bytes }) => edited(bytes, ({ __metadata__ }) => void delete __metadata__.config)],
  ["a config that is not JSON", ["config in the metadata"], ({ bytes }) => edited(bytes, ({ __metadata__ }) => void (__metadata__.config = "{"))],
  ["a config of null", ["config in the metadata"], ({ bytes }) => edited(bytes, ({ __metadata__ }) => void (__metadata__.config = "null"))],
  ["a config of a million brackets", ["config in the metadata"], ({ bytes }) => edited(bytes, ({ __metadata__ }) => void (__metadata__.config = deep(1e6)))],
  ...([[0, "got 0"], [-3, "got -3"], [1.5, "got 1.5"], [2 ** 31, "got 2147483648"], ["3", 'got "3"'], [null, "got null"]] as const).map(([inputs, says]): Bad =>
    [`inputs ${JSON.stringify(inputs)}`, ["config", "inputs must be a whole number", says], ({ bytes }) => reconfigured(bytes, "config", (c) => void (c.inputs = inputs))]),
  ["a fractional seed", ["config", "seed must be a whole number", "got 0.5"], ({ bytes }) => reconfigured(bytes, "config", (c) => void (c.seed = 0.5))],
  ["a seed of null", ["config", "seed", "got null"], ({ bytes }) => reconfigured(bytes, "config", (c) => void (c.seed = null))],
  ["more in the config", ["config", "must be among inputs", 'got "dropout"'], ({ bytes }) => reconfigured(bytes, "config", (c) => void (c.dropout = 1))],
  ["no layers", ["config", "at least one layer"], ({ bytes }) => reconfigured(bytes, "config", (c) => void (c.layers = []))],
  ["layers that are no array", ["config"], ({ bytes }) => reconfigured(bytes, "config", (c) => void (c.layers = { length: 1 }))],
  ["a layer of null", ["config", "layer type must be one of dense, activation", "got undefined"], ({ bytes }) => reconfigured(bytes, "config", (c) => void (c.layers[0] = null))],
  ["an unknown layer", ["layer type", 'got "conv"'], ({ bytes }) => reconfigured(bytes, "config", (c) => void (c.layers[0].type = "conv"))],
  ["a layer called __proto__", ["layer type", 'got "__proto__"'], ({ bytes }) => reconfigured(bytes, "config", (c) => void (c.layers[0].type = "__proto__"))],
  ["an unknown activation", ["activation must be one of", 'got "step"'], ({ bytes }) => reconfigured(bytes, "config", (c) => void (c.layers[0].activation.name = "step"))],
  ["units 0", ["units must be a whole number", "got 0"], ({ bytes }) => reconfigured(bytes, "config", (c) => void (c.layers[0].units = 0))],
  ["useBias as text", ["useBias", 'got "no"'], ({ bytes }) => reconfigured(bytes, "config", (c) => void (c.layers[0].useBias = "no"))],
  ["an option of a layer that we do not know", ["must be among type, units", 'got "l3"'], ({ bytes }) => reconfigured(bytes, "config", (c) => void (c.layers[0].l3 = 0.1))],
  ["more units than weights", ['tensor "1.weights" must have shape [3,5]', "got [3,4]"], ({ bytes }) => reconfigured(bytes, "config", (c) => void (c.layers[0].units = 5))],
  // Must be refused before 2 GiB are taken for them.
  ["units far past the weights", ['tensor "1.weights" must have shape [3,60000000]', "got [3,4]"],
    ({ bytes }) => reconfigured(bytes, "config", (c) => void (c.layers[0].units = 6e7))],
  ["units past any memory", ["at most 536870912 values"], ({ bytes }) => reconfigured(bytes, "config", (c) => void (c.layers[0].units = 2 ** 31 - 1))],
  ["a hundred thousand layers", ["layers must be at most 10000", "got 100000"],
    ({ bytes }) => reconfigured(bytes, "config", (c) => void (c.layers = new Array(100_000).fill({ type: "activation", activation: { name: "relu" } })))],
  ["weights without bias", ['must hold tensor "1.bias"', "got none"],
    ({ bytes }) => { const { header, data } = headerOf(bytes); header["1.other"] = header["1.bias"]; delete header["1.bias"]; return file(JSON.stringify(header), data); }],
  ["a bias nobody wants", ["every tensor must belong to a layer", 'got "1.bias"'], ({ bytes }) => reconfigured(bytes, "config", (c) => void (c.layers[0].useBias = false))],
  ["weights transposed", ['tensor "1.weights" must have shape [3,4]', "got [4,3]"], ({ bytes }) => edited(bytes, (header) => void header["1.weights"].shape.reverse())],
  ["weights of another rank", ['tensor "1.weights" must have shape [3,4]', "got [12]"], ({ bytes }) => edited(bytes, (header) => void (header["1.weights"].shape = [12]))],
];

const trainings: readonly Bad[] = [
  ["a training record that is not JSON", ["training in the metadata"], ({ bytes }) => edited(bytes, ({ __metadata__ }) => void (__metadata__.training = "x"))],
  ["a training record of null", ["training in the metadata"], ({ bytes }) => reconfigured(bytes, "training", () => null)],
  ["a training record of a list", ["training in the metadata"], ({ bytes }) => reconfigured(bytes, "training", () => [])],
  ["no training record for its tensors", ["every tensor must belong to a layer", 'got "optimizer.m.1.weights"'],
    ({ bytes }) => edited(bytes, ({ __metadata__ }) => void delete __metadata__.training)],
  ["an unknown optimizer", ["training", "optimizer must be one of", 'got "adamX"'], ({ bytes }) => reconfigured(bytes, "training", (t) => void (t.optimizer.id = "adamX"))],
  ["another optimizer", ['got "optimizer.m.1.weights"'], ({ bytes }) => reconfigured(bytes, "training", (t) => void (t.optimizer = { id: "sgd", options: {} }))],
  ["an optimizer that wants more", ["must hold tensor", "optimizer.vMax.1.weights"],
    ({ bytes }) => reconfigured(bytes, "training", (t) => void (t.optimizer.options.amsgrad = true))],
  ["beta1 of 1", ["training", "beta1 must be", "got 1"], ({ bytes }) => reconfigured(bytes, "training", (t) => void (t.optimizer.options.beta1 = 1))],
  ["a learning rate of null", ["training", "learningRate", "got null"], ({ bytes }) => reconfigured(bytes, "training", (t) => void (t.optimizer.options.learningRate = null))],
  ["an unknown schedule", ["training", "schedule must be one of stepDecay", 'got "linear"'],
    ({ bytes }) => reconfigured(bytes, "training", (t) => void (t.optimizer.options.learningRate = { name: "linear" }))],
  ["a schedule of no steps", ["training", "cosineDecay: steps must be", "got 0"],
    ({ bytes }) => reconfigured(bytes, "training", (t) => void (t.optimizer.options.learningRate = { name: "cosineDecay", initial: 1, steps: 0 }))],
  ["an unknown loss", ["training", "loss must be one of", 'got "triplet"'], ({ bytes }) => reconfigured(bytes, "training", (t) => void (t.loss.name = "triplet"))],
  ["a loss that does not suit the layers", ["training", "must follow a last layer with sigmoid"],
    ({ bytes }) => reconfigured(bytes, "training", (t) => void (t.loss.name = "binaryCrossentropy"))],
  ["no loss", ["training"], ({ bytes }) => reconfigured(bytes, "training", (t) => void delete t.loss)],
  ["accuracy as a number", ["training", "accuracy must be true or false", "got 1"], ({ bytes }) => reconfigured(bytes, "training", (t) => { delete t.metrics; t.accuracy = 1; })],
  ...([
    ["step", -1], ["step", 0.5], ["step", "1"], ["epoch", -1], ["epoch", null],
    ["powers", []], ["powers", [1]], ["powers", ["0.5", "0.5"]], ["powers", [2, 0]], ["powers", [null, 0]], ["powers", null],
    ["rateScale", -1], ["rateScale", 1.5], ["rateScale", "1"], ["rateScale", null],
  ] as const).map(([key, value]): Bad =>
    [`${key} ${JSON.stringify(value)}`, ["training in the metadata must be what save() wrote"], ({ bytes }) => reconfigured(bytes, "training", (t) => void (t[key] = value))]),
];

/** A file of a fit that was interrupted between two batches of one update, with a callback that has a state. */
async function interrupted({ bytes, backend }: World): Promise<Uint8Array> {
  const network = Network.load(bytes, { backend });
  try {
    let seen = 0;
    const callbacks = [{ name: "mine", getState: () => ({ numbers: Float32Array.of(1, 2) }), onBatchEnd: () => void seen++ }];
    await network.fit([[1, 2, 3], [4, 5, 6]], [0, 1], { batchSize: 1, accumulateSteps: 2, callbacks, signal: { get aborted() { return seen > 0; } } });
    return network.save({ includeOptimizer: true });
  } finally {
    network.dispose();
  }
}

/** What makes the record of that fit bad, and what the message says besides "training in the metadata". */
const positions: readonly (readonly [id: string, edit: (training: any) => unknown, says?: string])[] = [
  ...["phase", "called", "epoch", "batch"].flatMap((key) => [-1, 0.5, "1", null, 2 ** 53].map((value) => [`${key} ${JSON.stringify(value)}`, (t: any) => void (t.position[key] = value)] as const)),
  ["phase 5", (t) => void (t.position.phase = 5)],
  ["a position of null", (t) => void (t.position = [])],
  ["no sums", (t) => void delete t.position.sums],
  ["sums that are no numbers", (t) => void (t.position.sums.loss = "1")],
  ["no history", (t) => void delete t.position.history],
  ["a history of an epoch too many", (t) => void t.position.history.loss.push(1), "a history of other than 0 epochs"],
  ["a history of an epoch too few", (t) => void (t.position.epoch = 1), "a history of other than 1 epochs"],
  ["a history of no epoch at the end of one", (t) => void (t.position.phase = 4), "a history of other than 1 epochs"],
  ["a history of text", (t) => void (t.position.history.loss = "")],
  ["a history of numbers", (t) => void (t.position.history.loss = 1)],
  ["no states", (t) => void delete t.position.states],
  ["a state without its tensor", (t) => void (t.position.states[0].lengths.more = 1), 'tensor "callback.0.more"'],
  ["a state of another length", (t) => void (t.position.states[0].lengths.numbers = 3), "must have shape [3]"],
  ["a group of no batches", (t) => void (t.group.batches = 0)],
  ["a group of no rows", (t) => void (t.group.rows = 0)],
  ["a group that begins with half a row", (t) => void (t.group.first = 0.5)],
];

/** What can only be seen when fit() goes on. */
const resumed: readonly (readonly [id: string, says: string, edit: (position: any) => unknown])[] = [
  ["no history", "must be of loss, accuracy, the numbers of this fit, got nothing", (position) => void (position.history = {})],
  ["a list as history", "got nothing", (position) => void (position.history = [])],
  ["a history of other numbers", "must be of loss, accuracy, the numbers of this fit, got loss, f1", (position) => void (position.history = { loss: [], f1: [] })],
  ["a history of more numbers", "got loss, accuracy, valLoss", (position) => void (position.history.valLoss = [])],
  ["more batches than there are", "must be at most 2, those of an epoch, got 3", (position) => void (position.batch = 3)],
  ["batches beyond counting", "must be at most 2, those of an epoch, got 9007199254740991", (position) => void (position.batch = 2 ** 53 - 1)],
];

export const files: readonly Row[] = [
  ...resumed.map(([id, says, edit]): Row => ({
    id: `resume from a position with ${id}`, error: StateError, where: "Network.fit", says: [says],
    call: async (world) => during(Network.load(reconfigured(await interrupted(world), "training", (t) => void edit(t.position)), { backend: world.backend }), (network) =>
      network.fit([[1, 2, 3], [4, 5, 6]], [0, 1], { batchSize: 1, accumulateSteps: 2, resume: true })),
  })),
  ...positions.map(([id, edit, says = ""]): Row => ({
    id: `load a position with ${id}`, error: FormatError, where: "Network.load", says: ["training in the metadata", says],
    call: async (world) => Network.load(reconfigured(await interrupted(world), "training", edit), { backend: world.backend }),
  })),
  {
    id: "load a group's sums of nobody", error: FormatError, where: "Network.load", says: ["every tensor must belong", 'got "accumulated.1.weights"'],
    call: async (world) => Network.load(reconfigured(await interrupted(world), "training", (t) => void delete t.group), { backend: world.backend }),
  },
  ...[...containers, ...models, ...trainings].map(([id, says, bytes]): Row => ({
    id: `load ${id}`, error: FormatError, where: "Network.load", says: [...says, "(at byte "], call: (world) => Network.load(bytes(world), { backend: world.backend }),
  })),
  ...([
    [null, "got null"], [undefined, "got undefined"], ["model.safetensors", 'got "model.safetensors"'], [[1, 2, 3], "got an array of 3"],
    [new Float32Array(2), "got Float32Array(2)"], [Promise.resolve(), "got a Promise"],
  ] as const).map(([bytes, says]): Row => ({
    id: `load ${says}`, error: ArgumentError, where: "Network.load", says: ["bytes must be a Uint8Array", says], call: () => Network.load(bytes as never),
  })),
];

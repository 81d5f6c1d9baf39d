// What test/browser/threads.mjs has done in a page, in a worker and in Node: train, predict, and put the bits in a nutshell.

const inputs = 96;
const rows = 300; // two whole batches of 128, and a smaller one
const classes = 10;

/** Values in [-1, 1) without Math.sin and the like, whose bits are the engine's choice. */
function values(length, seed) {
  let state = seed;
  return Float32Array.from({ length }, () => (state = Math.imul(state, 1664525) + 1013904223) / 2 ** 31);
}

/** 32-bit FNV-1a over the bytes. */
function digest(arrays) {
  let hash = 0x811c9dc5;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    for (const byte of new Uint8Array(buffer, byteOffset, byteLength)) hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash >>> 0).toString(16);
}

/** A network with products large enough to be shared; memory grows several times while the workers are there. */
export function createNetwork({ Network, dense }, backend) {
  const options = backend ? { backend } : {};
  const network = new Network({ inputs, layers: [dense(256, "relu"), dense(192, "tanh"), dense(classes, "softmax")], seed: 5 }, options);
  network.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy" });
  return network;
}

const x = values(rows * inputs, 1);
const y = Int32Array.from({ length: rows }, (_, row) => row % classes);

export const step = (network) => network.trainBatch(x, y);

/** fit(x, y, options) trains `network`; returns { bits }: of all weights after three epochs, the losses and the predictions. */
export async function fitAndDigest(network, fit) {
  const { loss } = await fit(x, y, { epochs: 3, batchSize: 128 });
  const parameters = network.layers.flatMap((layer) => Object.values(layer.getWeights()));
  return { bits: digest([...parameters, Float64Array.from(loss), network.predict(x)]) };
}

/** Returns { threads, reason, bits } of such a fit on a backend. */
export async function trainAndPredict(lanewise, backend) {
  const network = createNetwork(lanewise, backend);
  return { threads: backend.threads, reason: backend.threadsReason, ...(await fitAndDigest(network, (...data) => network.fit(...data))) };
}

/** On one thread, then on two, which are then ended: { one, two }. `module` as for createBackend. */
export async function compare(lanewise, { createThreadedBackend }, module) {
  const options = module ? { module } : {};
  const one = await trainAndPredict(lanewise, lanewise.createBackend(options));
  const backend = await createThreadedBackend({ ...options, threads: 2 });
  const two = await trainAndPredict(lanewise, backend);
  backend.dispose();
  return { one, two };
}

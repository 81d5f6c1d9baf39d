// The conformance program: the same file in every engine, importing nothing but the library as it is built, so that its digests can be compared.
import "./poison.mjs";
import { activations, dense, matmul, Matrix, Network } from "../../dist/index.js";
import { load } from "../../dist/infer.js";
import { configurations, inputs, scaling } from "./configurations.mjs";

const rows = 128;
const batch = 32;

/** SHA-256 of the bytes of all the arrays, one behind the other; pages have crypto.subtle on this machine's own server. */
async function digest(arrays) {
  const bytes = new Uint8Array(arrays.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Values in [-1, 1). */
function values(length, seed) {
  let state = seed;
  return Float32Array.from({ length }, () => (state = (Math.imul(state, 1664525) + 1013904223) | 0) / 2 ** 31);
}

/** y by the kind of target, for as many outputs. */
const targets = {
  numbers: (outputs) => values(rows * outputs, 2),
  shares: (outputs) => values(rows * outputs, 2).map((value) => (value + 1) / 2),
  sides: (outputs) => values(rows * outputs, 2).map((value) => (value < 0 ? -1 : 1)),
  classes: (outputs) => Int32Array.from({ length: rows }, (_, row) => (row * 7) % outputs),
  /** A half, three eighths and an eighth of three classes. */
  distribution: (outputs) => Float32Array.from({ length: rows * outputs }, (_, i) => [0.5, 0.375, 0.125][(i + 3 * Math.floor(i / outputs)) % outputs] ?? 0),
};

/** A configuration after its 200 steps: { network, history, x, y }. */
async function train({ layers, optimizer, loss, targets: kind, metrics, fit, callbacks = () => [], adapt, sampleWeights, stream, interruptedAt }, backend) {
  const x = values(rows * inputs, 1);
  const network = new Network({ inputs, layers: layers(), seed: 2 ** 53 - 12345 }, { backend });
  const y = targets[kind](network.outputs);
  if (adapt) network.layers[0].adapt(x);
  network.compile({ optimizer: optimizer(), loss, metrics });
  const options = { ...fit, ...(sampleWeights && { sampleWeight: values(rows, 3).map((value) => value + 1) }) };
  const width = y.length / rows;
  function* batches() {
    for (let row = 0; row < rows; row += batch) yield { x: x.subarray(row * inputs, (row + batch) * inputs), y: y.subarray(row * width, (row + batch) * width) };
  }
  const run = (of, more) => (stream ? of.fit(batches, { ...options, ...more }) : of.fit(x, y, { ...options, ...more }));
  if (interruptedAt === undefined) return { network, history: await run(network, { callbacks: callbacks() }), x, y };
  const signal = { aborted: false };
  let left = interruptedAt;
  const abort = { onBatchEnd: () => void (signal.aborted = --left === 0) };
  await run(network, { signal, callbacks: [...callbacks(), abort] });
  const file = network.save({ includeOptimizer: true });
  network.dispose();
  const resumed = Network.load(file, { backend });
  return { network: resumed, history: await run(resumed, { resume: true, callbacks: callbacks() }), x, y };
}

/** Everything that such a network gives. */
async function resultsOf(configuration, backend) {
  const { network, history, x, y } = await train(configuration, backend);
  const file = network.save({ includeOptimizer: !configuration.onlyWeights });
  const session = network.session({ batch });
  session.input.set(x.subarray(0, batch * inputs));
  session.run();
  const { a, z } = network.trace(x);
  const gradients = network.gradients(x, y);
  const again = Network.load(file, { backend, customLayers: [scaling] });
  const numbers = [history, network.evaluate(x, y)].flatMap((scores) => Object.keys(scores).sort().flatMap((key) => scores[key]));
  const results = [
    file, Float64Array.of(...numbers, gradients.loss), network.predict(x), session.output.slice(), ...a, ...z.filter(Boolean), gradients.input,
    ...gradients.layers.flatMap((layer) => Object.values(layer)), again.predict(x),
  ];
  for (const held of [session, again, network]) held.dispose();
  if (!configuration.layers.toString().includes("custom")) {
    const model = load(file);
    results.push(model.predict(x));
    model.dispose();
  }
  return results;
}

/** What is not a network: name → (backend) → arrays. */
const others = {
  /** The upper 24 bits of the generator's first 1,000 words: evenly in ± √(3 / 3) is −1 + 2u, exactly. */
  "the generator's first 1,000 values"(backend) {
    const network = new Network({ inputs: 3, layers: [dense(334, "linear", { weightsInitializer: "lecunUniform" })], seed: 7 }, { backend });
    const { weights } = network.layers[0].getWeights();
    network.dispose();
    return [weights.slice(0, 1000)];
  },
  "activations and derivatives, not-a-numbers included"() {
    const edges = [0, -0, 1e-45, -1e-45, 1e-38, 1, -1, 88.8, -104, 3.4e38, -3.4e38, Infinity, -Infinity, NaN];
    // Each of the not-a-numbers, which engines may write as they like.
    const notNumbers = new Float32Array(Uint32Array.of(0x7fc00000, 0xffc00000, 0x7fc12345, 0x7f800001, 0xff812345).buffer);
    const z = Float32Array.of(...edges, ...values(200, 4), ...values(200, 5).map((value) => value * 20), ...notNumbers);
    z.set(notNumbers, z.length - notNumbers.length);
    const short = values(20, 6);
    return Object.values(activations).flatMap((f) => [f(z), f(short), f.derivative(short), ...(f.derivative(short).length === short.length ? [f.derivative(z)] : [])]);
  },
  "matrix products"(backend) {
    const [m, n, k] = [67, 131, 129];
    return [[false, false], [true, false], [false, true], [true, true]].map(([transposeA, transposeB]) => {
      const a = new Matrix(transposeA ? k : m, transposeA ? m : k, values(m * k, 7), { backend });
      const b = new Matrix(transposeB ? n : k, transposeB ? k : n, values(k * n, 8), { backend });
      const c = matmul(a, b, { transposeA, transposeB });
      const product = c.data.slice();
      for (const matrix of [a, b, c]) matrix.dispose();
      return product;
    });
  },
};

/** Digests by name. `told(name)` as each is done. */
export async function conform(backend, told = () => {}) {
  const digests = {};
  const note = async (name, arrays) => {
    digests[name] = await digest(arrays);
    told(name);
  };
  for (const [name, configuration] of Object.entries(configurations)) await note(name, await resultsOf(configuration, backend));
  for (const [name, compute] of Object.entries(others)) await note(name, compute(backend));
  return digests;
}

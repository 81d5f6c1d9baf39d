// What random calls have found (npm run fuzz:api): values that are nearly good, and states that stay behind.

import { activations, ArgumentError, confusionMatrix, FormatError, Matrix, Network, NameError, ShapeError } from "../../src/index.js";
import { load } from "../../src/infer.js";
import { writeFileAtomically } from "../../src/node.js";
import type { Row } from "./catalogue.js";
import { detached, during, fresh, x } from "./world.js";

const row = (id: string, error: Row["error"], where: string, says: readonly string[], call: Row["call"]): Row => ({ id, error, where, says, call });
/** An instance of its class of which nothing can be read. */
const proxy = (): Float32Array => new Proxy(new Float32Array([1, 2, 3]), {});
const holes = (): never => new Array(2 ** 32 - 1) as never;
const good = { optimizer: "sgd", loss: "mse" } as const;

export const odd: readonly Row[] = [
  row("predict of a Proxy of a Float32Array", ArgumentError, "Network.predict", ["x must be a Float32Array", "got"], ({ raw }) => raw.predict(proxy())),
  row("predict of a row that is a Proxy of one", ArgumentError, "Network.predict", ["row 0 of x must be an array"], ({ raw }) => raw.predict([proxy()])),
  row("fit of a Proxy of a Float32Array", ArgumentError, "Network.fit", ["x must be a Float32Array"], ({ values }) => values.fit(proxy(), undefined as never)),
  row("class numbers in a Proxy of an Int32Array", ArgumentError, "Network.trainBatch", ["y must hold class numbers"], ({ classes }) => classes.trainBatch(x, new Proxy(new Int32Array(2), {}))),
  row("an activation of a Proxy", ArgumentError, "activations.tanh", ["z must be a Float32Array"], () => activations.tanh(proxy())),
  row("a matrix of a Proxy", ArgumentError, "Matrix", ["data must be a Float32Array"], ({ backend }) => new Matrix(1, 3, proxy(), { backend })),
  row("setWeights of a Proxy", ArgumentError, "LayerHandle.setWeights", ["bias of layer 1 must be a Float32Array"], ({ raw }) => raw.layers[0].setWeights({ bias: proxy() })),
  row("confusionMatrix of a Proxy", ArgumentError, "confusionMatrix", ["yPred must hold class numbers"], () => confusionMatrix([0], proxy())),
  row("load of a Proxy of a Uint8Array", ArgumentError, "Network.load", ["bytes must be a Uint8Array"], ({ bytes }) => Network.load(new Proxy(bytes, {}))),
  row("load of a detached Uint8Array", ArgumentError, "Network.load", ["bytes must have its buffer", "got a detached one"], () => Network.load(detached(new Uint8Array(8)))),
  row("load of a detached ArrayBuffer", ArgumentError, "load", ["bytes must have its buffer", "got a detached one"], () => load(detached(new Uint8Array(8)).buffer as ArrayBuffer)),
  row("loadWeights of a detached ArrayBuffer", ArgumentError, "Network.loadWeights", ["bytes must have its buffer"], ({ raw }) => raw.loadWeights(detached(new Uint8Array(8)).buffer as ArrayBuffer)),
  row("setWeights of a detached array", ArgumentError, "LayerHandle.setWeights", ["bias must have its buffer", "got a detached one"], ({ raw }) => raw.layers[0].setWeights({ bias: detached(new Float32Array(2)) })),
  // 2³² − 1 places without a value: neither copied nor gone through.
  row("callbacks of nothing but holes", ArgumentError, "Network.fit", ["callbacks[0] must be an object", "got undefined"], ({ values }) => values.fit(x, [[0, 0], [0, 0]], { callbacks: holes() })),
  row("metrics of nothing but holes", ArgumentError, "Network.compile", ["metric must be a name", "got undefined"], ({ raw }) => raw.compile({ ...good, metrics: holes() })),
  row("customLayers of nothing but holes", ArgumentError, "Network.load", ["a layer must have a name", "got undefined"], ({ bytes }) => Network.load(bytes, { customLayers: holes() })),
  row("layers of nothing but holes", ShapeError, "Network", ["layers must be at most 10000", "got 4294967295"], () => new Network({ inputs: 1, layers: holes() })),
  row("x of nothing but holes", ArgumentError, "Network.predict", ["row 0 of x must be an array", "got undefined"], ({ raw }) => raw.predict(holes())),
  row("validationData of nothing but holes", ArgumentError, "Network.fit", ["validationData must be [x, y]"], ({ values }) => values.fit(x, [[0, 0], [0, 0]], { validationData: holes() })),
  row("save of a callback's state that is no JSON", ArgumentError, "Network.save", ["the states of callbacks must be JSON", "got something else"], () => during(fresh(), async (network) => {
    await network.fit(x, [[0, 0], [0, 0]], { callbacks: [{ getState: () => ({ count: 1n }) }] });
    network.save({ includeOptimizer: true });
  })),
  row("options that only look like ones", NameError, "Network.fit", ["options must be among", 'got "__proto__"'], ({ values }) => values.fit(x, [[0, 0], [0, 0]], JSON.parse('{"__proto__":{"epochs":2}}'))),
  ...[undefined, null, 5, {}, new URL("file:///x")].map((file) =>
    row(`writeFileAtomically to ${String(file)}`, ArgumentError, "writeFileAtomically", ["file must be a path", "got"], () => writeFileAtomically(file as never, new Uint8Array(1)))),
  ...[undefined, "text", [1], new Float32Array(1)].map((bytes) =>
    row(`writeFileAtomically of ${String(bytes)}`, ArgumentError, "writeFileAtomically", ["bytes must be a Uint8Array", "got"], () => writeFileAtomically("never-written", bytes as never))),
  row("loadWeights of nothing", FormatError, "Network.loadWeights", ["8 bytes of header length"], ({ raw }) => raw.loadWeights(new Uint8Array(0))),
];

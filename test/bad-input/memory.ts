// Memory that cannot grow: every call that takes some, when there is none.

import { dense, matmul, Matrix, Network, OutOfMemoryError, sgd, type Backend } from "../../src/index.js";
import { load } from "../../src/infer.js";
import type { Row } from "./catalogue.js";
import { during, fresh, whenFull, x, type World } from "./world.js";

const y = [[0, 0], [0, 0]];

/** A call of a network that has not made its working memory yet. */
const first = (call: (network: Network) => unknown) => ({ small }: World) => during(fresh({ backend: small }), (network) => whenFull(small, () => call(network)));
const full = (call: (backend: Backend, world: World) => unknown) => (world: World) => whenFull(world.small, () => call(world.small, world));
const row = (id: string, where: string, call: Row["call"]): Row => ({ id, error: OutOfMemoryError, where, says: ["room for", "bytes", "bytes of linear memory in use"], call });

const many = new Float32Array(3 * 100_000);

export const memory: readonly Row[] = [
  row("new Network, no memory left", "Network", full((backend) => new Network({ inputs: 3, layers: [dense(2)] }, { backend }))),
  row("new Network, too large", "Network", ({ small }) => new Network({ inputs: 1000, layers: [dense(1000)] }, { backend: small })),
  // Room for the weights, not for drawing them.
  row("new Network, nearly too large", "Network", ({ small }) => new Network({ inputs: 400, layers: [dense(400)] }, { backend: small })),
  row("Network.load, no memory left", "Network", full((backend, { bytes }) => Network.load(bytes, { backend }))),
  row("load, no memory left", "load", full((backend, { bytes }) => load(bytes, { backend }))),
  row("compile, no memory left", "Network.compile", first((network) => network.compile({ optimizer: "adam", loss: "mse" }))),
  row("fit, no memory left", "Network.fit", first((network) => network.fit(x, y))),
  row("fit, batch too large", "Network.fit", ({ settled }) => settled.fit(many, new Float32Array(2 * 100_000), { batchSize: 100_000 })),
  row("fit, no memory left for groups of batches", "Network.fit", ({ small }) => {
    const network = fresh({ backend: small });
    network.trainBatch(x, y);
    return during(network, () => whenFull(small, () => network.fit(x, y, { shuffle: false, accumulateSteps: 2 })));
  }),
  row("fit, no memory left for a batch of a stream", "Network.fit: epoch 0, batch 0", first((network) => network.fit([{ x, y }]))),
  row("fit, no memory left for validation", "Network.fit", ({ small }) => {
    const network = fresh({ backend: small });
    network.trainBatch(x, y);
    return during(network, () => whenFull(small, () => network.fit(x, y, { shuffle: false, validationData: [x, y] })));
  }),
  row("trainBatch, no memory left", "Network.trainBatch", first((network) => network.trainBatch(x, y))),
  row("trainBatch, batch too large", "Network.trainBatch", ({ settled }) => settled.trainBatch(many, new Float32Array(2 * 100_000))),
  row("evaluate, no memory left", "Network.evaluate", first((network) => network.evaluate(x, y))),
  row("gradients, no memory left", "Network.gradients", full((_, { settled }) => settled.gradients(x, y))),
  row("gradients, too many rows", "Network.gradients", ({ settled }) => settled.gradients(many, new Float32Array(2 * 100_000))),
  row("diagnose, no memory left", "Network.diagnose", full((_, { settled }) => settled.diagnose(x, y))),
  row("diagnose, too many rows", "Network.diagnose", ({ settled }) => settled.diagnose(many, new Float32Array(2 * 100_000))),
  row("trace, no memory left", "Network.trace", full((_, { settled }) => settled.trace(x))),
  row("trace, too many rows", "Network.trace", ({ settled }) => settled.trace(many)),
  row("predict, no memory left", "Network.predict", first((network) => network.predict(x))),
  row("predict, room for one row", "Network.predict", ({ small }) => {
    const network = fresh({ backend: small });
    network.predict([x[0]]);
    return during(network, () => whenFull(small, () => network.predict(x)));
  }),
  row("session, no memory left", "Network.session", full((_, { settled }) => settled.session())),
  row("session, batch too large", "Network.session", ({ settled }) => settled.session({ batch: 100_000 })),
  row("session, batch of 2³¹ − 1", "Network.session", ({ settled }) => settled.session({ batch: 2 ** 31 - 1 })),
  row("save, no memory left", "Network.save", full((_, { settled }) => settled.save())),
  row("getWeights, no memory left", "LayerHandle.getWeights", full((_, { settled }) => settled.layers[0].getWeights())),
  row("setWeights, no memory left", "LayerHandle.setWeights", full((_, { settled }) => settled.layers[1].setWeights({ bias: new Float32Array(2), weights: new Float32Array(8) }))),
  row("new Matrix, no memory left", "Matrix", full((backend) => new Matrix(1, 1, undefined, { backend }))),
  row("new Matrix, too large", "Matrix", ({ small }) => new Matrix(1000, 1000, undefined, { backend: small })),
  row("matmul, no memory left", "matmul", ({ small }) => during(new Matrix(2, 2, undefined, { backend: small }), (a) => whenFull(small, () => matmul(a, a)))),
  row("matmul, room for the operands only", "Matrix", ({ small }) => during(new Matrix(304, 304, undefined, { backend: small }), (a) => matmul(a, a, { transposeB: true }))),
  row("matmul, no room for the product", "Matrix", ({ small }) => during(new Matrix(1000, 1, undefined, { backend: small }), (a) => matmul(a, a, { transposeB: true }))),
  row("compile again, no memory left", "Network.compile", full((_, { settled }) => settled.compile({ optimizer: sgd({ momentum: 0.9 }), loss: "mse" }))),
];

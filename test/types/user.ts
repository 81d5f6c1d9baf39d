// Compiled, not run: what a strict user's code must get from the declarations, without skipLibCheck and without the library of browsers.
import { activations, adam, checkpoint, createBackend, dense, earlyStopping, matmul, Matrix, Network, type History } from "lanewise";
import { load } from "lanewise/infer";
import { fileCheckpoint, progressBar } from "lanewise/node";
import { relaxed } from "lanewise/relaxed";
import { createThreadedBackend } from "lanewise/threads";

const network = new Network({ inputs: 2, layers: [dense(8, "tanh"), dense(1, { name: "leakyRelu", negativeSlope: 0.1 })], seed: 1 },
  { backend: createBackend({ module: relaxed }) });
network.compile({ optimizer: adam({ learningRate: (step) => 0.1 / (1 + step) }), loss: "mse" });
const history: Promise<History> = network.fit([[0, 1], new Float32Array([1, 0])], [1, 0], { callbacks: [earlyStopping({ patience: 2 })], signal: { aborted: false } });
const streamed: Promise<History> = network.fit(function* () { yield [[[0, 1]], [1]]; yield { x: [[0, 1]], y: [1] }; }, { stepsPerEpoch: 2, callbacks: [
  checkpoint({ every: { batches: 2 }, save: (bytes, { epoch }) => void [bytes.buffer, epoch.toFixed()] }), fileCheckpoint("network", { every: "epoch" }), progressBar(),
] });
const z: Float32Array = network.trace([[1, 2]]).z[1];
const bits: Float32Array<ArrayBuffer> = load(network.save()).predict([[1, 2]]);
const product: Matrix = matmul(new Matrix(1, 2), new Matrix(2, 1));
// @ts-expect-error units are numbers
dense("8");
// @ts-expect-error streams have batches of their own size
void network.fit([{ x: [[0, 1]], y: [1] }], { batchSize: 2 });
// @ts-expect-error there is no such metric
network.compile({ optimizer: "adam", loss: "mse", metrics: ["precision"] });
export { activations, bits, createThreadedBackend, history, product, streamed, z };

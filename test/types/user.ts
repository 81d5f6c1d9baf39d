// Compiled, not run: what a strict user's code must get from the declarations, without skipLibCheck and without the library of browsers.
import {
  activations, adam, checkpoint, confusionMatrix, cosineDecay, createBackend, dense, earlyStopping, lbfgs, matmul, Matrix, Network, oneCycle, reduceOnPlateau, rmsprop, type History, type LearningRate, type Schedule,
} from "lanewise";
import { load } from "lanewise/infer";
import { fileCheckpoint, progressBar } from "lanewise/node";
import { relaxed } from "lanewise/relaxed";
import { createThreadedBackend } from "lanewise/threads";

const network = new Network({ inputs: 2, layers: [dense(8, "tanh"), dense(1, { name: "leakyRelu", negativeSlope: 0.1 })], seed: 1 },
  { backend: createBackend({ module: relaxed }) });
network.compile({ optimizer: adam({ learningRate: (step) => 0.1 / (1 + step) }), loss: "mse" });
const history: Promise<History> = network.fit([[0, 1], new Float32Array([1, 0])], [1, 0], { callbacks: [earlyStopping({ patience: 2 })], signal: { aborted: false } });
const z: Float32Array | undefined = network.trace([[1, 2]]).z[1];
const streamed: Promise<History> = network.fit(function* () { yield [[[0, 1]], [1]]; yield { x: [[0, 1]], y: [1] }; }, { stepsPerEpoch: 2, callbacks: [
  checkpoint({ every: { batches: 2 }, save: (bytes, { epoch }) => void [bytes.buffer, epoch.toFixed()] }), fileCheckpoint("network", { every: "epoch" }), progressBar(),
] });
const bits: Float32Array<ArrayBuffer> = load(network.save()).predict([[1, 2]]);
const product: Matrix = matmul(new Matrix(1, 2), new Matrix(2, 1));
const schedule: Schedule = cosineDecay({ initial: 0.1, steps: 100 });
const rates: LearningRate[] = [0.1, schedule, (step) => schedule.rateAt(step)];
network.compile({ optimizer: rmsprop({ learningRate: oneCycle({ maximum: 0.1, steps: 100 }), centered: true }), loss: "mse" });
network.compile({ optimizer: lbfgs({ lineSearch: "none" }), loss: "mse" });
dense(3, "relu", { weightsInitializer: { name: "orthogonal", gain: 2 } });
reduceOnPlateau({ monitor: "val_loss" });
// @ts-expect-error a schedule needs its steps
cosineDecay({ initial: 1 });
network.compile({ optimizer: "adam", loss: { name: "huber", delta: 2 }, metrics: ["mae", "r2", { name: "topKAccuracy", k: 3 }] });
const { r2, valMeanAbsoluteError }: { r2?: number[]; valMeanAbsoluteError?: number[] } = await history;
const scores: { loss: number; r2?: number } = network.evaluate([[0, 1]], [1], { sampleWeight: [0.5] });
const table: number[][] = confusionMatrix([0, 1], network.predict([[1, 2], [3, 4]]));
// @ts-expect-error units are numbers
dense("8");
// @ts-expect-error streams have batches of their own size
void network.fit([{ x: [[0, 1]], y: [1] }], { batchSize: 2 });
// @ts-expect-error there is no such metric
network.compile({ optimizer: "adam", loss: "mse", metrics: ["accurate"] });
export { activations, bits, createThreadedBackend, history, product, r2, rates, scores, streamed, table, valMeanAbsoluteError, z };

import { createTrainingWorker, serve, type Progress, type TrainingWorker } from "lanewise/worker";

export async function trainElsewhere(network: Network): Promise<number[]> {
  const worker: TrainingWorker = await createTrainingWorker({ threads: 2 });
  const show = ({ epoch, logs }: Progress): void => void [epoch, logs.loss];
  const { loss } = await worker.fit(network, [[1]], [[2]], { epochs: 2, onProgress: show, follow: true, transfer: true, callbacks: [{ onEpochEnd: () => true }] });
  await worker.pause();
  worker.resume();
  // @ts-expect-error no such option
  await worker.fit(network, [[1]], [[2]], { epoch: 2 });
  worker.dispose();
  serve({ customLayers: [] });
  return loss;
}

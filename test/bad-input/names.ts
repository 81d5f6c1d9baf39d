// Names that are in no table: of activations, losses, optimizers, initializers, metrics, monitors and options.

import {
  activation, activations, adadelta, adagrad, adam, adamW, ArgumentError, cosineDecay, createBackend, dense, earlyStopping, exponentialDecay, lbfgs, matmul, Matrix, nadam, NameError,
  batchNormalization, checkpoint, layerNormalization, Network, oneCycle, reduceOnPlateau, residual, rmsprop, sgd, stepDecay,
} from "../../src/index.js";
import { load } from "../../src/infer.js";
import type { Row } from "./catalogue.js";
import { x, type World } from "./world.js";

type Take = (name: never, world: World) => unknown;

/** Where a name is taken: the place in the message, a name in the list of valid ones, and the call. */
const takers: Record<string, readonly [where: string, valid: string, take: Take]> = {
  "activation of dense": ["dense", "leakyRelu", (name) => dense(3, name)],
  "activation of dense, as an object": ["dense", "softmax", (name) => dense(3, { name })],
  "activation()": ["activation", "arctan", (name) => activation(name)],
  loss: ["Network.compile", "sparseCategoricalCrossentropy", (loss, { raw }) => raw.compile({ optimizer: "sgd", loss })],
  "loss, as an object": ["Network.compile", "binaryCrossentropy", (name, { raw }) => raw.compile({ optimizer: "sgd", loss: { name } })],
  optimizer: ["Network.compile", "adamW", (optimizer, { raw }) => raw.compile({ optimizer, loss: "mse" })],
  metric: ["Network.compile", "accuracy", (metric, { raw }) => raw.compile({ optimizer: "sgd", loss: "mse", metrics: [metric] })],
  weightsInitializer: ["dense", "heUniform", (weightsInitializer) => dense(3, "relu", { weightsInitializer })],
  "biasInitializer, as an object": ["dense", "zeros", (name) => dense(3, "relu", { biasInitializer: { name } })],
  "metric, as an object": ["Network.compile", "topKAccuracy", (name, { raw }) => raw.compile({ optimizer: "sgd", loss: "mse", metrics: [{ name }] })],
  monitor: ["earlyStopping", "valAccuracy", (monitor) => earlyStopping({ monitor })],
  "monitor of a plateau": ["reduceOnPlateau", "valAccuracy", (monitor) => reduceOnPlateau({ monitor })],
  lineSearch: ["lbfgs", "strongWolfe", (lineSearch) => lbfgs({ lineSearch })],
  "monitor of checkpoint": ["checkpoint", "valAccuracy", (monitor) => checkpoint({ monitor, save() {} })],
};

const strangers = ["__proto__", "constructor", "toString", "hasOwnProperty", "", " ", "no such name", "x".repeat(100_000), "_".repeat(100_000)];
const notNames: readonly (readonly [unknown, string])[] = [
  [5, "got 5"], [true, "got true"], [null, "got null"], [["relu"], "got an array of 1"], [Symbol("relu"), "got a symbol"], [() => "relu", "got a function"],
];

/** Where an options object is taken, a valid option, and the call. */
const options: Record<string, readonly [where: string, valid: string, take: Take]> = {
  "Network's config": ["Network", "layers", (o: object) => new Network({ inputs: 1, layers: [dense(1)], ...o })],
  "Network's options": ["Network", "backend", (o) => new Network({ inputs: 1, layers: [dense(1)] }, o)],
  dense: ["dense", "useBias", (o) => dense(1, "relu", o)],
  "dense's activation": ["dense", "nothing", (o: object) => dense(1, { name: "relu", ...o })],
  "leakyRelu in dense": ["dense", "negativeSlope", (o: object) => dense(1, { name: "leakyRelu", ...o })],
  residual: ["residual", "projection", (o) => residual([dense(1)], o)],
  layerNormalization: ["layerNormalization", "epsilon", (o) => layerNormalization(o)],
  batchNormalization: ["batchNormalization", "momentum", (o) => batchNormalization(o)],
  activation: ["activation", "negativeSlope", (o) => activation("leakyRelu", o)],
  "elu in dense": ["dense", "alpha", (o: object) => dense(1, { name: "elu", ...o })],
  initializer: ["dense", "value", (o: object) => dense(1, "relu", { weightsInitializer: { name: "zeros", ...o } })],
  "activations.relu": ["activations.relu", "nothing", (o) => activations.relu(new Float32Array(1), o)],
  "activations.tanh.derivative": ["activations.tanh.derivative", "nothing", (o) => activations.tanh.derivative(new Float32Array(1), o)],
  "activations.softmax.derivative": ["activations.softmax.derivative", "nothing", (o) => activations.softmax.derivative(new Float32Array(1), o)],
  sgd: ["sgd", "momentum", sgd], adam: ["adam", "amsgrad", adam], adamW: ["adamW", "weightDecay", adamW],
  rmsprop: ["rmsprop", "centered", rmsprop], adagrad: ["adagrad", "initialAccumulator", adagrad], adadelta: ["adadelta", "rho", adadelta], nadam: ["nadam", "momentumDecay", nadam],
  lbfgs: ["lbfgs", "historySize", lbfgs],
  stepDecay: ["stepDecay", "every", stepDecay], exponentialDecay: ["exponentialDecay", "rate", exponentialDecay], cosineDecay: ["cosineDecay", "warmup", cosineDecay],
  oneCycle: ["oneCycle", "divisor", oneCycle], reduceOnPlateau: ["reduceOnPlateau", "cooldown", (o) => reduceOnPlateau(o)],
  compile: ["Network.compile", "metrics", (o: object, { raw }) => raw.compile({ optimizer: "sgd", loss: "mse", ...o })],
  loss: ["Network.compile", "fromLogits", (o: object, { raw }) => raw.compile({ optimizer: "sgd", loss: { name: "mse", ...o } })],
  "a loss that has one": ["Network.compile", "delta", (o: object, { raw }) => raw.compile({ optimizer: "sgd", loss: { name: "huber", ...o } })],
  metric: ["Network.compile", "k", (o: object, { raw }) => raw.compile({ optimizer: "sgd", loss: "mse", metrics: [{ name: "accuracy", ...o }] })],
  evaluate: ["Network.evaluate", "sampleWeight", (o, { values }) => values.evaluate(x, [[0, 0], [0, 0]], o)],
  fit: ["Network.fit", "batchSize", (o, { values }) => values.fit(x, [[0, 0], [0, 0]], o)],
  "fit of a stream": ["Network.fit", "stepsPerEpoch", (o: object, { values }) => values.fit([{ x, y: [[0, 0], [0, 0]] }], { ...o })],
  checkpoint: ["checkpoint", "saveBestOnly", (o) => checkpoint(o)],
  "checkpoint's every": ["checkpoint", "batches", (o: object) => checkpoint({ every: { batches: 1, ...o }, save() {} })],
  session: ["Network.session", "batch", (o, { raw }) => raw.session(o)],
  save: ["Network.save", "includeOptimizer", (o, { raw }) => raw.save(o)],
  "Network.load": ["Network.load", "backend", (o, { bytes }) => Network.load(bytes, o)],
  load: ["load", "backend", (o, { bytes }) => load(bytes, o)],
  setWeights: ["LayerHandle.setWeights", "bias", (o, { raw }) => raw.layers[0].setWeights(o)],
  earlyStopping: ["earlyStopping", "patience", (o) => earlyStopping(o)],
  createBackend: ["createBackend", "maximumBytes", (o) => createBackend(o)],
  Matrix: ["Matrix", "backend", (o) => new Matrix(1, 1, undefined, o)],
  matmul: ["matmul", "transposeA", (o, { matrix }) => matmul(matrix, matrix, o)],
};

function* rows(): Generator<Row> {
  for (const [what, [where, valid, take]] of Object.entries(takers)) {
    for (const name of strangers) {
      const shown = JSON.stringify(name.slice(0, 40));
      yield { id: `${what} ${shown}${name.length > 40 ? "…" : ""}`, error: NameError, where, says: ["must be one of", valid, `got ${shown.slice(0, -1)}`],
        call: (world) => take(name as never, world) };
    }
    for (const [value, says] of notNames) {
      // An object may stand for a loss or an activation, null and arrays included, and so the message asks for one.
      yield { id: `${what}: ${String(value)}`, error: ArgumentError, where, says: [says], call: (world) => take(value as never, world) };
    }
  }
  for (const [what, [where, valid, take]] of Object.entries(options)) {
    for (const key of ["learningrate_", "constructor", "__proto__"]) {
      const given = JSON.parse(`{ ${JSON.stringify(key)}: 1 }`) as never;
      yield { id: `option ${key} of ${what}`, error: NameError, where, says: ["must be among", valid, `got "${key}"`], call: (world) => take(given, world) };
    }
  }
  for (const [what, [where, , take]] of Object.entries(options)) {
    // Where the object is spread into another one, there is nothing to see.
    if (take.toString().includes("...")) continue;
    for (const [value, says] of [[null, "got null"], [5, "got 5"], ["fast", 'got "fast"'], [[], "got an array of 0"]] as const) {
      yield { id: `options of ${what}: ${JSON.stringify(value)}`, error: ArgumentError, where, says: ["must be an object", says], call: (world) => take(value as never, world) };
    }
  }
}

const suggestion = (id: string, where: string, nearest: string, call: Row["call"]): Row => ({ id, error: NameError, where, says: [`did you mean ${nearest}?`], call });

export const names: readonly Row[] = [
  ...rows(),
  suggestion("a typing mistake in an activation", "dense", "sigmoid", () => dense(1, "sigmiod" as never)),
  suggestion("a typing mistake in a loss", "Network.compile", "meanSquaredError", ({ raw }) => raw.compile({ optimizer: "sgd", loss: "meanSquareError" as never })),
  suggestion("a typing mistake in an optimizer", "Network.compile", "adamW", ({ raw }) => raw.compile({ optimizer: "adamm_w" as never, loss: "mse" })),
  suggestion("a typing mistake in a schedule", "adam", "cosineDecay", () => adam({ learningRate: { name: "cosineDecai", initial: 1, steps: 2 } as never })),
  { id: "clipping with lbfgs", error: NameError, where: "lbfgs", says: ["must be among maxIterations", 'got "clipNorm"'], call: () => lbfgs({ clipNorm: 1 } as never) },
  suggestion("a typing mistake in an option", "adam", "learningRate", () => adam({ learningrate: 1 } as never)),
  suggestion("lr for learningRate's beta", "adam", "beta1", () => adam({ beta_1: 1 } as never)),
  suggestion("batch_size for batchSize", "Network.fit", "batchSize", ({ values }) => values.fit(x, [[0, 0], [0, 0]], { batch_size: 1 } as never)),
];

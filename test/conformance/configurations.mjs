// What test/conformance/program.mjs trains: 12 networks, most of some 65,000 parameters, so that threads share their products and their optimizer's pass. Together they have
// every initializer, layer, activation, loss, optimizer and schedule (test/conformance.test.ts counts them off against the tables).
import {
  activation, adadelta, adagrad, adam, adamW, batchNormalization, cosineDecay, custom, dense, dropout, exponentialDecay, gaussianNoise, layerNormalization, lbfgs, lion, nadam,
  normalization, oneCycle, reduceOnPlateau, residual, rmsprop, sgd, stepDecay,
} from "../../dist/index.js";

export const inputs = 96;
export const outputs = 8;

/** y = x · scale, one learned scale a feature: the user's own code, by nothing but + and ×. */
export const scaling = {
  name: "scaling",
  weights: (columns) => ({ scale: { shape: [columns], initializer: "ones" } }),
  forward({ x, y, weights: { scale } }) {
    for (let i = 0; i < y.length; i++) y[i] = x[i] * scale[i % scale.length];
  },
  backward({ x, dx, dy, weights: { scale }, gradients }) {
    for (let i = 0; i < dy.length; i++) {
      dx[i] = dy[i] * scale[i % scale.length];
      gradients.scale[i % scale.length] += dy[i] * x[i];
    }
  },
};

/** Four batches of 32 an epoch. */
const fit = { epochs: 50, batchSize: 32 };

/**
 * layers, optimizer: functions, for a network that is built anew. targets: the kind of y, as program.mjs makes it. fit: its options, for 200 updates. stream: batches
 * come from a generator. interruptedAt: the batch after which training is aborted, saved, loaded and resumed. onlyWeights: the optimizer has a function, which no file keeps.
 */
export const configurations = {
  "sgd, rows in order": {
    layers: () => [dense(256, "sigmoid"), dense(152, "linear", { weightsInitializer: "glorotNormal" }), dense(outputs)],
    optimizer: () => sgd({ learningRate: 0.05 }),
    loss: "meanSquaredError", targets: "numbers", metrics: ["r2", "meanAbsoluteError", "meanSquaredError"],
    fit: { ...fit, shuffle: false },
  },
  "sgd with momentum, steps, class weights": {
    layers: () => [dense(256, "relu", { weightsInitializer: "heNormal" }), dense(152, { name: "leakyRelu", negativeSlope: 0.1 }), dense(outputs, "softmax")],
    optimizer: () => sgd({ learningRate: stepDecay({ initial: 0.1, factor: 0.7, every: 60 }), momentum: 0.9, nesterov: true, weightDecay: 1e-4, clipNorm: 1 }),
    loss: { name: "sparseCategoricalCrossentropy", labelSmoothing: 0.1 }, targets: "classes", metrics: ["accuracy", "f1", { name: "topKAccuracy", k: 3 }],
    fit: { ...fit, classWeight: { 1: 2, 5: 0.5 }, validationSplit: 0.1 },
  },
  "adam, warm-up and cosine, dropout, sample weights": {
    layers: () => [dense(256, "linear", { useBias: false }), batchNormalization(), activation("relu"), dropout(0.2), dense(152, "tanh"), dense(1, "sigmoid")],
    optimizer: () => adam({ learningRate: cosineDecay({ initial: 0.01, steps: 200, final: 1e-4, warmup: 10 }), amsgrad: true }),
    loss: "binaryCrossentropy", targets: "shares", metrics: ["accuracy", "precision", "recall", "auc"],
    fit, sampleWeights: true, interruptedAt: 90,
  },
  "adamW, one cycle, residual blocks, two batches an update": {
    layers: () => [dense(160, "gelu"), residual([layerNormalization(), dense(160, "geluTanh", { maxNorm: 1.5 })]), residual([dense(144, "gelu")]), dense(outputs, "softmax")],
    optimizer: () => adamW({ learningRate: oneCycle({ maximum: 0.01, steps: 200 }), clipNorm: 5 }),
    loss: "categoricalCrossentropy", targets: "distribution", metrics: ["accuracy"],
    fit: { ...fit, epochs: 100, accumulateSteps: 2 }, interruptedAt: 133,
  },
  "nadam, noise, orthogonal weights": {
    layers: () => [gaussianNoise(0.1), dense(256, "mish", { weightsInitializer: "orthogonal" }), dense(152, "silu", { weightsInitializer: { name: "orthogonal", gain: 1.4 } }), dense(outputs, "logSoftmax")],
    optimizer: () => nadam(),
    loss: "klDivergence", targets: "distribution", metrics: ["accuracy"],
    fit, interruptedAt: 2,
  },
  "lion, exponential decay, l1": {
    layers: () => [dense(256, "selu", { weightsInitializer: "lecunNormal", l1: 1e-5 }), dense(152, { name: "elu", alpha: 0.7 }), dense(outputs)],
    optimizer: () => lion({ learningRate: exponentialDecay({ initial: 1e-3, rate: 0.99 }), weightDecay: 0.1, clipValue: 0.01 }),
    loss: { name: "huber", delta: 0.5 }, targets: "numbers", metrics: ["r2"],
    fit,
  },
  "rmsprop, measured inputs, l2": {
    layers: () => [normalization(), dense(256, "softplus", { l2: 1e-4 }), dense(152, "softsign"), dense(outputs)],
    optimizer: () => rmsprop({ learningRate: 1e-3, momentum: 0.5, centered: true }),
    loss: "logCosh", targets: "numbers", metrics: ["meanAbsoluteError"],
    fit, adapt: true, interruptedAt: 150,
  },
  "adagrad, lowered on a plateau": {
    layers: () => [dense(256, "hardSigmoid", { biasInitializer: "ones" }), dense(152, "hardSwish", { biasInitializer: { name: "constant", value: 0.1 } }), dense(outputs)],
    optimizer: () => adagrad({ learningRateDecay: 1e-3, initialAccumulator: 0.1 }),
    loss: "hinge", targets: "sides", metrics: ["accuracy"],
    fit, callbacks: () => [reduceOnPlateau({ monitor: "loss", patience: 1, threshold: 0.05 })], interruptedAt: 101,
  },
  "adadelta, a stream": {
    layers: () => [dense(256, "relu6"), dense(152, "exponential", { weightsInitializer: "zeros" }), dense(outputs)],
    optimizer: () => adadelta({ weightDecay: 1e-4 }),
    loss: "meanAbsoluteError", targets: "numbers", metrics: [],
    fit: { epochs: 50 }, stream: true,
  },
  "lbfgs, the logits of several answers": {
    layers: () => [dense(96, "tanh", { weightsInitializer: "lecunUniform" }), dense(96, "arctan", { weightsInitializer: "heUniform" }), dense(outputs)],
    optimizer: () => lbfgs({ maxIterations: 2, historySize: 3 }),
    loss: { name: "binaryCrossentropy", fromLogits: true }, targets: "shares", metrics: ["accuracy"],
    fit: { epochs: 200, batchSize: 128 }, interruptedAt: 111,
  },
  "64 layers": {
    layers: () => [dense(32, "prelu", { weightsInitializer: "glorotUniform" }), ...Array.from({ length: 62 }, () => residual([layerNormalization(), dense(32, { name: "celu", alpha: 2 })])), dense(outputs, "softmax")],
    optimizer: () => adam({ learningRate: 3e-3, weightDecay: 1e-5 }),
    loss: "sparseCategoricalCrossentropy", targets: "classes", metrics: ["accuracy"],
    fit,
  },
  "a layer of the user's, and everything that draws": {
    layers: () => [
      normalization(), custom(scaling), dense(200, "relu", { maxNorm: 2 }), dropout(0.3), residual([layerNormalization(), dense(200, "tanh"), gaussianNoise(0.2), dropout(0.1)]), batchNormalization(),
      dense(outputs, "softmax"),
    ],
    optimizer: () => adamW({ learningRate: (step) => 0.01 / (1 + step / 50), clipNorm: 1 }),
    loss: "categoricalCrossentropy", targets: "distribution", metrics: ["accuracy"],
    fit, adapt: true, onlyWeights: true,
  },
};

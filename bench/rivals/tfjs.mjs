// TensorFlow.js with its wasm backend (SIMD, one thread in Node). Tensors are made once; results are read with dataSync.
// Chained operations and optimizer.minimize: tf.sequential with predict and trainOnBatch was measured beside them, and
// took between the same time (large networks, training) and three times as long (small ones).
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { installedVersion } from "./installed.mjs";
import { negativeSlope, optimizers } from "../workloads.mjs";

const require = createRequire(import.meta.url);

export async function start() {
  const tf = require("@tensorflow/tfjs");
  const wasm = require("@tensorflow/tfjs-backend-wasm");
  wasm.setWasmPaths(`${dirname(require.resolve("@tensorflow/tfjs-backend-wasm"))}/`);
  wasm.setThreadsCount(1);
  if (!(await tf.setBackend("wasm"))) throw new Error("its wasm backend did not start");
  await tf.ready();
  return {
    version: installedVersion("@tensorflow/tfjs-backend-wasm"),
    prepare: (workload, data) => prepare[workload.kind](tf, workload, data),
  };
}

const activate = {
  tanh: (tf, z) => tf.tanh(z),
  sigmoid: (tf, z) => tf.sigmoid(z),
  arctan: (tf, z) => tf.atan(z),
  relu: (tf, z) => tf.relu(z),
  leakyRelu: (tf, z) => tf.leakyRelu(z, negativeSlope),
  softmax: (tf, z) => tf.softmax(z),
};

/** Those that tf.fused.matMul does in the product itself. */
const fused = new Set(["relu", "sigmoid"]);

function createForward(tf, { layers }, variables) {
  return (x, { logits = false } = {}) => {
    let a = x;
    layers.forEach(({ activation }, index) => {
      const [weights, bias] = variables[index];
      const inProduct = fused.has(activation);
      a = tf.fused.matMul({ a, b: weights, bias, activation: inProduct ? activation : "linear" });
      if (!inProduct && !(logits && index === layers.length - 1)) a = activate[activation](tf, a);
    });
    return a;
  };
}

const prepare = {
  matmul(tf, { m, n, k }, { a, b }) {
    const left = tf.tensor2d(a, [m, k]);
    const right = tf.tensor2d(b, [k, n]);
    // The wasm backend has the product ready when matMul returns, so it need not be copied out to be timed.
    let out;
    return {
      run: () => {
        out?.dispose();
        out = tf.matMul(left, right);
      },
      result: () => out.dataSync(),
      dispose: () => tf.dispose([left, right, out]),
    };
  },

  activation(tf, { name }, { z }) {
    const resident = tf.tensor1d(z);
    let out;
    return {
      run: () => {
        out?.dispose();
        out = activate[name](tf, resident);
      },
      result: () => out.dataSync(),
      dispose: () => tf.dispose([resident, out]),
    };
  },

  inference(tf, workload, { x, parameters }) {
    const { inputs, batch } = workload;
    const variables = createVariables(tf, workload, parameters);
    const forward = createForward(tf, workload, variables);
    let values;
    return {
      run: () => {
        values = tf.tidy(() => forward(tf.tensor2d(x, [batch, inputs])).dataSync());
      },
      result: () => values,
      dispose: () => tf.dispose(variables),
    };
  },

  training(tf, workload, { x, y, parameters }) {
    const { inputs, batch, loss } = workload;
    const variables = createVariables(tf, workload, parameters).map((pair) => pair.map((tensor) => tf.variable(tensor)));
    const forward = createForward(tf, workload, variables);
    const optimizer = createOptimizer(tf, workload);
    const input = tf.tensor2d(x, [batch, inputs]);
    const outputs = workload.layers.at(-1).units;
    const target = loss === "meanSquaredError" ? tf.tensor2d(y, [batch, outputs]) : tf.oneHot(tf.tensor1d(y, "int32"), outputs).toFloat();
    const lossOf =
      loss === "meanSquaredError"
        ? () => tf.losses.meanSquaredError(target, forward(input))
        : () => tf.losses.softmaxCrossEntropy(target, forward(input, { logits: true }));
    const trainable = variables.flat();
    let value = 0;
    return {
      run: () => {
        const cost = optimizer.minimize(lossOf, true, trainable);
        value = cost.dataSync()[0];
        cost.dispose();
      },
      result: () => [value],
      dispose: () => tf.dispose([trainable, input, target]),
    };
  },
};

function createVariables(tf, { inputs, layers }, parameters) {
  let width = inputs;
  return parameters.map(({ weights, bias }, index) => {
    const { units } = layers[index];
    const pair = [tf.tensor2d(weights, [width, units]), tf.tensor1d(bias)];
    width = units;
    return pair;
  });
}

function createOptimizer(tf, { optimizer }) {
  const { learningRate, beta1, beta2, epsilon } = optimizers[optimizer];
  return optimizer === "adam" ? tf.train.adam(learningRate, beta1, beta2, epsilon) : tf.train.sgd(learningRate);
}

// brain.js: its plain JavaScript NeuralNetwork (the other one needs a native GPU build). One row a call, one activation
// for all layers.
import { createRequire } from "node:module";
import { installedVersion } from "./installed.mjs";

const require = createRequire(import.meta.url);
const names = { tanh: "tanh", sigmoid: "sigmoid", relu: "relu" };

export function start() {
  const { NeuralNetwork } = require("brain.js");
  return {
    version: installedVersion("brain.js"),
    prepare: (workload, data) =>
      workload.kind === "inference" ? prepareInference(NeuralNetwork, workload, data) : reasons[workload.kind],
  };
}

const reasons = {
  matmul: "has no matrix product to call",
  activation: "has no activations to call",
  training: "trains row by row, not on batches",
};

function prepareInference(NeuralNetwork, { inputs, layers, batch }, { x, parameters }) {
  const [{ activation }] = layers;
  if (layers.some((layer) => layer.activation !== activation)) return "has one activation for all layers, and no softmax";
  const network = new NeuralNetwork({
    inputSize: inputs,
    hiddenLayers: layers.slice(0, -1).map(({ units }) => units),
    outputSize: layers.at(-1).units,
    activation: names[activation],
  });
  network.initialize();
  parameters.forEach(({ weights, bias }, index) => {
    const { units } = layers[index];
    network.biases[index + 1] = Float32Array.from(bias);
    network.weights[index + 1] = Array.from({ length: units }, (_, unit) =>
      Float32Array.from({ length: weights.length / units }, (_, input) => weights[input * units + unit]),
    );
  });
  const rows = Array.from({ length: batch }, (_, row) => x.subarray(row * inputs, (row + 1) * inputs));
  const outputs = new Array(batch);
  return {
    run: () => {
      for (let row = 0; row < batch; row++) outputs[row] = network.run(rows[row]);
    },
    result: () => outputs.flatMap((values) => [...values]),
  };
}

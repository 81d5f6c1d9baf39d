// Plain JavaScript as a contestant: see bench/answers.mjs for what a contestant is.
import { gemmLoops, gemmNN } from "./gemm.mjs";
import { activations } from "./activations.mjs";
import { createNetwork } from "./network.mjs";
import { optimizers } from "../workloads.mjs";

/** `option` "loops" is the textbook product, timed beside the tiled one; it takes part in matmul only. */
export function start(option, { engine }) {
  return {
    version: engine,
    prepare(workload, data) {
      if (option === "loops" && workload.kind !== "matmul") return "times the textbook matrix product only";
      return prepare[workload.kind](workload, data, option === "loops" ? gemmLoops : gemmNN);
    },
  };
}

const prepare = {
  matmul({ m, n, k }, { a, b }, gemm) {
    const c = new Float32Array(m * n);
    return { run: () => gemm(m, n, k, a, b, c), result: () => c };
  },

  activation({ name, form }, { z }) {
    const { forward, derivative } = activations[name];
    let out = new Float32Array(z.length);
    const run = {
      session: () => forward(z, out),
      function: () => forward(z, (out = new Float32Array(z.length))),
      derivative: () => derivative(z, (out = new Float32Array(z.length))),
    }[form];
    return { run, result: () => out };
  },

  inference({ inputs, layers, batch }, { x, parameters }) {
    const network = createNetwork({ inputs, layers, batch, parameters });
    return { run: () => network.predict(x), result: () => network.output };
  },

  training({ inputs, layers, batch, loss, optimizer }, { x, y, parameters }) {
    const network = createNetwork({ inputs, layers, batch, parameters, loss, optimizer, options: optimizers[optimizer] });
    let value = 0;
    return {
      run: () => {
        value = network.trainBatch(x, y);
      },
      result: () => [value],
      gradients: () => {
        network.gradients(x, y);
        return network.layers.flatMap(({ dWeights, dBias }) => [dWeights, dBias]);
      },
    };
  },
};

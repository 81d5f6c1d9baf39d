// numpy-ts, its wasm kernels. Every intermediate is disposed of at once: when its heap is full it falls back to plain loops.
import * as np from "numpy-ts";
import { installedVersion } from "./installed.mjs";
import { negativeSlope } from "../workloads.mjs";

export function start() {
  return {
    version: installedVersion("numpy-ts"),
    prepare: (workload, data) => prepare[workload.kind](workload, data),
  };
}

const array = (values, ...shape) => np.array(values, "float32").reshape(shape);

/** f(array) with the array freed afterwards. */
const consume = (value, f) => {
  const result = f(value);
  value.dispose();
  return result;
};

const one = np.array([1], "float32");
const zero = np.array([0], "float32");
const slope = np.array([negativeSlope], "float32");

const activate = {
  tanh: (z) => np.tanh(z),
  arctan: (z) => np.arctan(z),
  relu: (z) => np.maximum(z, zero),
  leakyRelu: (z) => consume(np.multiply(z, slope), (scaled) => np.maximum(z, scaled)),
  sigmoid: (z) => consume(consume(consume(np.negative(z), np.exp), (e) => np.add(e, one)), np.reciprocal),
  softmax: (z) => {
    const e = consume(consume(np.max(z, 1, true), (most) => np.subtract(z, most)), np.exp);
    return consume(e, () => consume(np.sum(e, 1, true), (sum) => np.divide(e, sum)));
  },
};

const prepare = {
  matmul({ m, n, k }, data) {
    const a = array(data.a, m, k);
    const b = array(data.b, k, n);
    let out;
    return {
      run: () => {
        out?.dispose();
        out = np.matmul(a, b);
      },
      result: () => out.data,
      dispose: () => [a, b, out].forEach((each) => each.dispose()),
    };
  },

  activation({ name, elements }, { z }) {
    const resident = array(z, elements);
    let out;
    return {
      run: () => {
        out?.dispose();
        out = activate[name](resident);
      },
      result: () => out.data,
      dispose: () => [resident, out].forEach((each) => each.dispose()),
    };
  },

  inference({ inputs, layers, batch }, { x, parameters }) {
    let width = inputs;
    const arrays = parameters.map(({ weights, bias }, index) => {
      const { units, activation } = layers[index];
      const layer = { weights: array(weights, width, units), bias: array(bias, 1, units), activation };
      width = units;
      return layer;
    });
    let out;
    return {
      run: () => {
        out?.dispose();
        out = array(x, batch, inputs);
        for (const { weights, bias, activation } of arrays) {
          out = consume(out, (a) => np.matmul(a, weights));
          out = consume(out, (z) => np.add(z, bias));
          out = consume(out, activate[activation]);
        }
      },
      result: () => out.data,
      dispose: () => [out, ...arrays.flatMap(({ weights, bias }) => [weights, bias])].forEach((each) => each.dispose()),
    };
  },

  training: () => "has no training",
};

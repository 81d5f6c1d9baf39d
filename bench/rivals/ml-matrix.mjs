// ml-matrix: plain JavaScript, float64, a Float64Array for each row.
import { Matrix } from "ml-matrix";
import { installedVersion } from "./installed.mjs";
import { negativeSlope } from "../workloads.mjs";

export function start() {
  return {
    version: installedVersion("ml-matrix"),
    prepare: (workload, data) => prepare[workload.kind](workload, data),
  };
}

const activate = {
  tanh: (z) => z.tanh(),
  arctan: (z) => z.atan(),
  sigmoid: (z) => z.neg().exp().add(1).pow(-1),
  relu: (z) => z.apply(positive),
  leakyRelu: (z) => z.apply(leaky),
  softmax: (z) => {
    const e = z.subColumnVector(z.max("row")).exp();
    return e.divColumnVector(e.sum("row"));
  },
};

/** For Matrix.apply: `this` is the matrix. */
function positive(row, column) {
  if (this.get(row, column) < 0) this.set(row, column, 0);
}

function leaky(row, column) {
  const value = this.get(row, column);
  if (value < 0) this.set(row, column, value * negativeSlope);
}

const prepare = {
  matmul({ m, n, k }, data) {
    const a = Matrix.from1DArray(m, k, data.a);
    const b = Matrix.from1DArray(k, n, data.b);
    let out;
    return {
      run: () => {
        out = a.mmul(b);
      },
      result: () => out.to1DArray(),
    };
  },

  activation({ name, elements }, { z }) {
    const input = Matrix.from1DArray(1, elements, z);
    let out;
    return {
      run: () => {
        out = activate[name](input.clone());
      },
      result: () => out.to1DArray(),
    };
  },

  inference({ inputs, layers, batch }, { x, parameters }) {
    let width = inputs;
    const matrices = parameters.map(({ weights, bias }, index) => {
      const { units, activation } = layers[index];
      const layer = { weights: Matrix.from1DArray(width, units, weights), bias: [...bias], activation };
      width = units;
      return layer;
    });
    let out;
    return {
      run: () => {
        let a = Matrix.from1DArray(batch, inputs, x);
        for (const { weights, bias, activation } of matrices) a = activate[activation](a.mmul(weights).addRowVector(bias));
        out = a;
      },
      result: () => out.to1DArray(),
    };
  },

  training: () => "has no training",
};

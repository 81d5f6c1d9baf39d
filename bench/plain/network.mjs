// A dense network in plain JavaScript: every buffer made once, bias and activation in one pass, all parameters and all
// gradients in two contiguous blocks. No classes, no checks, nothing but the arithmetic.
import { gemmNN, gemmNT, gemmTN } from "./gemm.mjs";
import { backwardFromOutput, biasedForward } from "./activations.mjs";
import { optimizers } from "./optimizers.mjs";

/** Returns { output, layers, predict(x), gradients(x, y) → loss, trainBatch(x, y) → loss }. */
export function createNetwork({ inputs, layers: shapes, batch, parameters, loss, optimizer, options }) {
  const total = parameters.reduce((sum, { weights, bias }) => sum + weights.length + bias.length, 0);
  const parameterBlock = new Float32Array(total);
  const gradientBlock = new Float32Array(loss ? total : 0);
  let offset = 0;
  /** The next `values.length` floats of both blocks, filled with `values`. */
  const place = (values) => {
    const from = offset;
    offset += values.length;
    parameterBlock.set(values, from);
    return [parameterBlock.subarray(from, offset), gradientBlock.subarray(from, offset)];
  };
  let width = inputs;
  const layers = shapes.map(({ units, activation }, index) => {
    const [weights, dWeights] = place(parameters[index].weights);
    const [bias, dBias] = place(parameters[index].bias);
    const layer = {
      inputs: width, units, activation, weights, bias, dWeights, dBias,
      a: new Float32Array(batch * units),
      dz: new Float32Array(loss ? batch * units : 0),
    };
    width = units;
    return layer;
  });
  const last = layers.at(-1);
  const step = optimizer && optimizers[optimizer](parameterBlock, gradientBlock, options);

  function predict(x) {
    let a = x;
    for (const layer of layers) {
      gemmNN(batch, layer.units, layer.inputs, a, layer.weights, layer.a);
      biasedForward[layer.activation](batch, layer.units, layer.a, layer.bias);
      a = layer.a;
    }
    return a;
  }

  function gradients(x, y) {
    predict(x);
    const value = losses[loss](batch, last, y);
    for (let index = layers.length - 1; index >= 0; index--) {
      const { inputs: width, units, weights, dWeights, dBias, dz } = layers[index];
      const before = layers[index - 1];
      gemmTN(width, units, batch, before ? before.a : x, dz, dWeights);
      sumRows(batch, units, dz, dBias);
      if (before) {
        gemmNT(batch, width, units, dz, weights, before.dz);
        backwardFromOutput[before.activation](before.a, before.dz);
      }
    }
    return value;
  }

  function trainBatch(x, y) {
    const value = gradients(x, y);
    step();
    return value;
  }

  return { layers, output: last.a, predict, gradients, trainBatch };
}

/** Each fills the last layer's dz with the gradient of the mean loss, and returns the mean loss. */
const losses = {
  /** Over a softmax layer: the gradient at its input is simply a - 1 at the right class, a elsewhere. */
  sparseCategoricalCrossentropy(batch, { units, a, dz }, classes) {
    const scale = 1 / batch;
    let sum = 0;
    for (let i = 0; i < batch; i++) {
      const from = i * units;
      const right = from + classes[i];
      for (let j = from; j < from + units; j++) dz[j] = a[j] * scale;
      dz[right] -= scale;
      sum -= Math.log(a[right]);
    }
    return sum * scale;
  },

  meanSquaredError(batch, { activation, a, dz }, y) {
    const scale = 1 / a.length;
    let sum = 0;
    for (let i = 0; i < a.length; i++) {
      const difference = a[i] - y[i];
      sum += difference * difference;
      dz[i] = 2 * scale * difference;
    }
    backwardFromOutput[activation](a, dz);
    return sum * scale;
  },
};

function sumRows(rows, columns, from, to) {
  for (let j = 0; j < columns; j++) to[j] = from[j];
  for (let i = 1, o = columns; i < rows; i++) {
    for (let j = 0; j < columns; j++, o++) to[j] += from[o];
  }
}

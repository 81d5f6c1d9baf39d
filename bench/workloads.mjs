// The one table of what is timed. Every contestant and every rival loops over it, tests check it, the README table
// prints it; nothing else names a shape.
//
// kind        what one call does                                                      unit
// matmul      c = a·b, all three already where the contestant keeps its matrices       GFLOP/s
// activation  one pass over 64 Ki elements: `session`, input and output resident;      ns per element
//             `function`, array in, new array out; `derivative`, the same for f′
// inference   copy the input in, run the network, output readable from JavaScript      GFLOP/s
// training    one optimiser step on one batch, the loss returned                       GFLOP/s
//
// flop count multiply and add of the matrix products only; a training step is the forward product, the weight gradient
// and, for every layer but the first, the input gradient.

export const kinds = ["matmul", "activation", "inference", "training"];

/** 64 Ki: 256 KiB in and 256 KiB out, so a pass stays in the second-level cache. */
export const elements = 65536;

export const activationNames = ["tanh", "sigmoid", "arctan", "relu", "leakyRelu"];
export const negativeSlope = 0.05;

const repeat = (count, layer) => Array.from({ length: count }, () => ({ ...layer }));
const layer = (units, activation) => ({ units, activation });

export const networks = {
  "784-128-10": { inputs: 784, layers: [layer(128, "relu"), layer(10, "softmax")] },
  "784-512-512-10": { inputs: 784, layers: [layer(512, "relu"), layer(512, "relu"), layer(10, "softmax")] },
  "64 layers of 64": { inputs: 64, layers: repeat(64, layer(64, "tanh")) },
  "2-8-8-1": { inputs: 2, layers: [layer(8, "tanh"), layer(8, "tanh"), layer(1, "sigmoid")] },
  "2-8-8-2": { inputs: 2, layers: [layer(8, "tanh"), layer(8, "tanh"), layer(2, "softmax")] },
  "1024-1024-1024-1024": { inputs: 1024, layers: repeat(3, layer(1024, "relu")) },
};

const inferred = ["784-128-10", "784-512-512-10", "64 layers of 64", "2-8-8-1", "1024-1024-1024-1024"];

const trained = [
  { network: "784-128-10", batch: 32, loss: "sparseCategoricalCrossentropy" },
  { network: "784-512-512-10", batch: 128, loss: "sparseCategoricalCrossentropy" },
  { network: "64 layers of 64", batch: 32, loss: "meanSquaredError" },
  { network: "2-8-8-2", batch: 32, loss: "sparseCategoricalCrossentropy" },
];

// Small, so that thousands of timed steps on one batch leave the weights, and so the speed, about where they were:
// a batch learnt by heart would fill the gradients with subnormal numbers.
export const optimizers = {
  sgd: { learningRate: 1e-3 },
  adam: { learningRate: 1e-5, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
};

/** Weights of all layers, counted without the biases: the multiply-adds of one row. */
export function weightCount({ inputs, layers }) {
  let width = inputs;
  let count = 0;
  for (const { units } of layers) {
    count += width * units;
    width = units;
  }
  return count;
}

function* rows() {
  for (const size of [512, 1024]) {
    yield { id: `matmul ${size}x${size}x${size}`, kind: "matmul", m: size, n: size, k: size, flop: 2 * size ** 3 };
  }
  for (const name of activationNames) {
    for (const form of ["session", "function", "derivative"]) {
      const id = form === "session" ? name : `${name} ${form}`;
      yield { id, kind: "activation", name, form, elements };
    }
  }
  for (const name of inferred) {
    for (const batch of [1, 32, 256]) {
      const flop = 2 * batch * weightCount(networks[name]);
      yield { id: `infer ${name} batch ${batch}`, kind: "inference", network: name, ...networks[name], batch, flop };
    }
  }
  for (const { network: name, batch, loss } of trained) {
    const network = networks[name];
    const flop = batch * (6 * weightCount(network) - 2 * network.inputs * network.layers[0].units);
    for (const optimizer of Object.keys(optimizers)) {
      yield { id: `train ${name} batch ${batch} ${optimizer}`, kind: "training", network: name, ...network, batch, loss, optimizer, flop };
    }
  }
}

export const workloads = [...rows()];

export function findWorkload(id) {
  const workload = workloads.find((row) => row.id === id);
  if (!workload) throw new Error(`bench: no workload is called "${id}"`);
  return workload;
}

// jax-js on its wasm backend; in Node it has no workers, so one thread. Everything is jitted. It is lazy: a product is made when
// blockUntilReady or data asks for it. Its arrays are counted by hand: an argument is used up unless passed as `.ref`.
import { init, jit, nn, numpy as np, valueAndGrad } from "@jax-js/jax";
import { installedVersion } from "./installed.mjs";
import { negativeSlope, optimizers } from "../workloads.mjs";

export async function start() {
  await init("wasm");
  return {
    version: installedVersion("@jax-js/jax"),
    prepare: (workload, data) => prepare[workload.kind](workload, data),
  };
}

const activate = {
  tanh: np.tanh,
  sigmoid: nn.sigmoid,
  arctan: np.arctan,
  relu: nn.relu,
  leakyRelu: (z) => nn.leakyRelu(z, negativeSlope),
  softmax: (z) => nn.softmax(z, -1),
};

const matrix = (values, rows, columns) => np.array(values).reshape([rows, columns]);

/** [[weights, bias], …] */
function createParameters({ inputs, layers }, parameters) {
  let width = inputs;
  return parameters.map(({ weights, bias }, index) => {
    const { units } = layers[index];
    const pair = [matrix(weights, width, units), np.array(bias)];
    width = units;
    return pair;
  });
}

function createForward({ layers }, { logits = false } = {}) {
  return (parameters, x) => {
    let a = x;
    parameters.forEach(([weights, bias], index) => {
      a = np.matmul(a, weights).add(bias);
      if (!(logits && index === layers.length - 1)) a = activate[layers[index].activation](a);
    });
    return a;
  };
}

const refs = (parameters) => parameters.map((pair) => pair.map((array) => array.ref));

const prepare = {
  matmul({ m, n, k }, data) {
    const a = matrix(data.a, m, k);
    const b = matrix(data.b, k, n);
    const product = jit((left, right) => np.matmul(left, right));
    let out;
    return {
      run: async () => {
        out?.dispose();
        out = product(a.ref, b.ref);
        await out.blockUntilReady();
      },
      result: () => out.ref.data(),
    };
  },

  activation({ name }, { z }) {
    const each = jit(activate[name]);
    const resident = np.array(z);
    let out;
    return {
      run: async () => {
        out?.dispose();
        out = each(resident.ref);
        await out.blockUntilReady();
      },
      result: () => out.ref.data(),
    };
  },

  inference(workload, { x, parameters: numbers }) {
    const parameters = createParameters(workload, numbers);
    const forward = jit(createForward(workload));
    let values;
    return {
      run: () => {
        values = forward(refs(parameters), matrix(x, workload.batch, workload.inputs)).dataSync();
      },
      result: () => values,
    };
  },

  training(workload, { x, y, parameters: numbers }) {
    const { batch, inputs, layers, loss, optimizer } = workload;
    const outputs = layers.at(-1).units;
    const squared = loss === "meanSquaredError";
    const forward = createForward(workload, { logits: !squared });
    const wanted = squared ? matrix(y, batch, outputs) : matrix(oneHot(y, outputs), batch, outputs);
    const lossOf = (parameters, input, target) => {
      const output = forward(parameters, input);
      if (squared) return np.square(output.sub(target)).mean();
      return nn.logSoftmax(output, -1).mul(target).sum().mul(-1 / batch);
    };
    const step = createStep[optimizer](valueAndGrad(lossOf), optimizers[optimizer]);
    const input = matrix(x, batch, inputs);
    let state = createState[optimizer](createParameters(workload, numbers));
    let value = 0;
    return {
      run: () => {
        [value, state] = step(state, input.ref, wanted.ref);
      },
      result: () => [value],
    };
  },
};

function oneHot(classes, count) {
  const values = new Float32Array(classes.length * count);
  classes.forEach((number, row) => (values[row * count + number] = 1));
  return values;
}

const zeros = (parameters) => parameters.map((pair) => pair.map((array) => np.zeros(array.shape)));

const createState = {
  sgd: (parameters) => ({ parameters }),
  adam: (parameters) => ({ parameters, means: zeros(parameters), squares: zeros(parameters), powers: np.array([1, 1]) }),
};

/** (state, input, target) → [loss as a number, next state] */
const createStep = {
  sgd(lossAndGradient, { learningRate }) {
    const program = jit(({ parameters }, input, target) => {
      const [cost, gradients] = lossAndGradient(refs(parameters), input, target);
      const next = parameters.map((pair, layer) =>
        pair.map((array, index) => array.sub(gradients[layer][index].mul(learningRate))),
      );
      return [cost, { parameters: next }];
    });
    return (state, input, target) => {
      const [cost, next] = program(state, input, target);
      return [cost.dataSync()[0], next];
    };
  },

  // Two programs, and the loss read between them: 64 layers take 36 ms so, 95 ms with the loss read last, 93 ms as one program,
  // 99 ms as one program over one flat array of parameters.
  adam(lossAndGradient, { learningRate, beta1, beta2, epsilon }) {
    const program = jit(lossAndGradient);
    const update = jit(({ parameters, means, squares, powers }, gradients) => {
      const nextPowers = powers.mul(np.array([beta1, beta2]));
      const corrections = np.array([1, 1]).sub(nextPowers.ref);
      const [first, second] = [corrections.ref.slice(0), corrections.slice(1)];
      const next = { parameters: [], means: [], squares: [], powers: nextPowers };
      parameters.forEach((pair, layer) => {
        const moved = pair.map((array, index) => {
          const g = gradients[layer][index];
          const mean = means[layer][index].mul(beta1).add(g.ref.mul(1 - beta1));
          const square = squares[layer][index].mul(beta2).add(np.square(g).mul(1 - beta2));
          const root = np.sqrt(square.ref.div(second.ref)).add(epsilon);
          return [array.sub(mean.ref.div(first.ref).div(root).mul(learningRate)), mean, square];
        });
        ["parameters", "means", "squares"].forEach((name, place) => next[name].push(moved.map((arrays) => arrays[place])));
      });
      first.dispose();
      second.dispose();
      return next;
    });
    return (state, input, target) => {
      const [cost, gradients] = program(refs(state.parameters), input, target);
      const value = cost.dataSync()[0];
      return [value, update(state, gradients)];
    };
  },
};

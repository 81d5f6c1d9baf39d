// lanewise as a contestant, through its public entries alone: see bench/answers.mjs for what a contestant is.
import { activation, activations, adam, createBackend, dense, Matrix, matmul, Network, sgd } from "lanewise";
import { relaxed } from "lanewise/relaxed";
import { createThreadedBackend } from "lanewise/threads";
import { negativeSlope, optimizers } from "./workloads.mjs";

const makers = { sgd, adam };

const backends = {
  strict: () => createBackend({}),
  relaxed: () => createBackend({ module: relaxed }),
  threads: () => createThreadedBackend({ threads: 2 }),
};

export async function start(option, { lanewise }) {
  const backend = await backends[option]();
  if (backend.threadsReason) throw new Error(backend.threadsReason);
  return { version: lanewise, prepare: (workload, data) => prepare[workload.kind](workload, data, backend, option) };
}

function createNetwork({ inputs, layers }, parameters, backend) {
  const network = new Network(
    { inputs, layers: layers.map(({ units, activation: name }) => dense(units, name)), seed: 1 },
    { backend },
  );
  parameters.forEach((values, index) => network.layers[index].setWeights(values));
  return network;
}

const prepare = {
  matmul({ m, n, k }, data, backend) {
    const a = new Matrix(m, k, data.a, { backend });
    const b = new Matrix(k, n, data.b, { backend });
    const out = new Matrix(m, n, undefined, { backend });
    return {
      run: () => matmul(a, b, { out }),
      result: () => out.data,
      dispose: () => [a, b, out].forEach((matrix) => matrix.dispose()),
    };
  },

  activation({ name, form, elements }, { z }, backend, build) {
    if (build === "threads") return "is not shared among threads";
    const options = name === "leakyRelu" ? { negativeSlope } : undefined;
    if (form === "session") {
      const network = new Network({ inputs: elements, layers: [activation(name, options)] }, { backend });
      const session = network.session({ batch: 1 });
      session.input.set(z);
      return { run: () => session.run(), result: () => session.output, dispose: () => network.dispose() };
    }
    if (build !== "strict") return "the functions use the default backend";
    const f = form === "derivative" ? activations[name].derivative : activations[name];
    let out;
    return {
      run: () => {
        out = f(z, options);
      },
      result: () => out,
    };
  },

  inference(workload, { x, parameters }, backend) {
    const network = createNetwork(workload, parameters, backend);
    const session = network.session({ batch: workload.batch });
    return {
      run: () => {
        session.input.set(x);
        session.run();
      },
      result: () => session.output,
      dispose: () => network.dispose(),
    };
  },

  training(workload, { x, y, parameters }, backend) {
    const network = createNetwork(workload, parameters, backend);
    const { loss, optimizer } = workload;
    network.compile({ optimizer: makers[optimizer](optimizers[optimizer]), loss });
    let value = 0;
    return {
      run: () => {
        value = network.trainBatch(x, y);
      },
      result: () => [value],
      gradients: () => network.gradients(x, y).layers.flatMap(({ weights, bias }) => [weights, bias]),
      dispose: () => network.dispose(),
    };
  },
};

// A round of random work by seed: networks come, are used in every way, some wrongly, and go. Its digest covers every number that was seen.
import { createHash } from "node:crypto";
import { Draw } from "./draw.mjs";
import { drawOptimizer, Subject } from "./networks.mjs";

const ACTIONS = 40;
const MOST_NETWORKS = 5;

/** What may be called, how often, with a living network. Each records what it sees. */
const uses = {
  async fit({ draw, subject, record }) {
    const { x, y, rows } = subject.rows(draw, draw.whole(4, 3 * subject.most));
    const options = { epochs: draw.whole(1, 3), batchSize: draw.whole(2, subject.most), shuffle: draw.chance(0.8), accumulateSteps: draw.chance(0.2) ? 2 : 1 };
    if (draw.chance(0.3)) options.validationSplit = 0.25;
    if (draw.chance(0.2)) options.sampleWeight = Float32Array.from({ length: rows }, () => draw.next());
    if (draw.chance(0.2)) options.callbacks = [{ onBatchEnd: (batch, { loss }) => record([batch, loss]) }];
    record(await subject.network.fit(x, y, options));
  },
  async stream({ draw, subject, record }) {
    const batches = Array.from({ length: draw.whole(1, 4) }, () => subject.rows(draw));
    record(await subject.network.fit(batches.map(({ x, y }) => ({ x, y })), { epochs: 2 }));
  },
  train({ draw, subject, record }) {
    for (let i = draw.whole(1, 10); i > 0; i--) {
      const { x, y } = subject.rows(draw);
      record(subject.network.trainBatch(x, y));
    }
  },
  predict({ draw, subject, record }) {
    for (let i = draw.whole(1, 20); i > 0; i--) record(subject.network.predict(subject.rows(draw, draw.chance(0.5) ? 1 : draw.whole(1, 3 * subject.most)).x));
  },
  evaluate({ draw, subject, record }) {
    const { x, y } = subject.rows(draw);
    record(subject.network.evaluate(x, y));
  },
  gradients({ draw, subject, record }) {
    const { x, y } = subject.rows(draw);
    const { loss, input, layers } = subject.network.gradients(x, y);
    record([loss]).record(input);
    for (const layer of layers) for (const array of Object.values(layer)) record(array);
  },
  trace({ draw, subject, record }) {
    const { z, a } = subject.network.trace(subject.rows(draw).x);
    for (const array of [...z, ...a]) if (array !== undefined) record(array);
  },
  diagnose({ draw, subject, record }) {
    const { x, y } = subject.rows(draw);
    record(String(subject.network.diagnose(x, y)));
  },
  session({ draw, subject, record }) {
    const batch = draw.whole(1, subject.most), session = subject.network.session({ batch });
    for (let i = draw.whole(1, 20); i > 0; i--) {
      session.input.set(subject.rows(draw, batch).x);
      session.run();
      record(session.output);
    }
    session.dispose();
  },
  saveAndLoad({ lanewise, draw, subject, record, backend }) {
    const includeOptimizer = draw.chance(0.7), bytes = subject.network.save({ includeOptimizer });
    record(bytes);
    const loaded = lanewise.Network.load(bytes, { backend });
    if (draw.chance(0.5)) subject.network.loadWeights(bytes);
    subject.network.dispose();
    subject.network = loaded;
    if (!includeOptimizer) subject.compile(lanewise, draw);
  },
  weights({ draw, subject, record }) {
    for (const layer of subject.network.layers) {
      const weights = layer.getWeights();
      for (const array of Object.values(weights)) record(array);
      if (draw.chance(0.5)) layer.setWeights(weights);
    }
  },
  compile({ lanewise, draw, subject, record }) {
    subject.compile(lanewise, draw);
    const { x, y } = subject.rows(draw);
    record(subject.network.trainBatch(x, y));
  },
  matmul({ lanewise: { matmul, Matrix }, draw, record, backend }) {
    const [m, n, k] = [draw.whole(0, 140), draw.whole(0, 140), draw.whole(0, 140)], transposeA = draw.chance(0.5), transposeB = draw.chance(0.5);
    const a = new Matrix(transposeA ? k : m, transposeA ? m : k, draw.floats(m * k), { backend }), b = new Matrix(transposeB ? n : k, transposeB ? k : n, draw.floats(k * n), { backend });
    const c = matmul(a, b, { transposeA, transposeB });
    record(c.data);
    for (const matrix of [a, b, c]) matrix.dispose();
  },
  /** Calls that must be refused, and change nothing. */
  mistake({ lanewise, draw, subject: { network, most, task }, backend }) {
    const { x, y } = { x: draw.floats(2 * network.inputs), y: task.targets(draw, 2, network.outputs) };
    const nan = x.slice().fill(NaN);
    draw.of([
      () => network.predict(x.subarray(0, 0)), () => network.predict(nan), () => network.trainBatch(nan, y), () => network.trainBatch(x, y.subarray(1)), () => network.evaluate(nan, y),
      () => network.compile({ optimizer: drawOptimizer(lanewise, draw), loss: "mean" }), () => network.session({ batch: -most }), () => network.loadWeights(x),
      () => lanewise.Network.load(network.save().fill(0, 20, 40), { backend }), () => new lanewise.Network({ inputs: 3, layers: [lanewise.dense(2), lanewise.dense(0)] }, { backend }),
      () => network.layers[0].setWeights({ weight: x }), () => network.session({ batch: 2 ** 31 - 1 }),
    ])();
    throw new Error("a call that must be refused was not");
  },
};

/** More often what training and inference are made of. */
const choices = [...Object.keys(uses), "fit", "train", "train", "train", "predict", "predict", "session", "evaluate"];

/**
 * One round on one backend. Every object it makes is disposed at its end.
 * @returns the digest, how often each thing was done, results in the digest and errors
 */
export async function round(lanewise, backend, seed) {
  const draw = new Draw(seed), hash = createHash("sha256"), counts = { errors: 0, results: 0 };
  const chain = {
    record(value) {
      counts.results += 1;
      hash.update(ArrayBuffer.isView(value) ? value : typeof value === "string" ? value : JSON.stringify(value));
      return chain;
    },
  };
  const subjects = [];
  for (let action = 0; action < ACTIONS; action++) {
    if (subjects.length === 0 || (subjects.length < MOST_NETWORKS && draw.chance(0.15))) subjects.push(new Subject(lanewise, draw, backend));
    const subject = draw.of(subjects), name = draw.of(choices);
    counts[name] = (counts[name] ?? 0) + 1;
    try {
      // Each action draws from a sequence of its own, so that one that fails half-way moves nothing.
      await uses[name]({ lanewise, draw: new Draw(seed, action + 1), subject, backend, record: chain.record });
    } catch (error) {
      if (!(error instanceof lanewise.LanewiseError)) throw error;
      counts.errors += 1;
      // How much memory is in use is each backend's own.
      hash.update(error instanceof lanewise.OutOfMemoryError ? error.name : `${error.name}: ${error.message}`);
    }
    if (draw.chance(0.1)) {
      subjects.splice(subjects.indexOf(subject), 1);
      subject.network.dispose();
    }
  }
  for (const { network } of subjects) {
    hash.update(network.save({ includeOptimizer: true }));
    network.dispose();
  }
  return { digest: hash.digest("hex"), counts };
}

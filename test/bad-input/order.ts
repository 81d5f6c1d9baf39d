// Calls in the wrong order, after dispose(), or while others run; losses that do not suit the layers; options of fit; training that turns NaN.

import {
  activation, adam, ArgumentError, checkpoint, createBackend, dense, DisposedError, earlyStopping, matmul, Matrix, NameError, Network, NonFiniteError, reduceOnPlateau, sgd, ShapeError, StateError,
  type ActivationName, type Callback, type FitOptions,
} from "../../src/index.js";
import type { Row } from "./catalogue.js";
import { detached, during, fresh, x, type World } from "./world.js";

const y = [[0, 0], [0, 0]];
const row = (id: string, error: Row["error"], where: string, says: readonly string[], call: Row["call"]): Row => ({ id, error, where, says, call });

/** Every call of a network, by the place its message names. */
const calls: Record<string, (network: Network) => unknown> = {
  "Network.compile": (network) => network.compile({ optimizer: "sgd", loss: "mse" }),
  "Network.fit": (network) => network.fit(x, y),
  "Network.trainBatch": (network) => network.trainBatch(x, y),
  "Network.evaluate": (network) => network.evaluate(x, y),
  "Network.gradients": (network) => network.gradients(x, y),
  "Network.diagnose": (network) => network.diagnose(x, y),
  "Network.predict": (network) => network.predict(x),
  "Network.trace": (network) => network.trace(x),
  "Network.session": (network) => network.session(),
  "Network.summary": (network) => network.summary(),
  "Network.save": (network) => network.save(),
  "LayerHandle.getWeights": (network) => network.layers[0].getWeights(),
  "LayerHandle.setWeights": (network) => network.layers[0].setWeights({}),
};
const needCompile = ["Network.fit", "Network.trainBatch", "Network.evaluate", "Network.gradients", "Network.diagnose"];
const needRest = ["Network.compile", "Network.fit", "Network.trainBatch"];

const disposed = <T extends { dispose(): void }>(object: T): T => {
  object.dispose();
  object.dispose();
  return object;
};

function* lifetimes(): Generator<Row> {
  for (const where of needCompile) {
    yield row(`${where} before compile()`, StateError, where, ["compile() must come first"], () => during(fresh({ loss: null }), (network) => calls[where](network)));
  }
  for (const [where, call] of Object.entries(calls)) {
    yield row(`${where} of a disposed network`, DisposedError, where, ["the network must not be disposed"], () => call(disposed(fresh())));
  }
  for (const where of needRest) {
    yield row(`${where} while fit() runs`, StateError, where, ["fit() must have ended", "while it runs"], () => whileFitting(calls[where]));
  }
  // Each hook of a callback may find the worst moment to dispose of the network.
  for (const hook of ["onTrainBegin", "onEpochBegin", "onBatchBegin", "onBatchEnd", "onEpochEnd"] as const) {
    yield row(`dispose() in ${hook}`, DisposedError, "Network.fit", ["must not be disposed while it trains"], () => {
      const network = fresh();
      return network.fit(x, y, { epochs: 2, validationData: [x, y], callbacks: [{ [hook]: () => network.dispose() }] });
    });
  }
}

/** Makes a call while fit() runs, waits for the end of fit(), and gives the error of the call. */
async function whileFitting(call: (network: Network) => unknown): Promise<unknown> {
  const network = fresh();
  const fitting = network.fit(x, y, { epochs: 3, callbacks: [{ onEpochEnd: () => new Promise<void>((resolve) => setImmediate(resolve)) }] });
  try {
    return await call(network);
  } finally {
    await fitting;
    network.dispose();
  }
}

/** A schedule that calls the network it trains. */
function scheduled(schedule: (network: Network, step: number) => number, steps = 1): unknown {
  const network = fresh({ loss: null });
  network.compile({ optimizer: sgd({ learningRate: (step) => schedule(network, step) }), loss: "mse" });
  return during(network, () => {
    for (let i = 0; i < steps; i++) network.trainBatch(x, y);
  });
}

function compile(last: string, loss: unknown, { raw }: World): unknown {
  const layers = last === "none" ? [dense(2), activation("tanh")] : [dense(2, last as ActivationName)];
  return during(new Network({ inputs: 3, layers }, { backend: raw.stack.backend }), (network) => network.compile({ optimizer: "sgd", loss: loss as never }));
}

function* losses(): Generator<Row> {
  const mismatched = [
    ["sigmoid", "categoricalCrossentropy", "softmax"], ["linear", "categoricalCrossentropy", "softmax"], ["relu", "sparseCategoricalCrossentropy", "softmax"],
    ["sigmoid", "sparseCategoricalCrossentropy", "softmax"], ["none", "sparseCategoricalCrossentropy", "softmax"],
    ["sigmoid", "klDivergence", "softmax"], ["linear", "kld", "softmax"],
    ["softmax", "binaryCrossentropy", "sigmoid"], ["linear", "binaryCrossentropy", "sigmoid"], ["tanh", "bce", "sigmoid"],
  ] as const;
  for (const [last, loss, head] of mismatched) {
    yield row(`${loss} after ${last}`, ArgumentError, "Network.compile", [`must follow a last layer with ${head}`, "fromLogits: true", `got ${last === "none" ? "tanh" : last}`],
      (world) => compile(last, loss, world));
  }
  for (const [last, name] of [
    ["softmax", "categoricalCrossentropy"], ["softmax", "sparseCategoricalCrossentropy"], ["sigmoid", "binaryCrossentropy"], ["relu", "binaryCrossentropy"],
  ] as const) {
    yield row(`${name} with fromLogits after ${last}`, ArgumentError, "Network.compile", ["must follow a layer without activation", `got ${last}`],
      (world) => compile(last, { name, fromLogits: true }, world));
  }
  for (const last of ["sigmoid", "softmax"]) {
    yield row(`hinge after ${last}`, ArgumentError, "Network.compile", ["hinge must follow a layer that gives both signs", `got ${last}`], (world) => compile(last, "hinge", world));
  }
  for (const [name, option, valid] of [["mse", "delta", "fromLogits"], ["klDivergence", "labelSmoothing", "fromLogits"], ["huber", "labelSmoothing", "delta"]] as const) {
    yield row(`${option} of ${name}`, NameError, "Network.compile", ["options of ", "must be among name", valid, `got "${option}"`], (world) => compile("linear", { name, [option]: 0.5 }, world));
  }
  yield row("meanSquaredError with fromLogits", ArgumentError, "Network.compile", ["fromLogits must be used with a crossentropy", "got meanSquaredError"],
    (world) => compile("linear", { name: "mse", fromLogits: true }, world));
}

const fit = (id: string, error: Row["error"], says: readonly string[], options: unknown): Row =>
  row(id, error, "Network.fit", says, ({ values }) => values.fit(x, y, (typeof options === "function" ? options() : options) as FitOptions));

function explode(learningRate: number, where: "fit" | "trainBatch"): unknown {
  const large = x.map((row) => row.map((value) => value * 1000));
  return during(fresh({ learningRate }), async (network) => {
    if (where === "fit") return network.fit(large, y, { epochs: 100, batchSize: 1, shuffle: false });
    for (let i = 0; i < 100; i++) network.trainBatch(large, y);
  });
}

export const order: readonly Row[] = [
  ...lifetimes(),
  ...losses(),
  row("save with the optimizer before compile()", StateError, "Network.save", ["compile() must come before", "without optimizer"],
    ({ raw }) => raw.save({ includeOptimizer: true })),
  row("save of a schedule", ArgumentError, "Network.save", ["learningRate must be a number", "got a function"],
    () => scheduled((network) => (network.save({ includeOptimizer: true }), 0))),
  row("input of a disposed session", DisposedError, "Session.input", ["the session must not be disposed"], ({ raw }) => disposed(raw.session()).input),
  row("output of a disposed session", DisposedError, "Session.output", ["the session"], ({ raw }) => disposed(raw.session()).output),
  row("run of a disposed session", DisposedError, "Session.run", ["the session"], ({ raw }) => disposed(raw.session()).run()),
  row("data of a disposed matrix", DisposedError, "Matrix.data", ["the matrix must not be disposed"], () => disposed(new Matrix(1, 1)).data),
  row("matmul of a disposed matrix", DisposedError, "matmul", ["the matrix"], ({ matrix, backend }) => matmul(disposed(new Matrix(2, 2, undefined, { backend })), matrix)),
  row("matmul by a disposed matrix", DisposedError, "matmul", ["the matrix"], ({ matrix, backend }) => matmul(matrix, disposed(new Matrix(3, 2, undefined, { backend })))),
  row("matmul into a disposed matrix", DisposedError, "matmul", ["the matrix"],
    ({ matrix, backend }) => matmul(matrix, matrix, { transposeB: true, out: disposed(new Matrix(2, 2, undefined, { backend })) })),
  row("a network on a disposed backend", DisposedError, "Network", ["the backend must not be disposed"],
    () => new Network({ inputs: 1, layers: [dense(1)] }, { backend: disposed(createBackend()) })),
  row("a matrix on a disposed backend", DisposedError, "Matrix", ["the backend"], () => new Matrix(1, 1, undefined, { backend: disposed(createBackend()) })),
  row("Network.load on a disposed backend", DisposedError, "Network.load", ["the backend"], ({ bytes }) => Network.load(bytes, { backend: disposed(createBackend()) })),
  row("matmul on a disposed backend", DisposedError, "matmul", ["the backend"],
    () => { const backend = createBackend(); const a = new Matrix(1, 1, undefined, { backend }); backend.dispose(); return matmul(a, a); }),
  row("dispose() while fit() waits", DisposedError, "Network.fit", ["must not be disposed while it trains"], () => {
    const network = fresh();
    const fitting = network.fit(x, y, { epochs: 1e6 });
    setTimeout(() => network.dispose(), 5);
    return fitting;
  }),
  row("dispose() right after fit()", DisposedError, "Network.fit", ["must not be disposed while it trains"], () => {
    const network = fresh();
    const fitting = network.fit(x, y, { validationData: [x, y] });
    network.dispose();
    return fitting;
  }),
  row("dispose() in a schedule", DisposedError, "Network.trainBatch", ["must not be disposed"], () => scheduled((network) => (network.dispose(), 0.1))),
  row("dispose() in a schedule, after a step", DisposedError, "Network.trainBatch", ["must not be disposed"], () => scheduled((network, step) => {
    // After step 0 there is a plan, whose memory would be gone.
    if (step === 1) network.dispose();
    return 0.1;
  }, 2)),
  row("dispose() by the last callback but one", DisposedError, "Network.fit", ["must not be disposed"], () => {
    const network = fresh();
    return network.fit(x, y, { callbacks: [{ onTrainEnd: () => network.dispose() }, earlyStopping({ monitor: "loss", restoreBestWeights: true })] });
  }),
  ...[NaN, Infinity, -1, 1e39, "0.1", null, undefined, 10n].map((rate) =>
    row(`a schedule that gives ${typeof rate} ${rate}`, ArgumentError, "sgd", ["learningRate of step 0 must be a finite number at least 0", "got"],
      () => scheduled(() => rate as number))),

  fit("callbacks null", ArgumentError, ["callbacks must be an array", "got null"], { callbacks: null }),
  fit("a callback that is not in an array", ArgumentError, ["callbacks must be an array", "got an object"], { callbacks: { onEpochEnd() {} } }),
  fit("a function as callback", ArgumentError, ["callbacks[0] must be an object", "got a function"], { callbacks: [() => {}] }),
  fit("a hole in callbacks", ArgumentError, ["callbacks[0] must be an object", "got undefined"], { callbacks: [, {}] }),
  fit("a hook that is no function", ArgumentError, ["onEpochEnd of callbacks[0] must be a function", 'got "stop"'], { callbacks: [{ onEpochEnd: "stop" } as unknown as Callback] }),
  fit("a hook that we do not know", NameError, ["hooks of callbacks[0] must be among", "did you mean onBatchEnd?", 'got "onBatchEnds"'], { callbacks: [{ onBatchEnds() {} } as unknown as Callback] }),
  fit("getState that is no function", ArgumentError, ["getState of callbacks[1] must be a function", "got an object"], { callbacks: [{}, { getState: {} } as unknown as Callback] }),
  row("a state that is no object", ArgumentError, "Callback.getState", ["state 0 must be an object", "got 5"],
    () => during(fresh(), (network) => network.fit(x, y, { callbacks: [{ getState: () => 5 as never }] }))),
  row("resume with another batchSize", StateError, "Network.fit", ["batchSize must be 1 as in the fit to resume", "got 2"],
    () => during(fresh(), async (network) => { await network.fit(x, y, { batchSize: 1 }); await network.fit(x, y, { batchSize: 2, resume: true }); })),
  row("resume with best weights of another network", ShapeError, "Network.fit", ["weights to go back to must be", "got 3"], () => during(fresh(), (network) => {
    const stop = earlyStopping();
    void stop.onTrainBegin!(network, { epochs: 1, steps: 1, epoch: 0, batch: 0, numbers: ["valLoss"] });
    stop.setState!({ last: new Float32Array(3) });
  })),
  row("a stream that ends before stepsPerEpoch", ArgumentError, "Network.fit: epoch 0, batch 1", ["must give 2 batches an epoch", "got its end after 1"],
    () => during(fresh(), (network) => network.fit([{ x, y }], { stepsPerEpoch: 2 }))),
  row("a stream of other columns", ShapeError, "Network.fit: epoch 0, batch 1", ["row 0 of x must hold 3 values", "got 2"],
    () => during(fresh(), (network) => network.fit([{ x, y }, { x: [[1, 2]], y }]))),
  row("a stream of anything", ArgumentError, "Network.fit: epoch 0, batch 0", ["a batch must be [x, y] or { x, y }", 'got "x"'],
    () => during(fresh(), (network) => network.fit(() => "xy" as never))),
  row("a generator for two epochs", ArgumentError, "Network.fit", ["can be read only once must come with stepsPerEpoch", "got epochs 2"],
    ({ values }) => values.fit([{ x, y }].values(), { epochs: 2 })),
  row("a batchSize for a stream", NameError, "Network.fit", ["options must be among", "stepsPerEpoch", 'got "batchSize"'], ({ values }) => values.fit([{ x, y }], { batchSize: 2 } as never)),
  ...[null, 5, "fast"].map((options) =>
    row(`options of fit of a stream: ${options}`, ArgumentError, "Network.fit", ["options must be an object", "got"], ({ values }) => values.fit([{ x, y }], options as never))),
  row("stepsPerEpoch for rows", NameError, "Network.fit", ["options must be among", 'got "stepsPerEpoch"'], ({ values }) => values.fit(x, y, { stepsPerEpoch: 2 } as never)),
  row("checkpoint without save", ArgumentError, "checkpoint", ["save must be a function", "got undefined"], () => checkpoint({} as never)),
  row("checkpoint every now and then", ArgumentError, "checkpoint", ["every must be a whole number from 1", 'got "often"'], () => checkpoint({ every: "often" as never, save() {} })),
  row("checkpoint of the best batches", ArgumentError, "checkpoint", ["saveBestOnly must go by epochs", "got every 5 batches"], () => checkpoint({ every: { batches: 5 }, saveBestOnly: true, save() {} })),
  fit("signal null", ArgumentError, ["signal must be an AbortSignal", "got null"], { signal: null }),
  fit("an AbortController as signal", ArgumentError, ["signal must be an AbortSignal", "got an AbortController"], () => ({ signal: new AbortController() })),
  fit("validationSplit that leaves no rows to train on", ShapeError, ["must leave rows on both sides", "got 0.9 of 2 rows"], { validationSplit: 0.9 }),
  fit("validationData and validationSplit", ArgumentError, ["must not both be given", "got 0.5 and data"], { validationSplit: 0.5, validationData: [x, y] }),
  fit("validationData null", ArgumentError, ["validationData must be [x, y] or [x, y, sampleWeight]", "got null"], { validationData: null }),
  fit("validationData of x alone", ArgumentError, ["must be [x, y]", "got an array of 1"], { validationData: [x] }),
  fit("validationData as an object", ArgumentError, ["must be [x, y]", "got an object"], { validationData: { x, y } }),
  fit("validationData of other rows", ShapeError, ["y must hold as many rows as x (2)", "got 1"], { validationData: [x, [[0, 0]]] }),
  fit("validationData of other columns", ShapeError, ["row 0 of x must hold 3 values"], { validationData: [[[1, 2]], [[0, 0]]] }),
  fit("validationData with NaN", NonFiniteError, ["x must be finite"], { validationData: [[[1, 2, NaN]], [[0, 0]]] }),
  row("x detached by a callback", ArgumentError, "Network.fit", ["x and y must keep their buffers", "a detached one"], () => {
    const given = new Float32Array(x.flat());
    return during(fresh(), (network) => network.fit(given, y, { epochs: 2, callbacks: [{ onBatchEnd: () => void detached(given) }] }));
  }),
  row("checkpoint without what it watches", ArgumentError, "checkpoint", ["monitor must be among loss", "got valLoss"],
    ({ values }) => values.fit(x, y, { callbacks: [checkpoint({ saveBestOnly: true, save() {} })] })),
  row("reduceOnPlateau without what it watches", ArgumentError, "reduceOnPlateau", ["monitor must be among loss", "got valLoss"],
    ({ values }) => values.fit(x, y, { callbacks: [reduceOnPlateau()] })),
  row("fit of lbfgs by parts", ArgumentError, "Network.fit", ["batchSize must be at least 2, all rows, with lbfgs", "got 1"], () => during(fresh(), (network) => {
    network.compile({ optimizer: "lbfgs", loss: "mse" });
    return network.fit(x, y, { batchSize: 1 });
  })),
  ...[undefined, 2].map((stepsPerEpoch) =>
    row(`fit of lbfgs on a stream of ${stepsPerEpoch}`, ArgumentError, "Network.fit", ["a stream must come with stepsPerEpoch 1", "with lbfgs", `got ${stepsPerEpoch}`], () => during(fresh(), (network) => {
      network.compile({ optimizer: "lbfgs", loss: "mse" });
      return network.fit([[x, y]], { stepsPerEpoch });
    }))),
  row("earlyStopping without what it watches", ArgumentError, "earlyStopping", ["monitor must be among loss", "got valLoss"],
    ({ values }) => values.fit(x, y, { callbacks: [earlyStopping()] })),
  fit("accumulateSteps past the random streams", ArgumentError, ["accumulateSteps must be a whole number from 1 to 65535", "got 65536"], { accumulateSteps: 65536 }),
  row("metrics as a name", ArgumentError, "Network.compile", ["metrics must be an array of names", 'got "accuracy"'],
    ({ raw }) => raw.compile({ optimizer: "sgd", loss: "mse", metrics: "accuracy" as never })),
  row("compile()", ArgumentError, "Network.compile", ["loss must be a name", "got undefined"], ({ raw }) => (raw.compile as (options?: object) => void)()),
  row("compile without optimizer", ArgumentError, "Network.compile", ["optimizer must be a name or come from sgd()", "got undefined"],
    ({ raw }) => raw.compile({ loss: "mse" } as never)),
  row("compile with the factory of an optimizer", ArgumentError, "Network.compile", ["got a function"], ({ raw }) => raw.compile({ loss: "mse", optimizer: adam as never })),
  row("compile with an optimizer's options", ArgumentError, "Network.compile", ["got an object"],
    ({ raw }) => raw.compile({ loss: "mse", optimizer: { learningRate: 0.1 } as never })),

  row("a learning rate that explodes", NonFiniteError, "Network.fit: epoch", ["batch", "layer", "smaller learning rate"], () => explode(1, "fit")),
  row("a learning rate that explodes at once", NonFiniteError, "Network.fit: epoch 0, batch ", ["must be finite after a step", "layer ", "dense(", "taken back"],
    () => explode(3e38, "fit")),
  row("trainBatch at a learning rate that explodes", NonFiniteError, "Network.trainBatch", ["layer"], () => explode(1e6, "trainBatch")),
  row("Adam without epsilon, and a gradient of 0", NonFiniteError, "Network.trainBatch", ["must be finite after a step", "greater epsilon"], () => {
    const network = fresh({ loss: null });
    network.compile({ optimizer: adam({ epsilon: 0 }), loss: "mse" });
    return during(network, () => network.trainBatch([[0, 0, 0]], [[0, 0]]));
  }),
];

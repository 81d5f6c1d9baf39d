// Trains the same networks here and in PyTorch, float32 and float64, and prints how far both float32 results are from PyTorch's float64: `npm run compare:torch`.
// Gradients, trained weights, predictions, losses and learning rates; FAIL where they are beyond the bounds, and the exit code is 1.
// Without a Python that has PyTorch it says so and ends; PYTHON names one.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as lanewise from "../dist/index.js";

const { Network } = lanewise;
const STEPS = 20;
const SEEDS = 10;

/** Each optimizer, its options here, PyTorch's class and options for the same. LBFGS runs every step on one batch. */
const optimizers = [
  ["sgd", { learningRate: 0.1 }, "SGD", { lr: 0.1 }],
  ["sgd", { learningRate: 0.1, weightDecay: 0.01 }, "SGD", { lr: 0.1, weight_decay: 0.01 }],
  ["sgd", { learningRate: 0.05, momentum: 0.9 }, "SGD", { lr: 0.05, momentum: 0.9 }],
  ["sgd", { learningRate: 0.05, momentum: 0.9, dampening: 0.3 }, "SGD", { lr: 0.05, momentum: 0.9, dampening: 0.3 }],
  ["sgd", { learningRate: 0.05, momentum: 0.9, nesterov: true, weightDecay: 0.01 }, "SGD", { lr: 0.05, momentum: 0.9, nesterov: true, weight_decay: 0.01 }],
  ["adam", { learningRate: 0.01 }, "Adam", { lr: 0.01 }],
  ["adam", { learningRate: 0.01, beta1: 0.8, beta2: 0.99, epsilon: 1e-6, weightDecay: 0.01 }, "Adam", { lr: 0.01, betas: [0.8, 0.99], eps: 1e-6, weight_decay: 0.01 }],
  ["adam", { learningRate: 0.01, amsgrad: true }, "Adam", { lr: 0.01, amsgrad: true }],
  ["adamW", { learningRate: 0.01 }, "AdamW", { lr: 0.01 }],
  ["adamW", { learningRate: 0.01, weightDecay: 0.1, amsgrad: true }, "AdamW", { lr: 0.01, weight_decay: 0.1, amsgrad: true }],
  // Where a step goes by the sign of a gradient, that of one near 0 is anyone's guess: such steps are small here.
  ["rmsprop", { learningRate: 0.001 }, "RMSprop", { lr: 0.001 }],
  ["rmsprop", { learningRate: 0.001, rho: 0.9, momentum: 0.9, weightDecay: 0.01 }, "RMSprop", { lr: 0.001, alpha: 0.9, momentum: 0.9, weight_decay: 0.01 }],
  ["rmsprop", { learningRate: 0.001, centered: true }, "RMSprop", { lr: 0.001, centered: true }],
  ["rmsprop", { learningRate: 0.001, centered: true, momentum: 0.5 }, "RMSprop", { lr: 0.001, centered: true, momentum: 0.5 }],
  ["adagrad", { learningRate: 0.01 }, "Adagrad", { lr: 0.01 }],
  ["adagrad", { learningRate: 0.05, learningRateDecay: 0.01, initialAccumulator: 0.1, weightDecay: 0.01 }, "Adagrad", { lr: 0.05, lr_decay: 0.01, initial_accumulator_value: 0.1, weight_decay: 0.01 }],
  ["adadelta", {}, "Adadelta", {}],
  ["adadelta", { learningRate: 0.5, rho: 0.95, weightDecay: 0.01 }, "Adadelta", { lr: 0.5, rho: 0.95, weight_decay: 0.01 }],
  // PyTorch 1.13 counts a momentum twice where foreach is off.
  ["nadam", {}, "NAdam", { foreach: true }],
  ["nadam", { learningRate: 0.01, momentumDecay: 0.1, weightDecay: 0.01 }, "NAdam", { lr: 0.01, momentum_decay: 0.1, weight_decay: 0.01, foreach: true }],
  ["lbfgs", { maxIterations: 4 }, "LBFGS", { max_iter: 4, history_size: 10, line_search_fn: "strong_wolfe" }, 2],
  ["lbfgs", { maxIterations: 4, historySize: 3 }, "LBFGS", { max_iter: 4, history_size: 3, line_search_fn: "strong_wolfe" }, 2],
  ["lbfgs", { maxIterations: 4, learningRate: 0.1, lineSearch: "none" }, "LBFGS", { max_iter: 4, lr: 0.1, history_size: 10 }, 2],
];

/** The specs of a chain: dense layers of these widths, each with its activation. */
const chain = (widths, activations) => widths.map((units, i) => ({ type: "dense", units, activation: Array.isArray(activations) ? activations[i] : i < widths.length - 1 ? activations : "linear" }));
const cycle = (n) => Array.from({ length: n }, (_, i) => [7, 17, 33, 3][i % 4]);

/** Inputs, layers, loss and rows of a batch. */
const networks = [
  [3, chain([6, 2], "tanh"), "meanSquaredError", 8],
  [13, chain([19, 11, 9, 5], ["tanh", "sigmoid", "arctan", "softmax"]), "sparseCategoricalCrossentropy", 27],
  [10, chain([32, 33, 1], ["relu", "leakyRelu", "sigmoid"]), "binaryCrossentropy", 64],
  [4, chain([...new Array(9).fill(16), 3], "tanh"), "meanSquaredError", 32],
  [64, chain([100, 10], ["relu", "softmax"]), "sparseCategoricalCrossentropy", 50],
];

const activations = [
  "linear", "sigmoid", "tanh", "arctan", "relu", "leakyRelu", "elu", "selu", "celu", "gelu", "geluTanh", "silu", "mish", "softplus", "softsign", "hardSigmoid", "hardSwish", "relu6", "exponential", "prelu", "softmax", "logSoftmax",
];
const layerNormalization = { type: "layerNormalization" };
const batchNormalization = { type: "batchNormalization" };
const residual = (...layers) => ({ type: "residual", layers });
const [tanh7, relu17] = [chain([7, 7], "tanh"), chain([17, 17], ["relu", "linear"])];
const blocks = (n, activation) => Array.from({ length: n }, () => residual(layerNormalization, ...chain([33, 17], activation)));

/** What one network shows; then what both sides must be told beside it, and the learning rate if it is not 0.05. */
const shown = [
  // e^z of e^z soon leaves float32.
  ...activations.map((name) => [`${name}, ${name === "exponential" ? 2 : 4} layers`, [5, name === "exponential" ? chain([7, 4], name) : name.endsWith("oftmax") ? chain([7, 17, 3, 4], ["tanh", "tanh", "tanh", name]) : chain([7, 17, 3, 4], name), "meanSquaredError", 9]]),
  ...activations.filter((name) => !/softmax|exponential/i.test(name)).map((name) => [`${name}, 8 layers`, [5, chain([...cycle(7), 4], name), "meanSquaredError", 9]]),
  ["layerNormalization", [5, [...chain([17, 17], ["tanh", "linear"]), layerNormalization, ...chain([9, 3], ["tanh", "linear"])], "meanSquaredError", 9]],
  // A bias in front of a batch normalization has a gradient of 0.
  ["batchNormalization", [5, [{ ...chain([17], ["linear"])[0], useBias: false }, batchNormalization, ...chain([9], ["tanh"]), batchNormalization, ...chain([3], ["linear"])], "meanSquaredError", 33]],
  ["residual", [7, [residual(...tanh7), residual(...tanh7), ...chain([3], ["linear"])], "meanSquaredError", 9]],
  ["residual with a projection", [7, [residual(...relu17), residual(...relu17), ...chain([3], ["linear"])], "meanSquaredError", 9]],
  ["dropout of 0", [5, [...chain([17], ["tanh"]), { type: "dropout", rate: 0 }, ...chain([3], ["linear"])], "meanSquaredError", 9]],
  ["l2 0.01", [5, chain([17, 3], "tanh").map((layer) => ({ ...layer, l2: 0.01 })), "meanSquaredError", 9]],
  // PyTorch divides by norm + 1e-6, lanewise by the norm.
  ["clipNorm 0.5", [5, chain([17, 3], "tanh"), "meanSquaredError", 9], { clipNorm: 0.5 }],
  ["32 layers of tanh", [5, chain([...cycle(31), 4], "tanh"), "meanSquaredError", 9], {}, 0.002],
  ["64 layers of tanh", [5, chain([...cycle(63), 4], "tanh"), "meanSquaredError", 9], {}, 0.002],
  ["32 layers of selu", [5, chain([...cycle(31), 4], "selu"), "meanSquaredError", 9], {}, 1e-4],
  ["64 layers of selu", [5, chain([...cycle(63), 4], "selu"), "meanSquaredError", 9], {}, 1e-4],
  ["residual blocks of relu, 32 layers", [5, [...chain([17], ["linear"]), ...blocks(15, "relu"), ...chain([4], ["linear"])], "meanSquaredError", 9], {}, 0.002],
  ["residual blocks of gelu, 64 layers", [5, [...chain([17], ["linear"]), ...blocks(31, "gelu"), ...chain([4], ["linear"])], "meanSquaredError", 9], {}, 0.002],
];

const logits = { fromLogits: true };
const losses = [
  { name: "meanSquaredError" }, { name: "meanAbsoluteError" }, { name: "huber" }, { name: "huber", delta: 0.25 }, { name: "logCosh" }, { name: "hinge" },
  ...["binaryCrossentropy", "categoricalCrossentropy", "sparseCategoricalCrossentropy"].flatMap((name) => [{ name, ...logits }, { name, ...logits, labelSmoothing: 0.125 }]),
  { name: "klDivergence", ...logits },
];

/** Each schedule of a first or highest rate, PyTorch's class and options for the same. */
const schedules = [
  [(initial) => lanewise.stepDecay({ initial, factor: 0.5, every: 7 }), "StepLR", () => ({ step_size: 7, gamma: 0.5 })],
  [(initial) => lanewise.exponentialDecay({ initial, rate: 0.9 }), "ExponentialLR", () => ({ gamma: 0.9 })],
  [(initial) => lanewise.cosineDecay({ initial, steps: 100, final: initial / 100 }), "CosineAnnealingLR", (rate) => ({ T_max: 100, eta_min: rate / 100 })],
  [(maximum) => lanewise.oneCycle({ maximum, steps: 101 }), "OneCycleLR", (rate) => ({ max_lr: rate, total_steps: 101, cycle_momentum: false })],
];

/** Numbers from −1 to 1, the same in every run: Lehmer's generator. */
function numbers(seed) {
  let state = seed;
  return (n) => Float32Array.from({ length: n }, () => ((state = (state * 48271) % 2147483647) / 2147483647) * 2 - 1);
}

/** The layer function call that a spec stands for. */
function layer({ type, units, activation, layers, rate, l2, useBias }) {
  if (type === "dense") return lanewise.dense(units, activation, { l2, useBias });
  return lanewise[type](...(layers ? [layers.map(layer)] : rate === undefined ? [] : [rate]));
}

/** Arrays by name, the place of the layer in front. */
const named = (records) => Object.fromEntries(records.flatMap((record, i) => Object.entries(record).map(([name, values]) => [`${i + 1}.${name}`, [...values]])));
const read = (network) => named(network.layers.map((each) => each.getWeights()));

/** Where f′ jumps: a z this near may fall on either side in float32, and both gradients are right. test/gradients.test.ts looks at the jumps themselves. */
const kinks = { relu: [0], leakyRelu: [0], prelu: [0], selu: [0], relu6: [0, 6], hardSigmoid: [-3, 3], hardSwish: [-3, 3] };
const NEAR = 1e-3;

/** Whether a z of these layers comes near a kink; `arrays` by the names of getWeights(). */
function nearKink(inputs, layers, arrays, x) {
  const network = new Network({ inputs, layers: layers.map(layer) });
  const own = layers.map((_, i) => Object.fromEntries(Object.entries(arrays).flatMap(([name, values]) => (name.startsWith(`${i + 1}.`) ? [[name.slice(name.indexOf(".") + 1), Float32Array.from(values)]] : []))));
  network.layers.forEach((each, i) => own[i] && Object.keys(own[i]).length > 0 && each.setWeights(own[i]));
  const { z, a } = network.trace(x);
  const near = layers.some(({ type, layers: inner, activation }, i) =>
    type === "residual" ? nearKink(network.layers[i].inputs, inner, own[i], a[i])
    : (kinks[activation] ?? []).some((kink) => z[i + 1].some((value) => Math.abs(value - kink) < NEAR)));
  network.dispose();
  return near;
}

/** Targets and inputs of every step. */
function batchesOf([inputs, layers, loss, rows], seed, steps) {
  const draw = numbers(seed);
  const outputs = layers.findLast(({ units }) => units).units;
  return Array.from({ length: steps }, () => {
    const x = draw(rows * inputs);
    if (loss.startsWith("sparse")) return { x, y: Int32Array.from(draw(rows), (value) => Math.floor(((value + 1) / 2) * (outputs - 1e-3))) };
    return { x, y: draw(rows * outputs).map((value) => (loss.startsWith("binary") ? Number(value > 0) : value)) };
  });
}

/** The first seeds from `from` on whose first batch stays away from the kinks. */
function seedsOf(network, from, count) {
  const [inputs, layers] = network;
  const seeds = [];
  for (let seed = from; seeds.length < count; seed++) {
    const made = new Network({ inputs, layers: layers.map(layer), seed });
    if (!nearKink(inputs, layers, read(made), batchesOf(network, seed, 1)[0].x)) seeds.push(seed);
    made.dispose();
  }
  return seeds;
}

/** What PyTorch is given of one network: how it is made and trained, and what came of it here. */
function train(made, seed, [name, options, kind, theirs, repeated], more = {}) {
  const [inputs, layers, loss, rows] = made;
  const network = new Network({ inputs, layers: layers.map(layer), seed });
  network.compile({ optimizer: lanewise[name]({ ...options, ...(more.clipNorm && { clipNorm: more.clipNorm }) }), loss });
  const batches = batchesOf(made, seed, repeated ? 1 : STEPS);
  const start = read(network);
  const first = network.gradients(batches[0].x, batches[0].y);
  const steps = repeated ?? STEPS;
  for (let step = 0; step < steps; step++) network.trainBatch(batches[step % batches.length].x, batches[step % batches.length].y);
  return {
    inputs, outputs: network.outputs, layers, loss, rows, optimizer: kind, options: theirs, steps, ...more, start, batches: batches.map(({ x, y }) => ({ x: [...x], y: [...y] })),
    gradients: { input: [...first.input], ...named(first.layers) }, end: read(network), predictions: [...network.predict(batches[0].x)],
  };
}

/** A loss at random outputs: of a network that puts out its input. */
function lossCase(loss, columns, seed) {
  const rows = 16;
  const draw = numbers(seed);
  const x = draw(rows * columns).map((value) => value * 8);
  const weights = draw(rows).map((value) => (value + 1) / 2);
  const shares = draw(rows * columns).map((value) => value + 1.001);
  const sums = Array.from({ length: rows }, (_, r) => shares.subarray(r * columns, (r + 1) * columns).reduce((a, b) => a + b));
  const y = loss.name.startsWith("sparse") ? Int32Array.from(draw(rows), (value) => Math.floor(((value + 1) / 2) * (columns - 1e-3)))
    : loss.name.startsWith("categorical") || loss.name === "klDivergence" ? shares.map((value, at) => value / sums[Math.floor(at / columns)])
    : draw(rows * columns).map((value) => (loss.name === "hinge" ? Number(value > 0) : loss.name.startsWith("binary") ? (value + 1) / 2 : value));
  const network = new Network({ inputs: columns, layers: [lanewise.dense(columns)] });
  network.layers[0].setWeights({ weights: Float32Array.from({ length: columns ** 2 }, (_, i) => Number(i % (columns + 1) === 0)), bias: new Float32Array(columns) });
  network.compile({ optimizer: "sgd", loss });
  const { loss: value, input } = network.gradients(x, y);
  const { loss: weighted } = network.evaluate(x, y, { sampleWeight: weights });
  network.dispose();
  return { loss, rows, x: [...x], y: [...y], weights: [...weights], ours: [value, weighted, [...input]] };
}

function python() {
  for (const command of [process.env.PYTHON, "python3", "/usr/bin/python3"]) {
    if (command && spawnSync(command, ["-c", "import torch"]).status === 0) return command;
  }
}

const command = python();
if (command === undefined) {
  console.log("PyTorch not found");
  process.exit(0);
}
const written = (options) => JSON.stringify(options).replace(/[{}"]/g, "").replace(/,/g, ", ");
const sgd = (rate) => ["sgd", { learningRate: rate }, "SGD", { lr: rate }];

const firstSeeds = networks.map((network, i) => seedsOf(network, i + 1, 1)[0]);

/** Each row of the table: what it is called, the cases whose worst it shows, and whether 20 steps have a bound. */
const rows = [
  ...optimizers.map((optimizer) => ({
    // A line search turns the last bit of a loss into another step: no bound for it.
    label: `${optimizer[0]}(${written(optimizer[1])})`, unbound: optimizer[2] === "LBFGS", cases: networks.map((network, i) => train(network, firstSeeds[i], optimizer)),
  })),
  ...schedules.flatMap(([schedule, kind, theirs]) => [["sgd", "SGD", 0.1], ["adam", "Adam", 0.01]].map(([name, optimizer, rate]) => ({
    label: `${name} at ${schedule(rate).name}`,
    cases: networks.map((network, i) => train(network, firstSeeds[i], [name, { learningRate: schedule(rate) }, optimizer, { lr: rate }], { schedule: { name: kind, options: theirs(rate) } })),
  }))),
  ...shown.map(([label, network, more, rate = 0.05]) => ({ label, cases: seedsOf(network, 1, SEEDS).map((seed) => train(network, seed, sgd(rate), more)) })),
];
const lossCases = losses.map((loss) => [1, 2, 3, 10, 33].flatMap((columns) => [1, 2, 3, 4].map((seed) => lossCase(loss, columns, 10 * columns + seed))));
const rates = schedules.map(([schedule, name, options]) => ({ name, options: options(0.1), rates: Array.from({ length: 101 }, (_, step) => schedule(0.1).rateAt(step)) }));
const { stdout, stderr, status } = spawnSync(command, [fileURLToPath(new URL("compare-torch.py", import.meta.url))], {
  input: JSON.stringify({ cases: rows.flatMap(({ cases }) => cases), losses: lossCases.flat(), schedules: rates }), encoding: "utf8", maxBuffer: 2 ** 28,
});
if (status !== 0) throw new Error(stderr);
const answer = JSON.parse(stdout);

const show = (value) => value.toExponential(1);
let failed = 0;

/** One row: ours and theirs by turns, the worst of the results, and FAIL where one of ours is beyond max(share × theirs, least). */
function print(label, results, bounds, more = []) {
  const cells = bounds.map(({ share, least }, k) => {
    const [ours, theirs] = ["ours", "theirs"].map((side) => results.map((result) => result[side][k]));
    const beyond = ours.some((value, i) => !(value <= Math.max(share * theirs[i], least)));
    failed += Number(beyond);
    return `${show(Math.max(...ours))}${beyond ? " FAIL" : ""} | ${show(Math.max(...theirs))}`;
  });
  console.log(`| ${[label, cells[0], ...more, ...cells.slice(1)].join(" | ")} |`);
}

/** The geometric mean over the seeds of our error in units of the root mean square of PyTorch's, so that no one seed decides. */
function average(results) {
  const mean = Math.exp(results.reduce((sum, { ours, typical }) => sum + Math.log(ours[0] / typical), 0) / results.length);
  failed += Number(!(mean <= AVERAGE));
  return `${mean.toFixed(2)}${mean <= AVERAGE ? "" : " FAIL"}`;
}

const AVERAGE = 1.5;
const gradientBound = { share: 2, least: 1e-6 };
const stepBound = { share: 4, least: 2e-6 };
console.log(`${answer.version}; ${networks.length} networks of an optimizer, ${SEEDS} of a layer, ${STEPS} steps (lbfgs: 2 of 4 iterations).`);
console.log("Largest distances from PyTorch's float64 by array, relative to its largest value. PyTorch computes in float32 with units, inputs and rows in several orders, 32 for gradients and 8 for the steps, and the worst counts; no z lies within 1e-3 of a kink.");
console.log(`FAIL beyond max(2 × PyTorch's worst at that seed, 1e-6) for gradients, ${AVERAGE} × its root mean square on the average of the seeds, max(4 ×, 2e-6) after the steps.\n`);
console.log(`| | gradients | PyTorch float32 | average | values after the steps | PyTorch float32 | predictions | PyTorch float32 |\n|:---|---:|---:|---:|---:|---:|---:|---:|`);
for (const { label, cases, unbound } of rows) {
  const after = unbound ? { share: Infinity, least: Infinity } : stepBound;
  const results = answer.cases.splice(0, cases.length);
  print(label, results, [gradientBound, after, after], [average(results)]);
}
console.log("\n| loss at logits or numbers | value, with weights or without | PyTorch float32 | gradient | PyTorch float32 |\n|:---|---:|---:|---:|---:|");
for (const [i, loss] of losses.entries()) print(written(loss), answer.losses.splice(0, lossCases[i].length), [gradientBound, gradientBound]);
console.log("\n| schedule | largest relative distance from PyTorch's |\n|:---|---:|");
for (const [i, distance] of answer.schedules.entries()) {
  // PyTorch multiplies step after step, and its rounding errors add up.
  failed += Number(distance > 1e-12);
  console.log(`| ${schedules[i][0](0.1).name} | ${show(distance)}${distance > 1e-12 ? " FAIL" : ""} |`);
}
if (failed > 0) {
  console.error(`\n${failed} figures beyond their bounds`);
  process.exitCode = 1;
}

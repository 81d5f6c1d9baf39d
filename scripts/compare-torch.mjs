// Trains the same networks here and in PyTorch, float32 and float64, and prints how far both float32 results are from PyTorch's float64: `npm run compare:torch`.
// Without a Python that has PyTorch it says so and ends; PYTHON names one.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as lanewise from "../dist/index.js";

const { Network, dense } = lanewise;
const STEPS = 20;

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

/** Widths from the input on, activations, loss and rows of a batch. */
const networks = [
  [[3, 6, 2], ["tanh", "linear"], "meanSquaredError", 8],
  [[13, 19, 11, 9, 5], ["tanh", "sigmoid", "arctan", "softmax"], "sparseCategoricalCrossentropy", 27],
  [[10, 32, 33, 1], ["relu", "leakyRelu", "sigmoid"], "binaryCrossentropy", 64],
  [[4, ...new Array(9).fill(16), 3], [...new Array(9).fill("tanh"), "linear"], "meanSquaredError", 32],
  [[64, 100, 10], ["relu", "softmax"], "sparseCategoricalCrossentropy", 50],
];

/** Each schedule, PyTorch's class and options for the same; PyTorch's rate starts as 0.1. */
const schedules = [
  [lanewise.stepDecay({ initial: 0.1, factor: 0.5, every: 7 }), "StepLR", { step_size: 7, gamma: 0.5 }],
  [lanewise.exponentialDecay({ initial: 0.1, rate: 0.9 }), "ExponentialLR", { gamma: 0.9 }],
  [lanewise.cosineDecay({ initial: 0.1, steps: 100, final: 0.001 }), "CosineAnnealingLR", { T_max: 100, eta_min: 0.001 }],
  [lanewise.oneCycle({ maximum: 0.1, steps: 101 }), "OneCycleLR", { max_lr: 0.1, total_steps: 101, cycle_momentum: false }],
];

/** Numbers from −1 to 1, the same in every run: Lehmer's generator. */
function numbers(seed) {
  let state = seed;
  return (n) => Float32Array.from({ length: n }, () => ((state = (state * 48271) % 2147483647) / 2147483647) * 2 - 1);
}

const read = (network) => network.layers.map((layer) => layer.getWeights()).map(({ weights, bias }) => [[...weights], [...bias]]);
const flat = (layers) => layers.map(({ weights, bias }) => [[...weights], [...bias]]);

function train([name, options, , , repeated], [widths, activations, loss, rows], seed) {
  const network = new Network({ inputs: widths[0], layers: activations.map((activation, i) => dense(widths[i + 1], activation)), seed });
  network.compile({ optimizer: lanewise[name](options), loss });
  const draw = numbers(seed);
  const outputs = widths.at(-1);
  const batches = Array.from({ length: repeated ? 1 : STEPS }, () => {
    const x = draw(rows * widths[0]);
    if (loss.startsWith("sparse")) return { x, y: Int32Array.from(draw(rows), (value) => Math.floor(((value + 1) / 2) * (outputs - 1e-3))) };
    return { x, y: draw(rows * outputs).map((value) => (loss.startsWith("binary") ? Number(value > 0) : value)) };
  });
  const start = read(network);
  const { layers } = network.gradients(batches[0].x, batches[0].y);
  for (let step = 0; step < (repeated ?? STEPS); step++) network.trainBatch(batches[step % batches.length].x, batches[step % batches.length].y);
  return { start, gradients: flat(layers), end: read(network), batches: batches.map(({ x, y }) => ({ x: [...x], y: [...y] })) };
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
const cases = optimizers.flatMap((optimizer) =>
  networks.map((network, i) => ({ optimizer: optimizer[2], options: optimizer[3], steps: optimizer[4] ?? STEPS, widths: network[0], activations: network[1], loss: network[2], rows: network[3], ...train(optimizer, network, i + 1) })),
);
const rates = schedules.map(([schedule, name, options]) => ({ name, options, rates: Array.from({ length: 101 }, (_, step) => schedule.rateAt(step)) }));
const script = fileURLToPath(new URL("compare-torch.py", import.meta.url));
const { stdout, stderr, status } = spawnSync(command, [script], { input: JSON.stringify({ cases, schedules: rates }), encoding: "utf8", maxBuffer: 2 ** 28 });
if (status !== 0) throw new Error(stderr);
const answer = JSON.parse(stdout);

const show = (value) => value.toExponential(1);
let failed = 0;
console.log(`${answer.version}, ${networks.length} networks, ${STEPS} steps (LBFGS: 2 of 4 iterations). Largest distance from PyTorch's float64:`);
console.log("relative to the largest weight of its kind, or to the largest gradient of its kind\n");
console.log(`| optimizer | weights, lanewise | weights, PyTorch float32 | gradients, lanewise | gradients, PyTorch float32 |\n|:---|---:|---:|---:|---:|`);
for (const [i, [name, options, kind]] of optimizers.entries()) {
  const results = answer.cases.slice(i * networks.length, (i + 1) * networks.length);
  const worst = (key) => Math.max(...results.map((result) => result[key]));
  const label = `${name}(${JSON.stringify(options).replace(/[{}"]/g, "").replace(/,/g, ", ")})`;
  // A line search turns the last bit of a loss into another step: no bound for it.
  const isWrong = kind !== "LBFGS" && results.some(({ ours, theirs }) => ours > Math.max(4 * theirs, 2e-6));
  const isOff = results.some(({ oursGradient, theirsGradient }) => oursGradient > Math.max(2 * theirsGradient, 1e-6));
  failed += Number(isWrong || isOff);
  console.log(`| ${label} | ${show(worst("ours"))}${isWrong ? " !" : ""} | ${show(worst("theirs"))} | ${show(worst("oursGradient"))}${isOff ? " !" : ""} | ${show(worst("theirsGradient"))} |`);
}
console.log("\n| schedule | largest relative distance from PyTorch's |\n|:---|---:|");
for (const [i, distance] of answer.schedules.entries()) {
  // PyTorch multiplies step after step, and its rounding errors add up.
  failed += Number(distance > 1e-12);
  console.log(`| ${schedules[i][0].name} | ${show(distance)} |`);
}
if (failed > 0) {
  console.error(`\n${failed} rows are farther off than max(4 × PyTorch's float32, 2e-6), 2 × or 1e-6 for gradients, 1e-12 for schedules`);
  process.exitCode = 1;
}

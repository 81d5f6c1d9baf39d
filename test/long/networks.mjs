// Random networks, what they are trained for, and rows for them.

const activations = [
  "linear", "sigmoid", "tanh", "arctan", "relu", "leakyRelu", "softmax", "elu", "selu", "celu", "gelu", "geluTanh", "silu", "mish", "softplus", "softsign", "hardSigmoid",
  "hardSwish", "relu6", "logSoftmax", "prelu",
];
const initializers = ["glorotUniform", "heNormal", "lecunUniform", "orthogonal"];

/** What the last layer gives, and the losses and metrics that suit it. */
const tasks = [
  { last: "linear", losses: ["meanSquaredError", "meanAbsoluteError", { name: "huber", delta: 0.5 }, "logCosh"], metrics: ["mae", "r2"], targets: (draw, rows, n) => draw.floats(rows * n) },
  { last: "sigmoid", losses: ["binaryCrossentropy", { name: "binaryCrossentropy", labelSmoothing: 0.1 }], metrics: ["accuracy"], targets: (draw, rows, n) => Float32Array.from({ length: rows * n }, () => draw.whole(0, 1)) },
  { last: "softmax", least: 2, losses: ["sparseCategoricalCrossentropy"], metrics: ["accuracy", "f1"], targets: (draw, rows, n) => Int32Array.from({ length: rows }, () => draw.whole(0, n - 1)) },
  {
    last: "softmax", least: 2, losses: ["categoricalCrossentropy", "klDivergence"], metrics: ["accuracy"],
    targets(draw, rows, n) {
      const y = new Float32Array(rows * n);
      for (let r = 0; r < rows; r++) y[r * n + draw.whole(0, n - 1)] = 1;
      return y;
    },
  },
];

/** Widths, depth and rows of a batch. Every large network has enough work for threads. */
const sizes = [
  { share: 0.7, width: [1, 24], depth: [1, 8], rows: [2, 40] },
  { share: 0.2, width: [30, 130], depth: [2, 5], rows: [16, 64] },
  { share: 0.06, width: [200, 330], depth: [2, 3], rows: [64, 130] },
  { share: 0.04, width: [8, 20], depth: [30, 64], rows: [8, 32] },
];

function drawSize(draw) {
  let dice = draw.next();
  return sizes.find(({ share }) => (dice -= share) < 0) ?? sizes[0];
}

function drawLayers(lanewise, draw, columns, depth, width, nesting) {
  const { activation, batchNormalization, dense, dropout, gaussianNoise, layerNormalization, residual } = lanewise;
  const layers = [];
  while (layers.length < depth) {
    const dice = draw.next();
    if (dice < 0.65) {
      const options = { useBias: draw.chance(0.8), weightsInitializer: draw.of(initializers), ...(draw.chance(0.1) && { l1: 0.001, l2: 0.001 }), ...(draw.chance(0.1) && { maxNorm: 2 }) };
      layers.push(dense((columns = draw.whole(...width)), draw.of(activations), options));
    } else if (dice < 0.72) layers.push(activation(draw.of(activations)));
    else if (dice < 0.78) layers.push(dropout(0.2));
    else if (dice < 0.81) layers.push(gaussianNoise(0.1));
    else if (dice < 0.86 && columns > 1) layers.push(layerNormalization());
    else if (dice < 0.91) layers.push(batchNormalization());
    else if (nesting > 0) layers.push(residual([...drawLayers(lanewise, draw, columns, draw.whole(0, 2), width, nesting - 1).layers, dense(columns, "tanh")]));
  }
  return { layers, columns };
}

const rate = (lanewise, draw) => (draw.chance(0.7) ? 0.01 : draw.of([
  lanewise.stepDecay({ initial: 0.01, factor: 0.5, every: 7 }), lanewise.exponentialDecay({ initial: 0.01, rate: 0.9, every: 5 }), lanewise.cosineDecay({ initial: 0.01, steps: 30 }),
]));

/** An optimizer with random options. */
export function drawOptimizer(lanewise, draw) {
  const { adadelta, adagrad, adam, adamW, lbfgs, lion, nadam, rmsprop, sgd } = lanewise;
  const clip = draw.chance(0.2) ? { clipNorm: 1 } : draw.chance(0.1) ? { clipValue: 0.5 } : {};
  const learningRate = rate(lanewise, draw);
  return draw.of([
    () => sgd({ learningRate, ...clip }), () => sgd({ learningRate, momentum: 0.9, nesterov: true, ...clip }), () => adam({ learningRate, ...clip }),
    () => adam({ learningRate, amsgrad: true, weightDecay: 0.01, ...clip }), () => adamW({ learningRate, ...clip }), () => rmsprop({ learningRate, centered: true, momentum: 0.5, ...clip }),
    () => adagrad({ learningRate, ...clip }), () => adadelta({ ...clip }), () => nadam({ learningRate, ...clip }), () => lion({ learningRate: 0.001, ...clip }),
    () => lbfgs({ maxIterations: 2, historySize: 3 }),
  ])();
}

export class Subject {
  /** @param {Draw} draw */
  constructor(lanewise, draw, backend) {
    const { Network, dense } = lanewise;
    const { width, depth, rows } = drawSize(draw);
    this.task = draw.of(tasks);
    this.most = draw.whole(...rows);
    const inputs = draw.whole(...width), units = Math.max(this.task.least ?? 1, draw.whole(1, 12));
    const { layers } = drawLayers(lanewise, draw, inputs, draw.whole(...depth), width, 2);
    this.network = new Network({ inputs, layers: [...layers, dense(units, this.task.last)], seed: draw.whole(0, 1e9) }, { backend });
    this.compile(lanewise, draw);
  }

  compile(lanewise, draw) {
    const { losses, metrics } = this.task;
    this.network.compile({ optimizer: drawOptimizer(lanewise, draw), loss: draw.of(losses), metrics });
  }

  /** Rows with targets, `rows` of them or a random number. */
  rows(draw, rows = draw.whole(2, this.most)) {
    return { x: draw.floats(rows * this.network.inputs), y: this.task.targets(draw, rows, this.network.outputs), rows };
  }
}

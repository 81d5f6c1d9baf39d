// L-BFGS against its float64 reference, and in networks.

import { describe, expect, test } from "vitest";
import { adam, ArgumentError, batchNormalization, dense, lbfgs, Network, NonFiniteError, stepDecay, type LbfgsOptions } from "../src/index.js";
import { lbfgsSlots, lbfgsStep } from "../src/lbfgs.js";
import { checkOptimizer } from "../src/check-optimizer.js";
import { digest, random } from "./numbers.js";
import { lbfgs as reference } from "./reference/lbfgs.js";

interface Surface {
  readonly start: number[];
  evaluate(w: number[]): { loss: number; gradient: number[] };
}

const surfaces: Record<string, Surface> = {
  "a bowl of condition 10⁴": {
    start: [1, -2, 3, 4, -5, 6],
    evaluate(w) {
      const curvature = w.map((_, i) => 10 ** ((4 * i) / 5));
      return { loss: w.reduce((sum, v, i) => sum + (curvature[i] * v * v) / 2, 0), gradient: w.map((v, i) => curvature[i] * v) };
    },
  },
  "Rosenbrock's valley": {
    start: [-1.2, 1, -0.5, 2],
    evaluate(w) {
      const gradient = w.map(() => 0);
      let loss = 0;
      for (let i = 0; i < w.length; i += 2) {
        const [a, b] = [w[i], w[i + 1]];
        loss += 100 * (b - a * a) ** 2 + (1 - a) ** 2;
        gradient[i] = -400 * a * (b - a * a) - 2 * (1 - a);
        gradient[i + 1] = 200 * (b - a * a);
      }
      return { loss, gradient };
    },
  },
  "a wavy bowl": {
    start: [3, -4, 2.5],
    evaluate: (w) => ({
      loss: w.reduce((sum, v, i) => sum + 0.1 * v * v + Math.cos(2 * v + i), 0),
      gradient: w.map((v, i) => 0.2 * v - 2 * Math.sin(2 * v + i)),
    }),
  },
};

const sets: LbfgsOptions[] = [
  {}, { historySize: 2 }, { maxIterations: 4 }, { maxEvaluations: 7 }, { learningRate: 0.1 }, { learningRate: 20 }, { lineSearch: "none", learningRate: 0.01 },
  { toleranceGradient: 0.1 }, { toleranceChange: 1e-3 },
];

describe.each(Object.entries(surfaces))("%s", (_, { start, evaluate }) => {
  /** The optimizer's own step, in float64 arrays. */
  function own(options: LbfgsOptions, steps: number): { weights: number[]; evaluations: number } {
    const { options: settled, slots } = checkOptimizer("test", "lbfgs", options);
    const weights = Float64Array.from(start);
    const gradients = new Float64Array(start.length);
    const state = new Float64Array(start.length * slots.length);
    let evaluations = 0;
    const measure = () => {
      evaluations++;
      const { loss, gradient } = evaluate([...weights]);
      gradients.set(gradient);
      return loss;
    };
    for (let step = 0; step < steps; step++) {
      const problem = { weights, gradients, state, loss: measure(), evaluate: measure };
      lbfgsStep(settled as never, options.learningRate as number ?? 1, problem as never);
    }
    return { weights: [...weights], evaluations };
  }

  test.each(sets)("as PyTorch's, in float64: %o", (options) => {
    for (const steps of [1, 2, 5]) {
      const twin = reference(options as never);
      const exact = [...start];
      let evaluations = 0;
      for (let step = 0; step < steps; step++) evaluations += twin.step(exact, evaluate).evaluations;
      const found = own(options, steps);
      const largest = Math.max(1, ...exact.map(Math.abs));
      for (const [i, value] of exact.entries()) expect(Math.abs(found.weights[i] - value) / largest, `${steps} steps`).toBeLessThanOrEqual(1e-6);
      // Without a line search PyTorch's last move of a step is not measured.
      if (options.lineSearch !== "none") expect(found.evaluations).toBe(evaluations);
    }
  });
});

describe("in a network", () => {
  const x = random(60 * 3, 1);
  const y = Float32Array.from({ length: 60 }, (_, i) => 2 * x[3 * i] - 0.5 * x[3 * i + 1] + 0.25 * x[3 * i + 2] + 1);
  const make = (options: LbfgsOptions = {}, layers = [dense(5, "tanh"), dense(1)]) => {
    const network = new Network({ inputs: 3, layers, seed: 3 });
    network.compile({ optimizer: lbfgs(options), loss: "mse" });
    return network;
  };

  test("a linear problem is solved in a step or two", () => {
    const network = make({}, [dense(1)]);
    network.trainBatch(x, y);
    network.trainBatch(x, y);
    const { weights, bias } = network.layers[0].getWeights();
    [2, -0.5, 0.25].forEach((value, i) => expect(weights![i]).toBeCloseTo(value, 5));
    expect(bias![0]).toBeCloseTo(1, 5);
  });

  test("does in 10 steps of fit what adam does not in 1,000", async () => {
    const [ours, theirs] = [make(), make()];
    theirs.compile({ optimizer: adam({ learningRate: 0.01 }), loss: "mse" });
    const { loss } = await ours.fit(x, y, { epochs: 10, batchSize: 60 });
    await theirs.fit(x, y, { epochs: 1000, batchSize: 60 });
    expect(ours.evaluate(x, y).loss).toBeLessThan(theirs.evaluate(x, y).loss / 10);
    loss.slice(1).forEach((value, i) => expect(value).toBeLessThanOrEqual(loss[i]));
  });

  test("fit wants all rows in one batch, and leaves them in order", async () => {
    await expect(make().fit(x, y)).rejects.toThrow(new ArgumentError("Network.fit: batchSize must be at least 60, all rows, with lbfgs, got 32"));
    const [fitted, stepped] = [make(), make()];
    await fitted.fit(x, y, { epochs: 3, batchSize: 100 });
    for (let step = 0; step < 3; step++) stepped.trainBatch(x, y);
    expect(digest(fitted)).toBe(digest(stepped));
    const streamed = make();
    await streamed.fit([[x, y]], { epochs: 3, stepsPerEpoch: 1 });
    expect(digest(streamed)).toBe(digest(fitted));
    await expect(make().fit([[x, y]])).rejects.toThrow(new ArgumentError("Network.fit: a stream must come with stepsPerEpoch 1, all rows in one batch, with lbfgs, got undefined"));
    await expect(make().fit(x, y, { batchSize: 54, validationSplit: 0.1 })).resolves.toBeDefined();
  });

  test("is saved with its history and goes on to the same bits", () => {
    for (const options of [{}, { historySize: 2, learningRate: stepDecay({ initial: 1, factor: 0.5, every: 1 }) }]) {
      const whole = make(options);
      for (let step = 0; step < 6; step++) {
        const resumed = Network.load(whole.save({ includeOptimizer: true }));
        whole.trainBatch(x, y);
        resumed.trainBatch(x, y);
        expect(resumed.save({ includeOptimizer: true })).toEqual(whole.save({ includeOptimizer: true }));
        resumed.dispose();
      }
    }
  });

  test("gives the same bits as ever", () => {
    const network = make();
    for (let step = 0; step < 5; step++) network.trainBatch(x, y);
    expect(digest(network)).toBe("31d5ce0c047f44edf725ff0ed3072fdb171abf233b868d42aaa2cf46d87ef1fc");
  });

  test("never leaves weights that are not finite, however large the targets", () => {
    for (const lineSearch of ["strongWolfe", "none"] as const) {
      for (const size of [1e5, 1e10, 1e15, 1e18, 1e30, 3e38]) {
        for (const learningRate of [1, 1e10, 3e38]) {
          const network = make({ lineSearch, learningRate });
          try {
            for (let step = 0; step < 20; step++) network.trainBatch(x, y.map((value) => value * size));
          } catch (error) {
            expect(error).toBeInstanceOf(NonFiniteError);
          }
          for (const layer of network.layers) for (const values of Object.values(layer.getWeights())) expect(values!.every(Number.isFinite)).toBe(true);
          expect(network.predict(x).every(Number.isFinite)).toBe(true);
          network.dispose();
        }
      }
    }
  });

  test("the state's names", () => expect(lbfgsSlots(2)).toEqual(["step0", "step1", "change0", "change1", "step", "gradient"]));
});

test("metrics and running means are about the weights before and after the step, not those it tried", async () => {
  const network = new Network({ inputs: 2, layers: [dense(3, "tanh"), batchNormalization({ momentum: 1 }), dense(1)], seed: 2 });
  network.compile({ optimizer: lbfgs(), loss: "mse", metrics: ["mse"] });
  const x = [[0, 1], [1, 0], [1, 1], [0.5, 0]];
  const { loss, meanSquaredError } = await network.fit(x, [1, 0, 1, 0.25], { epochs: 3, batchSize: 4 });
  loss.forEach((value, epoch) => expect(meanSquaredError![epoch]).toBeCloseTo(value, 6));
  // With momentum 1 the running mean is that of the last batch, with the weights as they are.
  const a = network.trace(x).a[1];
  const { mean } = network.layers[1].getWeights();
  for (let c = 0; c < 3; c++) expect(mean![c]).toBeCloseTo((a[c] + a[3 + c] + a[6 + c] + a[9 + c]) / 4, 5);
});

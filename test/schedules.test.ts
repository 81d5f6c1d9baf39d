// Learning-rate schedules against their definitions in float64, and what is done with them: saved, scaled, refused.

import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { adam, ArgumentError, cosineDecay, dense, exponentialDecay, NameError, Network, oneCycle, reduceOnPlateau, sgd, stepDecay, type LearningRate, type ReduceOnPlateauOptions } from "../src/index.js";
import { exp, halfCosine, log } from "../src/elementary.js";
import { Schedule, scheduleTable, type ScheduleId } from "../src/schedules.js";
import { headerOf } from "./bad-input/world.js";
import { digest, random } from "./numbers.js";
import { sampler } from "./reference/random.js";
import { schedules } from "./reference/schedules.js";

const relative = (value: number, exact: number): number => (exact === 0 ? Math.abs(value) : Math.abs(value - exact) / Math.abs(exact));

describe("elementary functions", () => {
  const from = (low: number, high: number) => Array.from({ length: 20_001 }, (_, i) => low + ((high - low) * i) / 20_000);

  test("exp", () => {
    for (const x of [...from(-700, 700), ...from(-2, 2), ...from(-1e-8, 1e-8)]) expect(relative(exp(x), Math.exp(x)), `${x}`).toBeLessThanOrEqual(2e-15);
    expect([exp(0), exp(-0), exp(-800), exp(-1e308), exp(-Infinity), exp(1e9), exp(-740)]).toEqual([1, 1, 0, 0, 0, Infinity, 4.199557e-322]);
  });

  test("log", () => {
    for (const x of [...from(1e-3, 4), ...from(0.999, 1.001), ...from(-700, 700).map(Math.exp)]) expect(relative(log(x), Math.log(x)), `${x}`).toBeLessThanOrEqual(2e-15);
    expect(log(1)).toBe(0);
  });

  test("halfCosine", () => {
    for (const x of [...from(0, 1), ...from(0, 1e-6)]) expect(relative(halfCosine(x), Math.sin((Math.PI / 2) * x) ** 2), `${x}`).toBeLessThanOrEqual(2e-15);
    expect([halfCosine(0), halfCosine(1)]).toEqual([0, 1]);
  });
});

const sets = (Object.keys(scheduleTable) as ScheduleId[]).flatMap((id) => schedules[id].sets.map((options) => ({ id, options })));

test.each(sets)("$id $options: 1e-12 of its definition", ({ id, options }) => {
  const schedule = new Schedule(id, options);
  for (let step = 0; step < 20_000; step += step < 1100 ? 1 : 97) {
    const exact = schedules[id].rateAt(options as never, step);
    if (exact > 1e-300) expect(relative(schedule.rateAt(step), exact), `step ${step}`).toBeLessThanOrEqual(1e-12);
    else expect(schedule.rateAt(step)).toBeLessThanOrEqual(2e-300);
  }
});

test("long schedules are as exact", () => {
  const cases = [
    ["cosineDecay", { initial: 0.1, steps: 1_000_000 }, [0, 1, 500_000, 999_000, 999_998, 999_999, 1_000_000]],
    ["cosineDecay", { initial: 0.1, steps: 1_000_000, final: 1e-9, warmup: 1000 }, [0, 999, 1000, 1001, 999_999]],
    ["oneCycle", { maximum: 1, steps: 1_000_000, divisor: 1e10, finalDivisor: 1e10 }, [0, 1, 2, 299_998, 299_999, 300_000, 999_997, 999_998, 999_999]],
    ["exponentialDecay", { initial: 1, rate: 1 - 1e-6 }, [1, 1000, 1_000_000, 100_000_000]],
  ] as const;
  for (const [id, options, steps] of cases) {
    const schedule = new Schedule(id, options);
    for (const step of steps) expect(relative(schedule.rateAt(step), schedules[id].rateAt(options as never, step)), `${id} ${step}`).toBeLessThanOrEqual(1e-12);
  }
});

test("what stands in the definitions", () => {
  const rates = (schedule: Schedule, steps: number[]) => steps.map((step) => Number(schedule.rateAt(step).toPrecision(10)));
  expect(rates(stepDecay({ initial: 0.5, factor: 0.5, every: 2 }), [0, 1, 2, 3, 4])).toEqual([0.5, 0.5, 0.25, 0.25, 0.125]);
  expect(rates(exponentialDecay({ initial: 1, rate: 0.25, every: 2 }), [0, 1, 2, 4])).toEqual([1, 0.5, 0.25, 0.0625]);
  expect(rates(cosineDecay({ initial: 1, steps: 8, final: 0.5, warmup: 4 }), [0, 3, 4, 6, 8, 9, 1e9])).toEqual([0.2, 0.8, 1, 0.75, 0.5, 0.5, 0.5]);
  // PyTorch 1.13: OneCycleLR(max_lr=1, total_steps=10).
  expect(rates(oneCycle({ maximum: 1, steps: 10 }), [0, 1, 2, 3, 5, 9, 100])).toEqual([0.04, 0.52, 1, 0.950484632, 0.6112620219, 0.000004, 0.000004]);
});

test("the same bits as ever, on every engine", () => {
  const hash = createHash("sha256");
  for (const { id, options } of sets) hash.update(Float64Array.from({ length: 200 }, (_, step) => new Schedule(id, options).rateAt(step)));
  expect(hash.digest("hex")).toBe("6275bd07ff0b6133de7e16d4917e8874e88376c0bbc6f1aa9c8f2a24abac94ad");
});

describe("in training", () => {
  const x = random(12 * 3, 1);
  const y = random(12, 2);
  const make = (learningRate: LearningRate) => {
    const network = new Network({ inputs: 3, layers: [dense(4, "tanh"), dense(1)], seed: 2 });
    network.compile({ optimizer: adam({ learningRate }), loss: "mse" });
    return network;
  };

  test.each(sets)("$id $options is its function, and is saved", ({ id, options }) => {
    const schedule = new Schedule(id, options);
    const [named, plain, defined] = [make(schedule), make((step) => schedule.rateAt(step)), make((step) => schedules[id].rateAt(options as never, step))];
    for (let step = 0; step < 5; step++) expect(named.trainBatch(x, y)).toBe(plain.trainBatch(x, y));
    const loaded = Network.load(named.save({ includeOptimizer: true }));
    for (let step = 0; step < 5; step++) expect(loaded.trainBatch(x, y)).toBe(plain.trainBatch(x, y));
    expect(digest(loaded)).toBe(digest(plain));
    // At the rates of the definition, which differ by 1e-12 at most, the same weights.
    for (let step = 0; step < 10; step++) defined.trainBatch(x, y);
    for (const [l, layer] of defined.layers.entries()) {
      for (const [name, want] of Object.entries(layer.getWeights())) {
        const most = want!.reduce((largest, w) => Math.max(largest, Math.abs(w)), 0);
        want!.forEach((w, at) => expect(Math.abs(loaded.layers[l].getWeights()[name]![at] - w) / most, `${l + 1}.${name}`).toBeLessThanOrEqual(2e-6));
      }
    }
    expect(JSON.parse(JSON.stringify(schedule))).toMatchObject({ name: id, ...options });
  });

  test("a schedule may be written as { name, …options }", () => {
    const [one, other] = [make(stepDecay({ initial: 0.1, every: 1 })), make({ name: "step_decay", initial: 0.1, every: 1 } as never)];
    for (let step = 0; step < 3; step++) expect(one.trainBatch(x, y)).toBe(other.trainBatch(x, y));
    expect(() => make({ name: "stepDekay" } as never)).toThrow(NameError);
    expect(() => make({ name: "stepDecay", initial: 1, every: 0 } as never)).toThrow(new ArgumentError("stepDecay: every must be a whole number from 1 to 2147483647, got 0"));
  });
});

/** Learning rates after each epoch, as PyTorch's ReduceLROnPlateau lowers them. */
function plateau(rate: number, { factor, patience, threshold, minimum, cooldown }: Required<ReduceOnPlateauOptions>, mode: "min" | "max", values: number[]): number[] {
  let best = mode === "min" ? Infinity : -Infinity;
  let bad = 0;
  let resting = 0;
  return values.map((value) => {
    if (mode === "min" ? value < best * (1 - threshold) : value > best * (1 + threshold)) [best, bad] = [value, 0];
    else bad++;
    if (resting > 0) [resting, bad] = [resting - 1, 0];
    if (bad > patience) {
      const lower = Math.max(rate * factor, minimum);
      if (rate - lower > 1e-8) rate = lower;
      [resting, bad] = [cooldown, 0];
    }
    return rate;
  });
}

describe("reduceOnPlateau", () => {
  const scaleOf = (network: Network): number => JSON.parse(headerOf(network.save({ includeOptimizer: true })).header.__metadata__.training).rateScale;
  const make = (learningRate: LearningRate) => {
    const network = new Network({ inputs: 1, layers: [dense(1)], seed: 1 });
    network.compile({ optimizer: sgd({ learningRate }), loss: "mse" });
    return network;
  };

  test("lowers the rate as PyTorch does", () => {
    const uniform = sampler(1);
    for (let run = 0; run < 200; run++) {
      const options = {
        monitor: run % 2 ? ("valAccuracy" as const) : ("loss" as const), factor: uniform(0.1, 0.9), patience: run % 4, threshold: [0, 1e-4, 0.1][run % 3], minimum: [0, 0.01][run % 2], cooldown: run % 5,
      };
      const values = Array.from({ length: 40 }, (_, i) => uniform(0, 1) + (run % 2 ? i : -i) / 30);
      const expected = plateau(0.1, options, run % 2 ? "max" : "min", values);
      const callback = reduceOnPlateau(options);
      const network = make(0.1);
      void callback.onTrainBegin!(network, { epochs: 1, steps: 1, epoch: 0, batch: 0, numbers: [options.monitor] });
      values.forEach((value, epoch) => {
        network.trainBatch([1], [1]);
        void callback.onEpochEnd!(epoch, { loss: value, valAccuracy: value });
        expect(relative(0.1 * scaleOf(network), expected[epoch]), `run ${run}, epoch ${epoch}`).toBeLessThanOrEqual(1e-13);
      });
      network.dispose();
    }
  });

  test("a schedule goes on below it, and so does what is loaded", async () => {
    const schedule = stepDecay({ initial: 0.5, factor: 0.5, every: 3 });
    const network = make(schedule);
    // With a threshold of a half, no fall of the loss counts.
    await network.fit([1], [2], { epochs: 4, callbacks: [reduceOnPlateau({ monitor: "loss", factor: 0.25, patience: 0, threshold: 0.99999 })] });
    expect(scaleOf(network)).toBe(0.25 ** 3);
    const loaded = Network.load(network.save({ includeOptimizer: true }));
    const { weights, bias } = network.layers[0].getWeights();
    const twin = make((step) => 0.25 ** 3 * schedule.rateAt(step + 4));
    twin.layers[0].setWeights({ weights, bias });
    for (const each of [network, loaded, twin]) each.trainBatch([1], [2]);
    expect([digest(network), digest(loaded)]).toEqual([digest(twin), digest(twin)]);
  });

  test("names what it cannot watch", async () => {
    await expect(make(0.1).fit([1], [2], { callbacks: [reduceOnPlateau()] })).rejects.toThrow("reduceOnPlateau: monitor must be among loss, the numbers of this fit, got valLoss");
  });
});

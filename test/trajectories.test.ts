// 20 training steps of a whole network with each optimizer at each learning-rate schedule, against the float64 twin: max(4 × what float32 reaches, 2e-6) of the largest weight.

import { describe, expect, test } from "vitest";
import { createBackend, type LearningRate } from "../src/index.js";
import { checkOptimizer } from "../src/check-optimizer.js";
import { Schedule, type ScheduleId } from "../src/schedules.js";
import { relative, training } from "./errors.js";
import { lossOf, makeCase, rounded, valuesOf, type Case } from "./nets.js";
import type { Spec } from "./reference/layers.js";
import { optimizers, optionSets, type ReferenceOptimizer } from "./reference/optimizers.js";
import { sampler } from "./reference/random.js";
import { schedules } from "./reference/schedules.js";

const STEPS = 20;
const backend = createBackend();
const ids = Object.keys(optionSets) as (keyof typeof optimizers)[];

/** The rates of a schedule that starts from, or rises to, that of an optimizer, and what the network is given for it. */
interface Rates {
  label: string;
  given(rate: number): LearningRate;
  rateAt(rate: number, step: number): number;
}

const constant: Rates = { label: "constant", given: (rate) => rate, rateAt: (rate) => rate };
const scheduled: Rates[] = (Object.keys(schedules) as ScheduleId[]).flatMap((id) =>
  schedules[id].sets.map((set) => {
    const options = (rate: number): Record<string, number> => ({ ...set, [id === "oneCycle" ? "maximum" : "initial"]: rate, ...(set.final && { final: rate / 100 }) });
    return { label: `${id} ${JSON.stringify(set)}`, given: (rate: number) => new Schedule(id, options(rate)), rateAt: (rate: number, step: number) => schedules[id].rateAt(options(rate) as never, step) };
  }),
);

const specs: Spec[] = [{ type: "dense", units: 6, activation: "tanh" }, { type: "dense", units: 2, activation: "linear" }];

/** One step of a twin; the weights of one that rounds are rounded. */
function step({ nodes, round }: Case["twin"], steppers: Map<string, ReferenceOptimizer>, make: () => ReferenceOptimizer, rate: number): void {
  for (const [i, node] of nodes.entries()) {
    for (const [name, g] of Object.entries(node.gradients)) {
      const key = `${i + 1}.${name}`;
      if (!steppers.has(key)) steppers.set(key, make());
      steppers.get(key)!.step(node.values[name], g, rate);
      node.values[name].forEach((w, at) => (node.values[name][at] = round(w)));
    }
  }
}

/** The worst error after 20 steps, and what is allowed. */
function follow(id: keyof typeof optimizers, options: { learningRate: number }, rates: Rates): { error: number; allowed: number; name: string }[] {
  const made = makeCase(sampler(5), specs, 3, 8, "meanSquaredError", backend);
  const { network, twin, x, y, rows, loss } = made;
  network.compile({ optimizer: checkOptimizer("test", id, { ...options, learningRate: rates.given(options.learningRate) }), loss: lossOf(loss) });
  const rough = rounded(made, Math.fround);
  const make = () => optimizers[id](options as never);
  const [exactly, roughly] = [new Map(), new Map()];
  for (let t = 0; t < STEPS; t++) {
    const rate = rates.rateAt(options.learningRate, t);
    const want = twin.backward([...x], rows, loss, training).loss;
    rough.backward([...x], rows, loss, training);
    expect(Math.abs(network.trainBatch(x, y as Float32Array) - want) / want, `loss of step ${t}`).toBeLessThanOrEqual(2e-5);
    step(twin, exactly, make, rate);
    step(rough, roughly, make, rate);
  }
  const roughValues = valuesOf(rough);
  const results = Object.entries(valuesOf(twin)).map(([name, want]) => {
    const [layer, key] = name.split(".");
    return { name, error: relative(network.layers[Number(layer) - 1].getWeights()[key]!, want), allowed: Math.max(2e-6, 4 * relative(roughValues[name], want)) };
  });
  network.dispose();
  return results;
}

describe.each(ids)("%s", (id) => {
  test.each(optionSets[id].map((options) => [JSON.stringify(options), options]))("%s follows the twin, constant and at every schedule", (_, options) => {
    for (const rates of [constant, ...scheduled]) {
      for (const { name, error, allowed } of follow(id, options as { learningRate: number }, rates)) expect(error, `${rates.label}, ${name}`).toBeLessThanOrEqual(allowed);
    }
  });
});

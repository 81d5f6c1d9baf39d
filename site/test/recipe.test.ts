// Recipes are what lanewise takes, for every choice on the page; and the printed code leads to the same bits.

import { activations } from "lanewise";
import * as lanewise from "lanewise";
import { describe, expect, it } from "vitest";
import { dataTable, generate, type DataId } from "../src/pages/playground/data";
import { Engine } from "../src/pages/playground/engine";
import { activationTable, initTable, lossTable, normTable, optimizerTable, penaltyTable, scheduleTable } from "../src/pages/playground/options";
import { recipeOf } from "../src/pages/playground/recipe";
import { snippet } from "../src/pages/playground/snippet";
import { initialState, withFittingLoss, type State } from "../src/pages/playground/state";

const everything = { size: 40, unitSize: 12, diagnosis: true, unit: undefined } as const;

function engineOf(patch: Partial<State>) {
  const wanted = { ...initialState, count: 60, ...patch };
  const state = withFittingLoss(wanted, dataTable[wanted.data as DataId].classes);
  const data = generate(state.data as DataId, state.count, state.noise, state.share, state.seed);
  const recipe = recipeOf(state, data);
  return { state, data, recipe, engine: new Engine(recipe, data, state.features) };
}

it("offers the activations that lanewise has", () => {
  const own = Object.keys(activations).filter((name) => name !== "softmax" && name !== "logSoftmax");
  expect(Object.keys(activationTable).sort()).toEqual([...own, "prelu"].sort());
});

const keysOf = <T extends object>(table: T) => Object.keys(table) as (keyof T)[];
const changes: Partial<State>[] = [
  ...keysOf(dataTable).map((data) => ({ data })),
  ...keysOf(activationTable).map((activation) => ({ layers: [{ units: 5, activation }, { units: 4, activation }] })),
  ...keysOf(normTable).flatMap((norm) => [false, true].map((skip) => ({ norm, skip, dropout: 0.2, layers: Array(3).fill({ units: 6, activation: "tanh" as const }) }))),
  ...keysOf(initTable).map((init) => ({ init })),
  ...keysOf(optimizerTable).map((optimizer) => ({ optimizer, rate: optimizerTable[optimizer].rate })),
  ...keysOf(scheduleTable).map((schedule) => ({ schedule, span: 20 })),
  ...keysOf(lossTable).flatMap((loss) => (["xor", "pinwheel", "hills"] as const).map((data) => ({ data, loss }))),
  ...keysOf(penaltyTable).map((penalty) => ({ penalty })),
  { layers: [] },
];

it.each(changes.map((change) => [JSON.stringify(change), change] as const))("trains with %s", async (_text, change) => {
  const { engine, state, data } = engineOf(change);
  await engine.train(0);
  expect(engine.epoch).toBe(1);
  const frame = engine.frame(1, everything);
  expect(frame.values).toHaveLength(frame.size ** 2);
  expect(frame.values.every((value) => Number.isFinite(value))).toBe(true);
  expect(Number.isFinite(frame.train.loss) && Number.isFinite(frame.test.loss)).toBe(true);
  expect(frame.units.map(({ length }) => length)).toEqual(state.layers.map(({ units }) => units * frame.unitSize ** 2));
  if (!state.skip) {
    const widths = [state.features.length, ...state.layers.map(({ units }) => units), data.classes !== undefined && data.classes > 2 ? data.classes : 1];
    expect(frame.weights.map(({ length }) => length)).toEqual(widths.slice(1).map((units, l) => units * widths[l]));
  }
  expect(frame.report!.layers).toHaveLength(state.layers.length + 1);
  for (const { gradientNorm, outputGradientNorm, weightNorm } of frame.report!.layers) expect([gradientNorm, outputGradientNorm, weightNorm].every(Number.isFinite)).toBe(true);
  engine.dispose();
});

describe("the printed code", () => {
  it.each([
    {},
    { data: "pinwheel" as const, layers: Array(5).fill({ units: 6, activation: "relu" as const }), skip: true, norm: "layer" as const, dropout: 0.1 },
    { data: "hills" as const, features: ["x1", "x1x2", "sin2"] as const, schedule: "cosineDecay" as const, span: 50, optimizer: "nesterov" as const },
    { loss: "hinge" as const, penalty: "l2" as const, norm: "batch" as const, seed: 77 },
    { loss: "meanSquaredError" as const, optimizer: "lbfgs" as const, rate: 1 },
  ])("trains the network of the page to the same bits: %o", async (change) => {
    const { engine, state, data, recipe } = engineOf(change);
    for (let i = 0; i < 3; i++) await engine.train(0);
    const code = snippet(recipe, data, state.features, engine.epoch, true).replace(/^import (.*) from "lanewise";/, "const $1 = lanewise;").replace(/console\.log\((.*)\);/, "return [network, $1];");
    const [network, score] = (await new Function("lanewise", `return (async () => {${code}})()`)(lanewise)) as [lanewise.Network, { loss: number }];
    expect(network.save()).toEqual(engine.network.save());
    expect(score.loss).toBe(engine.frame(1, everything).test.loss);
  });

  it("is short where it is shown", () => {
    const { data, recipe, state } = engineOf({ layers: Array(64).fill({ units: 16, activation: "tanh" }) });
    const code = snippet(recipe, data, state.features, 12, false);
    expect(code.split("\n").length).toBeLessThan(26);
    expect(code).toContain('...Array.from({ length: 64 }, () => dense(16, "tanh")),');
    expect(code).toContain("epochs: 12");
  });
});

describe("the engine", () => {
  it("goes on with a broken epoch as if it had not been interrupted", async () => {
    const [broken, whole] = [engineOf({ batch: 1, count: 4000 }).engine, engineOf({ batch: 1, count: 4000 }).engine];
    const run = broken.train(0);
    setTimeout(() => void broken.interrupt(), 5);
    await run;
    expect(broken.epoch).toBe(0);
    await broken.train(0);
    await whole.train(0);
    expect([broken.epoch, whole.epoch]).toEqual([1, 1]);
    expect(broken.network.save()).toEqual(whole.network.save());
  });

  it("ends the epoch it stood in, and no more, after a slice of many was interrupted", async () => {
    const [broken, whole] = [engineOf({ batch: 1, count: 400 }).engine, engineOf({ batch: 1, count: 400 }).engine];
    await broken.train(0);
    const run = broken.train(500);
    setTimeout(() => void broken.interrupt(), 30);
    await run;
    const before = broken.epoch;
    await broken.train(0);
    expect(broken.epoch).toBe(before + 1);
    while (whole.epoch < broken.epoch) await whole.train(0);
    expect(broken.network.save()).toEqual(whole.network.save());
  });

  it("takes another optimizer with the weights as they are", async () => {
    const { engine, state, data } = engineOf({});
    await engine.train(0);
    const before = engine.network.save();
    await engine.tune(recipeOf({ ...state, optimizer: "sgd", rate: 0.1, batch: 4 }, data));
    expect(engine.network.save()).toEqual(before);
    await engine.train(0);
    expect(engine.epoch).toBe(2);
  });
});

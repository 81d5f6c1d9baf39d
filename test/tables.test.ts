// Each list has one owner table. A row without its kernels, or a kernel without its row, fails here by name.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { activationTable, checkActivation } from "../src/activations.js";
import { NameError } from "../src/errors.js";
import { checkInitializer, initializerTable } from "../src/initializers.js";
import { checkLoss, lossTable, type LossName, type LossRow } from "../src/losses.js";
import { metricTable } from "../src/metrics.js";
import { checkOptimizer } from "../src/check-optimizer.js";
import optimizerTable from "../src/optimizers.js";
import { scheduleTable } from "../src/schedules.js";
import { activations as referenceActivations, layerKernels } from "./reference/activations.js";
import { losses as referenceLosses } from "./reference/losses.js";
import { lbfgs } from "./reference/lbfgs.js";
import { optimizers } from "./reference/optimizers.js";
import { schedules as referenceSchedules } from "./reference/schedules.js";

const referenceOptimizers = { ...optimizers, lbfgs };
import { allowRelaxed, builds } from "./instance.js";

allowRelaxed();

function exportsOf(build: string): string[] {
  const bytes = readFileSync(new URL(`../build/wasm/${build}.wasm`, import.meta.url));
  return WebAssembly.Module.exports(new WebAssembly.Module(bytes)).map(({ name }) => name);
}

const activations = Object.entries(activationTable);

describe.each(builds)("%s build", (build) => {
  const names = exportsOf(build);

  test.each(activations)("activation %s has its kernels", (id, { across }) => {
    expect(names).toContain(`${id}Forward`);
    expect(names).toContain(`${id}Backward`);
    if (!across) expect(names).toContain(`${id}Derivative`);
  });

  test.each(Object.entries(lossTable) as [string, LossRow][])("loss %s has its kernels", (id, { heads, accuracy }) => {
    expect(names).toContain(heads === undefined ? `${id}Loss` : `${id}FromLogitsLoss`);
    expect(names).toContain(`${accuracy}AccuracyMetric`);
  });

  test.each(Object.keys(optimizerTable))("optimizer %s has its kernel", (id) => {
    const optimizer = checkOptimizer("test", id);
    if (!optimizer.isFullBatch) expect(names).toContain(optimizer.update(0.1, 1, optimizer.powers).kernel);
  });

  test("every kernel of a family has a row", () => {
    for (const name of names) {
      const [, id, family] = /^(.*?)(Forward|Backward|Derivative|FromLogitsLoss|Loss)$/.exec(name) ?? [];
      if (family === undefined || layerKernels.includes(id)) continue;
      expect(family.endsWith("Loss") ? lossTable : activationTable, name).toHaveProperty(id);
    }
  });
});

test("the inference build has every forward kernel and nothing of training", () => {
  const names = exportsOf("infer");
  for (const [id] of activations) expect(names).toContain(`${id}Forward`);
  expect(names.filter((name) => /Backward|Derivative|Loss|Metric|Update|Gradient|random|shuffle/.test(name))).toEqual([]);
});

test("src/index.ts exports these names, whatever its lists hold", async () => {
  expect(Object.keys(await import("../src/index.js")).sort()).toEqual([
    "ArgumentError", "DisposedError", "FormatError", "LanewiseError", "Matrix", "NameError", "Network", "NonFiniteError", "OutOfMemoryError", "ShapeError", "StateError",
    "activation", "activations", "adadelta", "adagrad", "adam", "adamW", "batchNormalization", "checkpoint", "confusionMatrix", "cosineDecay", "createBackend", "custom",
    "dense", "dropout", "earlyStopping", "exponentialDecay", "gaussianNoise", "initialize", "layerNormalization", "lbfgs", "lion", "matmul", "nadam", "normalization",
    "oneCycle", "reduceOnPlateau", "residual", "rmsprop", "sgd", "stepDecay",
  ]);
});

test("names are found in any case, with underscores, hyphens or none, and as PyTorch spells them", () => {
  const activations = { ReLU: "relu", GELU: "gelu", SiLU: "silu", Tanh: "tanh", LeakyReLU: "leakyRelu", LEAKY_RELU: "leakyRelu", "leaky-relu": "leakyRelu", Hardswish: "hardSwish", log_softmax: "logSoftmax", PReLU: "prelu", Identity: "linear" };
  for (const [name, id] of Object.entries(activations)) expect(checkActivation("test", name, undefined).id, name).toBe(id);
  const losses = { MSELoss: "meanSquaredError", mse_loss: "meanSquaredError", MSE: "meanSquaredError", L1Loss: "meanAbsoluteError", l1_loss: "meanAbsoluteError", HuberLoss: "huber", BCELoss: "binaryCrossentropy", binary_cross_entropy: "binaryCrossentropy" };
  for (const [name, id] of Object.entries(losses)) expect(checkLoss("test", name as LossName, "sigmoid").id, name).toBe(id);
  for (const [name, id] of Object.entries({ Adam: "adam", AdamW: "adamW", adam_w: "adamW", RMSProp: "rmsprop", SGD: "sgd" })) expect(checkOptimizer("test", name).id, name).toBe(id);
  expect(checkInitializer("test", "weights", "xavier_uniform_" as never).id).toBe("glorotUniform");
});

test("no name stands for two rows, and what means something else in PyTorch is refused", () => {
  for (const table of [activationTable, lossTable, optimizerTable, initializerTable, metricTable] as Readonly<Record<string, { aliases: readonly string[] }>>[]) {
    const owners = new Map<string, string>();
    for (const [id, { aliases }] of Object.entries(table)) {
      for (const name of [id, ...aliases].map((name) => name.toLowerCase())) expect(owners.set(name, owners.get(name) ?? id).get(name), name).toBe(id);
    }
  }
  for (const name of ["CrossEntropyLoss", "cross_entropy"]) {
    expect(() => checkLoss("test", name as LossName, "softmax")).toThrow(/one of meanSquaredError, .*did you mean binaryCrossentropy or categoricalCrossentropy or sparseCategoricalCrossentropy\?/);
  }
  for (const name of ["BCEWithLogitsLoss", "SmoothL1Loss", "KLDivLoss", "NLLLoss", "", "_", "-"]) expect(() => checkLoss("test", name as LossName, "softmax"), name).toThrow(NameError);
});

test("every row has a float64 reference", () => {
  for (const [id] of activations) expect(referenceActivations).toHaveProperty(id);
  for (const id of Object.keys(lossTable)) expect(referenceLosses).toHaveProperty(id);
  for (const id of Object.keys(optimizerTable)) expect(referenceOptimizers).toHaveProperty(id);
  for (const id of Object.keys(scheduleTable)) expect(referenceSchedules).toHaveProperty(id);
});

test("losses of a distribution take softmax and logSoftmax alike for their head, and read the logits", () => {
  for (const id of ["categoricalCrossentropy", "sparseCategoricalCrossentropy", "klDivergence"] as const) {
    for (const last of ["softmax", "logSoftmax"]) expect(checkLoss("test", id, last)).toMatchObject({ id, onLogits: true });
  }
});

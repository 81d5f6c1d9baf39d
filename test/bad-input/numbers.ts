// Numbers that are none, are of the wrong kind, or lie outside their range; and shapes that do not fit.

import {
  activation, activations, adadelta, adagrad, adam, adamW, ArgumentError, cosineDecay, createBackend, dense, earlyStopping, exponentialDecay, lbfgs, matmul, Matrix, nadam, Network,
  NonFiniteError, oneCycle, OutOfMemoryError, reduceOnPlateau, rmsprop, sgd, ShapeError, stepDecay,
  batchNormalization, checkpoint, dropout, gaussianNoise, layerNormalization, residual,
} from "../../src/index.js";
import { encode } from "../../scripts/encode.mjs";
import type { Row } from "./catalogue.js";
import { detached, during, x, type World } from "./world.js";

type Take = (value: never, world: World) => unknown;
const y = [[0, 0], [0, 0]];

/** What is no number, and how messages show it. */
const notNumbers: readonly (readonly [unknown, string])[] = [
  ["10", '"10"'], ["", '""'], [null, "null"], [10n, "10n"], [[10], "an array of 1"], [{}, "an object"], [true, "true"], [() => 10, "a function"], [new Date(0), "a Date"],
  [Object(10), "a Number"],
];

/** Whole numbers: where, the least allowed, the class when outside, the call. Required ones refuse undefined too. */
const counts: Record<string, readonly [where: string, least: number, error: Row["error"], take: Take, required?: true]> = {
  "units": ["dense", 1, ShapeError, (units) => dense(units), true],
  "inputs": ["Network", 1, ShapeError, (inputs) => new Network({ inputs, layers: [dense(1)] }), true],
  "seed": ["Network", 0, ArgumentError, (seed) => new Network({ inputs: 1, layers: [dense(1)], seed })],
  "batch of a session": ["Network.session", 1, ShapeError, (batch, { raw }) => raw.session({ batch })],
  "rows": ["Matrix", 0, ShapeError, (rows) => new Matrix(rows, 1), true],
  "columns": ["Matrix", 0, ShapeError, (columns) => new Matrix(1, columns), true],
  "epochs": ["Network.fit", 1, ArgumentError, (epochs, { values }) => values.fit(x, y, { epochs })],
  "batchSize": ["Network.fit", 1, ArgumentError, (batchSize, { values }) => values.fit(x, y, { batchSize })],
  "k": ["Network.compile", 1, ArgumentError, (k, { classes }) => classes.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy", metrics: [{ name: "topKAccuracy", k }] })],
  "accumulateSteps": ["Network.fit", 1, ArgumentError, (accumulateSteps, { values }) => values.fit(x, y, { accumulateSteps })],
  "stepsPerEpoch": ["Network.fit", 1, ArgumentError, (stepsPerEpoch, { values }) => values.fit([{ x, y }], { stepsPerEpoch })],
  "every batches": ["checkpoint", 1, ArgumentError, (batches) => checkpoint({ every: { batches }, save() {} }), true],
  "patience": ["earlyStopping", 0, ArgumentError, (patience) => earlyStopping({ patience })],
  "patience of a plateau": ["reduceOnPlateau", 0, ArgumentError, (patience) => reduceOnPlateau({ patience })],
  "cooldown": ["reduceOnPlateau", 0, ArgumentError, (cooldown) => reduceOnPlateau({ cooldown })],
  "every of stepDecay": ["stepDecay", 1, ArgumentError, (every) => stepDecay({ initial: 1, every }), true],
  "every of exponentialDecay": ["exponentialDecay", 1, ArgumentError, (every) => exponentialDecay({ initial: 1, rate: 0.9, every })],
  "steps of cosineDecay": ["cosineDecay", 1, ArgumentError, (steps) => cosineDecay({ initial: 1, steps }), true],
  "steps of oneCycle": ["oneCycle", 1, ArgumentError, (steps) => oneCycle({ maximum: 1, steps }), true],
  "warmup": ["cosineDecay", 0, ArgumentError, (warmup) => cosineDecay({ initial: 1, steps: 10, warmup })],
  "maxIterations": ["lbfgs", 1, ArgumentError, (maxIterations) => lbfgs({ maxIterations })],
  "maxEvaluations": ["lbfgs", 0, ArgumentError, (maxEvaluations) => lbfgs({ maxEvaluations })],
  "historySize": ["lbfgs", 1, ArgumentError, (historySize) => lbfgs({ historySize })],
};

/** Numbers with a range: where, values outside it, the call. */
const unit = [-1, -1e-9, 1, 1.5];
const positive = [0, -0, -1];
const atLeast0 = [-1, -1e-30];
const ranges: Record<string, readonly [where: string, outside: readonly number[], take: Take]> = {
  "sgd.learningRate": ["sgd", positive, (learningRate) => sgd({ learningRate })],
  "sgd.momentum": ["sgd", unit, (momentum) => sgd({ momentum })],
  "sgd.dampening": ["sgd", [-0.1, 1.1], (dampening) => sgd({ dampening })],
  "sgd.weightDecay": ["sgd", atLeast0, (weightDecay) => sgd({ weightDecay })],
  "sgd.clipNorm": ["sgd", positive, (clipNorm) => sgd({ clipNorm })],
  "sgd.clipValue": ["sgd", positive, (clipValue) => sgd({ clipValue })],
  "adam.learningRate": ["adam", positive, (learningRate) => adam({ learningRate })],
  "adam.beta1": ["adam", unit, (beta1) => adam({ beta1 })],
  "adam.beta2": ["adam", unit, (beta2) => adam({ beta2 })],
  "adam.epsilon": ["adam", atLeast0, (epsilon) => adam({ epsilon })],
  "adamW.learningRate": ["adamW", positive, (learningRate) => adamW({ learningRate })],
  "adamW.weightDecay": ["adamW", atLeast0, (weightDecay) => adamW({ weightDecay })],
  "rmsprop.learningRate": ["rmsprop", positive, (learningRate) => rmsprop({ learningRate })],
  "rmsprop.rho": ["rmsprop", unit, (rho) => rmsprop({ rho })],
  "rmsprop.momentum": ["rmsprop", unit, (momentum) => rmsprop({ momentum })],
  "rmsprop.epsilon": ["rmsprop", atLeast0, (epsilon) => rmsprop({ epsilon })],
  "rmsprop.weightDecay": ["rmsprop", atLeast0, (weightDecay) => rmsprop({ weightDecay })],
  "adagrad.learningRateDecay": ["adagrad", atLeast0, (learningRateDecay) => adagrad({ learningRateDecay })],
  "adagrad.initialAccumulator": ["adagrad", [...atLeast0, 2e30], (initialAccumulator) => adagrad({ initialAccumulator })],
  "adagrad.epsilon": ["adagrad", atLeast0, (epsilon) => adagrad({ epsilon })],
  "adadelta.rho": ["adadelta", unit, (rho) => adadelta({ rho })],
  "adadelta.clipValue": ["adadelta", positive, (clipValue) => adadelta({ clipValue })],
  "nadam.beta1": ["nadam", unit, (beta1) => nadam({ beta1 })],
  "nadam.beta2": ["nadam", unit, (beta2) => nadam({ beta2 })],
  "nadam.momentumDecay": ["nadam", atLeast0, (momentumDecay) => nadam({ momentumDecay })],
  "lbfgs.learningRate": ["lbfgs", positive, (learningRate) => lbfgs({ learningRate })],
  "lbfgs.toleranceGradient": ["lbfgs", atLeast0, (toleranceGradient) => lbfgs({ toleranceGradient })],
  "lbfgs.toleranceChange": ["lbfgs", atLeast0, (toleranceChange) => lbfgs({ toleranceChange })],
  "initial of stepDecay": ["stepDecay", positive, (initial) => stepDecay({ initial, every: 1 })],
  "factor of stepDecay": ["stepDecay", [...positive, 1.01], (factor) => stepDecay({ initial: 1, factor, every: 1 })],
  "initial of exponentialDecay": ["exponentialDecay", positive, (initial) => exponentialDecay({ initial, rate: 0.5 })],
  "rate": ["exponentialDecay", [...positive, 1.01], (rate) => exponentialDecay({ initial: 1, rate })],
  "initial of cosineDecay": ["cosineDecay", positive, (initial) => cosineDecay({ initial, steps: 10 })],
  "final": ["cosineDecay", atLeast0, (final) => cosineDecay({ initial: 1, steps: 10, final })],
  "maximum": ["oneCycle", positive, (maximum) => oneCycle({ maximum, steps: 10 })],
  "warmupShare": ["oneCycle", [-0.1, 1], (warmupShare) => oneCycle({ maximum: 1, steps: 10, warmupShare })],
  "divisor": ["oneCycle", [0.9, 0, -1], (divisor) => oneCycle({ maximum: 1, steps: 10, divisor })],
  "finalDivisor": ["oneCycle", [0.9, 0, -1], (finalDivisor) => oneCycle({ maximum: 1, steps: 10, finalDivisor })],
  "factor of a plateau": ["reduceOnPlateau", [...positive, 1], (factor) => reduceOnPlateau({ factor })],
  "threshold": ["reduceOnPlateau", [-0.1, 1], (threshold) => reduceOnPlateau({ threshold })],
  "minimum": ["reduceOnPlateau", atLeast0, (minimum) => reduceOnPlateau({ minimum })],
  "gain of an initializer": ["dense", [...positive, 2e30], (gain) => dense(1, "relu", { weightsInitializer: { name: "orthogonal", gain } })],
  "adamW.clipNorm": ["adamW", positive, (clipNorm) => adamW({ clipNorm })],
  "negativeSlope of dense": ["dense", atLeast0, (negativeSlope) => dense(1, { name: "leakyRelu", negativeSlope })],
  "negativeSlope of activation": ["activation", atLeast0, (negativeSlope) => activation("leakyRelu", { negativeSlope })],
  "negativeSlope of activations": ["activations.leakyRelu", atLeast0, (negativeSlope) => activations.leakyRelu(new Float32Array(1), { negativeSlope })],
  "alpha of elu": ["dense", atLeast0, (alpha) => dense(1, { name: "elu", alpha })],
  "alpha of celu": ["activation", positive, (alpha) => activation("celu", { alpha })],
  "dense.l1": ["dense", atLeast0, (l1) => dense(1, "relu", { l1 })],
  "dense.l2": ["dense", atLeast0, (l2) => dense(1, "relu", { l2 })],
  "dense.maxNorm": ["dense", positive, (maxNorm) => dense(1, "relu", { maxNorm })],
  "dropout.rate": ["dropout", unit, (rate) => dropout(rate)],
  "gaussianNoise.standardDeviation": ["gaussianNoise", atLeast0, (standardDeviation) => gaussianNoise(standardDeviation)],
  "layerNormalization.epsilon": ["layerNormalization", positive, (epsilon) => layerNormalization({ epsilon })],
  "batchNormalization.epsilon": ["batchNormalization", positive, (epsilon) => batchNormalization({ epsilon })],
  "batchNormalization.momentum": ["batchNormalization", [...positive, 1.1], (momentum) => batchNormalization({ momentum })],
  "value of an initializer": ["dense", [], (value) => dense(1, "relu", { biasInitializer: { name: "constant", value } })],
  "validationSplit": ["Network.fit", [-0.1, 1, 2], (validationSplit, { values }) => values.fit(x, y, { validationSplit })],
  "labelSmoothing of the binary crossentropy": ["Network.compile", unit, (labelSmoothing, { chances }) => chances.compile({ optimizer: "sgd", loss: { name: "bce", labelSmoothing } })],
  "labelSmoothing of classes": ["Network.compile", unit,
    (labelSmoothing, { classes }) => classes.compile({ optimizer: "sgd", loss: { name: "sparseCategoricalCrossentropy", labelSmoothing } })],
  "delta": ["Network.compile", positive, (delta, { raw }) => raw.compile({ optimizer: "sgd", loss: { name: "huber", delta } })],
  "minDelta": ["earlyStopping", atLeast0, (minDelta) => earlyStopping({ minDelta })],
  "maximumBytes": ["createBackend", [0, -1, 65535, 2 ** 32 + 1], (maximumBytes) => createBackend({ maximumBytes })],
};

/** true or false, nothing else. */
const flags: Record<string, readonly [where: string, take: Take]> = {
  "useBias": ["dense", (useBias) => dense(1, "relu", { useBias })],
  "projection": ["residual", (projection) => residual([dense(1)], { projection })],
  "nesterov": ["sgd", (nesterov) => sgd({ momentum: 0.9, nesterov })],
  "centered": ["rmsprop", (centered) => rmsprop({ centered })],
  "amsgrad": ["adam", (amsgrad) => adam({ amsgrad })],
  "fromLogits": ["Network.compile", (fromLogits, { raw }) => raw.compile({ optimizer: "sgd", loss: { name: "bce", fromLogits } })],
  "shuffle": ["Network.fit", (shuffle, { values }) => values.fit(x, y, { shuffle })],
  "verbose": ["Network.fit", (verbose, { values }) => values.fit(x, y, { verbose })],
  "resume": ["Network.fit", (resume, { values }) => values.fit(x, y, { resume })],
  "saveBestOnly": ["checkpoint", (saveBestOnly) => checkpoint({ saveBestOnly, save() {} })],
  "includeOptimizer": ["Network.save", (includeOptimizer, { values }) => values.save({ includeOptimizer })],
  "restoreBestWeights": ["earlyStopping", (restoreBestWeights) => earlyStopping({ restoreBestWeights })],
  "transposeA": ["matmul", (transposeA, { matrix }) => matmul(matrix, matrix, { transposeA })],
  "transposeB": ["matmul", (transposeB, { matrix }) => matmul(matrix, matrix, { transposeB })],
};

function* rows(): Generator<Row> {
  for (const [name, [where, least, error, take, required]] of Object.entries(counts)) {
    const what = name.split(" ")[0];
    // 2⁵³ is past every limit, also that of seeds.
    for (const value of [...(least === 1 ? [0, -0] : []), -1, -3.5, 1.5, 1e-9, NaN, Infinity, -Infinity, 2 ** 53]) {
      yield { id: `${name} ${Object.is(value, -0) ? "-0" : value}`, error, where, says: [`${what} must be a whole number from ${least} to`, `got ${value}`],
        call: (world) => take(value as never, world) };
    }
    for (const [value, shown] of required ? [[undefined, "undefined"] as const, ...notNumbers] : notNumbers) {
      yield { id: `${name}: ${shown}`, error: ArgumentError, where, says: [`${what} must be a whole number`, `got ${shown}`], call: (world) => take(value as never, world) };
    }
  }
  for (const [name, [where, outside, take]] of Object.entries(ranges)) {
    const what = name.split(" ")[0].split(".").at(-1)!;
    for (const value of [...outside, NaN, Infinity, -Infinity, 1e39]) {
      yield { id: `${name} ${Object.is(value, -0) ? "-0" : value}`, error: ArgumentError, where, says: [`${what} must be a finite number`, `got ${value}`],
        call: (world) => take(value as never, world) };
    }
    // A function may be a schedule.
    for (const [value, shown] of notNumbers.filter(([value]) => what !== "learningRate" || typeof value !== "function")) {
      yield { id: `${name}: ${shown}`, error: ArgumentError, where, says: [`${what} must be a finite number`, `got ${shown}`], call: (world) => take(value as never, world) };
    }
  }
  for (const [what, [where, take]] of Object.entries(flags)) {
    for (const value of [0, 1, "true", null]) {
      yield { id: `${what}: ${JSON.stringify(value)}`, error: ArgumentError, where, says: [`${what} must be true or false`, `got ${JSON.stringify(value)}`],
        call: (world) => take(value as never, world) };
    }
  }
}

const row = (id: string, error: Row["error"], where: string, says: readonly string[], call: Row["call"]): Row => ({ id, error, where, says, call });
const layer = ({ raw }: World) => raw.layers[0];
const set = "LayerHandle.setWeights";

export const numbers: readonly Row[] = [
  ...rows(),
  row("units of 2³¹ − 1", ShapeError, "Network: layers[0]", ["at most 536870912 values", "got 1 × 2147483647"], () => new Network({ inputs: 1, layers: [dense(2 ** 31 - 1)] })),
  row("65,536 × 65,536 weights", ShapeError, "Network: layers[0]", ["got 65536 × 65536"], () => new Network({ inputs: 65536, layers: [dense(65536)] })),
  row("layers too large together", ShapeError, "Network", ["at most 1073741823 values together"],
    ({ small }) => new Network({ inputs: 2 ** 14, layers: [dense(2 ** 15), dense(2 ** 14), dense(2 ** 15)] }, { backend: small })),
  row("layers too many", ShapeError, "Network", ["at most 10000", "got 10001"], () => new Network({ inputs: 1, layers: new Array(10_001).fill(activation("relu")) })),
  row("no layers", ArgumentError, "Network", ["at least one layer", "got an empty one"], () => new Network({ inputs: 1, layers: [] })),
  row("layers undefined", ArgumentError, "Network", ["got undefined"], () => new Network({ inputs: 1 } as never)),
  row("layers as one layer", ArgumentError, "Network", ["layers must be an array", "got an object"], () => new Network({ inputs: 1, layers: dense(1) as never })),
  row("a layer by name", ArgumentError, "Network", ["layers[1] must come from dense() or another layer function", 'got "relu"'],
    () => new Network({ inputs: 1, layers: [dense(1), "relu" as never] })),
  row("a hole in layers", ArgumentError, "Network", ["layers[0]", "got undefined"], () => new Network({ inputs: 1, layers: [, dense(1)] as never })),
  row("no config", ArgumentError, "Network", ["config must be an object", "got undefined"], () => new (Network as any)()),
  row("layers as config", ArgumentError, "Network", ["must be an object", "got an array of 1"], () => new Network([dense(1)] as never)),
  row("dense(…, null)", ArgumentError, "dense", ["activation must be a name", "got null"], () => dense(1, null as never)),
  row("dense(…, [])", ArgumentError, "dense", ["activation must be a name", "got an array of 0"], () => dense(1, [] as never)),
  row("a value for an initializer that takes none", ArgumentError, "dense", ["constant initializer only", "got it with zeros"],
    () => dense(1, "relu", { biasInitializer: { name: "zeros", value: 1 } })),
  row("a value for an initializer that takes a gain", ArgumentError, "dense", ["constant initializer only", "got it with heNormal"],
    () => dense(1, "relu", { weightsInitializer: { name: "heNormal", value: 1 } })),
  row("a gain for an initializer that takes none", ArgumentError, "dense", ["gain must be given with a random initializer only", "got it with constant"],
    () => dense(1, "relu", { biasInitializer: { name: "constant", gain: 1 } })),
  row("warmup of all steps", ArgumentError, "cosineDecay", ["warmup must be below steps", "got 10"], () => cosineDecay({ initial: 1, steps: 10, warmup: 10 })),
  row("a schedule without its options", ArgumentError, "cosineDecay", ["initial must be a finite number above 0", "got undefined"], () => (cosineDecay as any)()),
  row("a schedule among others for its rate", ArgumentError, "stepDecay", ["initial must be", "got a Schedule"],
    () => stepDecay({ initial: oneCycle({ maximum: 1, steps: 2 }) as never, every: 1 })),
  row("nesterov without momentum", ArgumentError, "sgd", ["nesterov must come with momentum above 0", "got momentum 0"], () => sgd({ nesterov: true })),
  row("nesterov with dampening", ArgumentError, "sgd", ["dampening 0", "dampening 0.5"], () => sgd({ nesterov: true, momentum: 0.9, dampening: 0.5 })),
  row("a backend that is none", ArgumentError, "Network", ["createBackend()", "got an object"], () => new Network({ inputs: 1, layers: [dense(1)] }, { backend: {} as never })),
  row("backend null", ArgumentError, "Network", ["backend", "got null"], () => new Network({ inputs: 1, layers: [dense(1)] }, { backend: null as never })),
  row("a module that is none", ArgumentError, "createBackend", ["module must be a build", "got an object"], () => createBackend({ module: {} as never })),
  row("module null", ArgumentError, "createBackend", ["module", "got null"], () => createBackend({ module: null as never })),
  row("a module that is not wasm", ArgumentError, "createBackend", ["module", "not wasm"],
    () => createBackend({ module: { variant: "strict", text: encode(new TextEncoder().encode("<!doctype html>")) } })),
  row("a module the engine rejects", ArgumentError, "createBackend", ["SIMD"],
    () => createBackend({ module: { variant: "strict", text: encode(new TextEncoder().encode("\0asm\x02\0\0\0")) } })),
  row("a module of others", ArgumentError, "createBackend", ["module", "another module"],
    () => createBackend({ module: { variant: "strict", text: encode(new TextEncoder().encode("\0asm\x01\0\0\0")) } })),

  row("setWeights(null)", ArgumentError, set, ["values must be an object with weights or bias", "got null"], (world) => layer(world).setWeights(null as never)),
  row("setWeights of a string", ArgumentError, set, ['got "all"'], (world) => layer(world).setWeights("all" as never)),
  row("setWeights of an array", ArgumentError, set, ["values must be an object", "got an array of 6"], (world) => layer(world).setWeights([1, 2, 3, 4, 5, 6] as never)),
  row("weights too short", ShapeError, set, ["weights of layer 1 must hold 3 × 2 = 6 values", "got 5"], (world) => layer(world).setWeights({ weights: new Float32Array(5) })),
  row("weights empty", ShapeError, set, ["got 0"], (world) => layer(world).setWeights({ weights: new Float32Array(0) })),
  row("bias too long", ShapeError, set, ["bias of layer 1 must hold 2 = 2 values", "got 3"], (world) => layer(world).setWeights({ bias: new Float32Array(3) })),
  row("good weights, bad bias", ShapeError, set, ["bias"], (world) => layer(world).setWeights({ weights: new Float32Array(6), bias: new Float32Array(3) })),
  row("weights with NaN", NonFiniteError, set, ["weights of layer 1 must be finite", "got NaN at 4"],
    (world) => layer(world).setWeights({ weights: new Float32Array([0, 0, 0, 0, NaN, 0]) })),
  row("bias with Infinity", NonFiniteError, set, ["got -Infinity at 1"],
    (world) => layer(world).setWeights({ weights: new Float32Array(6), bias: new Float32Array([0, -Infinity]) })),
  row("weights as number[]", ArgumentError, set, ["weights of layer 1 must be a Float32Array", "got an array of 6"],
    (world) => layer(world).setWeights({ weights: [1, 2, 3, 4, 5, 6] as never })),
  row("weights as Float64Array", ArgumentError, set, ["got Float64Array(6)"], (world) => layer(world).setWeights({ weights: new Float64Array(6) as never })),
  row("weights undefined", ArgumentError, set, ["got undefined"], (world) => layer(world).setWeights({ weights: undefined })),

  row("matrix data too short", ShapeError, "Matrix", ["2 × 3 = 6 values", "got 5"], () => new Matrix(2, 3, new Float32Array(5))),
  row("matrix data as number[]", ArgumentError, "Matrix", ["data must be a Float32Array", "got an array of 1"], () => new Matrix(1, 1, [1] as never)),
  row("matrix data detached", ArgumentError, "Matrix", ["a detached one"], () => new Matrix(1, 1, detached(new Float32Array(1)))),
  row("a matrix of 2³¹ − 1 squared", OutOfMemoryError, "Matrix", ["room for"], () => new Matrix(2 ** 31 - 1, 2 ** 31 - 1)),
  row("matmul of 2 × 3 and 2 × 3", ShapeError, "matmul", ["the inner sizes must be equal", "got 2 × 3 and 2 × 3"], ({ matrix }) => matmul(matrix, matrix)),
  row("matmul, both transposed", ShapeError, "matmul", ["got 3 × 2 and 3 × 2"], ({ matrix }) => matmul(matrix, matrix, { transposeA: true, transposeB: true })),
  row("matmul of no matrix", ArgumentError, "matmul", ["a must be a Matrix", "got Float32Array(6)"], ({ matrix }) => matmul(new Float32Array(6) as never, matrix)),
  row("matmul by undefined", ArgumentError, "matmul", ["b must be a Matrix", "got undefined"], ({ matrix }) => matmul(matrix, undefined as never)),
  row("matmul into an operand", ArgumentError, "matmul", ["out must not be an operand", "got a"], ({ matrix }) => matmul(matrix, matrix, { transposeB: true, out: matrix })),
  row("matmul into null", ArgumentError, "matmul", ["out must be a Matrix", "got null"], ({ matrix }) => matmul(matrix, matrix, { transposeB: true, out: null as never })),
  row("matmul into another shape", ShapeError, "matmul", ["out must be 2 × 2", "got 2 × 1"],
    ({ matrix, backend }) => during(new Matrix(2, 1, undefined, { backend }), (out) => matmul(matrix, matrix, { transposeB: true, out }))),
  row("matmul across backends", ArgumentError, "matmul", ["one backend"],
    ({ matrix, small }) => during(new Matrix(3, 2, undefined, { backend: small }), (other) => matmul(matrix, other))),
  row("matmul into another backend", ArgumentError, "matmul", ["out must live on the backend"],
    ({ matrix, small }) => during(new Matrix(2, 2, undefined, { backend: small }), (out) => matmul(matrix, matrix, { transposeB: true, out }))),
  ...[null, undefined, [1], new Float64Array(1), "1", 1].map((z) => {
    const kind = z === null ? "null" : typeof z === "object" ? z.constructor.name : typeof z;
    return row(`activations.tanh of ${kind}`, ArgumentError, "activations.tanh", ["z must be a Float32Array"], () => activations.tanh(z as never));
  }),
  row("activations of a detached array", ArgumentError, "activations.relu", ["a detached one"], () => activations.relu(detached(new Float32Array(2)))),
  row("a Jacobian of 2⁴⁰ values", OutOfMemoryError, "activations.softmax.derivative", ["room for 4398046511104 bytes"],
    () => activations.softmax.derivative(new Float32Array(2 ** 20))),
];

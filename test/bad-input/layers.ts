// Layers that do not fit, that get too few rows, or that come from files nobody wrote.

import {
  ArgumentError, batchNormalization, custom, dense, DisposedError, dropout, FormatError, gaussianNoise, layerNormalization, NameError, Network, NonFiniteError, normalization, residual,
  ShapeError, StateError, type CustomLayer, type LayerFactory,
} from "../../src/index.js";
import { load } from "../../src/infer.js";
import type { Row } from "./catalogue.js";
import { during, edited, fresh, reconfigured, x } from "./world.js";

const row = (id: string, error: Row["error"], where: string, says: readonly string[], call: Row["call"]): Row => ({ id, error, where, says, call });
const build = (...layers: unknown[]) => new Network({ inputs: 3, layers: layers as LayerFactory[] });
const y = [[0, 0], [0, 0]];

const copy: CustomLayer = { name: "copy", forward: ({ x, y }) => y.set(x), backward: ({ dx, dy }) => dx.set(dy) };
const broken = (id: string, error: Row["error"], says: readonly string[], change: object): Row =>
  row(`a custom layer with ${id}`, error, "Network: layers[0]: custom(copy)", says, () => build(custom({ ...copy, ...change })));

/** A network that needs two rows a batch, compiled. */
function normalizing<R>(use: (network: Network) => R): R {
  const network = new Network({ inputs: 3, layers: [dense(2), batchNormalization()] });
  network.compile({ optimizer: "sgd", loss: "mse" });
  return during(network, use);
}
const oneRow = (id: string, where: string, call: (network: Network) => unknown): Row =>
  row(id, ShapeError, where, ["a batch must hold at least 2 rows for layer 2, batchNormalization", "got 1"], () => normalizing(call));

/** A file with every layer there is. */
const every = (): Uint8Array => during(build(normalization(), layerNormalization(), batchNormalization(), dropout(0.1), gaussianNoise(0.1), residual([dense(3)]), dense(2, "relu", { l1: 0.1 })),
  (network) => network.save());
const places = ["normalization", "layerNormalization", "batchNormalization", "dropout", "gaussianNoise", "residual", "dense"];

/** What a layer's config is made to say, and what the message says to that. */
const hostile: readonly (readonly [type: string, change: object, says: string])[] = [
  ...[0, -1, null, "1e-5", [], true].flatMap((epsilon) => ["layerNormalization", "batchNormalization"].map((type) => [type, { epsilon }, "epsilon must be a finite number above 0"] as const)),
  ...[0, 1.5, null, "0.1"].map((momentum) => ["batchNormalization", { momentum }, "momentum must be a finite number above 0 and at most 1"] as const),
  ...[1, -0.1, null, "0.5", undefined].map((rate) => ["dropout", { rate }, "rate must be a finite number at least 0 and below 1"] as const),
  ...[-1, null, "0.5", undefined].map((standardDeviation) => ["gaussianNoise", { standardDeviation }, "standardDeviation must be a finite number at least 0"] as const),
  ...[null, 0, "true", undefined].map((projection) => ["residual", { projection }, "projection must be true or false"] as const),
  ...[null, {}, "ab", 3, undefined].map((layers) => ["residual", { layers }, "config in the metadata must be what save() wrote"] as const),
  ["residual", { layers: [] }, "layers must be an array of at least one layer"],
  ...[null, 3, [], "dense", { type: "conv" }, { type: "custom", name: "copy" }, { type: "__proto__" }].map((layer) => ["residual", { layers: [layer] }, layer?.["type" as never] === "custom" ? "must be among customLayers" : "layer type must be one of dense, activation"] as const),
  ["residual", { layers: [{ type: "dropout", rate: 1 }] }, "rate must be"],
  ["residual", { layers: [{ type: "dense", units: 4, activation: { name: "linear" }, useBias: false }] }, "residual without projection must hold layers that keep the width, got 3 values in and 4 out"],
  ["residual", { projection: true }, 'must hold tensor "6.projection"'],
  ...[-1, null, "1"].flatMap((value) => ["l1", "l2"].map((key) => ["dense", { [key]: value }, `${key} must be a finite number at least 0`] as const)),
  ...[0, null, "1"].map((maxNorm) => ["dense", { maxNorm }, "maxNorm must be a finite number above 0"] as const),
  ...places.map((type) => [type, { more: 1 }, 'got "more"'] as const),
  ...["layerNormalization", "batchNormalization", "normalization"].map((type) => [type, { type: "dropout", rate: 0.1, epsilon: undefined, momentum: undefined }, "must belong to a layer"] as const),
];

const config = (change: (layers: Record<string, unknown>[]) => unknown): Uint8Array => reconfigured(every(), "config", (c) => void change(c.layers));
const nested = (depth: number): Uint8Array => config((layers) => {
  let inner: unknown = layers[6];
  for (let i = 0; i < depth; i++) inner = { type: "residual", projection: true, layers: [inner] };
  layers[6] = inner as never;
});
/** Deeper than JSON.stringify gets. */
const bottomless = (depth: number): Uint8Array => edited(every(), ({ __metadata__ }) => {
  __metadata__.config = `{"inputs":3,"seed":0,"layers":[${'{"type":"residual","projection":true,"layers":['.repeat(depth)}{"type":"normalization"}${"]}".repeat(depth)}]}`;
});

export const layers: readonly Row[] = [
  row("residual([])", ArgumentError, "Network: layers[0]: residual", ["layers must be an array of at least one layer", "got an empty one"], () => build(residual([]))),
  row("residual()", ArgumentError, "Network: layers[0]: residual", ["layers must be an array", "got undefined"], () => build((residual as () => LayerFactory)())),
  row("residual of a layer that is not in an array", ArgumentError, "Network: layers[0]: residual", ["layers must be an array", "got an object"], () => build(residual(dense(3) as never))),
  ...([[null, "null"], ["relu", '"relu"'], [dense, "a function"], [[dense(3)], "an array of 1"]] as const).map(([what, shown]) =>
    row(`residual of ${shown}`, ArgumentError, "Network: layers[1]: residual: layers[1]", ["must come from dense() or another layer function", `got ${shown}`], () => build(dense(2), residual([dense(2), what as never])))),
  row("residual around another width, without projection", ShapeError, "Network: layers[0]: residual", ["without projection must hold layers that keep the width", "got 3 values in and 4 out"],
    () => build(residual([dense(4)], { projection: false }))),
  row("residual in residual around another width, without projection", ShapeError, "Network: layers[0]: residual: layers[1]: residual", ["got 3 values in and 2 out"],
    () => build(residual([dropout(0.1), residual([dense(2)], { projection: false })]))),
  row("residual blocks 101 deep", ShapeError, "Network", ["residual blocks must lie at most 100 deep in each other", "got 101"], () => build(Array.from({ length: 101 }).reduce<LayerFactory>((inner) => residual([inner]), dense(3)))),
  row("a loss of probabilities behind residual", ArgumentError, "Network.compile", ["must follow a last layer with softmax", "got linear"],
    () => during(build(residual([dense(3, "softmax")])), (network) => network.compile({ optimizer: "sgd", loss: "categoricalCrossentropy" }))),

  oneRow("trainBatch of one row behind batch normalization", "Network.trainBatch", (network) => network.trainBatch(x.slice(0, 1), y.slice(0, 1))),
  oneRow("gradients of one row behind batch normalization", "Network.gradients", (network) => network.gradients(x.slice(0, 1), y.slice(0, 1))),
  oneRow("fit with batches of one row behind batch normalization", "Network.fit", (network) => network.fit(x, y, { batchSize: 1 })),
  oneRow("fit whose last batch has one row", "Network.fit", (network) => network.fit([...x, x[0]], [...y, y[0]], { batchSize: 2 })),
  oneRow("fit of one row after the split", "Network.fit", (network) => network.fit(x, y, { validationSplit: 0.5 })),

  row("adapt of a layer that is not normalization", StateError, "LayerHandle.adapt", ["must be normalization() and the first of its network", "got layer 1, dense"], () => during(fresh(), ({ layers }) => layers[0].adapt(x))),
  row("adapt of normalization further back", StateError, "LayerHandle.adapt", ["got layer 2, normalization"], () => during(build(dense(2), normalization()), ({ layers }) => layers[1].adapt(x))),
  row("adapt to another width", ShapeError, "LayerHandle.adapt", ["row 0 of x must hold 3 values", "got 2"], () => during(build(normalization()), ({ layers }) => layers[0].adapt([[1, 2]]))),
  row("adapt to NaN", NonFiniteError, "LayerHandle.adapt", ["x must be finite"], () => during(build(normalization()), ({ layers }) => layers[0].adapt([[1, NaN, 2]]))),
  row("adapt of a disposed network", DisposedError, "LayerHandle.adapt", ["the network"], () => { const network = build(normalization()); network.dispose(); network.layers[0].adapt(x); }),
  row("weights of a block by a wrong name", NameError, "LayerHandle.setWeights", ["must be among", "1.weights", 'got "3.weights"'], () => during(build(residual([dense(3)])), ({ layers }) => layers[0].setWeights({ "3.weights": new Float32Array(9) }))),
  row("a variance below 0", ArgumentError, "LayerHandle.setWeights", ["variance of layer 1 must be at least 0", "got -0.5"], () => during(build(batchNormalization()), ({ layers }) => layers[0].setWeights({ mean: new Float32Array(3), variance: Float32Array.of(1, -0.5, 1) }))),
  row("a deviation of 0", ArgumentError, "LayerHandle.setWeights", ["deviation of layer 1 must be at least 1.17", "got 0"], () => during(build(normalization()), ({ layers }) => layers[0].setWeights({ deviation: Float32Array.of(1, 2, 0) }))),
  row("weights of a block too short", ShapeError, "LayerHandle.setWeights", ["1.weights of layer 1 must hold 3 × 3 = 9 values", "got 8"], () => during(build(residual([dense(3)])), ({ layers }) => layers[0].setWeights({ "1.weights": new Float32Array(8) }))),

  ...([[undefined, "undefined"], [null, "null"], ["copy", '"copy"'], [{}, "an object"], [{ ...copy, name: undefined }, "an object"], [{ ...copy, forward: undefined }, "an object"],
    [{ ...copy, backward: undefined }, "an object"], [{ ...copy, backward: true }, "an object"], [{ ...copy, weights: {} }, "an object"], [{ ...copy, units: 3 }, "an object"]] as const).map(([definition, shown], i) =>
    row(`custom(${shown}), ${i}`, ArgumentError, "custom", ["a layer must have a name, forward and backward", `got ${shown}`], () => custom(definition as never))),
  broken("no units", ShapeError, ["units must be a whole number", "got 0"], { units: () => 0 }),
  broken("units as text", ArgumentError, ["units must be a whole number", 'got "3"'], { units: () => "3" }),
  broken("weights without shape", ArgumentError, ["shape of w must be an array", "got undefined"], { weights: () => ({ w: {} }) }),
  broken("a shape of 0", ShapeError, ["shape of w must be a whole number", "got 0"], { weights: () => ({ w: { shape: [3, 0] } }) }),
  broken("weights that are numbers", ArgumentError, ["w must be an object", "got 3"], { weights: () => ({ w: 3 }) }),
  broken("an unknown initializer", NameError, ["w must be one of", 'got "random"'], { weights: () => ({ w: { shape: [3], initializer: "random" } }) }),
  broken("an option that there is not", NameError, ["w must be among shape, initializer", 'got "size"'], { weights: () => ({ w: { size: 3 } }) }),

  row("load a custom layer without its definition", FormatError, "Network.load", ['the layer "copy" must be among customLayers', "(at byte "],
    () => Network.load(during(build(custom(copy)), (network) => network.save()))),
  row("load a custom layer for inference only", FormatError, "load", ["layers must be of the library in lanewise/infer", 'got "copy"'], () => load(during(build(custom(copy)), (network) => network.save()))),
  row("customLayers that are no array", ArgumentError, "Network.load", ["customLayers must be an array of layers", "got an object"], ({ bytes }) => Network.load(bytes, { customLayers: copy as never })),
  row("customLayers of factories", ArgumentError, "Network.load", ["a layer must have a name, forward and backward"], ({ bytes }) => Network.load(bytes, { customLayers: [custom(copy) as never] })),

  ...hostile.map(([type, change, says], i) => row(`load ${type} with ${JSON.stringify(change)}, ${i}`, FormatError, "Network.load", [says, "(at byte "],
    ({ backend }) => Network.load(config((layers) => Object.assign(layers[places.indexOf(type)], change)), { backend }))),
  row("load without running statistics", FormatError, "Network.load", ['must hold tensor "3.mean"'], () => Network.load(edited(every(), (header) => { header["0.mean"] = header["3.mean"]; delete header["3.mean"]; }))),
  row("load residual blocks 101 deep", FormatError, "Network.load", ["at most 100 deep", "got 101"], () => Network.load(nested(101))),
  row("load residual blocks 100,000 deep", FormatError, "Network.load", ["config in the metadata must be what save() wrote"], () => Network.load(bottomless(100_000))),
  row("load residual blocks 100,000 deep for inference only", FormatError, "load", ["config in the metadata must be what save() wrote"], () => load(bottomless(100_000))),
  row("load residual without layers for inference only", FormatError, "load", ["config in the metadata must be what save() wrote"], () => load(config((layers) => void delete layers[5].layers))),
];

// Metrics that do not suit the loss, weights of rows and classes, targets of the hinge loss, confusionMatrix.

import { ArgumentError, confusionMatrix, dense, NameError, Network, NonFiniteError, ShapeError } from "../../src/index.js";
import type { Row } from "./catalogue.js";
import { during, fresh, x } from "./world.js";

const y = [[0, 0], [0, 0]];
const row = (id: string, error: Row["error"], where: string, says: readonly string[], call: Row["call"]): Row => ({ id, error, where, says, call });

/** Metrics that say nothing of what the loss is about, by last activation, outputs and loss. */
function* metrics(): Generator<Row> {
  const mismatched = [
    ["softmax", 10, "sparseCategoricalCrossentropy", "auc", "a single binary output"], ["sigmoid", 10, "binaryCrossentropy", "auc", "a single binary output"],
    ["sigmoid", 3, "binaryCrossentropy", "precision", "a single binary output or class targets"], ["linear", 1, "mse", "recall", "a single binary output"],
    ["linear", 4, "huber", "f1", "class targets"], ["sigmoid", 1, "binaryCrossentropy", "topKAccuracy", "class targets"], ["linear", 8, "mse", "topKAccuracy", "class targets"],
    ["softmax", 1, "categoricalCrossentropy", "topKAccuracy", "several outputs"], ["softmax", 3, "sparseCategoricalCrossentropy", "r2", "a regression loss"],
    ["sigmoid", 1, "binaryCrossentropy", "meanAbsoluteError", "a regression loss"], ["linear", 1, "hinge", "meanSquaredError", "a regression loss"],
  ] as const;
  for (const [last, outputs, loss, metric, goesWith] of mismatched) {
    yield row(`${metric} for ${loss} on ${outputs}`, ArgumentError, "Network.compile", [`metric ${metric} must go with`, goesWith, `with ${outputs} output`], ({ backend }) =>
      during(new Network({ inputs: 3, layers: [dense(outputs, last)] }, { backend }), (network) => network.compile({ optimizer: "sgd", loss, metrics: [metric] })));
  }
  yield row("k of more classes than there are", ArgumentError, "Network.compile", ["k must be a whole number from 1 to 3", "got 5"],
    ({ classes }) => classes.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy", metrics: ["topKAccuracy"] }));
}

/** Weights of rows and classes; networks with two rows of class numbers, of numbers, of one-hot rows and of a yes or no. */
function* weights(): Generator<Row> {
  const bad = [
    ["null", ArgumentError, ["sampleWeight must be a Float32Array or an array of rows", "got null"], null], ["a number", ArgumentError, ["got 1"], 1],
    ["a Float64Array", ArgumentError, ["got Float64Array(2)"], new Float64Array(2)], ["a row too few", ShapeError, ["sampleWeight must hold as many rows as x (2)", "got 1"], [1]],
    ["a row too many", ShapeError, ["got 3"], new Float32Array(3)], ["a string", ArgumentError, ["row 1 of sampleWeight", 'got "1"'], [1, "1"]],
    ["a hole", ArgumentError, ["row 0 of sampleWeight", "got undefined"], [, 1]], ["NaN", NonFiniteError, ["sampleWeight must be finite", "got NaN in row 1"], [1, NaN]],
    ["a number past float32", NonFiniteError, ["sampleWeight must be finite", "got Infinity in row 0"], [1e39, 1]], ["a negative number", ArgumentError, ["sampleWeight must be at least 0", "got -1 in row 0"], [-1, 1]],
    ["nothing but 0", ArgumentError, ["a row with a weight above 0", "got 0 for all"], [0, 0]],
  ] as const;
  for (const [what, error, says, value] of bad) {
    const sampleWeight = value as never;
    yield row(`sampleWeight of fit is ${what}`, error, "Network.fit", says, ({ values }) => values.fit(x, y, { sampleWeight }));
    yield row(`sampleWeight of evaluate is ${what}`, error, "Network.evaluate", says, ({ values }) => values.evaluate(x, y, { sampleWeight }));
    yield row(`sampleWeight of validation is ${what}`, error, "Network.fit", says, ({ values }) => values.fit(x, y, { validationData: [x, y, sampleWeight] }));
  }
  const classWeights = [
    ["null", ArgumentError, ["classWeight must be an object", "got null"], null], ["too few", ShapeError, ["each of the 3 classes", "got 2"], [1, 2]],
    ["of no class", NameError, ["classWeight must be among 0, 1, 2", 'got "3"'], { 3: 1 }], ["of a name", NameError, ['got "cat"'], { cat: 1 }],
    ["NaN", ArgumentError, ["classWeight[2] must be a finite number at least 0", "got NaN"], { 2: NaN }], ["negative", ArgumentError, ["classWeight[0] must be a finite number at least 0", "got -0.5"], [-0.5, 1, 1]],
    ["a string", ArgumentError, ["classWeight[1] must be a finite number", 'got "2"'], { 1: "2" }], ["0 for every row", ArgumentError, ["a row with a weight above 0"], { 0: 0, 2: 0 }],
  ] as const;
  for (const [what, error, says, value] of classWeights) {
    yield row(`classWeight ${what}`, error, "Network.fit", says, ({ classes }) => classes.fit(x, [0, 2], { classWeight: value as never }));
  }
  for (const network of ["values", "chances"] as const) {
    yield row(`classWeight for ${network}`, ArgumentError, "Network.fit", ["classWeight must go with targets of one class a row", "with 2 outputs"],
      (world) => world[network].fit(x, y, { classWeight: [1, 2] }));
  }
  for (const [last, loss, targets, says] of [
    ["softmax", "categoricalCrossentropy", [[1, 0], [0.5, 0.5]], ["one-hot rows, in y", "got 0.5, 0.5 in row 1"]], ["softmax", "categoricalCrossentropy", [[1, 1], [0, 1]], ["row 0"]],
    ["sigmoid", "binaryCrossentropy", [[1], [0.5]], ["classes 0 and 1", "got 0.5 in row 1"]],
  ] as const) {
    yield row(`classWeight for ${loss} and ${JSON.stringify(targets)}`, ArgumentError, "Network.fit", says, ({ backend }) =>
      during(new Network({ inputs: 3, layers: [dense(targets[0].length, last)] }, { backend }), (network) => {
        network.compile({ optimizer: "sgd", loss });
        return network.fit(x, targets, { classWeight: [1, 2] });
      }));
  }
  for (const bad of [2, 0.5, -2]) {
    yield row(`hinge with a target of ${bad}`, ArgumentError, "Network.evaluate", ["y must hold -1 (or 0) and 1 for hinge", `got ${bad} in row 1, column 0`],
      () => during(fresh({ loss: "hinge" }), (network) => network.evaluate(x, [[1, -1], [bad, 0]])));
  }
  yield row("confusionMatrix of other rows", ShapeError, "confusionMatrix", ["as many rows as yTrue (2)", "got 1"], () => confusionMatrix([0, 1], [1]));
  yield row("confusionMatrix of half a row", ShapeError, "confusionMatrix", ["as many rows as yTrue (2)", "got Float32Array(3)"], () => confusionMatrix([0, 1], new Float32Array(3)));
  yield row("confusionMatrix of a class too many", ShapeError, "confusionMatrix", ["yPred[1] must be a whole class number from 0 to 1", "got 2"], () => confusionMatrix([0, 1], [1, 2], 2));
  yield row("confusionMatrix of NaN", NonFiniteError, "confusionMatrix", ["yPred must hold a number in each row", "got NaN in row 1"], () => confusionMatrix([0, 0], Float32Array.of(0, NaN, NaN, NaN)));
  yield row("confusionMatrix of NaN of one output", NonFiniteError, "confusionMatrix", ["got NaN in row 1"], () => confusionMatrix([0, 0], Float32Array.of(0, NaN)));
  yield row("confusionMatrix of no classes", ArgumentError, "confusionMatrix", ["classes must be a whole number from 1"], () => confusionMatrix([0], [0], 0));
}

export const training: readonly Row[] = [...metrics(), ...weights()];

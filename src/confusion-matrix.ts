// The table of what was predicted for what.

import { checkAttached, checkClasses, checkCount, describe, isFloats, type ClassNumbers } from "./check.js";
import { ArgumentError, NonFiniteError, ShapeError } from "./errors.js";
import { firstLargest } from "./metrics.js";

/** More classes than this make a table that no memory should hold. */
const MOST = 4096;

/**
 * How often class `truth` was predicted as class `guess`: matrix[truth][guess].
 *
 * @param yTrue class numbers
 * @param yPred class numbers; or a Float32Array as predict() gives it, whose largest value in a row is the guess (of a single output: above 0.5 is class 1)
 * @param classes how many there are; without it, as many as the numbers or the columns of the prediction say
 * @example confusionMatrix(y, network.predict(x))
 */
export function confusionMatrix(yTrue: ClassNumbers, yPred: ClassNumbers | Float32Array, classes?: number): number[][] {
  const where = "confusionMatrix";
  if (classes !== undefined) checkCount(where, "classes", classes, 1, MOST, ArgumentError);
  const truths = checkClasses(where, "yTrue", yTrue, classes ?? MOST);
  const guesses = checkClasses(where, "yPred", isFloats(yPred) ? classesOf(where, yPred, truths.length) : yPred, classes ?? MOST);
  if (guesses.length !== truths.length) throw new ShapeError(`${where}: yPred must hold as many rows as yTrue (${truths.length}), got ${guesses.length}`);
  const columns = isFloats(yPred) ? Math.max(2, yPred.length / truths.length) : 1;
  let size = classes ?? columns;
  if (classes === undefined) for (const numbers of [truths, guesses]) for (const number of numbers) size = Math.max(size, number + 1);
  const matrix = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  truths.forEach((truth, i) => (matrix[truth][guesses[i]] += 1));
  return matrix;
}

/** The class of each row of a prediction. */
function classesOf(where: string, prediction: Float32Array, rows: number): Int32Array {
  checkAttached(where, "yPred", prediction);
  const columns = prediction.length / rows;
  if (!Number.isInteger(columns) || columns === 0) throw new ShapeError(`${where}: yPred must hold as many rows as yTrue (${rows}), got ${describe(prediction)}`);
  return Int32Array.from({ length: rows }, (_, r) => {
    const best = firstLargest(prediction, r * columns, columns);
    if (best < 0) throw new NonFiniteError(`${where}: yPred must hold a number in each row, got NaN in row ${r}`);
    return columns > 1 ? best : Number(prediction[r] > 0.5);
  });
}

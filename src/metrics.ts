// THE table of metrics: one row each. "accuracy" is counted by a kernel; the others look at the predictions after each batch, in float64.

import { checkCount, checkName, checkOptions, describe, type NameIn } from "./check.js";
import { ArgumentError } from "./errors.js";
import type { Loss } from "./losses.js";

/** A batch: predictions, or the logits where the loss takes them, `ld` floats from row to row; targets without gaps, dense or one class number a row. */
export interface Outcome {
  readonly rows: number;
  readonly columns: number;
  readonly x: Float32Array;
  readonly ld: number;
  readonly targets: Float32Array | Int32Array;
  /** Above it a single output says yes. */
  readonly threshold: number;
}

/** Adds batches up. */
export interface Counter {
  add(outcome: Outcome): void;
  result(): number;
}

/** What there is to predict: numbers, one yes or no, several of them, or one of some classes. */
const kinds = { numbers: "a regression loss", yes: "a single binary output", several: "binary outputs", class: "class targets and several outputs" };
type Kind = keyof typeof kinds;

export interface MetricRow {
  readonly aliases: readonly string[];
  readonly goesWith: readonly Kind[];
  /** `sums` is all it remembers: empty, or from another counter of the same metric to go on with. */
  readonly count?: (sums: number[], columns: number, k: number) => Counter;
  /** A fall is an improvement. */
  readonly falls?: true;
  /** Needs all rows at once, so that there is no value after each batch. */
  readonly atEnd?: true;
  /** Default of the option k. */
  readonly k?: number;
}

/** The first column of the largest value, NaN passed over; −1 if there is none. As assembly/metrics/accuracy.ts. */
export function firstLargest(values: ArrayLike<number>, from: number, columns: number): number {
  let best = -1;
  for (let c = 0; c < columns; c++) if (values[from + c] > (best < 0 ? -Infinity : values[from + best]) || (best < 0 && values[from + c] === -Infinity)) best = c;
  return best;
}

const trueClass = ({ targets, columns }: Outcome, r: number): number => (targets instanceof Int32Array ? targets[r] : firstLargest(targets, r * columns, columns));

/** n numbers, 0 at first. @throws ArgumentError for sums of another metric or network */
function zeros(sums: number[], n: number): void {
  if (sums.length === 0) while (sums.length < n) sums.push(0);
  if (sums.length !== n) throw new ArgumentError(`Network.fit: the sums of a metric to resume must be ${n} numbers, got ${sums.length}`);
}

/** Σ of `term` over all elements, divided by their number. */
const mean = (term: (error: number) => number) => (sums: number[]): Counter => {
  zeros(sums, 2);
  return {
    add({ rows, columns, x, ld, targets }) {
      for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) sums[0] += term(x[r * ld + c] - targets[r * columns + c]);
      sums[1] += rows * columns;
    },
    result: () => sums[0] / sums[1],
  };
};

/** Hits of each class over what `divisor` says, 0 / 0 = 0; the mean over the classes that occur as truth or guess. A single output has the one class yes. */
const ofClasses = (divisor: (guesses: number, truths: number) => number) => (sums: number[], columns: number): Counter => {
  zeros(sums, 3 * columns);
  const [guesses, truths] = [columns, 2 * columns];
  return {
    add(outcome) {
      const { rows, x, ld, targets, threshold } = outcome;
      for (let r = 0; r < rows; r++) {
        const guess = columns > 1 ? firstLargest(x, r * ld, columns) : x[r * ld] > threshold ? 0 : -1;
        const truth = columns > 1 ? trueClass(outcome, r) : targets[r] > 0.5 ? 0 : -1;
        if (guess >= 0) sums[guesses + guess] += 1;
        if (truth >= 0) sums[truths + truth] += 1;
        if (truth >= 0 && guess === truth) sums[truth] += 1;
      }
    },
    result() {
      const seen = Array.from({ length: columns }, (_, i) => i).filter((i) => sums[guesses + i] + sums[truths + i] > 0);
      return seen.reduce((sum, i) => sum + (sums[i] && sums[i] / divisor(sums[guesses + i], sums[truths + i])), 0) / Math.max(1, seen.length);
    },
  };
};

/** Rows whose class is among the k largest; of equals the first are larger. */
const topK = (sums: number[], _: number, k: number): Counter => {
  zeros(sums, 2);
  return {
    add(outcome) {
      const { rows, columns, x, ld } = outcome;
      for (let r = 0; r < rows; r++) {
        const truth = trueClass(outcome, r);
        const value = x[r * ld + truth];
        let before = 0;
        for (let c = 0; c < columns; c++) before += Number(x[r * ld + c] > value || (x[r * ld + c] === value && c < truth));
        sums[0] += Number(before < k && value === value);
      }
      sums[1] += rows;
    },
    result: () => sums[0] / sums[1],
  };
};

/** Area under the ROC curve: the share of pairs of a yes and a no of which the yes has the greater score, a tie being half a pair. NaN without such pairs. */
const rocArea = (sums: number[]): Counter => {
  // By turns a score and whether it should be a yes.
  return {
    add({ rows, x, ld, targets }) {
      for (let r = 0; r < rows; r++) sums.push(x[r * ld], Number(targets[r] > 0.5));
    },
    result() {
      // NaN would be last.
      const [no, yes] = [0, 1].map((wanted) => Float32Array.from(sums.filter((_, i) => i % 2 === 0 && sums[i + 1] === wanted)).sort());
      let below = 0;
      let upTo = 0;
      let sum = 0;
      for (const score of yes) {
        while (no[below] < score) below += 1;
        upTo = Math.max(upTo, below);
        while (no[upTo] === score) upTo += 1;
        sum += below + upTo;
      }
      return Number.isNaN((yes.at(-1) ?? NaN) + (no.at(-1) ?? NaN)) ? NaN : sum / 2 / (yes.length * no.length);
    },
  };
};

/** 1 − Σ (x − y)² / Σ (y − mean y)² of each output, then their mean; for targets that are all the same 1 if they are met, else 0. Sums after Welford 1962. */
const determination = (sums: number[], columns: number): Counter => {
  zeros(sums, 3 * columns + 1);
  // Of each output the mean, the spread and the errors; last the number of rows.
  const [spread, errors, count] = [columns, 2 * columns, 3 * columns];
  return {
    add({ rows, x, ld, targets }) {
      for (let r = 0; r < rows; r++) {
        sums[count] += 1;
        for (let c = 0; c < columns; c++) {
          const y = targets[r * columns + c];
          const off = y - sums[c];
          sums[c] += off / sums[count];
          sums[spread + c] += off * (y - sums[c]);
          const error = x[r * ld + c] - y;
          sums[errors + c] += error * error;
        }
      }
    },
    result() {
      const each = sums.slice(spread, errors).map((total, c) => (total > 0 ? 1 - sums[errors + c] / total : Number(sums[errors + c] === 0)));
      return each.reduce((sum, value) => sum + value, 0) / columns;
    },
  };
};

const classified: readonly Kind[] = ["yes", "class"];

export const metricTable = {
  accuracy: { aliases: ["acc", "binaryAccuracy", "categoricalAccuracy", "sparseCategoricalAccuracy"], goesWith: ["numbers", "yes", "several", "class"] },
  topKAccuracy: { aliases: [], goesWith: ["class"], count: topK, k: 5 },
  precision: { aliases: [], goesWith: classified, count: ofClasses((guesses) => guesses) },
  recall: { aliases: [], goesWith: classified, count: ofClasses((_, truths) => truths) },
  f1: { aliases: ["f1Score"], goesWith: classified, count: ofClasses((guesses, truths) => (guesses + truths) / 2) },
  auc: { aliases: [], goesWith: ["yes"], count: rocArea, atEnd: true },
  r2: { aliases: ["r2Score"], goesWith: ["numbers"], count: determination },
  meanAbsoluteError: { aliases: ["mae"], goesWith: ["numbers"], count: mean(Math.abs), falls: true },
  meanSquaredError: { aliases: ["mse"], goesWith: ["numbers"], count: mean((error) => error * error), falls: true },
} as const satisfies Readonly<Record<string, MetricRow>>;

export type MetricId = keyof typeof metricTable;
export type MetricName = NameIn<typeof metricTable>;
/** The number of a metric on validation data. */
export type ValidationKey<K extends string> = `val${Capitalize<K>}`;

export interface MetricOptions {
  name: MetricName;
  /** Of topKAccuracy: how many guesses a row has. Default 5. */
  k?: number;
}

/** A metric with its options settled. */
export interface Metric {
  readonly id: MetricId;
  readonly row: MetricRow;
  readonly k: number;
}

export function kindOf({ row: { accuracy, heads } }: Loss, outputs: number): Kind {
  return accuracy === "binary" ? (outputs > 1 ? "several" : "yes") : heads ? "class" : "numbers";
}

export function validationKey(key: string): string {
  return `val${key[0].toUpperCase()}${key.slice(1)}`;
}

/** Settles the metrics of a loss on `outputs` outputs; those it does not go with are refused. */
export function checkMetrics(where: string, given: readonly (MetricName | MetricOptions)[], loss: Loss, outputs: number): readonly Metric[] {
  if (!Array.isArray(given)) throw new ArgumentError(`${where}: metrics must be an array of names, got ${describe(given)}`);
  const kind = kindOf(loss, outputs);
  // Not given.map(), which goes through all the holes of a sparse array before anything is said.
  const metrics = Array.from(given, (item: MetricName | MetricOptions): Metric => {
    const options: MetricOptions = typeof item === "string" ? { name: item } : checkOptions(where, item, ["name", "k"], "metric");
    const id = checkName(where, "metric", options.name, metricTable) as MetricId;
    const row: MetricRow = metricTable[id];
    checkOptions(where, options, row.k ? ["name", "k"] : ["name"], `options of ${id}`);
    const fits = row.goesWith.includes(kind) && !(row.k && outputs < 2);
    if (!fits) throw new ArgumentError(`${where}: metric ${id} must go with ${row.goesWith.map((key) => kinds[key]).join(" or ")}, got ${loss.id} with ${outputs} output${outputs > 1 ? "s" : ""}`);
    return { id, row, k: row.k ? checkCount(where, "k", options.k === undefined ? row.k : options.k, 1, outputs, ArgumentError) : 0 };
  });
  return [...new Map(metrics.map((metric) => [metric.id, metric])).values()];
}

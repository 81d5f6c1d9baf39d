// Loss and metrics over the batches of an epoch, or of an evaluation.

import type { Counter, Metric, MetricId } from "./metrics.js";
import type { BatchResult, Trainer } from "./trainer.js";
import type { TrainingPlan } from "./training-plan.js";

/** The loss, and each metric by its id. */
export interface Scores extends Partial<Record<MetricId, number>> {
  loss: number;
}

/** What a tally knows; JSON, so that it can be saved and gone on with. */
export interface Sums {
  rows: number;
  loss: number;
  hits: number;
  /** What each metric adds up, in the order of compile(). */
  readonly counters: number[][];
}

export function newSums(): Sums {
  return { rows: 0, loss: 0, hits: 0, counters: [] };
}

export class Tally {
  readonly #trainer: Trainer;
  readonly #counters: readonly { readonly metric: Metric; readonly counter: Counter | undefined }[];

  /** Goes on with `sums`, which it changes. */
  constructor(trainer: Trainer, readonly sums = newSums()) {
    this.#trainer = trainer;
    this.#counters = trainer.metrics.map((metric, i) => {
      const own = (sums.counters[i] ??= []);
      return { metric, counter: metric.row.count?.(own, trainer.outputs, metric.k) };
    });
  }

  /** Takes the batch that `plan` has just run. */
  add(plan: TrainingPlan, rows: number, { loss, hits }: BatchResult): void {
    this.sums.rows += rows;
    this.sums.loss += loss;
    this.sums.hits += hits;
    for (const { counter } of this.#counters) counter?.add(plan.outcome(rows));
  }

  /** Of all rows so far; while more are to come, without the metrics that need all of them. */
  scores(done: boolean): Scores {
    const { rows, loss, hits } = this.sums;
    const scores: Scores = { loss: this.#trainer.mean(loss, rows) };
    for (const { metric, counter } of this.#counters) if (done || !metric.row.atEnd) scores[metric.id] = counter ? counter.result() : this.#trainer.share(hits, rows);
    return scores;
  }
}

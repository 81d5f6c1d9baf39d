// Loss and metrics over the batches of an epoch, or of an evaluation.

import type { Counter, Metric, MetricId } from "./metrics.js";
import type { BatchResult, Trainer } from "./trainer.js";
import type { TrainingPlan } from "./training-plan.js";

/** The loss, and each metric by its id. */
export interface Scores extends Partial<Record<MetricId, number>> {
  loss: number;
}

export class Tally {
  #loss = 0;
  #hits = 0;
  #rows = 0;
  readonly #trainer: Trainer;
  readonly #counters: readonly { readonly metric: Metric; readonly counter: Counter | undefined }[];

  constructor(trainer: Trainer) {
    this.#trainer = trainer;
    this.#counters = trainer.metrics.map((metric) => ({ metric, counter: metric.row.count?.(trainer.outputs, metric.k) }));
  }

  /** Takes the batch that `plan` has just run. */
  add(plan: TrainingPlan, rows: number, { loss, hits }: BatchResult): void {
    this.#loss += loss;
    this.#hits += hits;
    this.#rows += rows;
    for (const { counter } of this.#counters) counter?.add(plan.outcome(rows));
  }

  /** Of all rows so far; while more are to come, without the metrics that need all of them. */
  scores(done: boolean): Scores {
    const scores: Scores = { loss: this.#trainer.mean(this.#loss, this.#rows) };
    for (const { metric, counter } of this.#counters) if (done || !metric.row.atEnd) scores[metric.id] = counter ? counter.result() : this.#trainer.share(this.#hits, this.#rows);
    return scores;
  }
}

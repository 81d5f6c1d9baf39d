// The curves so far: a point a frame, thinned out by half whenever there are too many.

import type { Frame } from "./protocol";

const MOST = 800;

export type Column = "epoch" | "trainLoss" | "testLoss" | "trainAccuracy" | "testAccuracy";

export class History {
  readonly columns: Readonly<Record<Column, number[]>> = { epoch: [], trainLoss: [], testLoss: [], trainAccuracy: [], testAccuracy: [] };
  /** Epochs between two points. */
  #stride = 0;

  clear(): void {
    for (const column of Object.values(this.columns)) column.length = 0;
    this.#stride = 0;
  }

  /** Whether there is a new point. */
  add({ epoch, train, test }: Frame): boolean {
    const { columns } = this;
    if (epoch < (columns.epoch.at(-1) ?? -Infinity) + Math.max(1, this.#stride)) return false;
    columns.epoch.push(epoch);
    columns.trainLoss.push(train.loss);
    columns.testLoss.push(test.loss);
    columns.trainAccuracy.push(train.accuracy);
    columns.testAccuracy.push(test.accuracy);
    if (columns.epoch.length > MOST) this.#thin();
    return true;
  }

  #thin(): void {
    for (const column of Object.values(this.columns)) {
      const kept = column.filter((_, i) => i % 2 === 0);
      column.splice(0, column.length, ...kept);
    }
    const { epoch } = this.columns;
    this.#stride = (epoch.at(-1)! - epoch[0]) / (epoch.length - 1);
  }
}

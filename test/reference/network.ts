// A dense network in float64: forward, backward and a finite-difference check, with loops and nothing else.
// Arrays are row-major; layer l = 1 … L stands at index l, and index 0 is the input.

import { activations, type ActivationId } from "./activations.js";
import { divisorOf, losses, type LossId, type ReferenceLoss } from "./losses.js";
import { activationBackward } from "./parts.js";

export interface ReferenceLayer {
  units: number;
  activation: ActivationId;
  negativeSlope?: number;
}

export interface Trace {
  /** z[l]: batch × units; z[0] is empty. */
  z: number[][];
  /** a[l]: batch × units; a[0] = x. */
  a: number[][];
}

export interface Gradients {
  /** Mean loss of the batch. */
  loss: number;
  /** weights[l]: inputs × units; index 0 is empty. */
  weights: number[][];
  biases: number[][];
  /** batch × inputs. */
  input: number[];
  /** terms[l]: the largest Σ |a · dz| and Σ |dz| over the batch that a weight and a bias of layer l add up, terms[0].weight the largest Σ |w · dz| of dx: what rounding errors are relative to. */
  terms: { weight: number; bias: number }[];
}

function rowsOf(matrix: number[], columns: number): number[][] {
  return Array.from({ length: matrix.length / columns }, (_, r) => matrix.slice(r * columns, (r + 1) * columns));
}

export class ReferenceNetwork {
  /** weights[l]: inputs × units. Set by the caller; zeros at first. */
  readonly weights: number[][];
  readonly biases: number[][];
  /** widths[l]: the units of layer l, the inputs at 0. */
  readonly widths: number[];

  constructor(
    readonly inputs: number,
    readonly layers: ReferenceLayer[],
    /** Applied to every product, sum and function: Math.fround makes a plain float32 network of it. */
    readonly round: (value: number) => number = (value) => value,
  ) {
    this.widths = [inputs, ...layers.map((layer) => layer.units)];
    this.weights = this.widths.map((units, l) => new Array<number>(l ? this.widths[l - 1] * units : 0).fill(0));
    this.biases = this.widths.map((units, l) => new Array<number>(l ? units : 0).fill(0));
  }

  forward(x: number[]): Trace {
    const trace: Trace = { z: [[]], a: [x] };
    const batch = x.length / this.inputs;
    this.layers.forEach((layer, index) => {
      const l = index + 1;
      const inputs = this.widths[l - 1];
      const units = layer.units;
      const z: number[] = [];
      for (let r = 0; r < batch; r++) {
        for (let j = 0; j < units; j++) {
          let sum = this.biases[l][j];
          for (let i = 0; i < inputs; i++) sum = this.round(sum + this.round(trace.a[l - 1][r * inputs + i] * this.weights[l][i * units + j]));
          z.push(sum);
        }
      }
      trace.z.push(z);
      trace.a.push(rowsOf(z, units).flatMap((row) => activations[layer.activation].forward(row, layer.negativeSlope ?? 0.05).map(this.round)));
    });
    return trace;
  }

  /** Mean loss of a batch; one target row (or one-number row for a sparse loss) to a row of x. `option` is δ or ε of the loss. */
  loss(x: number[], targets: number[][], id: LossId, option?: number): number {
    const loss: ReferenceLoss = losses[id];
    const columns = this.widths[this.layers.length];
    const output = rowsOf(this.forward(x).a[this.layers.length], columns);
    const total = output.reduce((s, row, r) => s + loss.loss(row, targets[r], option), 0);
    return total / divisorOf(id, output.length, columns);
  }

  backward(x: number[], targets: number[][], id: LossId, option?: number): Gradients {
    const loss: ReferenceLoss = losses[id];
    const { z, a } = this.forward(x);
    const last = this.layers.length;
    const batch = x.length / this.inputs;
    const divisor = divisorOf(id, batch, this.widths[last]);
    const weights = this.weights.map((w) => new Array<number>(w.length).fill(0));
    const biases = this.biases.map((b) => new Array<number>(b.length).fill(0));
    const terms = this.widths.map(() => ({ weight: 0, bias: 0 }));
    let da = rowsOf(a[last], this.widths[last]).flatMap((row, r) => loss.gradient(row, targets[r], option).map((g) => this.round(g / divisor)));
    for (let l = last; l > 0; l--) {
      const { activation, negativeSlope = 0.05, units } = this.layers[l - 1];
      const inputs = this.widths[l - 1];
      const daRows = rowsOf(da, units);
      const dz = rowsOf(z[l], units).flatMap((row, r) => activationBackward(this.round, activation, row, daRows[r], negativeSlope));
      da = new Array<number>(batch * inputs).fill(0);
      for (let j = 0; j < units; j++) {
        const column = Array.from({ length: batch }, (_, r) => Math.abs(dz[r * units + j]));
        terms[l].bias = Math.max(terms[l].bias, column.reduce((s, v) => s + v, 0));
        for (let i = 0; i < inputs; i++) terms[l].weight = Math.max(terms[l].weight, column.reduce((s, v, r) => s + v * Math.abs(a[l - 1][r * inputs + i]), 0));
      }
      for (let r = 0; r < batch; r++) {
        for (let j = 0; j < units; j++) {
          const d = dz[r * units + j];
          biases[l][j] = this.round(biases[l][j] + d);
          for (let i = 0; i < inputs; i++) {
            weights[l][i * units + j] = this.round(weights[l][i * units + j] + this.round(a[l - 1][r * inputs + i] * d));
            da[r * inputs + i] = this.round(da[r * inputs + i] + this.round(this.weights[l][i * units + j] * d));
          }
        }
        if (l > 1) continue;
        for (let i = 0; i < inputs; i++) {
          const sum = dz.slice(r * units, (r + 1) * units).reduce((s, d, j) => s + Math.abs(d * this.weights[1][i * units + j]), 0);
          terms[0].weight = Math.max(terms[0].weight, sum);
        }
      }
    }
    return { loss: this.loss(x, targets, id, option), weights, biases, input: da, terms };
  }
}

/** ∂f/∂values by central differences; `values` is changed and put back. */
export function finiteDifferences(f: () => number, values: number[], step = 1e-6): number[] {
  return values.map((value, i) => {
    values[i] = value + step;
    const above = f();
    values[i] = value - step;
    const below = f();
    values[i] = value;
    return (above - below) / (2 * step);
  });
}

// Networks of nested layers in float64: forward, backward, and what follows a step, with loops and nothing else.
// Arrays are row-major, batch × columns. Names of values are those of getWeights(): "weights", "gamma", in a residual block "2.bias" and "projection".

import type { ActivationId } from "./activations.js";
import { divisorOf, losses, type LossId } from "./losses.js";
import { activate, columnSums, filled, prelu, product, rowsOf, type Round } from "./parts.js";

export type Spec =
  | { type: "dense"; units: number; activation?: ActivationId | "prelu"; negativeSlope?: number; useBias?: boolean; l1?: number; l2?: number; maxNorm?: number }
  | { type: "activation"; activation: ActivationId; negativeSlope?: number }
  | { type: "residual"; layers: Spec[]; projection?: boolean }
  | { type: "layerNormalization"; epsilon?: number }
  | { type: "batchNormalization"; epsilon?: number; momentum?: number }
  | { type: "normalization" }
  | { type: "dropout"; rate: number }
  | { type: "gaussianNoise"; standardDeviation: number };

/** What a forward pass is for. */
export interface Run {
  /** Statistics are those of the batch. */
  training: boolean;
  /** Factors of dropout, or what noise adds, batch × columns, for the layer that is number `stream` of those that draw; without it neither does anything. */
  draw?: (spec: Spec, stream: number, batch: number, columns: number) => number[];
}

type Values = Record<string, number[]>;

/** A layer that knows its inputs. forward() remembers what backward() reads; that fills `gradients`. */
export interface Node {
  units: number;
  /** What is learned, and what is measured. */
  values: Values;
  gradients: Values;
  /** For each of the gradients the largest sum of its terms' absolute values: what rounding errors are relative to. */
  terms: Record<string, number>;
  forward(x: number[], run: Run, streams: { next: number }): number[];
  backward(da: number[]): number[];
  /** Its part of the loss; the gradient of it is added to `gradients`. */
  penalize?(): number;
  /** What follows a step: running statistics, constraints. */
  settle?(): void;
  /** How near the last forward pass came to a kink. */
  kink(): number;
}

function denseNode(spec: Spec & { type: "dense" }, inputs: number, round: Round): Node {
  const { units, activation = "linear", negativeSlope, useBias = true, l1 = 0, l2 = 0, maxNorm = Infinity } = spec;
  const learned = activation === "prelu" ? prelu(round) : undefined;
  const f = activate(round, activation === "prelu" ? "linear" : activation, negativeSlope);
  const xw = product(round, inputs, units);
  const node: Node = {
    units,
    values: { weights: filled(inputs * units, 0), ...(useBias && { bias: filled(units, 0) }), ...(learned && { slopes: filled(units, 0.25) }) },
    gradients: {},
    terms: {},
    forward(x) {
      const z = xw.forward(x, node.values.weights, node.values.bias ?? filled(units, 0));
      return learned ? learned.forward(z, node.values.slopes) : f.forward(z, units);
    },
    backward(da) {
      const after = learned?.backward(da, node.values.slopes);
      const dz = after?.dz ?? f.backward(da);
      const { dx, dw, terms } = xw.backward(dz, node.values.weights);
      const bias = columnSums(round, dz, units);
      node.gradients = { weights: dw, ...(useBias && { bias: bias.sums }), ...(after && { slopes: after.slopes.sums }) };
      node.terms = { weights: terms, bias: bias.terms, ...(after && { slopes: after.slopes.terms }) };
      return dx;
    },
    penalize() {
      const { values: { weights }, gradients } = node;
      gradients.weights = gradients.weights.map((g, i) => round(g + round(l1 * Math.sign(weights[i]) + round(2 * l2 * weights[i]))));
      return weights.reduce((sum, w) => sum + l1 * Math.abs(w) + l2 * w * w, 0);
    },
    settle() {
      const { weights } = node.values;
      for (let j = 0; j < units; j++) {
        const norm = Math.sqrt(weights.reduce((sum, w, at) => (at % units === j ? sum + w * w : sum), 0));
        if (norm > maxNorm) for (let at = j; at < weights.length; at += units) weights[at] *= maxNorm / norm;
      }
    },
    kink: (learned ?? f).kink,
  };
  return node;
}

function activationNode({ activation, negativeSlope }: Spec & { type: "activation" }, inputs: number, round: Round): Node {
  const { backward, kink, forward } = activate(round, activation, negativeSlope);
  return { units: inputs, values: {}, gradients: {}, terms: {}, forward: (x) => forward(x, inputs), backward, kink };
}

/** Both normalizations: x̂ = (x − mean) / √(variance + ε) over each row, or each column. */
function normalizationNode(spec: Spec & { type: "layerNormalization" | "batchNormalization" }, columns: number, round: Round): Node {
  const byRow = spec.type === "layerNormalization";
  const { epsilon = 1e-5 } = spec;
  const momentum = spec.type === "batchNormalization" ? (spec.momentum ?? 0.1) : 0;
  let [xhat, scales, batch]: [number[], number[], number] = [[], [], 0];
  let [means, variances]: number[][] = [[], []];
  let measured = true;
  const group = (at: number): number => (byRow ? Math.floor(at / columns) : at % columns);
  const perGroup = (matrix: number[]): number[] => {
    const [sums, count] = [filled(byRow ? matrix.length / columns : columns, 0), byRow ? columns : matrix.length / columns];
    matrix.forEach((value, at) => (sums[group(at)] = round(sums[group(at)] + value)));
    return sums.map((sum) => round(sum / count));
  };
  const node: Node = {
    units: columns,
    values: { gamma: filled(columns, 1), beta: filled(columns, 0), ...(!byRow && { mean: filled(columns, 0), variance: filled(columns, 1) }) },
    gradients: {},
    terms: {},
    forward(x, { training }) {
      const { gamma, beta, mean, variance } = node.values;
      batch = x.length / columns;
      measured = byRow || training;
      means = measured ? perGroup(x) : mean;
      variances = measured ? perGroup(x.map((value, at) => round(round(value - means[group(at)]) ** 2))) : variance;
      scales = variances.map((v) => round(1 / round(Math.sqrt(round(v + epsilon)))));
      xhat = x.map((value, at) => round(round(value - means[group(at)]) * scales[group(at)]));
      return xhat.map((value, at) => round(round(value * gamma[at % columns]) + beta[at % columns]));
    },
    backward(da) {
      const scale = columnSums(round, da.map((d, at) => round(d * xhat[at])), columns);
      const shift = columnSums(round, da, columns);
      node.gradients = { gamma: scale.sums, beta: shift.sums };
      node.terms = { gamma: scale.terms, beta: shift.terms };
      const g = da.map((d, at) => round(d * node.values.gamma[at % columns]));
      if (!measured) return g.map((value, at) => round(value * scales[group(at)]));
      const [meanG, meanGx] = [perGroup(g), perGroup(g.map((value, at) => round(value * xhat[at])))];
      return g.map((value, at) => round(scales[group(at)] * round(round(value - meanG[group(at)]) - round(xhat[at] * meanGx[group(at)]))));
    },
    settle() {
      const { mean, variance } = node.values;
      for (let c = 0; c < columns && !byRow; c++) {
        mean[c] += momentum * (means[c] - mean[c]);
        variance[c] += momentum * ((variances[c] * batch) / (batch - 1) - variance[c]);
      }
    },
    kink: () => Infinity,
  };
  return node;
}

function measuredNode(columns: number, round: Round): Node {
  const node: Node = {
    units: columns,
    values: { mean: filled(columns, 0), deviation: filled(columns, 1) },
    gradients: {},
    terms: {},
    forward: (x) => x.map((value, at) => round(round(value - node.values.mean[at % columns]) / node.values.deviation[at % columns])),
    backward: (da) => da.map((d, at) => round(d / node.values.deviation[at % columns])),
    kink: () => Infinity,
  };
  return node;
}

function drawingNode(spec: Spec & { type: "dropout" | "gaussianNoise" }, columns: number, round: Round): Node {
  let drawn: number[] | undefined;
  const factor = spec.type === "dropout";
  return {
    units: columns, values: {}, gradients: {}, terms: {},
    forward(x, { draw }, streams) {
      drawn = draw?.(spec, streams.next++, x.length / columns, columns);
      return drawn === undefined ? x : x.map((value, at) => round(factor ? value * drawn![at] : value + drawn![at]));
    },
    backward: (da) => (drawn === undefined || !factor ? da : da.map((d, at) => round(d * drawn![at]))),
    kink: () => Infinity,
  };
}

function residualNode(spec: Spec & { type: "residual" }, inputs: number, round: Round): Node {
  const inner = chain(spec.layers, inputs, round);
  const { units } = inner;
  const { projection = units !== inputs } = spec;
  const past = product(round, inputs, units);
  if (projection) inner.values.projection = filled(inputs * units, 0);
  const add = (x: number[], y: number[]): number[] => x.map((value, at) => round(value + y[at]));
  const node: Node = {
    ...inner,
    forward(x, run, streams) {
      const f = inner.forward(x, run, streams);
      return add(projection ? past.forward(x, node.values.projection, filled(units, 0)) : x, f);
    },
    backward(da) {
      const through = inner.backward(da);
      [node.gradients, node.terms] = [inner.gradients, inner.terms];
      if (!projection) return add(da, through);
      const { dx, dw, terms } = past.backward(da, node.values.projection);
      node.gradients.projection = dw;
      node.terms.projection = terms;
      return add(dx, through);
    },
    penalize() {
      const sum = inner.penalize!();
      node.gradients = { ...inner.gradients, ...(projection && { projection: node.gradients.projection }) };
      return sum;
    },
  };
  return node;
}

/** Layers one behind the other as one node, their names with a number in front. */
function chain(specs: Spec[], inputs: number, round: Round): Node & { nodes: Node[] } {
  const nodes: Node[] = [];
  for (const spec of specs) nodes.push(makeNode(spec, nodes.at(-1)?.units ?? inputs, round));
  const named = <T>(of: (node: Node) => Record<string, T>): Record<string, T> =>
    Object.fromEntries(nodes.flatMap((node, i) => Object.entries(of(node)).map(([name, value]) => [`${i + 1}.${name}`, value])));
  const node: Node & { nodes: Node[] } = {
    nodes,
    units: nodes.at(-1)!.units,
    values: named(({ values }) => values),
    gradients: {},
    terms: {},
    forward: (x, run, streams) => nodes.reduce((a, each) => each.forward(a, run, streams), x),
    backward(da) {
      const dx = nodes.reduceRight((d, each) => each.backward(d), da);
      node.gradients = named(({ gradients }) => gradients);
      node.terms = named(({ terms }) => terms);
      return dx;
    },
    penalize() {
      const sum = nodes.reduce((total, each) => total + (each.penalize?.() ?? 0), 0);
      node.gradients = named(({ gradients }) => gradients);
      return sum;
    },
    settle: () => nodes.forEach((each) => each.settle?.()),
    kink: () => Math.min(...nodes.map((each) => each.kink())),
  };
  return node;
}

function makeNode(spec: Spec, inputs: number, round: Round): Node {
  if (spec.type === "dense") return denseNode(spec, inputs, round);
  if (spec.type === "activation") return activationNode(spec, inputs, round);
  if (spec.type === "residual") return residualNode(spec, inputs, round);
  if (spec.type === "normalization") return measuredNode(inputs, round);
  if (spec.type === "dropout" || spec.type === "gaussianNoise") return drawingNode(spec, inputs, round);
  return normalizationNode(spec, inputs, round);
}

/** Values by name that the caller sets, zeros and ones at first; `round` is applied to every operation: Math.fround makes a plain float32 network of it. */
export class ReferenceLayers {
  readonly nodes: Node[];
  readonly #chain: ReturnType<typeof chain>;

  constructor(readonly inputs: number, readonly specs: Spec[], readonly round: Round = (value) => value) {
    this.#chain = chain(specs, inputs, round);
    this.nodes = this.#chain.nodes;
  }

  forward(x: number[], run: Run): number[] {
    return this.#chain.forward(x, run, { next: 0 });
  }

  /** Mean loss with the penalties; leaves gradients in the nodes. */
  backward(x: number[], targets: number[][], id: LossId, run: Run): { loss: number; input: number[] } {
    const output = rowsOf(this.forward(x, run), this.#chain.units);
    const divisor = divisorOf(id, output.length, this.#chain.units);
    const input = this.#chain.backward(output.flatMap((row, r) => losses[id].gradient(row, targets[r]).map((g) => this.round(g / divisor))));
    return { loss: output.reduce((sum, row, r) => sum + losses[id].loss(row, targets[r]), 0) / divisor + this.#chain.penalize!(), input };
  }

  settle(): void {
    this.#chain.settle!();
  }

  kink(): number {
    return this.#chain.kink();
  }
}

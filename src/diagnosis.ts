// What network.diagnose() sees: how values and gradients fare from layer to layer, and in plain words what is wrong with them.

import { activationRow, type Activation } from "./activations.js";
import type { Rows } from "./check.js";
import type { Block, Pass, TrainableLayer } from "./layers/layer.js";
import type { Stack } from "./plan.js";
import { alignColumns } from "./summary.js";
import type { Targets } from "./targets.js";
import type { Trainer } from "./trainer.js";

/** Over all rows and units. */
export interface Spread {
  mean: number;
  /** Standard deviation, divided by n. */
  deviation: number;
}

/** One layer; a residual block is one, and what holds for its activations is taken over all layers inside. Undefined where the layer has no such thing. */
export interface LayerDiagnosis {
  /** "dense(64, relu)" */
  label: string;
  z?: Spread;
  a: Spread;
  /** √ of the mean of f′(z)²: about what the activation makes of a gradient. As the two below, not for linear and softmax. */
  slope?: number;
  /** Share of the values of z, all rows and units, with |f′(z)| below 1 % of f′(0): for activations that end flat on both sides (sigmoid, tanh, arctan). */
  saturated?: number;
  /** Share of the units with f′(z) = 0 in every row, which learn nothing: relu below 0. */
  dead?: number;
  /** Euclidean norm of ∂loss/∂a; of ∂loss/∂z in a last layer that the loss takes the logits of. */
  outputGradientNorm: number;
  /** Euclidean norm of the gradient of what the layer learns. Here too the loss is the mean over the rows. */
  gradientNorm?: number;
  weightNorm?: number;
  /** ‖Δw‖ / ‖w‖ of the step that the optimizer, in its present state, would take on these rows; undefined where w is 0. */
  updateRatio?: number;
}

/** Where findings begin: the ratio of gradients at layer 1 and output, the rest as in LayerDiagnosis. */
const LIMITS = { ratio: 1e3, dead: 0.25, saturated: 0.5, updateRatio: 0.5 };
/** With fewer rows, a unit may be 0 for all of them by chance. */
const LEAST_ROWS = 8;
/** Inputs this large (root mean square) are the first suspects of saturation. */
const LARGE = 3;

/** What network.diagnose() gives; as a string, a table of the layers and the verdict. */
export class Diagnosis {
  /** @internal */
  constructor(
    /** layers[l] belongs to network.layers[l]. */
    readonly layers: readonly LayerDiagnosis[],
    /** Mean over the rows. */
    readonly loss: number,
    /** What a layer makes of the gradient on its way to the input: the geometric mean of ‖∂loss/∂a[l−1]‖ / ‖∂loss/∂a[l]‖, as far as the gradient reaches. */
    readonly gradientFactor: number,
    /**
     * What is wrong and why, in this order: a gradient that does not get past some layer; one over 1000 times smaller or greater at layer 1 than at the output;
     * layers with 25 % or more of their units dead, or 50 % of their values saturated (from 8 rows on); steps at least half as large as a layer's weights, often
     * a consequence of the others. Of several such layers, the worst is named.
     */
    readonly verdict: string,
  ) {}

  toString(): string {
    const spread = (s: Spread | undefined) => (s ? `${show(s.mean, 2)} ± ${show(s.deviation, 2)}` : "");
    const rows = this.layers.map((layer, l) => [
      `${l + 1}`, layer.label, spread(layer.z), spread(layer.a), show(layer.slope), percent(layer.saturated), percent(layer.dead),
      show(layer.outputGradientNorm), show(layer.gradientNorm), show(layer.weightNorm), show(layer.updateRatio),
    ]);
    return `${alignColumns([["layer", "", "z", "a", "f′", "saturated", "dead", "‖da‖", "‖dw‖", "‖w‖", "‖Δw‖/‖w‖"], ...rows], 2)}\n\nloss ${show(this.loss)}; ${this.verdict}`;
  }
}

/** @internal `rate`: the learning rate of the step that is tried. */
export function diagnose({ backend, layers, parameters, weights }: Stack<TrainableLayer>, trainer: Trainer, rate: number, { data, rows }: Rows, targets: Targets, where: string): Diagnosis {
  const { kernels, linear } = backend;
  const flow: number[] = [];
  const watch = (layer: number, pointer: number, length: number) => (flow[layer] = norm(linear.f32(pointer, length)));
  return trainer.look(data, targets, rows, where, (plan, gradients, loss, lease) => {
    /** The values of a matrix, without the padding. */
    const read = ({ pointer, ld }: Block, columns: number, count = rows) => linear.f32(pointer, count * ld).filter((_, i) => i % ld < columns);
    const apply = (what: "Forward" | "Derivative", { id, options }: Activation, { pointer, ld }: Block, columns: number, count = rows) => {
      const out = lease.allocate(64 + count * ld * 4, where);
      linear.f32(out, 16).set(Object.values(options));
      kernels.call(`${id}${what}`, count, columns, ld, pointer, out + 64, out);
      return read({ pointer: out + 64, ld }, columns, count);
    };
    const probe = { pointer: lease.zeros(8, where), ld: 8 };
    linear.f32(probe.pointer, 3).set([0, 1e4, -1e4]);

    /** An activation that ends flat on both sides: what to blame if gradients shrink. */
    let bounded: string | undefined;
    const activity = (layer: TrainableLayer, pass: Pass) => {
      let [squares, values, flat, bounding, dead, units] = [0, 0, 0, 0, 0, 0];
      for (const [{ activation, units: columns }, z] of activationSites(layer, pass)) {
        const slopes = apply("Derivative", activation, z, columns);
        const [limit, ...ends] = apply("Derivative", activation, probe, 3, 1).map((value, i) => Math.abs(i > 0 ? value : value / 100));
        const alive = new Set<number>();
        slopes.forEach((value, i) => value && alive.add(i % columns));
        squares += norm(slopes) ** 2;
        values += slopes.length;
        dead += columns - alive.size;
        units += columns;
        if (ends.every((end) => end < limit)) {
          bounded ??= activation.id;
          flat += slopes.filter((value) => Math.abs(value) < limit).length;
          bounding += slopes.length;
        }
      }
      return units > 0 ? { slope: Math.sqrt(squares / values), saturated: bounding > 0 ? flat / bounding : undefined, dead: dead / units } : {};
    };

    const norms = (block: number) => layers.map((_, l) => {
      const own = parameters.learned.filter(({ layer }) => layer === l);
      return own.length > 0 ? norm(linear.f32(block + own[0].offset * 4, own.reduce((total, { size }) => total + size, 0))) : undefined;
    });
    const weightNorms = norms(weights);
    const gradientNorms = norms(gradients);
    const steps = norms(trainer.updater.rehearse(rate, gradients, lease, where));
    const seen = layers.map((layer, l): LayerDiagnosis => {
      const { label, units, activation } = layer;
      const pass = plan.passes[l];
      const { z, a } = pass;
      // The last activation is part of the loss, if that takes logits.
      const output = z && a === z && activation.id !== "linear" ? apply("Forward", activation, z, units) : read(a, units);
      return {
        label,
        z: z && spreadOf(read(z, units)),
        a: spreadOf(output),
        ...activity(layer, pass),
        outputGradientNorm: flow[l],
        gradientNorm: gradientNorms[l],
        weightNorm: weightNorms[l],
        updateRatio: weightNorms[l] ? steps[l]! / weightNorms[l] : undefined,
      };
    });
    return new Diagnosis(seen, loss, ...judge(seen, spreadOf(data), rows, bounded));
  }, watch);
}

/** The layers that have an activation of their own, this one or some inside, each with its z. */
function activationSites(layer: TrainableLayer, { z, inner = [] }: Pass): [TrainableLayer, Block][] {
  const { id } = layer.activation;
  return z && id !== "linear" && !(id === "prelu" || activationRow(id).across) ? [[layer, z]] : inner.flatMap((pass, i) => activationSites(layer.layers![i], pass));
}

/** Words for what `layers` show. */
function judge(layers: readonly LayerDiagnosis[], inputs: Spread, rows: number, bounded: string | undefined): [factor: number, verdict: string] {
  const findings: string[] = [];
  const name = (l: number) => `layer ${l + 1}, ${layers[l].label}`;
  const norms = layers.map(({ outputGradientNorm }) => outputGradientNorm);
  const top = norms.length - 1;
  /** The first layer that a gradient reaches. */
  const first = norms.lastIndexOf(0) + 1;
  const ratios = norms.slice(first).map((value) => value / norms[top]);
  const factor = first < top ? ratios[0] ** (1 / (top - first)) : 1;
  if (first > top) findings.push("the gradient is 0 at the output already: these rows teach nothing");
  else if (first > 0) findings.push(`no gradient gets past ${name(first)}`);
  const towards = `${show(factor, 2)}× per layer towards the input: `;
  if (ratios[0] < 1 / LIMITS.ratio) findings.push(`gradient shrinks ${towards}${whySmaller(layers, factor, bounded)}`);
  if (ratios[0] > LIMITS.ratio) {
    const has = (type: RegExp) => layers.some(({ label }) => type.test(label));
    findings.push(`gradient grows ${towards}${has(/^residual\((?!.*ormalization)/) ? "residual() adds up without layerNormalization() in it" : has(/^\w+Normalization/) ? "layers are normalized, but not in residual()" : "weights too large"}`);
  }

  const worst = (key: "dead" | "saturated" | "updateRatio", say: (value: number, layer: string, l: number) => string) => {
    const values = layers.map((layer) => layer[key] ?? 0);
    const most = Math.max(...values);
    const more = values.filter((value) => value >= LIMITS[key]).length - 1;
    const l = values.indexOf(most);
    if (more >= 0) findings.push(say(most, name(l), l) + (more > 0 ? ` (and in ${more} more)` : ""));
  };
  if (rows >= LEAST_ROWS) {
    worst("dead", (value, layer) => `${percent(value)} of the units of ${layer}, are dead`);
    worst("saturated", (value, layer, l) => {
      const { mean, deviation } = l > 0 ? layers[l - 1].a : inputs;
      return `${percent(value)} of the values of ${layer}, are saturated: ${Math.hypot(mean, deviation) > LARGE ? "inputs" : "weights"} too large`;
    });
  }
  worst("updateRatio", (value, layer) => `a step is ${show(value, 2)}× as large as the weights of ${layer}: learning rate too large`);
  return [factor, findings.join("; ") || `nothing unusual: gradients keep between ${show(Math.min(...ratios), 2)}× and ${show(Math.max(...ratios), 2)}× of their size at the output`];
}

/** The `bounded` activation, if its slope accounts for at least half of the shrinking; otherwise the weights. */
function whySmaller(layers: readonly LayerDiagnosis[], factor: number, bounded: string | undefined): string {
  const passed = layers.slice(1, -1);
  const logs = passed.reduce((total, { slope, saturated }) => total + (saturated === undefined ? 0 : Math.log(slope!)), 0);
  return logs / passed.length < Math.log(factor) / 2 ? `${bounded} at depth ${layers.length}` : "weights too small";
}

function spreadOf(values: Float32Array): Spread {
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  return { mean, deviation: Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length) };
}

function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((total, value) => total + value * value, 0));
}

function show(value: number | undefined, digits = 3): string {
  if (value === undefined) return "";
  return Math.abs(value) < 1e-3 && value !== 0 ? value.toExponential(digits - 1) : String(+value.toPrecision(digits));
}

function percent(share: number | undefined): string {
  return share === undefined ? "" : `${Math.round(share * 100)} %`;
}

// y = x + f(x), f a chain of layers: gradients reach x unchanged besides through f, however deep the network (He et al. 2016: Identity mappings in deep residual networks).

import { checkBoolean, checkOptions } from "../check.js";
import { ShapeError } from "../errors.js";
import type { Initializer } from "../initializers.js";
import { ROWS } from "../program.js";
import { buildChain, type Rebuild } from "./build.js";
import { backwardChain, chainParameters, forwardChain, padded, stepChain } from "./chain.js";
import { LINEAR, rowStride, scratchSize, type BackwardSite, type Factory, type ForwardSite, type Layer, type LayerFactory, type Parameter, type Pass, type StepSite, type TrainableLayer, type WidthOf } from "./layer.js";

export interface ResidualOptions {
  /** Whether x goes through a learned matrix [inputs × units] before it is added. Default: only where the widths differ. */
  projection?: boolean;
}

/**
 * A block with a way past it: y = x + f(x), or y = Pᵀx + f(x) where f changes the width.
 *
 * @param layers f, at least one layer
 * @throws (when the network is built) ShapeError where f changes the width with `projection: false`
 * @example residual([layerNormalization(), dense(64, "relu"), dense(64)])
 */
export function residual<const Layers extends readonly LayerFactory[]>(layers: Layers, options?: ResidualOptions): LayerFactory<WidthOf<Layers>> {
  const { projection } = checkOptions("residual", options, ["projection"]);
  if (projection !== undefined) checkBoolean("residual", "projection", projection);
  return { build: (where, inputs) => new Residual(where, inputs, buildChain(`${where}: residual`, layers, inputs), projection, { id: "glorotUniform", number: 1 }) };
}

interface ResidualConfig {
  type: string;
  projection: boolean;
  layers: unknown[];
}

export function rebuildResidual(config: ResidualConfig, rebuild: Rebuild<TrainableLayer>): LayerFactory {
  const { layers, projection } = checkConfig(config, rebuild);
  return { build: (where, inputs) => new Residual(where, inputs, buildChain(where, layers, inputs), projection) };
}

export function rebuildResidualForward(config: ResidualConfig, rebuild: Rebuild<Layer>): Factory<Layer> {
  const { layers, projection } = checkConfig(config, rebuild);
  return { build: (where, inputs) => new ResidualForward(where, inputs, buildChain(where, layers, inputs), projection) };
}

function checkConfig<L extends Layer>(config: ResidualConfig, rebuild: Rebuild<L>): { layers: Factory<L>[]; projection: boolean } {
  const { layers, projection } = checkOptions("residual", config, ["type", "projection", "layers"]);
  return { layers: layers.map(rebuild), projection: checkBoolean("residual", "projection", projection) };
}

const MOST_DEPTH = 100;

class ResidualForward<L extends Layer = Layer> implements Layer {
  readonly type = "residual";
  readonly activation = LINEAR;
  readonly units: number;
  readonly projection: boolean;
  /** Blocks in each other, this one included. */
  readonly depth: number;
  readonly parameters: readonly Parameter[];

  constructor(where: string, readonly inputs: number, readonly layers: readonly L[], projection: boolean | undefined, initializer?: Initializer) {
    const units = (this.units = layers.at(-1)!.units);
    if (projection === false && units !== inputs) throw new ShapeError(`${where}: residual without projection must hold layers that keep the width, got ${inputs} values in and ${units} out`);
    // Names in a block grow with how deep it lies; a small file must not ask for long work.
    this.depth = 1 + Math.max(...layers.map((layer) => (layer instanceof ResidualForward ? layer.depth : 0)));
    if (this.depth > MOST_DEPTH) throw new ShapeError(`${where.split(":")[0]}: residual blocks must lie at most ${MOST_DEPTH} deep in each other, got ${this.depth}`);
    this.projection = projection ?? units !== inputs;
    const fans = [inputs, units] as const;
    this.parameters = [
      ...chainParameters(layers),
      ...(this.projection ? [{ name: "projection", shape: fans, fans, initializer, size: inputs * rowStride(units) }] : []),
    ];
  }

  forward(site: ForwardSite): Pass {
    const { program, arena, parameter } = site;
    const input = padded(site, this.inputs);
    const inner = forwardChain(this.layers, { ...site, input, logits: false });
    const f = inner.at(-1)!.a;
    const a = arena.matrix(this.units);
    let x = input;
    if (this.projection) {
      x = a;
      program.add("gemm", ROWS, this.units, this.inputs, input.pointer, input.ld, parameter("projection"), a.pointer, a.ld, 0);
    }
    program.add("addRows", ROWS, this.units, a.ld, x.pointer, f.pointer, a.pointer);
    if (f !== input) arena.release(f);
    return { input, a, inner };
  }
}

class Residual extends ResidualForward<TrainableLayer> implements TrainableLayer {
  get label(): string {
    return `residual(${this.layers.map(({ label }) => label).join(", ")})`;
  }

  get config(): Readonly<Record<string, unknown>> {
    return { type: "residual", projection: this.projection, layers: this.layers.map(({ config }) => config) };
  }

  get scratchSize(): number {
    return Math.max(scratchSize(this.units), ...this.layers.map(({ scratchSize = 0 }) => scratchSize));
  }

  get leastRows(): number {
    return Math.max(...this.layers.map(({ leastRows = 1 }) => leastRows));
  }

  backward(site: BackwardSite, { input, inner }: Pass): void {
    const { program, arena, da, dInput, parameter, gradient, scratch } = site;
    const { inputs, units } = this;
    // The way past f first: f's layers overwrite da.
    if (this.projection) {
      program.add("gemmWeightGradient", ROWS, inputs, units, input.pointer, input.ld, da.pointer, da.ld, gradient("projection"), scratch);
      if (dInput) program.add("gemmInputGradient", ROWS, inputs, units, da.pointer, da.ld, parameter("projection"), dInput.pointer, dInput.ld, 0, inputs, scratch);
    } else if (dInput) program.add("copyRows", ROWS, da.ld, da.pointer, da.ld, dInput.pointer, dInput.ld);
    const through = dInput && arena.matrix(inputs);
    backwardChain(this.layers, { ...site, dInput: through, logits: false }, inner!);
    if (!dInput) return;
    program.add("addRows", ROWS, inputs, dInput.ld, dInput.pointer, through!.pointer, dInput.pointer);
    arena.release(through!);
  }

  regularize(site: StepSite): void {
    stepChain("regularize", this.layers, site, []);
  }

  settle(site: StepSite, { inner }: Pass): void {
    stepChain("settle", this.layers, site, inner!);
  }
}

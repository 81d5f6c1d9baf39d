// A layer written by the user: its forward and backward passes run between the kernels, on views of linear memory.

import { checkCount, checkOptions, describe } from "../check.js";
import { ArgumentError } from "../errors.js";
import { checkInitializer, type InitializerLike } from "../initializers.js";
import type { Lease } from "../memory.js";
import { MemoryView } from "../memory.js";
import { ROWS } from "../program.js";
import { LINEAR, rowStride, type BackwardSite, type Block, type ForwardSite, type LayerFactory, type Parameter, type Pass, type TrainableLayer } from "./layer.js";

/** What a pass works on. Matrices are row-major without padding; all are views of linear memory, to be used at once and not kept. */
export interface LayerViews {
  readonly rows: number;
  /** rows × inputs */
  readonly x: Float32Array;
  /** rows × units: forward writes it, backward may read it. */
  readonly y: Float32Array;
  /** By the names in `weights`. Read them; backward may not change them. */
  readonly weights: Readonly<Record<string, Float32Array>>;
  /** A step of training, not a prediction. */
  readonly training: boolean;
}

export interface LayerGradientViews extends LayerViews {
  /** Gradient of y: read it. */
  readonly dy: Float32Array;
  /** Gradient of x: write all of it. */
  readonly dx: Float32Array;
  /** Gradients of the weights, zero on entry: write them. Sums over the rows, not means. */
  readonly gradients: Readonly<Record<string, Float32Array>>;
}

/**
 * A layer of your own, for custom(). Results depend on nothing but the arguments; for the same bits on every engine use no Math.exp and its kind.
 *
 * @example
 * // y = x · scale, one learned scale a feature
 * const scaling = {
 *   name: "scaling",
 *   weights: (inputs) => ({ scale: { shape: [inputs], initializer: "ones" } }),
 *   forward: ({ rows, x, y, weights: { scale } }) => { for (let i = 0; i < y.length; i++) y[i] = x[i] * scale[i % scale.length]; },
 *   backward({ x, dx, dy, weights: { scale }, gradients }) {
 *     for (let i = 0; i < dy.length; i++) {
 *       dx[i] = dy[i] * scale[i % scale.length];
 *       gradients.scale[i % scale.length] += dy[i] * x[i];
 *     }
 *   },
 * } satisfies CustomLayer;
 */
export interface CustomLayer {
  /** What files call it. */
  readonly name: string;
  /** Values a row coming out. Default: as many as go in. */
  units?(inputs: number): number;
  /** Learned arrays by name, with their shapes. Default none. */
  weights?(inputs: number): Readonly<Record<string, { readonly shape: readonly number[]; readonly initializer?: InitializerLike }>>;
  forward(views: LayerViews): void;
  backward(views: LayerGradientViews): void;
}

/**
 * A layer from a CustomLayer. A network with one is saved by its name; `Network.load(bytes, { customLayers: [scaling] })` needs the definition again.
 * @throws ArgumentError unless `definition` has a name, forward and backward
 */
export function custom(definition: CustomLayer): LayerFactory<number> {
  checkCustomLayer("custom", definition);
  return { build: (where, inputs) => new Custom(where, inputs, definition) };
}

export function checkCustomLayer(where: string, definition: CustomLayer): void {
  const { name, units, weights, forward, backward } = (definition ?? {}) as Partial<CustomLayer>;
  const optional = [units, weights].every((method) => method === undefined || typeof method === "function");
  if (typeof name !== "string" || !optional || typeof forward !== "function" || typeof backward !== "function") throw new ArgumentError(`${where}: a layer must have a name, forward and backward, and functions for units and weights, got ${describe(definition)}`);
}

export function rebuildCustom(config: { type: string; name: string }, definitions: readonly CustomLayer[]): LayerFactory {
  const { name: wanted } = checkOptions("custom", config, ["type", "name"]);
  const definition = definitions.find(({ name }) => name === wanted);
  if (definition === undefined) throw new ArgumentError(`custom: the layer ${describe(wanted)} must be among customLayers, got ${definitions.map(({ name }) => name).join(", ") || "none"}`);
  return custom(definition);
}

class Custom implements TrainableLayer {
  readonly type = "custom";
  readonly activation = LINEAR;
  readonly units: number;
  readonly parameters: readonly Parameter[];

  constructor(readonly where: string, readonly inputs: number, readonly definition: CustomLayer) {
    const place = `${where}: custom(${definition.name})`;
    this.units = checkCount(place, "units", definition.units?.(inputs) ?? inputs);
    this.parameters = Object.entries(definition.weights?.(inputs) ?? {}).map(([name, options]) => {
      const { shape, initializer = "glorotUniform" } = checkOptions(place, options, ["shape", "initializer"], name);
      if (!Array.isArray(shape)) throw new ArgumentError(`${place}: shape of ${name} must be an array, got ${describe(shape)}`);
      const size = shape.reduce((product, length) => product * checkCount(place, `shape of ${name}`, length), 1);
      return { name, shape: [...shape], plain: true, size: rowStride(size), fans: [inputs, this.units], initializer: checkInitializer(place, name, initializer) };
    });
  }

  get label(): string {
    return `custom(${this.definition.name})`;
  }

  get config(): Readonly<Record<string, unknown>> {
    return { type: "custom", name: this.definition.name };
  }

  forward(site: ForwardSite): Pass {
    const { program, arena, input, mode } = site;
    const a = arena.matrix(this.units);
    const x = this.#compact(site, arena.lease, input, this.inputs);
    const y = a.ld === this.units ? a.pointer : arena.matrix(this.units).pointer;
    const views = this.#views(program.backend.linear, x, y, arena.capacity, site.parameter, mode === "train");
    program.host((rows) => this.definition.forward(views(rows)));
    if (y !== a.pointer) program.add("copyRows", ROWS, this.units, y, this.units, a.pointer, a.ld);
    return { input, a, kept: [x, y] };
  }

  backward(site: BackwardSite, { kept }: Pass): void {
    const { program, arena, da, dInput, gradient } = site;
    const { linear } = program.backend;
    const [x, y] = kept!;
    const { capacity } = arena;
    const dy = this.#compact(site, arena.lease, da, this.units);
    // Written even if nobody wants it.
    const dx = arena.lease.allocate(capacity * this.inputs * 4, arena.where);
    const views = this.#views(linear, x, y, capacity, site.parameter, site.mode === "train");
    const gradients = this.#arrays(linear, gradient);
    const view = (pointer: number, columns: number) => new MemoryView(linear, pointer, capacity * columns);
    const [dyView, dxView] = [view(dy, this.units), view(dx, this.inputs)];
    program.host((rows) => {
      const arrays = gradients();
      for (const array of Object.values(arrays)) array.fill(0);
      this.definition.backward({ ...views(rows), dy: dyView.array.subarray(0, rows * this.units), dx: dxView.array.subarray(0, rows * this.inputs), gradients: arrays });
    });
    if (dInput) program.add("copyRows", ROWS, this.inputs, dx, this.inputs, dInput.pointer, dInput.ld);
  }

  /** Pointer to the same rows without padding. */
  #compact({ program, arena }: Pick<ForwardSite, "program" | "arena">, lease: Lease, { pointer, ld }: Block, columns: number): number {
    if (ld === columns) return pointer;
    const compact = lease.allocate(arena.capacity * columns * 4, arena.where);
    program.add("copyRows", ROWS, columns, pointer, ld, compact, columns);
    return compact;
  }

  #views(linear: Lease["memory"], x: number, y: number, capacity: number, parameter: (name: string) => number, training: boolean): (rows: number) => LayerViews {
    const [xView, yView] = [new MemoryView(linear, x, capacity * this.inputs), new MemoryView(linear, y, capacity * this.units)];
    const weights = this.#arrays(linear, parameter);
    return (rows) => ({ rows, x: xView.array.subarray(0, rows * this.inputs), y: yView.array.subarray(0, rows * this.units), weights: weights(), training });
  }

  #arrays(linear: Lease["memory"], parameter: (name: string) => number): () => Record<string, Float32Array> {
    const views = this.parameters.map(({ name, shape }) => [name, new MemoryView(linear, parameter(name), shape.reduce((product, length) => product * length, 1))] as const);
    return () => Object.fromEntries(views.map(([name, view]) => [name, view.array]));
  }
}

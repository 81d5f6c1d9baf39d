// The typed face of the wasm exports, and the only file that calls them. Argument words are those of assembly/ (DESIGN.md, "Kernel interface"):
// pointers are byte offsets, the rest are counts of elements.

type Activation = [rows: number, columns: number, ld: number, from: number, to: number, parameters: number];
type ActivationBackward = [rows: number, columns: number, ld: number, x: number, da: number, dz: number, parameters: number];
type Loss = [rows: number, columns: number, ld: number, x: number, target: number, gradient: number, total: number, parameters: number, rowWeights: number];
type Metric = [rows: number, columns: number, ld: number, x: number, target: number, total: number, parameters: number];
type Optimizer = [n: number, weights: number, gradients: number, state: number, parameters: number, stride: number];

type Pair = [rows: number, columns: number, ld: number, x: number, y: number, out: number];

/** Kernels by name. Families named by their tables share a signature, told by the suffix. */
export interface KernelArguments {
  packPanels: [k: number, n: number, b: number, ldb: number, panels: number];
  packPanelsTransposed: [k: number, n: number, b: number, ldb: number, panels: number];
  unpackPanels: [k: number, n: number, panels: number, b: number, ldb: number];
  gemm: [m: number, n: number, k: number, a: number, lda: number, panels: number, c: number, ldc: number, init: number];
  gemmTN: [m: number, n: number, k: number, a: number, lda: number, panels: number, c: number, ldc: number, init: number];
  gemmInputGradient: [m: number, k: number, n: number, dz: number, ldz: number, panels: number, da: number, lda: number, first: number, last: number, scratch: number];
  gemmWeightGradient: [m: number, k: number, n: number, a: number, lda: number, dz: number, ldz: number, panels: number, scratch: number];
  copyRows: [rows: number, columns: number, from: number, ldf: number, to: number, ldt: number];
  gatherRows: [rows: number, columns: number, from: number, indices: number, to: number];
  sumRows: [rows: number, columns: number, ld: number, x: number, out: number];
  addRows: Pair;
  multiplyRows: Pair;
  layerNormalizationApply: [rows: number, columns: number, ld: number, x: number, a: number, statistics: number, affine: number, parameters: number];
  layerNormalizationInputGradient: [rows: number, columns: number, ld: number, x: number, da: number, dx: number, statistics: number, gamma: number];
  layerNormalizationGradient: [rows: number, n: number, ld: number, x: number, da: number, statistics: number, affineGradient: number];
  batchNormalizationScale: [n: number, variance: number, scale: number, parameters: number];
  batchNormalizationApply: [rows: number, n: number, ld: number, x: number, a: number, mean: number, scale: number, affine: number];
  batchNormalizationTrain: [rows: number, n: number, ld: number, x: number, a: number, statistics: number, affine: number, parameters: number];
  batchNormalizationGradient: [rows: number, n: number, ld: number, x: number, da: number, dx: number, statistics: number, gamma: number, affineGradient: number];
  batchNormalizationSettle: [rows: number, ld: number, statistics: number, running: number, parameters: number];
  normalizationApply: [rows: number, columns: number, ld: number, x: number, a: number, measured: number];
  normalizationInputGradient: [rows: number, columns: number, ld: number, da: number, dx: number, measured: number];
  dropoutDraw: [rows: number, columns: number, ld: number, x: number, a: number, mask: number, random: number, draw: number, first: number];
  gaussianNoiseDraw: [rows: number, columns: number, ld: number, x: number, a: number, random: number, draw: number, parameters: number, first: number];
  addPenalty: [n: number, weights: number, gradients: number, total: number, parameters: number];
  limitNorms: [k: number, n: number, panels: number, parameters: number];
  preluSlopeGradient: [rows: number, columns: number, ld: number, z: number, da: number, out: number];
  axpy: [n: number, x: number, y: number, parameters: number];
  sumOfSquares: [n: number, x: number, total: number];
  scale: [n: number, x: number, parameters: number];
  clipValue: [n: number, x: number, parameters: number];
  barrier: [control: number, threads: number, maySleep: number];
  beat: [control: number, thread: number, _: number];
  isFiniteBlock: [n: number, x: number, flag: number, parameters: number];
  randomUniform: [n: number, out: number, key: number, parameters: number];
  randomNormal: [n: number, out: number, key: number, parameters: number];
  randomBits: [n: number, out: number, key: number, first: number];
  [activation: `${string}Forward`]: Activation;
  [gradient: `${string}Backward`]: ActivationBackward;
  [derivative: `${string}Derivative`]: Activation;
  [loss: `${string}Loss`]: Loss;
  [metric: `${string}Metric`]: Metric;
  [optimizer: `${string}Update`]: Optimizer;
}

export type KernelName = keyof KernelArguments & string;

interface Exports {
  readonly table: WebAssembly.Table;
  readonly heapBase: WebAssembly.Global;
  run(program: number, end: number): void;
}

type Kernel = (...args: number[]) => void;

export class Kernels {
  readonly #exports: Exports & Record<string, Kernel>;
  readonly #more: WebAssembly.Exports | undefined;
  /** Where each kernel stands in the module's function table. */
  readonly #indices = new Map<string, number>();

  /** @internal `more` is another module whose kernels programs may call. Workers fill their tables in the same order (src/worker-source.ts). */
  constructor(instance: WebAssembly.Instance, more?: WebAssembly.Instance) {
    this.#exports = instance.exports as never;
    this.#more = more?.exports;
    const { table } = this.#exports;
    for (const [name, kernel] of [...Object.entries(instance.exports), ...Object.entries(more?.exports ?? {})]) {
      if (typeof kernel === "function") {
        this.#indices.set(name, table.length);
        // Not grow(1, kernel): in WebKit (seen in WebKitGTK 2.50) calls from wasm find null there, though get() does not.
        table.set(table.grow(1), kernel);
      }
    }
  }

  /** First byte after the module's own data. */
  get heapBase(): number {
    return this.#exports.heapBase.value as number;
  }

  call<K extends KernelName>(kernel: K, ...args: KernelArguments[K]): void {
    this.#exports[kernel](...args);
  }

  /** Runs a program written by program.ts. */
  run(program: number, end: number): void {
    this.#exports.run(program, end);
  }

  /** Offsets in the control block of a threaded backend. */
  get controlLayout(): { spins: number; beats: number } {
    const { SPINS, BEATS } = this.#more as Record<string, WebAssembly.Global>;
    return { spins: SPINS.value as number, beats: BEATS.value as number };
  }

  /** Wakes the workers of a threaded backend for the programs in their slots. */
  startStep(control: number): void {
    (this.#more!.start as Kernel)(control);
  }

  /** What programs call the kernel by. */
  index(kernel: KernelName): number {
    return this.#indices.get(kernel)!;
  }
}

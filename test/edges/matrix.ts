// The edge matrix: every product of a dense network at every size that has an edge, each with every layout its kernel takes, down to the bit.
//
// What kernels take. Any row stride and any multiple of 4 bytes: A, which they read number by number, and the row-major side of packing and copying. Whole panels and
// multiples of 16 bytes: C, its initial row, panels of B, scratch, and the dZ that the weight gradient reads as vectors. The debug build refuses what does not keep to that (test/contract.kernels.test.ts).
// No kernel adds to the C it finds, so none reads it: what stands for accumulation is a sum that goes on between blocks of k, hence the sizes above a block.

import { expect } from "vitest";
import { call, type Call } from "../../src/program.js";
import { scratchSize } from "../../src/layers/layer.js";
import { shareCall } from "../../src/shares.js";
import type { Build } from "../instance.js";
import { complaint, exact, factors, padded, panelIndex, panels, strictProduct, type Exact, type Factors, type Kind } from "./products.js";
import { BC, columnCounts, CROWDED, innerCounts, KC, panelStrides, rowCounts, strides, worthwhile } from "./sizes.js";
import { Stage } from "./stage.js";

/** What a part of the matrix runs on. Of its cases it takes one in `step`, of each shape others. */
export class Bench {
  readonly stage: Stage;
  cases = 0;
  #offered = 0;

  /** Each kernel is called once, or in the parts that so many threads would do, the last one first. */
  constructor(readonly build: Build, readonly threads: number, readonly step: number) {
    this.stage = new Stage(build);
  }

  takes(products: number): boolean {
    const taken = this.#offered++ % this.step === 0;
    if (taken) this.cases += products;
    return taken;
  }

  run(recorded: Call): void {
    const { stage: { kernels }, threads: count } = this;
    for (let index = count - 1; index >= 0; index--) {
      for (const { kernel, args } of count === 1 ? [recorded] : shareCall(recorded, { index, count }, 1)) kernels[kernel](...args.map((arg) => (typeof arg === "function" ? arg(1) : arg)));
    }
  }

  /** Scratch as large as the kernel says it needs, or as a layer of so many units gives to threads. */
  scratch(floats: number, units: number): { pointer: number; ignore(): void } {
    const length = this.threads === 1 ? floats : this.threads * scratchSize(units);
    const pointer = this.stage.matrix(1, length);
    return { pointer, ignore: () => this.stage.ignore(pointer, 1, 0, length, 0) };
  }

  /** Everything in memory is as it must be. */
  check(what: object): void {
    const at = this.stage.difference();
    if (at >= 0) expect.fail(`${JSON.stringify(what)}: the word at byte ${at} of the operands is not what it must be`);
  }
}

export const booleans = [false, true];
const offsets = [0, 1, 2, 3];
const kinds = ["random", "integers", "special"] as const satisfies readonly Kind[];

export function* shapes(build: Build, block: number): Generator<readonly [m: number, n: number, k: number]> {
  for (const m of rowCounts(build)) for (const n of columnCounts) for (const k of innerCounts(block)) if (worthwhile(m, k)) yield [m, n, k];
}

/** Where a product lies: in rows, or in panels. */
interface Place {
  read(): Float32Array;
  expect(values: Float32Array): void;
  ignore(): void;
}

const inRows = (stage: Stage, pointer: number, m: number, n: number, ld: number): Place => ({
  read: () => stage.read(pointer, m, n, ld),
  expect: (values) => stage.expect(pointer, m, n, ld, values),
  ignore: () => stage.ignore(pointer, m, 0, n, ld),
});

const inPanels = (stage: Stage, pointer: number, m: number, n: number): Place => ({
  read: () => {
    const words = stage.read(pointer, 1, m * padded(n), 0);
    return Float32Array.from({ length: m * n }, (_, i) => words[panelIndex(m, Math.floor(i / n), i % n)]);
  },
  expect: (values) => stage.expect(pointer, 1, m * padded(n), 0, panels(m, n, values)),
  ignore: () => stage.ignore(pointer, 1, 0, m * padded(n), 0),
});

/** The bits a product must have: the strict build's by definition, the relaxed one's those of its first layout. Both within float64's bounds. */
class Product {
  #bits: Float32Array | undefined;
  #exact: Exact | undefined;

  constructor(readonly relaxed: boolean, readonly withBias: boolean, readonly kind: Kind) {}

  /** `got` is what the first layout gave, if this is the relaxed build and nothing else has. */
  bits(of: Factors, got: () => Float32Array): Float32Array {
    return (this.#bits ??= this.#checked(this.relaxed ? got() : strictProduct(of, this.withBias), of));
  }

  /** Says what must lie at `place` after the kernel. Of NaN only the class counts: those words may be any. */
  expectAt(place: Place, of: Factors): void {
    if (this.kind === "special") {
      this.#checked(place.read(), of);
      place.ignore();
    } else {
      place.expect(this.bits(of, place.read));
    }
  }

  #checked(values: Float32Array, of: Factors): Float32Array {
    this.#exact ??= exact(of, this.withBias);
    const wrong = complaint(values, this.#exact, of.k + +this.withBias, this.kind);
    if (wrong !== undefined) expect.fail(`${of.m} × ${of.n} × ${of.k}, ${this.kind}: ${wrong}`);
    return values;
  }
}

const products = new Map<string, Product>();

/** One for each shape and kind: strict, debug and threads must agree to the bit, and so must the kernels that compute the same. */
export function productOf(build: Build, m: number, n: number, k: number, kind: Kind, withBias: boolean): Product {
  const relaxed = build === "relaxed", key = `${[relaxed, m, n, k, kind, withBias]}`;
  let product = products.get(key);
  if (product === undefined) products.set(key, (product = new Product(relaxed, withBias, kind)));
  return product;
}

/** What is computed when it is first asked for. */
function lazy<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** Whether a case is run: integers and specials go through each product once, in another layout every time. */
const due = (kind: Kind, turn: number): boolean => kind === "random" || turn % 12 === 0;

/** gemm (gemv at one row) and gemmTN, with B packed from rows or from columns, without and with a bias. */
export function edgesOfProducts(bench: Bench): void {
  const { build, stage } = bench;
  for (const [m, n, k] of shapes(build, KC)) {
    const ldcs = panelStrides(n);
    for (const kind of kinds) {
      const numbers = lazy(() => factors(m, n, k, kind)), packedB = lazy(() => panels(k, n, numbers().b));
      let turn = m + n + k;
      for (const transposeA of booleans) {
        for (const transposeB of booleans) {
          const [rowsA, columnsA] = transposeA ? [k, m] : [m, k], [rowsB, columnsB] = transposeB ? [n, k] : [k, n];
          const ldas = strides(columnsA), ldbs = strides(columnsB);
          for (const [wide, ldc] of ldcs.entries()) {
            for (const offset of offsets) {
              if (!due(kind, turn++) || !bench.takes(2)) continue;
              const of = numbers(), [lda, ldb] = [ldas[wide], ldbs[wide]];
              stage.clear(bench.cases >> 1);
              const a = stage.matrix(rowsA, columnsA, lda, offset, transposeA ? of.aT : of.a);
              const b = stage.matrix(rowsB, columnsB, ldb, (offset + 1) % 4, transposeB ? of.bT : of.b);
              const init = stage.matrix(1, padded(n), padded(n), 0, of.bias);
              const packed = stage.matrix(1, k * padded(n)), c = booleans.map(() => stage.matrix(m, ldc));
              stage.load();
              bench.run(call(transposeB ? "packPanelsTransposed" : "packPanels", k, n, b, ldb, packed));
              stage.expect(packed, 1, k * padded(n), 0, packedB());
              for (const [i, withBias] of booleans.entries()) {
                bench.run(call(transposeA ? "gemmTN" : "gemm", m, n, k, a, lda, packed, c[i], ldc, withBias ? init : 0));
                productOf(build, m, n, k, kind, withBias).expectAt(inRows(stage, c[i], m, n, ldc), of);
                stage.ignore(c[i], m, n, padded(n), ldc);
              }
              bench.check({ m, n, k, transposeA, transposeB, lda, ldb, ldc, offset, kind });
            }
          }
        }
      }
    }
  }
}

/** gemmInputGradient: dA [m × n] = dZ [m × k]·Wᵀ, W [n × k], whose padding is 0. */
export function edgesOfInputGradients(bench: Bench): void {
  const { build, stage } = bench;
  for (const [m, n, k] of shapes(build, KC)) {
    const ldcs = panelStrides(n), ldzs = strides(k);
    for (const kind of kinds) {
      const numbers = lazy(() => factors(m, n, k, kind)), weights = lazy(() => panels(n, k, numbers().bT));
      for (const [wide, ldz] of ldzs.entries()) {
        for (const offset of offsets) {
          if (!due(kind, m + n + k + 4 * wide + offset) || !bench.takes(1)) continue;
          const of = numbers(), ldc = ldcs[wide];
          stage.clear(bench.cases);
          const dz = stage.matrix(m, k, ldz, offset, of.a), w = stage.matrix(1, n * padded(k), n * padded(k), 0, weights());
          const scratch = bench.scratch(padded(k) * 8, k), da = stage.matrix(m, ldc);
          stage.load();
          bench.run(call("gemmInputGradient", m, n, k, dz, ldz, w, da, ldc, 0, n, scratch.pointer));
          productOf(build, m, n, k, kind, false).expectAt(inRows(stage, da, m, n, ldc), of);
          // Of no use where a factor is not finite: 0 × ∞.
          if (kind === "special") stage.ignore(da, m, n, padded(n), ldc);
          else stage.expect(da + n * 4, m, padded(n) - n, ldc, new Float32Array(m * (padded(n) - n)));
          scratch.ignore();
          bench.check({ m, n, k, ldz, ldc, offset, kind });
        }
      }
    }
  }
}

function withPadding(rows: number, columns: number, values: Float32Array): Float32Array {
  const out = new Float32Array(rows * padded(columns));
  for (let r = 0; r < rows; r++) out.set(values.subarray(r * columns, (r + 1) * columns), r * padded(columns));
  return out;
}

/** gemmWeightGradient: dW [m × n] in panels = Aᵀ·dZ, A [k × m], over k rows of the batch in blocks; through scratch at strides that crowd the cache. */
export function edgesOfWeightGradients(bench: Bench): void {
  const { build, stage } = bench;
  for (const [m, n, k] of shapes(build, BC)) {
    const ldas = strides(m), ldzs = [...panelStrides(n), CROWDED / BC];
    for (const kind of kinds) {
      const numbers = lazy(() => factors(m, n, k, kind)), dzs = lazy(() => withPadding(k, n, numbers().b));
      for (const [wide, ldz] of ldzs.entries()) {
        for (const offset of offsets) {
          if (!due(kind, m + n + k + 4 * wide + offset) || !bench.takes(1)) continue;
          const of = numbers(), lda = ldas[wide % 3];
          stage.clear(bench.cases);
          const a = stage.matrix(k, m, lda, offset, of.aT), dz = stage.matrix(k, padded(n), ldz, 0, dzs());
          const scratch = bench.scratch(Math.min(k, BC) * 8, n), dw = stage.matrix(1, m * padded(n));
          stage.load();
          bench.run(call("gemmWeightGradient", k, m, n, a, lda, dz, ldz, dw, scratch.pointer));
          productOf(build, m, n, k, kind, false).expectAt(inPanels(stage, dw, m, n), of);
          scratch.ignore();
          bench.check({ m, n, k, lda, ldz, offset, kind });
        }
      }
    }
  }
}

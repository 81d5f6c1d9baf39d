// Matrices in linear memory and their product.

import { checkBackend, Backend } from "./backend.js";
import { checkAttached, checkBoolean, checkCount, checkOptions, describe, isFloats } from "./check.js";
import { defaultBackend } from "./default-backend.js";
import { ArgumentError, ShapeError } from "./errors.js";
import { rowStride } from "./layers/layer.js";
import { disposeWithOwner, Lease, MemoryView } from "./memory.js";
import { runOnce } from "./program.js";

export interface MatrixOptions {
  backend?: Backend;
}

/**
 * A row-major matrix that lives in linear memory.
 * @throws ShapeError for sizes that are not whole numbers from 0, or data of another length
 * @example const a = new Matrix(2, 3, new Float32Array([1, 2, 3, 4, 5, 6]));
 */
export class Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly #backend: Backend;
  readonly #lease: Lease;
  readonly #view: MemoryView;

  constructor(rows: number, columns: number, data?: Float32Array, options?: MatrixOptions) {
    const where = "Matrix";
    this.rows = checkCount(where, "rows", rows, 0);
    this.columns = checkCount(where, "columns", columns, 0);
    const length = rows * columns;
    if (data !== undefined && !isFloats(data)) throw new ArgumentError(`${where}: data must be a Float32Array, got ${describe(data)}`);
    if (data !== undefined) checkAttached(where, "data", data);
    if (data !== undefined && data.length !== length) throw new ShapeError(`${where}: data must hold ${rows} × ${columns} = ${length} values, got ${data.length}`);
    this.#backend = checkBackend(where, checkOptions(where, options, ["backend"]).backend, defaultBackend);
    const values = data && this.backend.linear.steady(data);
    this.#lease = new Lease(this.#backend.linear, "matrix");
    this.#view = new MemoryView(this.#backend.linear, this.#lease.allocate(length * 4, where), length);
    if (values === undefined) this.data.fill(0);
    else this.data.set(values);
    disposeWithOwner(this, this.#lease);
  }

  /** A view of the values, row-major. Take it anew before each use; memory growth elsewhere replaces it. */
  get data(): Float32Array<ArrayBuffer> {
    this.#checkAlive("Matrix.data");
    return this.#view.array;
  }

  /** @internal */
  get backend(): Backend {
    return this.#backend;
  }

  /** @internal Byte offset of the values. */
  pointer(where: string): number {
    this.#checkAlive(where);
    return this.#view.offset;
  }

  dispose(): void {
    this.#lease.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #checkAlive(where: string): void {
    if (this.#lease.disposed) throw this.#lease.disposedError(where);
  }
}

export interface MatmulOptions {
  transposeA?: boolean;
  transposeB?: boolean;
  /** Receives the product instead of a new matrix. Must not be a or b. */
  out?: Matrix;
}

/**
 * The product op(a) · op(b), each element summed in order of the inner index.
 *
 * @throws ShapeError if the inner sizes differ or `out` has another shape, ArgumentError if `out` is an operand or the backends differ
 * @example const c = matmul(a, b, { transposeB: true });
 */
export function matmul(a: Matrix, b: Matrix, options?: MatmulOptions): Matrix {
  const where = "matmul";
  for (const [name, matrix] of [["a", a], ["b", b]] as const) if (!(matrix instanceof Matrix)) throw new ArgumentError(`${where}: ${name} must be a Matrix, got ${describe(matrix)}`);
  const { transposeA = false, transposeB = false, out } = checkOptions(where, options, ["transposeA", "transposeB", "out"]);
  checkBoolean(where, "transposeA", transposeA);
  checkBoolean(where, "transposeB", transposeB);
  const [m, k] = transposeA ? [a.columns, a.rows] : [a.rows, a.columns];
  const [inner, n] = transposeB ? [b.columns, b.rows] : [b.rows, b.columns];
  if (k !== inner) throw new ShapeError(`${where}: the inner sizes must be equal, got ${m} × ${k} and ${inner} × ${n}`);
  const { backend } = a;
  if (b.backend !== backend) throw new ArgumentError(`${where}: a and b must live on one backend, got two`);
  backend.checkAlive(where);
  if (out !== undefined) {
    if (!(out instanceof Matrix)) throw new ArgumentError(`${where}: out must be a Matrix, got ${describe(out)}`);
    if (out === a || out === b) throw new ArgumentError(`${where}: out must not be an operand, got ${out === a ? "a" : "b"}`);
    if (out.backend !== backend) throw new ArgumentError(`${where}: out must live on the backend of a and b, got another`);
    if (out.rows !== m || out.columns !== n) throw new ShapeError(`${where}: out must be ${m} × ${n}, got ${out.rows} × ${out.columns}`);
    out.pointer(where);
  }
  const pa = a.pointer(where);
  const pb = b.pointer(where);
  const { linear } = backend;
  const ldc = rowStride(n);
  // B in panels, and C with padded rows if its own are not whole panels.
  const panels = linear.allocate((k * ldc + (ldc === n ? 0 : m * ldc)) * 4, where);
  let product = out;
  try {
    product ??= new Matrix(m, n, undefined, { backend });
    const pc = product.pointer(where);
    const padded = ldc === n ? pc : panels + k * ldc * 4;
    runOnce(backend, (program) => {
      program.add(transposeB ? "packPanelsTransposed" : "packPanels", k, n, pb, b.columns, panels);
      program.add(transposeA ? "gemmTN" : "gemm", m, n, k, pa, a.columns, panels, padded, ldc, 0);
      program.add("copyRows", m, n, padded, ldc, pc, n);
    }, where);
  } finally {
    linear.free(panels);
  }
  return product;
}

// THE table of how kernels share their work among threads: by output, never by the dimension a sum runs over, so that the bits do not depend on the number of
// threads. A kernel that is not in it is the first thread's alone.

import { PANEL, scratchSize } from "./layers/layer.js";
import { call, type Call, type Dynamic } from "./program.js";

type Argument = number | Dynamic;
type Share = (args: readonly Argument[], part: Part, capacity: number) => Call[];

/** Part `index` of `count`. */
export interface Part {
  readonly index: number;
  readonly count: number;
}

/** Multiply-adds between two signs of life: some 10 ms here, 0.1 s on a slow telephone. */
const PIECE = 2 ** 28;

/** An optimizer moves so much memory for a weight that it takes the time of so many multiply-adds. */
const UPDATE = 8;

const value = (argument: Argument, rows: number): number => (typeof argument === "function" ? argument(rows) : argument);

/** From where to where part `index` of `length` goes, in whole units. */
export function slice(length: number, unit: number, { index, count }: Part): [from: number, to: number] {
  const units = Math.ceil(length / unit);
  const at = (i: number) => Math.min(length, Math.floor((units * i) / count) * unit);
  return [at(index), at(index + 1)];
}

/** Rows from … to of the batch, as arguments. */
function rowSlice(rows: Argument, part: Part): { count: Argument; at(pointer: Argument, ld: Argument): Argument } {
  const bounds = (batch: number) => slice(value(rows, batch), 1, part);
  return {
    count: (batch) => bounds(batch)[1] - bounds(batch)[0],
    at: (pointer, ld) => (batch) => value(pointer, batch) + bounds(batch)[0] * value(ld, batch) * 4,
  };
}

/** The columns of one part, cut so that no piece takes long: signs of life stand between them. */
function columns(length: Argument, unit: number, part: Part, workPerColumn: number, make: (from: number, to: number) => Call): Call[] {
  const [from, to] = slice(length as number, unit, part);
  const most = Math.max(unit, Math.floor(PIECE / Math.max(1, workPerColumn) / unit) * unit);
  const calls: Call[] = [];
  for (let at = from; at < to; at += most) calls.push(make(at, Math.min(to, at + most)));
  return calls;
}

/** By columns of C: each thread keeps to its own panels of weights, which stay in its cache. */
const gemm = (kernel: "gemm" | "gemmTN"): Share => ([m, n, k, a, lda, panels, c, ldc, init], part, capacity) =>
  columns(n, PANEL, part, value(m, capacity) * (k as number), (from, to) => call(
    kernel, m, to - from, k, a, lda, (panels as number) + from * (k as number) * 4, (c as number) + from * 4, ldc, init === 0 ? 0 : (init as number) + from * 4,
  ));

const pack = (kernel: "packPanels" | "packPanelsTransposed"): Share => ([k, n, b, ldb, panels], part) =>
  columns(n, PANEL, part, 0, (from, to) => call(
    kernel, k, to - from, (b as number) + from * (kernel === "packPanels" ? 1 : (ldb as number)) * 4, ldb, (panels as number) + from * (k as number) * 4,
  ));

/** Elementwise and row by row: by rows. The first three arguments are rows, columns, ld; then `matrices` pointers; then what all parts share. */
const byRows = (kernel: string, matrices: number): Share => ([rows, width, ld, ...rest], part) => {
  const { count, at } = rowSlice(rows, part);
  return [{ kernel: kernel as Call["kernel"], args: [count, width, ld, ...rest.map((argument, i) => (i < matrices ? at(argument, ld) : argument))] }];
};

/** By rows, the number of the first one as last argument. */
const drawn = (kernel: string, matrices: number): Share => (args, part, capacity) => {
  const [{ args: own }] = byRows(kernel, matrices)(args, part, capacity);
  const first: Dynamic = (batch) => slice(value(args[0], batch), 1, part)[0];
  return [{ kernel: kernel as Call["kernel"], args: [...own.slice(0, -1), first] }];
};

/** Column by column: rows, n, ld, then pointers, of which those in `own` (but not 0) are to one float a column. */
const byColumns = (kernel: string, own: readonly number[]): Share => (args, part) =>
  columns(args[1], 4, part, 0, (from, to) => ({
    kernel: kernel as Call["kernel"],
    args: args.map((argument, i) => (i === 1 ? to - from : own.includes(i) && argument !== 0 ? (argument as number) + from * 4 : argument)),
  }));

/** A thread's scratch: one behind the other, the same for both gradients of a layer, which may run at the same time. */
const ownScratch = (scratch: Argument, n: Argument, { index }: Part): number => (scratch as number) + index * scratchSize(n as number) * 4;

/** Optimizers, element by element. The slots of the state stay `stride` floats apart. */
const update = (kernel: string): Share => ([n, weights, gradients, state, parameters, stride], part) => {
  const at = (block: Argument, from: number) => (block as number) + from * 4;
  return columns(n, PANEL, part, UPDATE, (from, to) => ({ kernel: kernel as Call["kernel"], args: [to - from, at(weights, from), at(gradients, from), at(state, from), parameters, stride] }));
};

const shares: Readonly<Record<string, Share>> = {
  gemm: gemm("gemm"),
  gemmTN: gemm("gemmTN"),
  gemmInputGradient: ([m, k, n, dz, ldz, panels, da, lda, , , scratch], part, capacity) => {
    const own = ownScratch(scratch, n, part);
    return columns(k, PANEL, part, value(m, capacity) * (n as number), (from, to) => call("gemmInputGradient", m, k, n, dz, ldz, panels, da, lda, from, to, own));
  },
  gemmWeightGradient: ([m, k, n, a, lda, dz, ldz, panels, scratch], part, capacity) =>
    columns(n, PANEL, part, value(m, capacity) * (k as number), (from, to) => call(
      "gemmWeightGradient", m, k, to - from, a, lda, (dz as number) + from * 4, ldz, (panels as number) + from * (k as number) * 4, ownScratch(scratch, n, part),
    )),
  sumRows: ([rows, n, ld, x, out], part) => columns(n, 4, part, 0, (from, to) => call("sumRows", rows, to - from, ld, (x as number) + from * 4, (out as number) + from * 4)),
  copyRows: ([rows, width, from, ldf, to, ldt], part) => {
    const { count, at } = rowSlice(rows, part);
    return [call("copyRows", count, width, at(from, ldf), ldf, at(to, ldt), ldt)];
  },
  addRows: byRows("addRows", 3),
  multiplyRows: byRows("multiplyRows", 3),
  normalizationApply: byRows("normalizationApply", 2),
  normalizationInputGradient: byRows("normalizationInputGradient", 2),
  batchNormalizationApply: byRows("batchNormalizationApply", 2),
  dropoutDraw: drawn("dropoutDraw", 3),
  gaussianNoiseDraw: drawn("gaussianNoiseDraw", 2),
  // Statistics of a row are 8 floats.
  layerNormalizationApply: ([rows, width, ld, x, a, statistics, ...rest], part) => {
    const { count, at } = rowSlice(rows, part);
    return [call("layerNormalizationApply", count, width, ld, at(x, ld), at(a, ld), statistics === 0 ? 0 : at(statistics, PANEL), ...(rest as [number, number]))];
  },
  layerNormalizationInputGradient: ([rows, width, ld, x, da, dx, statistics, gamma], part) => {
    const { count, at } = rowSlice(rows, part);
    return [call("layerNormalizationInputGradient", count, width, ld, at(x, ld), at(da, ld), at(dx, ld), at(statistics, PANEL), gamma)];
  },
  layerNormalizationGradient: byColumns("layerNormalizationGradient", [3, 4, 6]),
  batchNormalizationTrain: byColumns("batchNormalizationTrain", [3, 4, 5, 6]),
  batchNormalizationGradient: byColumns("batchNormalizationGradient", [3, 4, 5, 6, 7, 8]),
  packPanels: pack("packPanels"),
  packPanelsTransposed: pack("packPanelsTransposed"),
};

function shareOf(kernel: string): Share | undefined {
  if (Object.hasOwn(shares, kernel)) return shares[kernel];
  if (kernel.endsWith("Update")) return update(kernel);
  if (kernel.endsWith("Forward") || kernel.endsWith("Derivative")) return byRows(kernel, 2);
  if (kernel.endsWith("Backward")) return byRows(kernel, 3);
  return undefined;
}

/** What part `part` of the crew does of a call; all of it or nothing where the call cannot be shared. */
export function shareCall({ kernel, args }: Call, part: Part, capacity: number): Call[] {
  const share = shareOf(kernel);
  if (share !== undefined) return share(args, part, capacity);
  return part.index === 0 ? [{ kernel, args }] : [];
}

/** Whether more than one thread has something to do in a call. */
export function isShared({ kernel }: Call): boolean {
  return shareOf(kernel) !== undefined;
}

/** Multiply-adds of a call, roughly; 0 for what is neither a product nor an optimizer. */
export function work({ kernel, args }: Call, rows: number): number {
  if (kernel.endsWith("Update")) return (args[0] as number) * UPDATE;
  return kernel.startsWith("gemm") ? value(args[0], rows) * value(args[1], rows) * value(args[2], rows) : 0;
}

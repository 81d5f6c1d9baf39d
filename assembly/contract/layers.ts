// Contracts of the kernels in assembly/layers/.

import { NR } from "../microkernel";
import { block, blockOrNone, extent, matrix, row, apart, inPlaceOrApart, inColumns } from "./rules";
import { backward, forward } from "./families";

export function addRows(rows: i32, columns: i32, ld: i32, x: usize, y: usize, out: usize): void {
  matrix(rows, columns, ld, x);
  matrix(rows, columns, ld, y);
  matrix(rows, columns, ld, out);
  inPlaceOrApart(<i64>rows * ld, x, out);
  inPlaceOrApart(<i64>rows * ld, y, out);
}

export function multiplyRows(rows: i32, columns: i32, ld: i32, x: usize, y: usize, out: usize): void {
  addRows(rows, columns, ld, x, y, out);
}

export function gaussianNoiseDraw(rows: i32, columns: i32, ld: i32, x: usize, a: usize, random: usize, draw: usize, parameters: usize, first: i32): void {
  assert(first >= 0);
  forward(rows, columns, ld, x, a, parameters);
  block(4, random, 4);
  block(2, draw, 4);
}

export function dropoutDraw(rows: i32, columns: i32, ld: i32, x: usize, a: usize, mask: usize, random: usize, draw: usize, first: i32): void {
  gaussianNoiseDraw(rows, columns, ld, x, a, random, draw, 0, first);
  block(3, draw, 4);
  matrix(rows, columns, ld, mask);
  apart(<i64>rows * ld, mask, <i64>rows * ld, x);
  apart(<i64>rows * ld, mask, <i64>rows * ld, a);
}

export function normalizationApply(rows: i32, columns: i32, ld: i32, x: usize, a: usize, measured: usize): void {
  forward(rows, columns, ld, x, a, 0);
  row(2 * ld, measured);
  apart(2 * ld, measured, <i64>rows * ld, a);
}

export function normalizationInputGradient(rows: i32, columns: i32, ld: i32, da: usize, dx: usize, measured: usize): void {
  normalizationApply(rows, columns, ld, da, dx, measured);
}

export function layerNormalizationApply(rows: i32, columns: i32, ld: i32, x: usize, a: usize, statistics: usize, affine: usize, parameters: usize): void {
  forward(rows, columns, ld, x, a, parameters);
  row(2 * ld, affine);
  blockOrNone(<i64>rows * NR, statistics, 16);
}

export function layerNormalizationInputGradient(rows: i32, columns: i32, ld: i32, x: usize, da: usize, dx: usize, statistics: usize, gamma: usize): void {
  backward(rows, columns, ld, x, da, dx, 0);
  row(ld, gamma);
  block(<i64>rows * NR, statistics, 16);
}

export function layerNormalizationGradient(rows: i32, n: i32, ld: i32, x: usize, da: usize, statistics: usize, affineGradient: usize): void {
  const columns = (n + 3) & ~3;
  inColumns(rows, columns, ld, x);
  inColumns(rows, columns, ld, da);
  block(<i64>rows * NR, statistics, 16);
  row(ld + columns, affineGradient);
}

export function batchNormalizationScale(n: i32, variance: usize, scale: usize, parameters: usize): void {
  row(n, variance);
  row(n, scale);
  apart(n, variance, n, scale);
  block(1, parameters, 4);
}

export function batchNormalizationApply(rows: i32, n: i32, ld: i32, x: usize, a: usize, mean: usize, scale: usize, affine: usize): void {
  inColumns(rows, n, ld, x);
  inColumns(rows, n, ld, a);
  inPlaceOrApart(extent(rows, n, ld), x, a);
  row(n, mean);
  row(n, scale);
  row(ld + n, affine);
}

export function batchNormalizationTrain(rows: i32, n: i32, ld: i32, x: usize, a: usize, statistics: usize, affine: usize, parameters: usize): void {
  batchNormalizationApply(rows, n, ld, x, a, statistics, statistics, affine);
  row(2 * ld + n, statistics);
  block(1, parameters, 4);
}

export function batchNormalizationGradient(rows: i32, n: i32, ld: i32, x: usize, da: usize, dx: usize, statistics: usize, gamma: usize, affineGradient: usize): void {
  inColumns(rows, n, ld, x);
  inColumns(rows, n, ld, da);
  if (dx) {
    inColumns(rows, n, ld, dx);
    inPlaceOrApart(extent(rows, n, ld), da, dx);
    apart(extent(rows, n, ld), x, extent(rows, n, ld), dx);
  }
  row(ld + n, statistics);
  row(n, gamma);
  row(ld + n, affineGradient);
}

export function batchNormalizationSettle(rows: i32, ld: i32, statistics: usize, running: usize, parameters: usize): void {
  assert(rows >= 0);
  row(3 * ld, statistics);
  row(2 * ld, running);
  apart(3 * ld, statistics, 2 * ld, running);
  block(1, parameters, 4);
}

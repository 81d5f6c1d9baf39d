// Contracts of the families: activations, losses, metrics, optimizers, and what else a step takes.

import { block, blockOrNone, matrix, row, panelsOf, apart, inPlaceOrApart, whole } from "./rules";

export function forward(rows: i32, columns: i32, ld: i32, z: usize, a: usize, parameters: usize): void {
  matrix(rows, columns, ld, z);
  matrix(rows, columns, ld, a);
  inPlaceOrApart(<i64>rows * ld, z, a);
  blockOrNone(1, parameters, 4);
}

export function derivative(rows: i32, columns: i32, ld: i32, z: usize, out: usize, parameters: usize): void {
  forward(rows, columns, ld, z, out, parameters);
}

export function backward(rows: i32, columns: i32, ld: i32, x: usize, da: usize, dz: usize, parameters: usize): void {
  forward(rows, columns, ld, da, dz, parameters);
  matrix(rows, columns, ld, x);
  apart(<i64>rows * ld, x, <i64>rows * ld, dz);
}

export function preluForward(rows: i32, columns: i32, ld: i32, z: usize, a: usize, slopes: usize): void {
  forward(rows, columns, ld, z, a, 0);
  row(ld, slopes);
  apart(ld, slopes, <i64>rows * ld, a);
}

export function preluBackward(rows: i32, columns: i32, ld: i32, z: usize, da: usize, dz: usize, slopes: usize): void {
  backward(rows, columns, ld, z, da, dz, 0);
  row(ld, slopes);
  apart(ld, slopes, <i64>rows * ld, dz);
}

export function preluSlopeGradient(rows: i32, columns: i32, ld: i32, z: usize, da: usize, out: usize): void {
  matrix(rows, columns, ld, z);
  matrix(rows, columns, ld, da);
  row(ld, out);
  apart(ld, out, <i64>rows * ld, z);
  apart(ld, out, <i64>rows * ld, da);
}

function lossOf(rows: i32, columns: i32, ld: i32, x: usize, gradient: usize, total: usize, parameters: usize, rowWeights: usize): void {
  matrix(rows, columns, ld, x);
  if (gradient) {
    matrix(rows, columns, ld, gradient);
    inPlaceOrApart(<i64>rows * ld, x, gradient);
  }
  block(2, total, 8);
  block(2, parameters, 4);
  blockOrNone(rows, rowWeights, 4);
}

export function loss(rows: i32, columns: i32, ld: i32, x: usize, target: usize, gradient: usize, total: usize, parameters: usize, rowWeights: usize): void {
  lossOf(rows, columns, ld, x, gradient, total, parameters, rowWeights);
  matrix(rows, columns, ld, target);
  if (gradient) apart(<i64>rows * ld, gradient, <i64>rows * ld, target);
}

export function sparseCategoricalCrossentropyFromLogitsLoss(
  rows: i32, columns: i32, ld: i32, x: usize, target: usize, gradient: usize, total: usize, parameters: usize, rowWeights: usize,
): void {
  lossOf(rows, columns, ld, x, gradient, total, parameters, rowWeights);
  block(rows, target, 4); // classes that there are not, the kernel knows
}

export function metric(rows: i32, columns: i32, ld: i32, x: usize, target: usize, total: usize, _parameters: usize): void {
  matrix(rows, columns, ld, x);
  matrix(rows, columns, ld, target);
  block(2, total, 8);
}

export function sparseCategoricalAccuracyMetric(rows: i32, columns: i32, ld: i32, x: usize, target: usize, total: usize, _parameters: usize): void {
  matrix(rows, columns, ld, x);
  block(rows, target, 4); // classes that there are not, the kernel knows
  block(2, total, 8);
}

/** The first slot of the state at least; how many there are is the optimizer's affair. */
export function update(n: i32, weights: usize, gradients: usize, state: usize, parameters: usize, stride: i32): void {
  sgdUpdate(n, weights, gradients, state, parameters, stride);
  assert(stride >= n);
  whole(n, state);
  apart(n, state, n, weights);
  apart(n, state, n, gradients);
}

export function sgdUpdate(n: i32, weights: usize, gradients: usize, _state: usize, parameters: usize, _stride: i32): void {
  whole(n, weights);
  whole(n, gradients);
  apart(n, weights, n, gradients);
  block(1, parameters, 4);
}


export function sumOfSquares(n: i32, x: usize, total: usize): void {
  whole(n, x);
  block(2, total, 8);
}

export function scale(n: i32, x: usize, parameters: usize): void {
  whole(n, x);
  block(1, parameters, 4);
}

export function clipValue(n: i32, x: usize, parameters: usize): void {
  row(n, x);
  block(1, parameters, 4);
}

export function isFiniteBlock(n: i32, x: usize, flag: usize, parameters: usize): void {
  scale(n, x, parameters);
  block(1, flag, 4);
}

export function addPenalty(n: i32, weights: usize, gradients: usize, total: usize, parameters: usize): void {
  whole(n, weights);
  if (gradients) {
    whole(n, gradients);
    apart(n, weights, n, gradients);
  }
  block(2, total, 8);
  block(2, parameters, 4);
}

export function limitNorms(k: i32, n: i32, panels: usize, parameters: usize): void {
  panelsOf(k, n, panels);
  block(1, parameters, 4);
}

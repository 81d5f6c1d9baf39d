// Cores of math.ts as functions: for kernels where a call costs less than a further copy of the code weighs.

import { exp as expInline, log1p as log1pInline, tanh as tanhInline } from "./math";

export function exp(x: v128): v128 {
  return expInline(x);
}

export function log1p(x: v128): v128 {
  return log1pInline(x);
}

export function tanh(x: v128): v128 {
  return tanhInline(x);
}

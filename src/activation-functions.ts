// Each activation as a plain function on arrays: `activations.tanh(z)` and `activations.tanh.derivative(z)`.

import { activationTable, checkActivation, type ActivationId, type ActivationOptions } from "./activations.js";
import { checkAttached, describe, floats, isFloats } from "./check.js";
import { defaultBackend } from "./default-backend.js";
import { ArgumentError } from "./errors.js";
import type { KernelName } from "./kernels.js";
import { rowStride } from "./layers/layer.js";

export interface ActivationFunction {
  /** f of each value; softmax and logSoftmax take z as one row. A new array; z is not changed. */
  (z: Float32Array, options?: ActivationOptions): Float32Array<ArrayBuffer>;
  /** f′ of each value, from the input. For softmax and logSoftmax the Jacobian ∂a[i]/∂z[j] at [i · n + j]. */
  derivative(z: Float32Array, options?: ActivationOptions): Float32Array<ArrayBuffer>;
}

/**
 * The activations by id.
 * @example activations.leakyRelu(new Float32Array([-1, 2]), { negativeSlope: 0.1 }) // Float32Array [ -0.1, 2 ]
 */
export const activations = Object.fromEntries(
  (Object.keys(activationTable) as ActivationId[]).map((id) => [id, activationFunction(id)]),
) as Readonly<Record<ActivationId, ActivationFunction>>;

function activationFunction(id: ActivationId): ActivationFunction {
  const where = `activations.${id}`;
  const f = (z: Float32Array, options?: ActivationOptions) => apply(where, id, `${id}Forward`, z, options);
  const derivative = activationTable[id].across
    ? (z: Float32Array, options?: ActivationOptions) => jacobian(`${where}.derivative`, id, apply(`${where}.derivative`, id, "softmaxForward", z, options))
    : (z: Float32Array, options?: ActivationOptions) => apply(`${where}.derivative`, id, `${id}Derivative`, z, options);
  return Object.assign(f, { derivative });
}

function apply(where: string, id: ActivationId, kernel: KernelName & `${string}Forward` | `${string}Derivative`, z: Float32Array, options: ActivationOptions | undefined): Float32Array<ArrayBuffer> {
  if (!isFloats(z)) throw new ArgumentError(`${where}: z must be a Float32Array, got ${describe(z)}`);
  checkAttached(where, "z", z);
  const parameters = Object.values(checkActivation(where, id, options).options);
  const { kernels, linear } = defaultBackend();
  const values = linear.steady(z);
  const ld = rowStride(values.length);
  const block = linear.allocate(64 + ld * 4, where);
  try {
    linear.f32(block, parameters.length).set(parameters);
    linear.f32(block + 64, ld).fill(0, values.length);
    linear.f32(block + 64, values.length).set(values);
    kernels.call(kernel, 1, values.length, ld, block + 64, block + 64, block);
    kernels.call("copyRows", 1, values.length, block + 64, ld, block + 64, ld);
    return linear.f32(block + 64, values.length).slice();
  } finally {
    linear.free(block);
  }
}

/** ∂a[i]/∂z[j] from the softmax p: p[i] (δ − p[j]), of its logarithm δ − p[j]. */
function jacobian(where: string, id: ActivationId, p: Float32Array): Float32Array<ArrayBuffer> {
  const n = p.length;
  const result = floats(where, n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) result[i * n + j] = (id === "softmax" ? p[i] : 1) * ((i === j ? 1 : 0) - p[j]);
  return result;
}

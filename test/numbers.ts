// Numbers into networks and out of them, for the tests of the API.

import { createHash } from "node:crypto";
import type { Network } from "../src/index.js";
import { sampler } from "./reference/random.js";

/** The words of a Float32Array, for comparisons that tell every bit. */
export const bits = (values: Float32Array): number[] => [...new Uint32Array(values.buffer, values.byteOffset, values.length)];

/** SHA-256 of all weights, little-endian, in layer order. */
export function digest(network: Network): string {
  const hash = createHash("sha256");
  for (const layer of network.layers) {
    const { weights, bias } = layer.getWeights();
    if (weights) hash.update(weights);
    if (bias) hash.update(bias);
  }
  return hash.digest("hex");
}

/** n numbers in (−1, 1). */
export function random(n: number, seed: number): Float32Array {
  const uniform = sampler(seed);
  return Float32Array.from({ length: n }, () => uniform(-1, 1));
}

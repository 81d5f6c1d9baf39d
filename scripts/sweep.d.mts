import type { ReferenceActivation } from "../test/reference/activations.js";

/** A kernel, what it should give, and whether its results must never fall. */
export interface Measured {
  kernel: string;
  reference(z: number): number;
  monotone: boolean;
  /** parameters[0] of the kernel. */
  parameter?: number;
}
export interface Loaded {
  kernels: WebAssembly.Exports;
  input: Float32Array<ArrayBuffer>;
  output: Float32Array<ArrayBuffer>;
  run(kernel: string, n: number, parameter?: number): void;
}
export interface Accuracy {
  maxUlp: number;
  worst: number;
  count: number;
  correct: number;
  inversions: number;
  nanMismatches: number;
  smallest: number;
  largest: number;
}
interface Reference {
  activations: Record<string, ReferenceActivation>;
  slope: number;
  layerKernels: string[];
}

export const cores: Record<"exp" | "log" | "log1p", Measured>;
export function functionsOf(reference: Reference): Record<string, Measured>;
export function checkComplete(reference: Reference, exports: object): void;
export function load(build: string, options?: { probe?: boolean; file?: string }): Promise<Loaded>;
export function everything(): Generator<Uint32Array, void>;
export function stratified(pairs?: number): Generator<Uint32Array, void>;
export function sweep(measured: Measured, loaded: Loaded, chunks: Iterable<Uint32Array>): Accuracy;

import type { Row } from "./rows.mjs";

/** Where a row is computed: views of a block of floats, as numbers and as bits. */
export interface Place {
  input: Float32Array<ArrayBuffer>;
  output: Float32Array<ArrayBuffer>;
  inputBits: Uint32Array<ArrayBuffer>;
  outputBits: Uint32Array<ArrayBuffer>;
  run(n: number): void;
}
export interface Instance {
  kernels: WebAssembly.Exports;
  place(row: Row): Place;
}

export function modulesOf(build: string, file?: string): Promise<object>;
export function instantiate(modules: object): Instance;

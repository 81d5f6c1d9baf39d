// Decode, compile, instantiate. The bytes come with the library as base64, so there is no path to configure and nothing to fetch.

import { ArgumentError } from "./errors.js";

/** One build of the kernels, as imported from "lanewise/relaxed". */
export interface WasmBuild {
  /** "strict": same bits everywhere. "relaxed": fused multiply-add where the CPU has it; faster, not reproducible across machines. */
  readonly variant: "strict" | "relaxed";
  readonly base64: string;
}

const compiled = new WeakMap<WasmBuild, WebAssembly.Module>();

/** Compiles once a build; at some 25 KB this takes a few milliseconds. */
export function compile(build: WasmBuild): WebAssembly.Module {
  let module = compiled.get(build);
  if (module === undefined) {
    const bytes = decode(build);
    module = new WebAssembly.Module(bytes);
    compiled.set(build, module);
  }
  return module;
}

/** The same off the main thread's path, for engines that refuse to compile synchronously. */
export async function compileAsync(build: WasmBuild): Promise<void> {
  if (!compiled.has(build)) compiled.set(build, await WebAssembly.compile(decode(build)));
}

export function instantiate(build: WasmBuild, memory: WebAssembly.Memory): WebAssembly.Instance {
  return new WebAssembly.Instance(compile(build), { env: { memory } });
}

function decode(build: WasmBuild): Uint8Array<ArrayBuffer> {
  const text = atob(build.base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  if (!WebAssembly.validate(bytes)) {
    throw new ArgumentError(`createBackend: the engine must support WebAssembly ${build.variant === "relaxed" ? "relaxed SIMD" : "SIMD"}, got one that rejects the ${build.variant} build`);
  }
  return bytes;
}

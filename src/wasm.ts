// Decode, compile, instantiate. The bytes come with the library as text, so there is no path to configure and nothing to fetch.

import { describe } from "./check.js";
import { ArgumentError } from "./errors.js";

/** One build of the kernels, as imported from "lanewise/relaxed"; it has `text` or `module`. */
export interface WasmBuild {
  /** "strict": same bits everywhere. "relaxed": fused multiply-add where the CPU has it; faster, not reproducible across machines. */
  readonly variant: "strict" | "relaxed";
  /** The wasm module, in the letters of `decode`. */
  readonly text?: string;
  /** A WebAssembly.Module, which comes before `text`: what engines that compile nothing at run time give for `import module from "lanewise/wasm/strict.wasm"`. */
  module?: object;
  /** What of WebAssembly it uses beyond SIMD. */
  readonly needs?: string;
}

const compiled = new WeakMap<WasmBuild, WebAssembly.Module>();

/** Compiles once a build; at some 30 KB this takes a few milliseconds. */
function compile(build: WasmBuild): WebAssembly.Module {
  let module = (build.module as WebAssembly.Module | undefined) ?? compiled.get(build);
  if (module === undefined) {
    const bytes = bytesOf(build);
    try {
      module = new WebAssembly.Module(bytes);
    } catch (error) {
      throw rejected(build, error);
    }
    compiled.set(build, module);
  }
  return module;
}

/** @internal The same off the main thread's path, for engines that refuse to compile synchronously. */
export async function compileAsync(build: WasmBuild): Promise<void> {
  if (build.module !== undefined || compiled.has(build)) return;
  const bytes = bytesOf(build);
  compiled.set(build, await WebAssembly.compile(bytes).catch((error) => Promise.reject(rejected(build, error))));
}

/** @internal */
export function instantiate(build: WasmBuild, memory: WebAssembly.Memory): WebAssembly.Instance {
  return new WebAssembly.Instance(checkKernels(compile(build)), { env: { memory } });
}

/** @internal */
export function checkBuild(where: string, build: WasmBuild): void {
  if (typeof build?.text !== "string" && !(build?.module instanceof WebAssembly.Module)) throw foreign(describe(build), where);
}

function checkKernels(module: WebAssembly.Module, where?: string): WebAssembly.Module {
  if (!WebAssembly.Module.exports(module).some(({ name }) => name === "heapBase")) throw foreign("another module", where);
  return module;
}

function foreign(what: string, where = "createBackend"): ArgumentError {
  return new ArgumentError(`${where}: module must be a build such as relaxed from "lanewise/relaxed", got ${what}`);
}

/** "\x03env\x06memory\x02": the import of the memory; its limits follow. */
const MEMORY_IMPORT = [3, 101, 110, 118, 6, 109, 101, 109, 111, 114, 121, 2];

/** @internal A build for shared memory: the same module with one bit set in the limits of the memory it imports. */
export async function compileShared(build: WasmBuild, where: string): Promise<WebAssembly.Module> {
  const bytes = bytesOf(build, where);
  const at = bytes.findIndex((_, i) => MEMORY_IMPORT.every((byte, j) => bytes[i + j] === byte));
  if (at < 0) throw foreign("another module", where);
  bytes[at + MEMORY_IMPORT.length] |= 2;
  return checkKernels(await WebAssembly.compile(bytes).catch((error) => Promise.reject(rejected(build, error, where))), where);
}

function bytesOf(build: WasmBuild, where?: string): Uint8Array<ArrayBuffer> {
  const bytes = decode(build.text!);
  if (bytes.length < 8 || String.fromCharCode(...bytes.subarray(0, 4)) !== "\0asm") {
    throw foreign("one that is not wasm", where);
  }
  return bytes;
}

/** The engine's own words tell a Content-Security-Policy without 'wasm-unsafe-eval' from an engine that is too old. */
function rejected(build: WasmBuild, error: unknown, where = "createBackend"): ArgumentError {
  return new ArgumentError(`${where}: the engine must support WebAssembly ${build.needs ?? "SIMD"}, got one that rejects the ${build.variant} build: ${(error as Error).message}`);
}

/**
 * Bytes from printable text: `encode` of scripts/encode.mjs, backwards. Base64 would hide the repetitions in the bytes from gzip; here each byte keeps letters of
 * its own. The 91 letters are those from space to ~ without " $ \ `; a byte b, plus 3 modulo 256, is the letter of that number below 89, else the letter 89 or 90
 * and that of the rest. By a table: it runs once, before any engine has compiled it.
 */
export function decode(text: string): Uint8Array<ArrayBuffer> {
  const numbers = new Uint8Array(127);
  for (let code = 32, number = 0; code < 127; code++) if (!'"$\\`'.includes(String.fromCharCode(code))) numbers[code] = number++;
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    let number = numbers[text.charCodeAt(i)];
    if (number > 88) number = (number - 88) * 89 + numbers[text.charCodeAt(++i)];
    bytes[length++] = number - 3;
  }
  return bytes.slice(0, length);
}

// The strict build, and the backend that networks share when none is given.

import { strictText } from "./embedded/strict.js";
import { singleBackend, type Backend } from "./backend.js";
import { checkNumber, checkOptions } from "./check.js";
import { checkBuild, compileAsync, type WasmBuild } from "./wasm.js";

/** @internal */
export const strict: WasmBuild = { variant: "strict", text: strictText };
let shared: Backend | undefined;

export interface BackendOptions {
  /** A build such as `relaxed` from "lanewise/relaxed"; without it, the strict build. */
  module?: WasmBuild;
  /** Linear memory never grows past this many bytes (65,536 to 4 GiB, rounded down to whole pages). Past it, calls throw OutOfMemoryError. */
  maximumBytes?: number;
}

/**
 * A backend of its own: its own memory, and another build if asked for.
 *
 * @example const network = new Network({ … }, { backend: createBackend({ module: relaxed }) });
 * @throws ArgumentError where the engine cannot run the build.
 */
export function createBackend(options?: BackendOptions): Backend {
  const { module = strict, maximumBytes } = checkOptions("createBackend", options, ["module", "maximumBytes"]);
  checkBuild("createBackend", module);
  if (maximumBytes !== undefined) checkNumber("createBackend", "maximumBytes", maximumBytes, { least: 65536, most: 2 ** 32 });
  return singleBackend(module, maximumBytes);
}

/** @internal Created on first use. */
export function defaultBackend(): Backend {
  return (shared ??= singleBackend(strict));
}

/** Compiles the strict build asynchronously, for engines that refuse large synchronous compiles; afterwards everything is synchronous as usual. */
export async function initialize(): Promise<void> {
  await compileAsync(strict);
  defaultBackend();
}

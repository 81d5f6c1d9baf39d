// A backend is one instance of a wasm build with its memory. Networks on different backends share nothing.

import { ArgumentError, DisposedError } from "./errors.js";
import { Kernels } from "./kernels.js";
import { LinearMemory } from "./memory.js";
import { instantiate, type WasmBuild } from "./wasm.js";

export class Backend {
  /** "strict": the same bits on every engine and CPU. "relaxed": fused multiply-add where the CPU has it. */
  readonly variant: "strict" | "relaxed";
  /** Threads that work on one call. */
  readonly threads: number = 1;
  /** @internal */
  readonly kernels: Kernels;
  /** @internal */
  readonly linear: LinearMemory;
  #disposed = false;

  /** @internal */
  constructor(build: WasmBuild, maximumBytes?: number) {
    this.variant = build.variant;
    this.linear = new LinearMemory(maximumBytes);
    this.kernels = new Kernels(instantiate(build, this.linear.memory));
    this.linear.startAt(this.kernels.heapBase);
  }

  /** Bytes of linear memory: handed out now, and reserved from the engine (which never shrinks). */
  memory(): { bytesInUse: number; bytesReserved: number } {
    return { bytesInUse: this.linear.bytesInUse, bytesReserved: this.linear.bytesReserved };
  }

  /** Refuses new networks and matrices from now on; memory goes when the last of them is dropped. Twice is harmless. */
  dispose(): void {
    this.#disposed = true;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal */
  checkAlive(where: string): void {
    if (this.#disposed) throw new DisposedError(`${where}: the backend must not be disposed, got a call after dispose()`);
  }
}

/** @internal The backend given by the user, or the default one. */
export function checkBackend(where: string, backend: Backend | undefined, fallback: () => Backend): Backend {
  if (backend !== undefined && !(backend instanceof Backend)) throw new ArgumentError(`${where}: backend must come from createBackend(), got ${typeof backend}`);
  const chosen = backend ?? fallback();
  chosen.checkAlive(where);
  return chosen;
}

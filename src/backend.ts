// A backend is one instance of a wasm build with its memory. Networks on different backends share nothing.

import { describe } from "./check.js";
import { ArgumentError, DisposedError } from "./errors.js";
import { Kernels } from "./kernels.js";
import { LinearMemory } from "./memory.js";
import type { Call, Script } from "./program.js";
import { instantiate, type WasmBuild } from "./wasm.js";

/** @internal Other threads that help to run programs (src/crew.ts). */
export interface Crew {
  readonly threads: number;
  /** The calls of each thread; undefined where one thread is faster. */
  share(groups: readonly (readonly Call[])[], capacity: number): Call[][] | undefined;
  run(scripts: readonly Script[]): void;
  dispose(): void;
}

/** @internal */
export interface BackendParts {
  readonly variant: "strict" | "relaxed";
  readonly linear: LinearMemory;
  readonly kernels: Kernels;
  readonly crew?: Crew;
  readonly threadsReason?: string;
}

export class Backend {
  /** "strict": the same bits on every engine and CPU. "relaxed": fused multiply-add where the CPU has it. */
  readonly variant: "strict" | "relaxed";
  /** @internal */
  readonly crew: Crew | undefined;
  /** @internal */
  readonly kernels: Kernels;
  /** @internal */
  readonly linear: LinearMemory;
  #disposed = false;

  /** @internal */
  constructor({ variant, linear, kernels, crew, threadsReason }: BackendParts) {
    this.variant = variant;
    this.linear = linear;
    this.kernels = kernels;
    this.crew = crew;
    this.threadsReason = threadsReason;
  }

  /** Why a backend from createThreadedBackend() works on one thread only. */
  readonly threadsReason: string | undefined;

  /** Threads that work on one call. */
  get threads(): number {
    return this.crew?.threads ?? 1;
  }

  /** Bytes of linear memory: handed out now, and reserved from the engine (which never shrinks). */
  memory(): { bytesInUse: number; bytesReserved: number } {
    return { bytesInUse: this.linear.bytesInUse, bytesReserved: this.linear.bytesReserved };
  }

  /** Refuses new networks and matrices from now on; memory goes when the last of them is dropped. Twice is harmless. */
  dispose(): void {
    this.#disposed = true;
    this.crew?.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal */
  checkAlive(where: string): void {
    if (this.#disposed) throw new DisposedError(`${where}: the backend must not be disposed, got a call after dispose()`);
  }
}

/** @internal A backend of one thread. */
export function singleBackend(build: WasmBuild, maximumBytes?: number, threadsReason?: string): Backend {
  const linear = new LinearMemory(maximumBytes);
  const kernels = new Kernels(instantiate(build, linear.memory));
  linear.startAt(kernels.heapBase);
  return new Backend({ variant: build.variant, linear, kernels, threadsReason });
}

/** @internal The backend given by the user, or the default one. */
export function checkBackend(where: string, backend: Backend | undefined, fallback: () => Backend): Backend {
  if (backend !== undefined && !(backend instanceof Backend)) throw new ArgumentError(`${where}: backend must come from createBackend(), got ${describe(backend)}`);
  const chosen = backend ?? fallback();
  chosen.checkAlive(where);
  return chosen;
}

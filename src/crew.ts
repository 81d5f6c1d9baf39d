// The threads of one backend: workers that wait in shared memory for a step, and the sharing of programs among them.

import type { Crew } from "./backend.js";
import { DisposedError, StateError, type LanewiseError } from "./errors.js";
import type { Kernels } from "./kernels.js";
import type { LinearMemory } from "./memory.js";
import { call, type Call, type Script } from "./program.js";
import { isShared, shareCall, work } from "./shares.js";

/** A worker, as Node and browsers have it in common. */
export interface Worker {
  terminate(): unknown;
}

/** Offsets in the control block, as assembly/threads.ts exports them. */
export interface ControlLayout {
  readonly spins: number;
  readonly beats: number;
}

/** Bytes of a line of the control block. */
const LINE = 64;

/**
 * How often a waiting thread looks before it sleeps, at most: some 0.3 ms, which bridges what the first thread does alone between two steps. Waking takes some 50 µs, and one
 * thread asleep at a barrier makes the others late for the next: on two quiet cores 64 layers of 64 take 0.8 ms a step so, and 3.7 ms with a hundredth of the looks.
 * Barriers give up looking while threads share a core (assembly/threads.ts). With more threads than cores they only keep others from working.
 */
const LOOKS = 2_000_000;
const LOOKS_WHEN_CROWDED = 100;

/** Bytes of the whole control block: behind the signs of life a slot for each thread, with start and end of its program. */
export function controlSize({ beats }: ControlLayout, threads: number): number {
  return beats + 2 * threads * LINE;
}

/** Below this many multiply-adds (some 20 µs) the barriers cost more than a second thread saves. */
const WORTHWHILE = 500_000;
/** A thread that gives no sign of life for so long is taken for dead, in ms. */
const PATIENCE = 800;
/** What a look at the clock adds to that at most, so that a process that was stopped (a debugger, a machine asleep) gives its workers time when it goes on. */
const MOST_AT_ONCE = PATIENCE / 2;

export class WorkerCrew implements Crew {
  /** Why the crew can work no more. */
  #broken: LanewiseError | undefined;
  readonly #layout: ControlLayout;
  #beats = 0;
  /** Time without a sign of life, in ms, and when that was last added up. */
  #silence = 0;
  #lastLook = 0;

  constructor(readonly threads: number, readonly workers: readonly Worker[], readonly linear: LinearMemory, readonly kernels: Kernels, readonly control: number, readonly mainMaySleep: boolean, crowded: boolean) {
    this.#layout = kernels.controlLayout;
    linear.i32(control, controlSize(this.#layout, threads) / 4).fill(0);
    linear.i32(control + this.#layout.spins, 1)[0] = crowded ? LOOKS_WHEN_CROWDED : LOOKS;
  }

  share(groups: readonly (readonly Call[])[], capacity: number): Call[][] | undefined {
    if (groups.flat().reduce((sum, recorded) => sum + work(recorded, capacity), 0) < WORTHWHILE) return undefined;
    const { threads: count, control } = this;
    const scripts: Call[][] = Array.from({ length: count }, () => []);
    const meet = () => scripts.forEach((script, thread) => script.push(call("barrier", control, count, thread > 0 || this.mainMaySleep ? 1 : 0)));
    let alone = false;
    for (const group of groups) {
      const shared = group.some(isShared);
      // What the first thread does alone, one thing after the other, needs no meeting in between.
      if (!(alone && !shared) && group !== groups[0]) meet();
      for (let index = 0; index < count; index++) {
        for (const part of group.flatMap((recorded) => shareCall(recorded, { index, count }, capacity))) scripts[index].push(part, call("beat", control, index, 0));
      }
      alone = !shared;
    }
    meet();
    return scripts;
  }

  run(scripts: readonly Script[]): void {
    if (this.#broken !== undefined) throw this.#broken;
    const [{ start, end }] = scripts;
    if (scripts.length === 1) return this.kernels.run(start, end);
    for (let thread = 1; thread < scripts.length; thread++) {
      const slot = this.linear.i32(this.slotOf(thread), 2);
      slot[0] = scripts[thread].start;
      slot[1] = scripts[thread].end;
    }
    this.#silence = 0;
    this.#lastLook = performance.now();
    this.kernels.startStep(this.control);
    this.kernels.run(start, end);
  }

  /** Where a thread finds start and end of its program. */
  slotOf(thread: number): number {
    return this.control + this.#layout.beats + (this.threads + thread) * LINE;
  }

  /** Called by the main thread while it waits; throws when no other thread has given a sign of life for too long. */
  checkProgress(): void {
    const lines = this.linear.i32(this.control + this.#layout.beats, this.threads * (LINE / 4));
    const beats = lines.reduce((sum, value) => sum + value, 0);
    const now = performance.now();
    this.#silence = beats === this.#beats ? this.#silence + Math.min(now - this.#lastLook, MOST_AT_ONCE) : 0;
    this.#beats = beats;
    this.#lastLook = now;
    if (this.#silence > PATIENCE) {
      throw this.lost(`one that gave no sign of life for ${PATIENCE} ms`);
    }
  }

  /** From now on every call throws: a lost worker cannot be replaced in the middle of a step, and the others may still write to blocks that were freed since. */
  lost(what: string): LanewiseError {
    return this.#end(new StateError(`createThreadedBackend: every worker must be alive, got ${what}; networks on this backend are lost`));
  }

  dispose(): void {
    this.#end(new DisposedError("createThreadedBackend: the backend must not be disposed, got a call after dispose()"));
  }

  #end(error: LanewiseError): LanewiseError {
    if (this.#broken !== undefined) return this.#broken;
    this.#broken = error;
    // An empty slot sends a worker home by itself; a browser takes 2 s to end one that sleeps. terminate() is for those that no longer listen.
    for (let thread = 1; thread < this.threads; thread++) this.linear.i32(this.slotOf(thread), 2).fill(0);
    this.kernels.startStep(this.control);
    for (const worker of this.workers) worker.terminate();
    return error;
  }
}

// The threads of one backend: workers that wait in shared memory for a step, and the sharing of programs among them.

import type { Crew } from "./backend.js";
import { StateError } from "./errors.js";
import type { Kernels } from "./kernels.js";
import type { LinearMemory } from "./memory.js";
import { call, type Call, type Script } from "./program.js";
import { isShared, shareCall, work } from "./shares.js";

/** A worker, as Node and browsers have it in common. */
export interface Worker {
  terminate(): unknown;
}

/** Offsets in the control block of assembly/threads.ts, and bytes of a line in it. */
const LINE = 64;
const SPINS = 4 * LINE;
const BEATS = 5 * LINE;

/**
 * How often a waiting thread looks before it sleeps: some 35 µs where each thread has a core, which bridges what the first thread does alone. Waking takes about as
 * long, and one thread asleep at a barrier makes the others late for the next: with 3 µs, 64 layers of 64 took 3.7 ms a step on two quiet cores, with 35 µs 0.8 ms. Where
 * threads share a core every look keeps another from working.
 */
const LOOKS = 200_000;
const LOOKS_WHEN_CROWDED = 100;

/** Bytes of the whole control block: behind the signs of life a slot for each thread, with start and end of its program. */
export function controlSize(threads: number): number {
  return BEATS + 2 * threads * LINE;
}

export function slotOf(control: number, threads: number, thread: number): number {
  return control + BEATS + (threads + thread) * LINE;
}

/** Below this many multiply-adds (some 20 µs) the barriers cost more than a second thread saves. */
const WORTHWHILE = 500_000;
/** A thread that gives no sign of life for so long is taken for dead, in ms. */
const PATIENCE = 800;

export class WorkerCrew implements Crew {
  /** Why the crew can work no more. */
  #broken: string | undefined;
  #beats = 0;
  #lastChange = 0;

  constructor(readonly threads: number, readonly workers: readonly Worker[], readonly linear: LinearMemory, readonly kernels: Kernels, readonly control: number, readonly mainMaySleep: boolean, crowded: boolean) {
    linear.i32(control, controlSize(threads) / 4).fill(0);
    linear.i32(control + SPINS, 1)[0] = crowded ? LOOKS_WHEN_CROWDED : LOOKS;
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
    if (this.#broken !== undefined) throw this.#error();
    scripts.forEach(({ start, end }, thread) => this.linear.i32(slotOf(this.control, this.threads, thread), 2).set([start, end]));
    this.#lastChange = performance.now();
    this.kernels.startStep(this.control);
    this.kernels.run(scripts[0].start, scripts[0].end);
  }

  /** Called by the main thread while it waits; throws when no other thread has given a sign of life for too long. */
  checkProgress(): void {
    const lines = this.linear.i32(this.control + BEATS, this.threads * (LINE / 4));
    const beats = lines.reduce((sum, value) => sum + value, 0);
    const now = performance.now();
    if (beats !== this.#beats) [this.#beats, this.#lastChange] = [beats, now];
    else if (now - this.#lastChange > PATIENCE) {
      this.break(`one that gave no sign of life for ${PATIENCE} ms`);
      throw this.#error();
    }
  }

  /** From now on every call throws: a lost worker cannot be replaced in the middle of a step. */
  break(what: string): void {
    this.#broken ??= what;
  }

  #error(): StateError {
    return new StateError(`createThreadedBackend: every worker must be alive, got ${this.#broken}`);
  }

  dispose(): void {
    this.break("a backend after dispose()");
    for (const worker of this.workers) worker.terminate();
  }
}

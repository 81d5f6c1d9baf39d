// Fork and join for `lanewise/threads`, a module of its own: the kernels' build has no atomics, so it runs where threads do not exist.
//
// Every thread runs a program of its own (assembly/program.ts); the programs of one step have the same barriers in the same order, and each ends with one. The
// control block, all i32, one cache line a word, zeros at first:
const ARRIVED: usize = 0; //     threads that have reached the barrier
const PHASE: usize = 64; //      barriers passed; what the others wait on
const GENERATION: usize = 128; // steps started; what idle workers wait on
const SLEEPERS: usize = 192; //  threads asleep, on either word
export const SPINS: usize = 256; //     how often a thread looks before it sleeps, written by the host
export const BEATS: usize = 320; //     a line for each thread: signs of life; behind them the host keeps the slots of the programs

/** Turns of a thread that must not sleep (a page's main thread) between two calls of `stalled`; a power of 2. */
const TURNS: i32 = 1 << 27;
const NANOSECONDS: i64 = 50_000_000;

/** Called by a waiting thread about every 50 ms; the host throws from it when it has waited too long. */
@external("env", "stalled")
declare function stalled(): void;

/** Where the barriers count how often in a row their looks did not suffice: behind the number of looks. */
const FAILURES: usize = SPINS + 4;
/** So many failures in a row, and the threads must share a core: few looks then, but now and then all of them. */
const DOUBT: i32 = 8;
const PROBE: i32 = 256;
const FEW: i32 = 64;

/** Looks `spins` times whether the word at `address` is no longer `old`. */
// @ts-ignore: decorator
@inline
function spin(address: usize, old: i32, spins: i32): bool {
  for (let i = spins; i > 0; i--) if (atomic.load<i32>(address) != old) return true;
  return false;
}

/** Waits for the same without looking all the time. `maySleep` = 0 where the engine forbids a thread to block. */
function sleep(address: usize, old: i32, control: usize, maySleep: i32): void {
  if (maySleep) {
    atomic.add<i32>(control + SLEEPERS, 1);
    while (atomic.load<i32>(address) == old) {
      atomic.wait<i32>(address, old, NANOSECONDS);
      if (atomic.load<i32>(address) == old) stalled();
    }
    atomic.sub<i32>(control + SLEEPERS, 1);
  } else {
    for (let i = 0; atomic.load<i32>(address) == old; i++) if ((i & (TURNS - 1)) == TURNS - 1) stalled();
  }
}

/** The wait at a barrier: all the looks where each thread has a core; few where every look keeps another thread from arriving. */
function meet(address: usize, old: i32, control: usize, maySleep: i32): void {
  const failures = load<i32>(control + FAILURES);
  const sure = failures < DOUBT || failures % PROBE == 0;
  if (spin(address, old, sure ? load<i32>(control + SPINS) : FEW)) {
    store<i32>(control + FAILURES, 0);
  } else {
    store<i32>(control + FAILURES, failures + 1);
    sleep(address, old, control, maySleep);
  }
}

/** A kernel of programs: returns when all `threads` have called it. */
export function barrier(control: usize, threads: i32, maySleep: i32): void {
  const phase = atomic.load<i32>(control + PHASE);
  if (atomic.add<i32>(control + ARRIVED, 1) == threads - 1) {
    atomic.store<i32>(control + ARRIVED, 0);
    atomic.store<i32>(control + PHASE, phase + 1);
    wake(control + PHASE, control);
  } else {
    meet(control + PHASE, phase, control, maySleep);
  }
}

/** A kernel of programs: the thread is alive. Stands between the pieces of long work; the third argument is not used. */
export function beat(control: usize, thread: i32, _: i32): void {
  atomic.add<i32>(control + BEATS + (<usize>thread << 6), 1);
}

/** Starts a step: idle workers run what stands in their slots. */
export function start(control: usize): void {
  atomic.add<i32>(control + GENERATION, 1);
  wake(control + GENERATION, control);
}

/** A worker's wait for the step after `seen`; returns its generation. */
export function next(control: usize, seen: i32): i32 {
  if (!spin(control + GENERATION, seen, load<i32>(control + SPINS))) sleep(control + GENERATION, seen, control, 1);
  return atomic.load<i32>(control + GENERATION);
}

// @ts-ignore: decorator
@inline
function wake(address: usize, control: usize): void {
  // A sleeper counts itself before it looks again, so that either it sees the new word or it is seen here.
  if (atomic.load<i32>(control + SLEEPERS)) atomic.notify(address, -1);
}

// The training loop: epochs, batches, validation, callbacks, and stepping aside for the event loop. All it remembers is in the position, so that another run can go on
// from wherever this one ends.

import type { Logs } from "./callbacks.js";
import { ArgumentError, DisposedError, LanewiseError, NonFiniteError } from "./errors.js";
import { now, stepAside } from "./event-loop.js";
import type { Data, History, Settled } from "./fit-options.js";
import { validationKey } from "./metrics.js";
import type { Network } from "./network.js";
import { BATCH_BEGIN, BATCH_END, EPOCH_BEGIN, EPOCH_END, newPosition, restoreStates, statesOf, VALIDATION, type Position } from "./position.js";
import type { Source } from "./sources.js";
import { newSums, Tally } from "./tally.js";
import type { Trainer } from "./trainer.js";

const where = "Network.fit";

export async function runFit(network: Network, trainer: Trainer, settled: Settled): Promise<History> {
  const { callbacks, epochs, steps, numbers } = settled;
  const { position: before, group } = trainer;
  const half = group.state;
  const resumed = settled.resume ? before : undefined;
  const position = (trainer.position = resumed ?? newPosition(settled.settings, numbers));
  if (!resumed) group.clear();
  const { epoch, batch } = position;
  const states = position.states();
  let begun = 0;

  try {
    try {
      for (; begun < callbacks.length; begun++) await callbacks[begun].onTrainBegin?.(network, { epochs, steps, epoch, batch, numbers });
    } catch (error) {
      // It has not begun: what there was to resume still is.
      trainer.position = before;
      group.state = half;
      throw error;
    }
    restoreStates(states, callbacks);
    position.states = () => statesOf(callbacks);
    checkStillThere(network, settled);
    await network.lease.sublet(async (lease) => {
      const source = settled.source(lease);
      try {
        await runEpochs(network, trainer, settled, source, position);
      } finally {
        lease.dispose();
        await source.close?.(true);
      }
    });
  } finally {
    if (!network.lease.disposed) {
      for (const callback of callbacks.slice(0, begun)) await callback.onTrainEnd?.();
      const { states } = position;
      // Should one of them fail, save() must not fail with it from then on.
      position.states = () => [];
      const last = states();
      position.states = () => last;
    }
  }
  return Object.fromEntries(Object.entries(position.history).map(([name, numbers]) => [name, [...numbers]])) as unknown as History;
}

/** Until all is done, a callback has had enough, or an abort. */
async function runEpochs(network: Network, trainer: Trainer, settled: Settled, source: Source, position: Position): Promise<void> {
  const { epochs, callbacks, signal, verbose, validation, accumulateSteps } = settled;
  const history = position.history as Record<keyof Logs, number[]>;
  const pause = stepAside();
  const present = (): void => checkStillThere(network, settled);
  const enter = (phase: number): void => {
    position.phase = phase;
    position.called = 0;
  };
  /** Undefined where no callback has the hook: a step of a small network takes less than an await. */
  const call = (hook: "onEpochBegin" | "onBatchBegin" | "onBatchEnd" | "onEpochEnd", number: number, logs?: () => Logs): Promise<void> | undefined => {
    if (callbacks.length === 0 || !callbacks.some((callback) => callback[hook])) return undefined;
    return (async () => {
      while (position.called < callbacks.length) {
        const wish = await callbacks[position.called++][hook]?.(number, logs?.() as Logs);
        if (wish === true && hook === "onEpochEnd") position.stop = true;
      }
      present();
    })();
  };
  let began = now();
  let open = false;
  let tally = new Tally(trainer, position.sums);

  for (;;) {
    const { phase, epoch, batch } = position;
    if (phase === EPOCH_BEGIN) {
      if (position.stop || epoch >= epochs || signal?.aborted) return;
      began = now();
      await call("onEpochBegin", epoch);
      enter(BATCH_BEGIN);
    } else if (phase === BATCH_BEGIN) {
      if (signal?.aborted && batch !== source.steps) return;
      let last = batch;
      try {
        if (!open) {
          await source.open(epoch, batch);
          present();
          open = true;
        }
        let next = source.next(batch);
        if (next instanceof Promise) {
          next = await next;
          present();
        }
        if (next === undefined) {
          last -= 1;
          trainer.endGroup(where);
          trainer.epoch += 1;
          enter(VALIDATION);
          open = false;
          await source.close?.();
          continue;
        }
        const waiting = call("onBatchBegin", batch);
        if (waiting) await waiting;
        const taken = next();
        trainer.train(taken, where, accumulateSteps, tally);
      } catch (error) {
        throw at(epoch, last, error);
      }
      position.batch += 1;
      enter(BATCH_END);
    } else if (phase === BATCH_END) {
      const waiting = call("onBatchEnd", batch - 1, () => tally.scores(false));
      if (waiting) await waiting;
      const turn = pause();
      if (turn) await turn;
      present();
      enter(BATCH_BEGIN);
    } else if (phase === VALIDATION) {
      const logs: Logs = tally.scores(true);
      if (validation && !(await validate(network, trainer, settled, validation, logs, pause))) return;
      for (const [key, value] of Object.entries(logs)) history[key as keyof Logs].push(value);
      // All is said of the epoch: what callbacks save need not hold its sums, which can be large.
      position.sums = newSums();
      tally = new Tally(trainer, position.sums);
      enter(EPOCH_END);
      if (verbose) console.log(line(epoch, epochs, now() - began, logs));
    } else {
      await call("onEpochEnd", epoch, () => Object.fromEntries(Object.entries(history).map(([key, values]) => [key, values.at(-1)!])) as never);
      Object.assign(position, { epoch: epoch + 1, batch: 0 });
      enter(EPOCH_BEGIN);
    }
  }
}

/** Adds the validation numbers to `logs`; false if it was aborted on the way. */
async function validate(network: Network, trainer: Trainer, settled: Settled, { x, y }: Data, logs: Logs, pause: () => Promise<void> | undefined): Promise<boolean> {
  const steps = trainer.evaluateSteps(x.data, y, x.rows, where);
  let step = steps.next();
  for (; !step.done; step = steps.next()) {
    const waiting = pause();
    if (waiting) await waiting;
    checkStillThere(network, settled);
    if (settled.signal?.aborted) return false;
  }
  for (const [name, value] of Object.entries(step.value.scores(true))) logs[validationKey(name) as keyof Logs] = value;
  return true;
}

/** What went wrong with a batch, and with which. */
function at(epoch: number, batch: number, error: unknown): unknown {
  if (error instanceof LanewiseError) error.message = error.message.replace(`${where}:`, `${where}: epoch ${epoch}, batch ${batch}:`);
  return error instanceof NonFiniteError ? Object.assign(error, { epoch, batch }) : error;
}

/** After others have run: callbacks, or whatever the event loop had waiting. */
function checkStillThere({ lease, inputs }: Network, { data }: Settled): void {
  if (lease.disposed) throw new DisposedError(`${where}: the network must not be disposed while it trains, got a dispose()`);
  for (const { x, y } of data) {
    if (x.data.length !== x.rows * inputs || y.rows !== x.rows || y.data.length !== y.rows * y.width) throw new ArgumentError(`${where}: x and y must keep their buffers while it trains, got a detached one`);
  }
}

function line(epoch: number, epochs: number, ms: number, logs: Logs): string {
  const numbers = Object.entries(logs).map(([key, value]) => `${key} ${(value as number).toPrecision(4)}`);
  return `epoch ${epoch + 1}/${epochs}  ${(ms / 1000).toFixed(2)} s  ${numbers.join("  ")}`;
}

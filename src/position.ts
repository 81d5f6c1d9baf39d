// Where a fit() stands: what resume goes on from, kept by the trainer and in files saved with the optimizer. Without it a file says how the weights are, but not which
// batches of the epoch they have seen.

import { describe } from "./check.js";
import { ArgumentError, StateError } from "./errors.js";
import type { Callback } from "./callbacks.js";
import type { History } from "./fit-options.js";
import type { ModelFile } from "./model-reader.js";
import type { Tensor } from "./safetensors.js";
import { newSums, type Sums } from "./tally.js";

/** What fit() does next, or was doing: each step calls a hook or works, and then sets the phase that follows. */
export const EPOCH_BEGIN = 0;
export const BATCH_BEGIN = 1;
export const BATCH_END = 2;
export const VALIDATION = 3;
export const EPOCH_END = 4;

/** What decides the bits of a fit besides the network and the data, under the names of messages. */
export type Settings = Readonly<Record<string, number | boolean>>;

/** What getState() of one callback gave. */
interface CallbackState {
  readonly name: string | undefined;
  readonly state: object;
}

export interface Position {
  readonly settings: Settings;
  phase: number;
  /** Callbacks whose hook of this phase has been called. */
  called: number;
  /** Epochs done. */
  epoch: number;
  /** Batches done in this epoch, and the sums over them. */
  batch: number;
  sums: Sums;
  /** A callback has asked for the end. */
  stop: boolean;
  readonly history: History;
  /** Of the callbacks that have getState(). */
  states: () => readonly CallbackState[];
}

/** The start of a fit() whose epochs give numbers of these names. */
export function newPosition(settings: Settings, names: readonly string[]): Position {
  const history = Object.fromEntries(names.map((name) => [name, []])) as unknown as History;
  return { settings, phase: EPOCH_BEGIN, called: 0, epoch: 0, batch: 0, sums: newSums(), stop: false, history, states: () => [] };
}

/** Throws unless fit() is called as it was when it was interrupted, of `numbers` an epoch and `steps` batches. */
export function checkPosition(where: string, { settings, history, batch }: Position, now: Settings, numbers: readonly string[], steps = Infinity): void {
  for (const key of Object.keys({ ...settings, ...now })) {
    if (settings[key] !== now[key]) throw new StateError(`${where}: ${key} must be ${settings[key]} as in the fit to resume, got ${now[key]}`);
  }
  const kept = Object.keys(history).join(", ");
  if (kept !== numbers.join(", ")) throw new StateError(`${where}: the history to resume must be of ${numbers.join(", ")}, the numbers of this fit, got ${kept || "nothing"}`);
  if (batch > steps) throw new StateError(`${where}: the batches to resume after must be at most ${steps}, those of an epoch, got ${batch}`);
}

export function statesOf(callbacks: readonly Callback[]): readonly CallbackState[] {
  return callbacks.filter(({ getState }) => getState).map((callback, i) => {
    const state = callback.getState!();
    if (typeof state !== "object" || state === null) throw new ArgumentError(`Callback.getState: state ${i} must be an object, got ${describe(state)}`);
    return { name: callback.name, state };
  });
}

/** Gives each callback the first state left of its name. */
export function restoreStates(states: readonly CallbackState[], callbacks: readonly Callback[]): void {
  const left = [...states];
  for (const callback of callbacks) {
    const at = callback.setState ? left.findIndex(({ name }) => name === callback.name) : -1;
    if (at >= 0) callback.setState!(left.splice(at, 1)[0].state);
  }
}

/** The position as JSON; arrays of floats in states become tensors "callback.<i>.<key>". */
export function writePosition({ states, ...rest }: Position, tensors: Map<string, Tensor>): object {
  return {
    ...rest,
    states: states().map(({ name, state }, i) => {
      const lengths: Record<string, number> = {};
      const plain = Object.entries(state).filter(([key, data]) => {
        if (!(data instanceof Float32Array)) return true;
        lengths[key] = data.length;
        tensors.set(`callback.${i}.${key}`, { shape: [data.length], data });
        return false;
      });
      return { name, state: Object.fromEntries(plain), lengths };
    }),
  };
}

/** The inverse, for a file of any origin. */
export function readPosition(value: Position & { states: readonly (CallbackState & { lengths: Record<string, number> })[] }, file: Pick<ModelFile<never>, "find">): Position {
  const { settings, phase, called, epoch, batch, sums: { rows, loss, hits, counters = [] }, stop, history } = value;
  const counts = [phase, called, epoch, batch, rows].every((count) => Number.isSafeInteger(count) && count >= 0);
  if (!counts || phase > EPOCH_END || !Number.isFinite(loss) || !Number.isFinite(hits) || typeof stop !== "boolean") throw new ArgumentError("a position of other kinds");
  const states = value.states.map(({ name, state, lengths }, i) => ({
    name,
    state: { ...state, ...Object.fromEntries(Object.entries(lengths).map(([key, length]) => [key, file.find(`callback.${i}.${key}`, [length]).data])) },
  }));
  const numbers = Object.entries(history).map(([key, values]) => [key, (values as unknown[]).map(Number)]) as [string, number[]][];
  const epochs = epoch + Number(phase === EPOCH_END);
  if (numbers.some(([, { length }]) => length !== epochs)) throw new ArgumentError(`a history of other than ${epochs} epochs`);
  return { settings: { ...settings }, phase, called, epoch, batch, sums: { rows, loss, hits, counters: counters.map((sums) => sums.map(Number)) }, stop, history: Object.fromEntries(numbers) as unknown as History, states: () => states };
}

/** JSON has no NaN or Infinity, which a validation loss can be. */
export function spelled(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

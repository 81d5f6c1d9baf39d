// The state in the address, after the #: what differs from the initial state, and nothing that is not understood.

import { dataTable, type DataId } from "./data";
import { featureTable, type FeatureId } from "./features";
import { activationTable, initTable, lossTable, normTable, optimizerTable, penaltyTable, scheduleTable, type ActivationChoice } from "./options";
import { initialState, MOST_LAYERS, MOST_UNITS, withFittingLoss, type LayerState, type State } from "./state";

interface Field<T> {
  write(value: T): string;
  /** Undefined for what cannot be meant. */
  read(text: string): T | undefined;
}

const numberIn = (least: number, most: number): Field<number> => ({
  write: String,
  read: (text) => (text !== "" && Number(text) >= least && Number(text) <= most ? Number(text) : undefined),
});

const wholeIn = (least: number, most: number): Field<number> => ({
  write: String,
  read: (text) => (/^\d+$/.test(text) && Number(text) >= least && Number(text) <= most ? Number(text) : undefined),
});

const nameIn = <T extends string>(table: Readonly<Record<T, unknown>>): Field<T> => ({
  write: (value) => value,
  read: (text) => (Object.hasOwn(table, text) ? (text as T) : undefined),
});

const flag: Field<boolean> = { write: (value) => (value ? "1" : "0"), read: (text) => (text === "1" ? true : text === "0" ? false : undefined) };

const features: Field<readonly FeatureId[]> = {
  write: (ids) => ids.join(","),
  read(text) {
    const given = text.split(",");
    const known = (Object.keys(featureTable) as FeatureId[]).filter((id) => given.includes(id));
    return known.length === given.length ? known : undefined;
  },
};

/** "8tanh,16relu*6": units and activation of each layer, and how many in a row are alike; "0" for none. */
const layers: Field<readonly LayerState[]> = {
  write(list) {
    const runs: { text: string; count: number }[] = [];
    for (const { units, activation } of list) {
      const text = `${units}${activation}`;
      if (runs.at(-1)?.text === text) runs.at(-1)!.count += 1;
      else runs.push({ text, count: 1 });
    }
    return runs.map(({ text, count }) => (count > 1 ? `${text}*${count}` : text)).join(",") || "0";
  },
  read(text) {
    if (text === "0") return [];
    const list: LayerState[] = [];
    for (const run of text.split(",")) {
      const [, units, activation, count = "1"] = /^(\d{1,3})([A-Za-z0-9]+?)(?:\*(\d{1,3}))?$/.exec(run) ?? [];
      if (!(Number(units) >= 1 && Number(units) <= MOST_UNITS) || !Object.hasOwn(activationTable, activation) || Number(count) < 1) return undefined;
      for (let i = 0; i < Number(count) && list.length <= MOST_LAYERS; i++) list.push({ units: Number(units), activation: activation as ActivationChoice });
    }
    return list.length <= MOST_LAYERS ? list : undefined;
  },
};

/** THE table of what the address holds, in its order. */
const fields: { readonly [K in keyof State]: Field<State[K]> } = {
  data: nameIn<DataId | "own">({ ...dataTable, own: true }),
  count: wholeIn(20, 5000),
  noise: numberIn(0, 1),
  share: numberIn(0.1, 0.9),
  features,
  layers,
  skip: flag,
  norm: nameIn(normTable),
  dropout: numberIn(0, 0.8),
  init: nameIn(initTable),
  penalty: nameIn(penaltyTable),
  penaltyRate: numberIn(0, 10),
  loss: nameIn(lossTable),
  optimizer: nameIn(optimizerTable),
  rate: numberIn(1e-6, 100),
  schedule: nameIn(scheduleTable),
  span: wholeIn(20, 10_000_000),
  batch: wholeIn(1, 5000),
  seed: wholeIn(0, 0xffffffff),
  test: flag,
  bands: flag,
};

export function writeAddress(state: State): string {
  const parts: string[] = [];
  for (const [key, field] of Object.entries(fields) as [keyof State, Field<unknown>][]) {
    const text = field.write(state[key]);
    if (text !== field.write(initialState[key])) parts.push(`${key}=${text}`);
  }
  return parts.join("&");
}

/** `hash` with or without its #; also the keys it holds that are unknown or out of range, which count as if they were not there. */
export function readAddress(hash: string): { state: State; refused: string[] } {
  const refused: string[] = [];
  const given: Partial<Record<keyof State, unknown>> = {};
  for (const [key, text] of new URLSearchParams(hash.replace(/^#/, ""))) {
    const value = Object.hasOwn(fields, key) ? fields[key as keyof State].read(text) : undefined;
    if (value === undefined) refused.push(key);
    else given[key as keyof State] = value;
  }
  const state = { ...initialState, ...given } as State;
  return { state: state.data === "own" ? state : withFittingLoss(state, dataTable[state.data].classes), refused };
}

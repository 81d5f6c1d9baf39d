// Runs random calls of the table in any order, and watches: only errors of the library come out, and what follows a failed call is as if it had not been.

import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { LanewiseError } from "../../src/index.js";
import { table, type Row } from "./calls.js";
import { resolve } from "./junk.js";
import { Half, KINDS, newModel, type Model } from "./world.js";

interface Halves {
  readonly real: Half;
  readonly twin: Half;
}

export interface Report {
  calls: number;
  /** How often each call had each outcome: "predict: ok", "fit(junk): ShapeError". */
  readonly outcomes: Map<string, number>;
}

type Outcome = { readonly error?: undefined; readonly value: unknown } | { readonly error: unknown };

async function attempt(call: () => unknown): Promise<Outcome> {
  try {
    return { value: await call() };
  } catch (error) {
    return { error };
  }
}

/** `<where>: <what must hold>, got <value>` */
const houseForm = /^[A-Za-z][\w. ]*: [^]* must [^]+, got [^]+$/;

class Call implements fc.AsyncCommand<Model, Halves> {
  constructor(readonly row: Row, readonly args: unknown, readonly report: Report) {}

  check = (): boolean => true;

  async run(model: Model, { real, twin }: Halves): Promise<void> {
    const { name, call, expects, after, began, free } = this.row;
    const outcome = await attempt(() => call(real, resolve(this.args)));
    const { error } = outcome;
    const key = `${free ? (this.args as { name: string }).name : name}: ${error === undefined ? "ok" : ((error as Error)?.name ?? String(error))}`;
    this.report.calls += 1;
    this.report.outcomes.set(key, (this.report.outcomes.get(key) ?? 0) + 1);
    if (error !== undefined && !(error instanceof LanewiseError)) throw new Error(`${name} must give an error of the library, got ${(error as Error)?.stack ?? String(error)}`);
    if (error !== undefined && !houseForm.test(error.message)) throw new Error(`${name} must say what must hold and what it got, got ${error.message}`);
    if (expects) {
      const expected = expects(model);
      if (expected === undefined ? error !== undefined : !(error instanceof expected)) throw new Error(`${name} must give ${expected?.name ?? "no error"}, got ${error?.stack ?? "none"}`);
    }
    if (free) return;
    if (error === undefined || name === "fit ends" || began?.(error.message)) {
      const same = await attempt(() => call(twin, resolve(this.args)));
      if (!isDeepStrictEqual(picture(same), picture(outcome))) throw new Error(`${name} must give what it gives where no call has failed, got ${show(outcome)}, there ${show(same)}`);
      after?.(model);
    }
    if (error !== undefined && !isDeepStrictEqual(real.state(model), twin.state(model))) throw new Error(`${name} must change nothing when it fails with ${error.message}, got another state`);
  }

  toString = (): string => `${this.row.name}(${fc.stringify(this.args)})`;
}

const bytes = (data: Float32Array): Buffer => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

/** Bytes instead of numbers, so that every bit counts, and messages instead of errors. */
function picture({ error, value }: { error?: unknown; value?: unknown }): unknown {
  return error === undefined ? (value instanceof Float32Array ? bytes(value) : value) : String(error);
}

const show = ({ error, value }: { error?: unknown; value?: unknown }): string => (error === undefined ? fc.stringify(value) : ((error as Error).stack ?? String(error)));

/** About `calls` calls in runs of up to `length`, each with a new network. */
export async function runCalls({ calls, seed, length = 120 }: { calls: number; seed: number; length?: number }): Promise<Report> {
  const report: Report = { calls: 0, outcomes: new Map() };
  const commands = table.flatMap((row) => new Array<fc.Arbitrary<Call>>(row.weight ?? 1).fill(row.args.map((args: unknown) => new Call(row, args, report))));
  const property = fc.asyncProperty(fc.nat(KINDS - 1), fc.commands(commands, { maxCommands: length, size: "max" }), async (kind, list) => {
    const halves = { real: new Half(kind), twin: new Half(kind) };
    try {
      await fc.asyncModelRun(() => ({ model: newModel(kind), real: halves }), list);
    } finally {
      for (const half of Object.values(halves)) half.dispose();
    }
    for (const [name, { backend }] of Object.entries(halves)) if (backend.memory().bytesInUse !== 0) throw new Error(`nothing must be in use in the end, got ${backend.memory().bytesInUse} bytes of the ${name} half`);
  });
  for (let i = 0; report.calls < calls; i++) await fc.assert(property, { seed: seed + i, numRuns: Math.ceil(Math.min(2000, (calls - report.calls) / length)), endOnFailure: false });
  return report;
}

// Random calls, good and bad, in any order. `npm run fuzz:api` makes a million.

import { expect, test } from "vitest";
import { LanewiseError } from "../src/index.js";
import { callers, entries } from "./api/exports.js";
import { runCalls } from "./api/run.js";

test("every exported function has junk thrown at it", () => {
  const isError = (value: unknown): boolean => typeof value === "function" && (value === LanewiseError || value.prototype instanceof LanewiseError);
  const exported = Object.entries(entries).flatMap(([entry, all]) => Object.entries(all).filter(([, value]) => typeof value === "function" && !isError(value)).map(([name]) => `${entry}.${name}`));
  expect(exported.filter((name) => callers[name] === undefined)).toEqual([]);
  expect(exported.length).toBeGreaterThan(30);
});

test("only errors of the library come out, and after each the next call gives the same bits", async () => {
  const { calls, outcomes } = await runCalls({ calls: 20_000, seed: 1 });
  expect(calls).toBeGreaterThanOrEqual(20_000);
  expect(outcomes.size).toBeGreaterThan(150);
});

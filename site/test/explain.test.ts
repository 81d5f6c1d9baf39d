import { expect, it } from "vitest";
import { explain } from "../src/pages/playground/explain";
import type { LayerReport, Report } from "../src/pages/playground/protocol";
import { initialState } from "../src/pages/playground/state";

const layer: LayerReport = { label: "dense(8, tanh)", gradientNorm: 0.1, outputGradientNorm: 0.1, weightNorm: 2, updateRatio: 0.01, slope: 0.8, saturated: 0, dead: 0 };
const reportOf = (...changes: Partial<LayerReport>[]): Report => ({ layers: changes.map((change) => ({ ...layer, ...change })), gradientFactor: 0.5, verdict: "" });

it.each([
  ["The gradient arrives", reportOf({}, {}, {})],
  ["The gradient vanishes", reportOf({ outputGradientNorm: 1e-9 }, { outputGradientNorm: 1e-5 }, {})],
  ["The gradient vanishes", reportOf({ outputGradientNorm: 0 }, {}, {})],
  ["The gradient explodes", reportOf({ outputGradientNorm: 1e5 }, {}, {})],
  ["Units have died", reportOf({}, { dead: 0.5 }, {})],
  ["Units have died", reportOf({ outputGradientNorm: 0 }, { dead: 1 }, {})],
  ["Units are saturated", reportOf({ saturated: 0.8 }, {}, {})],
  ["The gradient arrives", reportOf({}, {}, { saturated: 1 })],
  ["The steps are too large", reportOf({ updateRatio: 0.9 }, {}, {})],
  ["Nothing left to learn here", reportOf({ outputGradientNorm: 0 }, { outputGradientNorm: 0 })],
])("says “%s”", (title, report) => {
  const { title: said, text, remedies } = explain(report, initialState, false);
  expect(said).toBe(title);
  expect(text).not.toMatch(/NaN|undefined|Infinity/);
  // A remedy changes something.
  for (const { patch } of remedies) expect({ ...initialState, ...patch }).not.toEqual(initialState);
});

it("takes faint gradients for no fault once all is learned", () => {
  expect(explain(reportOf({ outputGradientNorm: 1e-12 }, {}), initialState, true).title).toBe("It has learned the training points");
});

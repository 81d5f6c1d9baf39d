import { describe, expect, it } from "vitest";
import { dataTable, type DataId } from "../src/pages/playground/data";
import { featureTable, type FeatureId } from "../src/pages/playground/features";
import { lessons } from "../src/pages/playground/lessons";
import { activationTable, initTable, lossTable, normTable, optimizerTable, penaltyTable, scheduleTable, type ActivationChoice } from "../src/pages/playground/options";
import { createRandom } from "../src/pages/playground/random";
import { initialState, MOST_LAYERS, withFittingLoss, type State } from "../src/pages/playground/state";
import { readAddress, writeAddress } from "../src/pages/playground/url";

const keysOf = <T extends string>(table: Readonly<Record<T, unknown>>) => Object.keys(table) as T[];

function drawState(random: () => number): State {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  const whole = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));
  const features = keysOf<FeatureId>(featureTable).filter(() => random() < 0.5);
  const data = pick(keysOf<DataId>(dataTable));
  return withFittingLoss({
    data, count: whole(20, 5000), noise: random(), share: 0.1 + 0.8 * random(),
    features: features.length > 0 ? features : ["x2"],
    layers: Array.from({ length: whole(0, MOST_LAYERS) }, () => ({ units: whole(1, 3), activation: pick(keysOf<ActivationChoice>(activationTable)) })),
    skip: random() < 0.5, norm: pick(keysOf(normTable)), dropout: 0.8 * random(), init: pick(keysOf(initTable)),
    penalty: pick(keysOf(penaltyTable)), penaltyRate: random(), loss: pick(keysOf(lossTable)), optimizer: pick(keysOf(optimizerTable)), rate: random() + 1e-6,
    schedule: pick(keysOf(scheduleTable)), span: whole(20, 1e7), batch: whole(1, 5000), seed: whole(0, 0xffffffff), test: random() < 0.5, bands: random() < 0.5,
  }, dataTable[data].classes);
}

describe("the address", () => {
  it("is empty for the state that the page begins with", () => {
    expect(writeAddress(initialState)).toBe("");
    expect(readAddress("")).toEqual({ state: initialState, refused: [] });
  });

  it("gives back every state that was written", () => {
    const random = createRandom(11);
    for (let i = 0; i < 300; i++) {
      const state = drawState(random);
      const text = writeAddress(state);
      expect(readAddress(`#${text}`), text).toEqual({ state, refused: [] });
      expect(encodeURI(text)).toBe(text);
    }
  });

  it("writes layers that are alike once", () => {
    const layers = [...Array(64).fill({ units: 16, activation: "tanh" }), { units: 4, activation: "relu6" }].slice(1);
    expect(writeAddress({ ...initialState, layers })).toBe("layers=16tanh*63,4relu6");
  });

  it.each([
    "data=squares", "noise=2", "noise=", "count=1e3", "count=-5", "features=x1,x9", "features=", "layers=8foo", "layers=99tanh", "layers=8tanh*65", "layers=8tanh*0", "layers=8tanh,,",
    "rate=0", "rate=x", "seed=4294967296", "skip=yes", "hello=1", "__proto__=1", "optimizer=constructor", "batch=0.5",
  ])("refuses %s and goes on without it", (part) => {
    const { state, refused } = readAddress(`#seed=9&${part}`.replace("seed=9&seed", "seed"));
    expect(refused).toEqual([part.split("=")[0]]);
    expect(state).toEqual({ ...initialState, ...(part.startsWith("seed") ? {} : { seed: 9 }) });
  });

  it("takes a loss that suits the data", () => {
    expect(readAddress("data=hills").state.loss).toBe("meanSquaredError");
    expect(readAddress("data=hills&loss=hinge").state.loss).toBe("meanSquaredError");
    expect(readAddress("data=pinwheel&loss=hinge").state.loss).toBe("crossentropy");
  });

  it.each(lessons)("knows all that the experiment “$title” holds", ({ hash }) => {
    const { state, refused } = readAddress(hash);
    expect(refused).toEqual([]);
    expect(writeAddress(state)).toBe(hash);
  });
});

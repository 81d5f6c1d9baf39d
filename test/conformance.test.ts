// The same bits on every engine and any number of threads: here on the Node that runs the tests, `npm run test:engines` does the others.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { activationTable } from "../src/activations.js";
import { createBackend, Network } from "../src/index.js";
import { initializerTable } from "../src/initializers.js";
import rebuilders from "../src/layers/table.js";
import { lossTable } from "../src/losses.js";
import { metricTable } from "../src/metrics.js";
import optimizerTable from "../src/optimizers.js";
import { scheduleTable } from "../src/schedules.js";
import { factory, drawSpecs, all } from "./nets.js";
import { bits, random } from "./numbers.js";
import { randomBits, sampler } from "./reference/random.js";

const read = (file: string): string => readFileSync(new URL(file, import.meta.url), "utf8");
const source = read("conformance/configurations.mjs");
const digests: Record<string, string> = JSON.parse(read("conformance/digests.json"));

test.each([1, 2])("the digests are those of every engine, on %d threads", (threads) => {
  const { stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(new URL("conformance/host.mjs", import.meta.url)), String(threads)], { encoding: "utf8" });
  const [examined] = stdout.split("\n").filter((line) => line.includes("digests"));
  expect(examined, stderr).toBeDefined();
  expect(JSON.parse(examined)).toMatchObject({ threads, digests });
  const { shared } = JSON.parse(examined) as { shared: string[] };
  expect(shared.length).toBe(threads === 1 ? 0 : 13);
});

test("the program stays what it was: 12 configurations of 200 updates", async () => {
  const { configurations } = (await import("./conformance/configurations.mjs" as string)) as { configurations: Record<string, { fit: { epochs: number; batchSize?: number; accumulateSteps?: number } }> };
  expect(Object.keys(configurations).length).toBe(12);
  for (const [name, { fit: { epochs, batchSize = 32, accumulateSteps = 1 } }] of Object.entries(configurations)) expect((epochs * 128) / batchSize / accumulateSteps, name).toBe(200);
  expect(Object.keys(digests)).toEqual(expect.arrayContaining(Object.keys(configurations)));
});

const tables = {
  activation: { ...activationTable, prelu: {} }, initializer: initializerTable, layer: { ...rebuilders, custom: {} }, loss: lossTable, metric: metricTable, optimizer: optimizerTable, schedule: scheduleTable,
};

describe.each(Object.entries(tables))("every %s is in a configuration", (_, table) => {
  test.each(Object.keys(table))("%s", (id) => expect(source.slice(source.indexOf("export const configurations"))).toMatch(new RegExp(`"${id}"|\\b${id}\\(`)));
});

test("the generator's first 1,000 values are Philox's, for seed 7, parameter 0 and the purpose of first weights", () => {
  const values = Float32Array.from(randomBits(1000, [7, 0, 0, 1]), (word) => (word >>> 8) * 2 ** -23 - 1);
  expect(createHash("sha256").update(values).digest("hex")).toBe(digests["the generator's first 1,000 values"]);
});

test("no power is left to the engine but in what diagnose() tells", () => {
  const files = readdirSync(new URL("../src", import.meta.url), { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts") && !file.includes("embedded") && file !== "diagnosis.ts");
  expect(files.length).toBeGreaterThan(60);
  for (const file of files) {
    const code = read(`../src/${file}`).replace(/\/\*\*.*?\*\/|\/\/.*$/gms, "");
    // 2 ** n is exact on every engine.
    expect([...code.matchAll(/(\S+) \*\* (\S+)/g)].filter(([, base]) => base.replace(/^\(/, "") !== "2").map(([found]) => found), file).toEqual([]);
  }
});

test("a row has the same bits alone and in any batch, at any place: 1,000 random cases", () => {
  const backend = createBackend();
  const draw = sampler(11);
  const whole = (least: number, most: number) => least + Math.floor(draw(0, most - least + 1));
  for (let round = 0; round < 100; round++) {
    const inputs = whole(1, 40);
    const specs = drawSpecs(draw, inputs, whole(1, 5), { widths: [1, 2, 3, 5, 8, 9, 16, 31, 40], activations: all, chance: false });
    const network = new Network({ inputs, layers: specs.map(factory), seed: round }, { backend });
    const { outputs } = network;
    const rows = whole(2, 700);
    const x = random(rows * inputs, round);
    const together = network.predict(x);
    const trace = network.trace(x);
    for (let turn = 0; turn < 10; turn++) {
      const row = whole(0, rows - 1);
      const what = `network ${round}, row ${row} of ${rows}`;
      const alone = x.subarray(row * inputs, (row + 1) * inputs);
      const want = bits(together.subarray(row * outputs, (row + 1) * outputs));
      expect(bits(network.predict(alone)), what).toEqual(want);
      expect(bits(trace.a.at(-1)!.subarray(row * outputs, (row + 1) * outputs)), what).toEqual(want);
      const [batch, place] = turn % 2 === 0 ? [1, 0] : [whole(2, 20), 1];
      const session = network.session({ batch });
      session.input.set(alone, place * inputs);
      session.run();
      // Sessions fold batch normalization, to within 1e-6.
      if (!specs.some(({ type }) => type === "batchNormalization")) expect(bits(session.output.slice(place * outputs, (place + 1) * outputs)), what).toEqual(want);
      session.dispose();
    }
    network.dispose();
  }
});

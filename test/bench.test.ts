// The bench's table of workloads, its sampling and the README's figures have to hold together. Speed itself is no test.
import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { createData } from "../bench/data.mjs";
import { assertSame } from "../bench/compare.mjs";
import { measure, quantile } from "../bench/measure.mjs";
import { formatNumber, formatTime } from "../bench/report.mjs";
import { activations } from "../bench/plain/activations.mjs";
import { findWorkload, kinds, networks, optimizers, weightCount, workloads } from "../bench/workloads.mjs";
import { renderBenchmarks, renderSpeed } from "../bench/tables.mjs";
import { replaceRegion } from "../scripts/readme-tables.mjs";

/** What createData gives, as far as a workload has it. */
interface Data {
  a?: Float32Array;
  b?: Float32Array;
  z?: Float32Array;
  x?: Float32Array;
  y?: ArrayLike<number>;
  parameters?: { weights: Float32Array }[];
}

describe("workloads", () => {
  it("have names of their own and all four kinds", () => {
    expect(new Set(workloads.map(({ id }) => id)).size).toBe(workloads.length);
    expect([...new Set(workloads.map(({ kind }) => kind))]).toEqual(kinds);
  });

  it.each(workloads.map((row) => [row.id, row] as const))("%s has what it needs", (_, row) => {
    const data: Data = createData(row);
    if (row.kind === "activation") {
      expect(data.z!.length).toBe(row.elements);
      expect(activations).toHaveProperty(row.name);
      return;
    }
    expect(row.flop).toBeGreaterThan(0);
    if (row.kind === "matmul") {
      expect([data.a!.length, data.b!.length]).toEqual([row.m * row.k, row.k * row.n]);
      return;
    }
    expect(data.x!.length).toBe(row.batch * row.inputs);
    const count = data.parameters!.reduce((sum, { weights }) => sum + weights.length, 0);
    expect(count).toBe(weightCount(networks[row.network as keyof typeof networks]));
    if (row.kind === "training") {
      expect(optimizers).toHaveProperty(row.optimizer);
      const outputs = row.layers.at(-1).units;
      expect(data.y!.length).toBe(row.loss === "meanSquaredError" ? row.batch * outputs : row.batch);
    }
  });

  it("have the same data in every process", () => {
    const row = findWorkload("train 2-8-8-2 batch 32 sgd");
    expect(createData(row)).toEqual(createData(row));
  });
});

describe("measuring", () => {
  it("takes quantiles by straight line", () => {
    expect(quantile([1, 2, 4, 8], 0.5)).toBe(3);
    expect(quantile([1, 2, 4, 8], 1)).toBe(8);
  });

  it("fills samples, warms up, takes turns and gives the time a call", async () => {
    const turns: string[] = [];
    const contestant = (name: string, each: number) => ({
      sample(calls: number) {
        turns.push(name);
        return calls * each;
      },
    });
    const [quick, slow] = await measure([contestant("quick", 0.001), contestant("slow", 600)], { budget: 1000 });
    expect(quick.median).toBeCloseTo(0.001);
    expect(quick.samples).toBe(15);
    expect(quick.calls).toBeGreaterThanOrEqual(5000);
    expect(slow).toMatchObject({ median: 600, samples: 3, calls: 1 });
    expect(turns.slice(-18, -12)).toEqual(["quick", "slow", "slow", "quick", "quick", "slow"]);
  });

  it("goes on without a contestant that fails", async () => {
    const failing = { sample: () => Promise.reject(new Error("gone")) };
    const failures: unknown[] = [];
    const onFailure = (contestant: unknown, error: Error) => failures.push([contestant, error.message]);
    const [summary, none] = await measure([{ sample: (calls: number) => calls * 6 }, failing], { onFailure });
    expect(summary.median).toBe(6);
    expect(none).toBeUndefined();
    expect(failures).toEqual([[failing, "gone"]]);
    await expect(measure([failing])).rejects.toThrow("gone");
  });

  it("stops at results that differ, or are not numbers", () => {
    const row = workloads.find(({ kind }) => kind === "inference");
    const compare = (value: number) => () => assertSame("X", row, { result: [1, 0.5] }, { result: [1, value] });
    expect(compare(0.5)).not.toThrow();
    expect(compare(0.6)).toThrow(`X, ${row.id}: number 1 must be within`);
    expect(compare(NaN)).toThrow("got NaN");
  });
});

describe("the README's figures", () => {
  it("have three digits", () => {
    expect([0.0664, 9.994, 9.996, 99.94, 99.96, 1234].map(formatNumber)).toEqual(["0.07", "9.99", "10.0", "99.9", "100", "1234"]);
    expect([2e-6, 0.0123, 0.9, 12, 3456].map(formatTime)).toEqual(["2.00 ns", "12.3 µs", "900 µs", "12.0 ms", "3.46 s"]);
  });

  const line = (id: string, kind: string, key: string, median: number) => ({ id, kind, key, median, gflops: 1 / median });
  const fixture = {
    date: "2026-11-30T00:00:00.000Z",
    engine: "Node 26.0.0 (V8 14)",
    cpu: "CPU",
    cores: 2,
    os: "Linux x64",
    limit: { gflops: 57.6, p25: 57, p75: 58 },
    contestants: [
      { key: "strict", label: "lanewise", version: "1" },
      { key: "plain", label: "plain JS", version: "26" },
    ],
    lines: ["matmul 512x512x512", "infer 2-8-8-1 batch 1"].flatMap((id) => [line(id, "matmul", "strict", 0.02), line(id, "matmul", "plain", 0.1)]),
    absent: [{ key: "x", label: "X", reason: "was not found" }],
  };

  const depth = { ...fixture, width: 32, batch: 32, runs: 15, lines: [{ depth: 1000, build: 12, firstStep: 80, step: 6, save: 9.5, bytes: 2e7 }] };

  function folderWith(files: Record<string, unknown>) {
    const folder = mkdtempSync(join(tmpdir(), "lanewise-"));
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(content));
    return pathToFileURL(`${folder}/`);
  }

  it("come out of the result files, and a second run changes nothing", () => {
    const folder = folderWith({ "20.json": { ...fixture, engine: "Node 20" }, "26.json": fixture, "peers-26.json": fixture, "depth-26.json": depth });
    const text = renderBenchmarks(folder);
    expect(text.indexOf("Node 26.0.0")).toBeLessThan(text.indexOf("Node 20"));
    expect(text).toContain("| 512×512×512 | 50.0 | 10.0 | 5.00× | 87% |");
    expect(text).toContain("| 2-8-8-1, batch 1 | 20.0 µs | 100 µs (5.00×) |");
    expect(text).toContain("Not timed: X (was not found).");
    expect(text).toContain("| 1,000 | 12.0 ms | 80.0 ms | 6.00 ms | 9.50 ms | 20.0 MB |");
    const readme = "# x\n\n<!-- bench:start -->\nold\n<!-- bench:end -->\n\nmore\n";
    const once = replaceRegion(readme, renderSpeed(folder));
    expect(once).not.toContain("old");
    expect(once.endsWith("<!-- bench:end -->\n\nmore\n")).toBe(true);
    expect(once).toContain("| inference 2-8-8-1, batch 1 | 20.0 µs | – | 5.00× |");
    expect(replaceRegion(once, renderSpeed(folder))).toBe(once);
  });

  it("stand in the README as the result files have them", () => {
    const { status, stderr } = spawnSync(process.execPath, ["scripts/readme-tables.mjs", "--check"], { cwd: fileURLToPath(new URL("..", import.meta.url)), encoding: "utf8" });
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });

  it("need the two marks", () => {
    expect(() => replaceRegion("# x", "text")).toThrow("README.md must hold <!-- bench:start -->");
  });
});

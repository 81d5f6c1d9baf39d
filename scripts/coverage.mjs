// Runs the tests and says how much of src/ they reach, by lines and branches, and which exports of the wasm module nothing has called: `npm run coverage`.
// Code that runs in other processes and workers is not counted.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** Per cent, of each. */
const LEAST = { lines: 98, branches: 98 };

const root = path.resolve(fileURLToPath(import.meta.url), "../..");
const folder = path.join(root, "build/coverage");
const noted = path.join(root, "build/exports.txt");
mkdirSync(path.dirname(noted), { recursive: true });
rmSync(noted, { force: true });
const vitest = path.join(path.dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
const options = ["--coverage.enabled", "--coverage.provider=v8", "--coverage.include=src/**", "--coverage.exclude=src/embedded/**", `--coverage.reportsDirectory=${folder}`,
  "--coverage.reporter=text", "--coverage.reporter=json-summary", "--coverage.reportOnFailure"];
const { status } = spawnSync(process.execPath, [vitest, "run", ...options, ...process.argv.slice(2)], { cwd: root, stdio: "inherit", env: { ...process.env, LANEWISE_EXPORTS: noted } });

const { total } = JSON.parse(readFileSync(path.join(folder, "coverage-summary.json"), "utf8"));
const called = new Set(existsSync(noted) ? readFileSync(noted, "utf8").split("\n") : []);
const exported = WebAssembly.Module.exports(new WebAssembly.Module(readFileSync(path.join(root, "build/wasm/strict.wasm")))).filter(({ kind }) => kind === "function");
const missing = exported.map(({ name }) => name).filter((name) => !called.has(name));
const short = Object.entries(LEAST).filter(([what, least]) => total[what].pct < least);
console.log(`lines ${total.lines.pct} %, branches ${total.branches.pct} %, functions ${total.functions.pct} %; ${exported.length - missing.length} of ${exported.length} exports called${missing.length > 0 ? `, not ${missing.join(", ")}` : ""}`);
if (status !== 0 || missing.length > 0 || short.length > 0) process.exitCode = 1;

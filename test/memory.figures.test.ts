/// <reference types="vite/types/importMeta.d.ts" />
// Memory over many calls (test/memory/run.mjs). Here a fiftieth of them; all, with what JavaScript's heap keeps: npm run test:memory.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const all = import.meta.env.MODE === "memory";

test("bytes in use and reserved stay the same over calls, come back after dispose(), and hardly exceed what is needed", async () => {
  // Node has --expose-gc for the start of a process only. The others keep the engine from optimizing, and throwing code away, in the middle of a measurement of the heap.
  const flags = ["--expose-gc", ...(all ? ["--no-lazy-feedback-allocation", "--no-flush-bytecode", "--no-opt", "--no-sparkplug"] : [])];
  const program = fileURLToPath(new URL("memory/run.mjs", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program, "--share", all ? "1" : "0.02"]);
  if (all) console.log(stdout);
  expect(stdout).toMatch(/memory: all bounds kept\n$/);
}, 600_000);

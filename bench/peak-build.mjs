// Compiles bench/peak.as.ts to build/bench/peak.wasm.
import { mkdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);

/** Returns the bytes of the module. */
export async function compilePeak() {
  const { default: asc } = await import("assemblyscript/asc");
  mkdirSync(new URL("build/bench/", root), { recursive: true });
  const { error, stderr } = await asc.main([
    "peak.as.ts",
    "--baseDir", fileURLToPath(new URL("bench/", root)), // not the root: its asconfig.json is the library's
    "--outFile", "../build/bench/peak.wasm",
    "--optimizeLevel", "3",
    "--runtime", "stub",
    "--noAssert",
    "--initialMemory", "1",
    "--enable", "simd",
  ]);
  if (error) throw new Error(`bench/peak.as.ts did not compile: ${stderr}`);
  return readFileSync(new URL("build/bench/peak.wasm", root));
}

// Compiles bench/peak.as.ts and samples its loops whenever measure.mjs says so: the limit belongs to the same run as the
// lines, not to an idle machine before it.
import { readFileSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { summarise } from "./measure.mjs";

const root = new URL("../", import.meta.url);
const passes = 100_000; // a fifth of a millisecond: short beside the samples it stands between
/** Calls, a fifth of a second or more, after which the engine has compiled a loop well. */
const settling = 1000;

/** Returns { sample(), summary() → { median, p25, p75, samples } in GFLOP/s of the faster loop }. */
export async function createPeakProbe() {
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
  const module = new WebAssembly.Module(readFileSync(new URL("build/bench/peak.wasm", root)));
  const { chains, chainsFlop, tile, tileFlop } = new WebAssembly.Instance(module).exports;
  const loops = [
    { run: chains, flop: chainsFlop.value * passes, speeds: [] },
    { run: tile, flop: tileFlop.value * passes, speeds: [] },
  ];
  for (const { run } of loops) for (let call = 0; call < settling; call++) run(passes, 0.5);
  return {
    sample() {
      for (const { run, flop, speeds } of loops) {
        run(passes / 10, 0.5);
        const start = performance.now();
        run(passes, 0.5);
        speeds.push(flop / (performance.now() - start) / 1e6);
      }
    },
    summary() {
      const [one, other] = loops.map(({ speeds }) => summarise(speeds, 1));
      return one.median > other.median ? one : other;
    },
  };
}

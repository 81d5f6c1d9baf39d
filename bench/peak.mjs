// Samples the loops of bench/peak.as.ts whenever measure.mjs says so: the limit belongs to the same run as the lines, not
// to an idle machine before it.
import { summarise } from "./measure.mjs";

/** Passes, a fifth of a second or more, after which the engine has compiled a loop well. */
const settling = 1e8;

/**
 * bytes: the module of peak-build.mjs; passes: of one sample, a fifth of a millisecond for 100,000.
 * Returns { sample(), summary() → { median, p25, p75, samples } in GFLOP/s of the faster loop }.
 */
export function createPeakProbe(bytes, passes = 100_000) {
  const { chains, chainsFlop, tile, tileFlop } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  const loops = [
    { run: chains, flop: chainsFlop.value * passes, speeds: [] },
    { run: tile, flop: tileFlop.value * passes, speeds: [] },
  ];
  for (const { run } of loops) for (let done = 0; done < settling; done += passes) run(passes, 0.5);
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

// One row over a choice of inputs, on as many builds as are given.
import { digest } from "./builds.mjs";
import { stratified } from "./inputs.mjs";
import { Expected, Tally } from "./judge.mjs";

const hex = (x) => `0x${new Uint32Array(Float32Array.of(x).buffer)[0].toString(16).padStart(8, "0")}`;
/** JSON knows neither NaN nor infinity nor −0. */
export const plain = (x) => (Number.isFinite(x) && !Object.is(x, -0) ? x : Object.is(x, -0) ? "-0" : String(x));

/** Of the kernels as they are: what committed results are compared with, to tell whether they are of these kernels. */
export const digestOf = (row, instance) => digest(instance.place(row), stratified(64));

/** { build: figures } for instances by build. */
export function measure(row, instances, blocks) {
  const expected = new Expected(row);
  const runs = Object.entries(instances).map(([build, instance]) => ({ build, place: instance.place(row), tally: new Tally(row) }));
  for (const bits of blocks) {
    const n = bits.length;
    for (const { place } of runs) place.inputBits.set(bits);
    const { input } = runs[0].place;
    const mirrored = bits[0] >>> 31 === 1, size = Math.abs(input[n - 1]);
    expected.fill(input, n, mirrored);
    for (const { place, tally } of runs) {
      place.run(n);
      tally.add(expected, place, n, mirrored);
      // Elsewhere f is z, a constant or nearly so.
      if (row.backward && size > 2 ** -30 && size < 128) {
        place.runFromOutput(n);
        tally.addFromOutput(expected, input, place.slopes, n);
      }
    }
  }
  return Object.fromEntries(runs.map(({ build, tally }) => [build, figures(row, tally, expected, instances[build])]));
}

function figures(row, tally, expected, instance) {
  const rounding = expected.most / 2 ** 29;
  const [maxUlp, worst] = tally.maxUlp > rounding ? [tally.maxUlp, tally.worst] : [rounding, expected.mostAt];
  const peak = Math.max(Math.abs(tally.smallest), Math.abs(tally.largest));
  return {
    maxUlp, worst: plain(worst), worstBits: hex(worst), inputs: tally.count, correct: tally.correct, nan: tally.nan,
    ...(row.monotone && { inversions: tally.inversions }),
    ...(row.symmetry !== 0 && { asymmetric: tally.asymmetric }),
    smallest: plain(tally.smallest), largest: plain(tally.largest), outside: tally.outside,
    // In units of 2^-23 of the largest |f′|.
    ...(row.backward && { fromOutput: tally.fromOutput / peak * 2 ** 23, fromOutputAt: plain(tally.fromOutputAt), fromOutputBits: hex(tally.fromOutputAt) }),
    digest: digestOf(row, instance),
  };
}

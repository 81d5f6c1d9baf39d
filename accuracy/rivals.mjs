// npm run sweep:rivals: what other libraries' functions give for every 1009th float, by the same measure. Installs bench/rivals; PyTorch and NumPy take part if
// python3 has them. Writes accuracy/results/rivals.json.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { Command } from "commander";
import { machine } from "../bench/machine.mjs";
import { installRivals } from "../bench/rivals/install.mjs";
import { block } from "./builds.mjs";
import { contestants } from "./contestants.mjs";
import { everything } from "./inputs.mjs";
import { errorOf, Expected } from "./judge.mjs";
import { plain } from "./measure.mjs";
import { loadReference, rowsOf } from "./rows.mjs";

const step = 1009;
const command = new Command("npm run sweep:rivals --").description("Measures other libraries by every 1009th float. Some minutes.").argument("[names...]", "rows (default: all)").parse();
installRivals();

const blocks = Array.from(everything(step), (bits) => bits.slice());
const sample = new Float32Array(Uint32Array.from(blocks.flatMap((bits) => [...bits])).buffer);

const file = new URL("results/rivals.json", import.meta.url);
/** What named rows leave as it is. */
const before = command.args.length > 0 && existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).rows : {};
const results = { ...machine(), every: step, inputs: sample.length, contestants: [], absent: [], rows: before };
const taking = [];
for (const { key, label, start } of contestants) {
  try {
    const contestant = await start();
    results.contestants.push({ key, label, version: await contestant.begin(sample) });
    taking.push({ key, ...contestant });
  } catch (error) {
    results.absent.push({ label, reason: error.message });
    console.log(`Not here: ${label}: ${error.message}`);
  }
}

/** Largest error of any number, its input, how many are correctly rounded, and NaN where there should be a number or the other way round. */
function judge(row, outputs) {
  const expected = new Expected(row), input = new Float32Array(block);
  const tallies = outputs.map(() => ({ maxUlp: 0, worst: NaN, correct: 0, nan: 0 }));
  let at = 0;
  for (const bits of blocks) {
    const n = bits.length;
    input.set(sample.subarray(at, at + n));
    expected.fill(input, n, bits[0] >>> 31 === 1);
    outputs.forEach((values, which) => {
      const tally = tallies[which];
      for (let i = 0; i < n; i++) {
        const y = values[at + i], rounded = expected.rounded[i];
        if (Object.is(y, rounded)) tally.correct++;
        else if (y !== y || rounded !== rounded) tally.nan++;
        else {
          const error = errorOf(y, row.at(input[i]));
          if (error > tally.maxUlp) [tally.maxUlp, tally.worst] = [error, input[i]];
        }
      }
    });
    at += n;
  }
  // Where all are correctly rounded, the largest error is that of rounding.
  const least = expected.most / 2 ** 29;
  return tallies.map(({ maxUlp, worst, correct, nan }) => ({ maxUlp: plain(Math.max(maxUlp, least)), worst: plain(maxUlp > least ? worst : expected.mostAt), correct, nan }));
}

const rows = rowsOf(await loadReference());
function write() {
  results.rows = Object.fromEntries(rows.filter(({ name }) => results.rows[name]).map(({ name }) => [name, results.rows[name]]));
  writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
}

for (const row of rows) {
  if (command.args.length > 0 && !command.args.includes(row.name)) continue;
  const named = [];
  for (const { key, compute } of taking) {
    try {
      const output = await compute(row.name, sample);
      if (output) named.push([key, output]);
    } catch (error) {
      console.log(`${row.name}: ${key}: ${error.message.split("\n")[0]}`);
    }
  }
  const tallies = judge(row, named.map(([, output]) => output));
  results.rows[row.name] = Object.fromEntries(named.map(([key], which) => [key, tallies[which]]));
  write();
  console.log(`${row.name.padEnd(23)} ${named.map(([key], which) => `${key} ${Number(tallies[which].maxUlp).toPrecision(4)}`).join(", ")}`);
}
for (const { end } of taking) await end();
process.exit(); // some of them leave threads behind

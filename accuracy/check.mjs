// npm run sweep:check: what the sweep measures against, against mpmath (python3-mpmath), which owes nothing to this house: at random floats of every binade, round
// the worst inputs that the sweep found and round the roots of derivatives. Fails beyond 2^-42, 2^-52, or at a wrong rounding.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { findPython } from "../bench/processes.mjs";
import { block } from "./builds.mjs";
import { both, everything, random } from "./inputs.mjs";
import { Expected } from "./judge.mjs";
import { loadReference, rowsOf } from "./rows.mjs";

const results = new URL("results/sweep.json", import.meta.url);
const found = existsSync(results) ? JSON.parse(readFileSync(results, "utf8")).rows : {};
const child = spawn(findPython("mpmath"), [fileURLToPath(new URL("check.py", import.meta.url))], { stdio: ["pipe", "pipe", "inherit"] });
const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

/** Where f is neither a constant nor beyond float32, as far as exact functions are asked. */
const isPlain = (x) => x !== 0 && Math.abs(x) < 128;
const wordOf = (x) => new Uint32Array(Float32Array.of(x).buffer)[0] & 0x7fffffff;
const around = (word) => both(Uint32Array.from({ length: 64 }, (_, i) => Math.max(word - 32, 1) + i));

function* sample({ name, root }) {
  yield* everything(2 ** 20 - 3);
  yield* random(500, 11);
  for (const { worstBits, fromOutputBits } of [found[name]?.strict, found[name]?.relaxed]) for (const bits of [worstBits, fromOutputBits]) if (bits) yield* around(Number(bits) & 0x7fffffff);
  if (root) yield* around(wordOf(root));
}

let failed = false;
for (const row of rowsOf(await loadReference())) {
  const expected = new Expected(row), inputs = new Float32Array(block), points = [];
  for (const bits of sample(row)) {
    new Uint32Array(inputs.buffer).set(bits);
    expected.fill(inputs, bits.length, false);
    for (let i = 0; i < bits.length; i++) {
      const x = inputs[i], value = row.at(x);
      if (Number.isFinite(x) && Number.isFinite(value)) points.push([x, value, row.exact && isPlain(x) ? row.exact.float64(x) : null, Number.isFinite(expected.rounded[i]) ? expected.rounded[i] : null]);
    }
  }
  child.stdin.write(`${JSON.stringify({ name: row.name, points })}\n`);
  const { double, precise, wrong, points: count } = JSON.parse((await answers.next()).value);
  const bad = double > 2 ** -42 || precise > 2 ** -52 || wrong > 0;
  failed ||= bad;
  console.log(`${row.name.padEnd(23)} ${count} points: float64 within 2^${Math.log2(double).toFixed(1)}, exact within 2^${Math.log2(precise).toFixed(1)}, wrong roundings ${wrong}${bad ? "  FAIL" : ""}`);
}
child.stdin.end();
process.exitCode = failed ? 1 : 0;

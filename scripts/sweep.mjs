// Measures the accuracy of the activations and of the cores in assembly/math.ts against float64.
// The functions and their references are those of test/reference/activations.ts; what is exported here is also used by
// test/activations.kernels.test.ts. So there is one list and one measure.
import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import asc from "assemblyscript/asc";

const root = path.resolve(path.dirname(new URL(import.meta.url).pathname), "..");
const chunk = 65536;

const help = `Usage: node scripts/sweep.mjs [--build strict|relaxed] [--function name] [--full]

Compares the wasm kernels with float64 and prints, for each function: the largest error in units of the last place (ULP) and its
input, the share of correctly rounded results, the number of inversions (neighbouring inputs whose results are in the wrong order),
and the results for special inputs. Run scripts/build.mjs first.

  --build strict|relaxed   the build to measure (default: strict)
  --function name          one function instead of all
  --full                   all 2^32 inputs (minutes a function) instead of a stratified sample (under a second)
  --module file            another wasm file instead of build/wasm/<build>.wasm
  --help                   this text

Functions: `;

/** Cores of assembly/math.ts that no activation exports as they are: wrapped by a probe. */
export const cores = {
  exp: { kernel: "exp", reference: Math.exp, monotone: true },
  log: { kernel: "log", reference: Math.log, monotone: true },
  log1p: { kernel: "log1p", reference: Math.log1p, monotone: true },
};

/** What of the elementwise activations of test/reference/activations.ts is measured: the value and the derivative of each. */
export function functionsOf({ activations, slope }) {
  const functions = {};
  for (const [id, { value, derivative, kernel }] of Object.entries(activations)) {
    if (value === undefined) continue;
    const { monotone, parameter = slope } = kernel;
    functions[id] = { kernel: `${id}Forward`, reference: (z) => value(z, slope), monotone, parameter };
    functions[`${id}Derivative`] = { kernel: `${id}Derivative`, reference: (z) => derivative(z, slope), monotone: false, parameter };
  }
  return functions;
}

/** Throws for a kernel of an activation without its row. Those without a derivative of their own (softmax) work on whole rows and are not measured here. */
export function checkComplete({ activations, layerKernels }, exports) {
  for (const name of Object.keys(exports)) {
    const [, id, family] = /^(.*)(Forward|Derivative)$/.exec(name) ?? [];
    if (layerKernels.includes(id)) continue;
    const row = activations[id];
    if (family && !(row && (family === "Forward" || (row.value && row.derivative && row.kernel)))) {
      const got = row ? `one with ${Object.keys(row).join(", ")}` : "none";
      throw new Error(`sweep: test/reference/activations.ts must have a row for ${id} with value, derivative and kernel, as there is ${name}, got ${got}`);
    }
  }
}

/** Kernels over the cores, compiled from memory. */
async function compileProbe(build) {
  const source = Object.keys(cores).map((name) => `
    export function ${name}(rows: i32, columns: i32, ld: i32, z: usize, a: usize, parameters: usize): void {
      const end = z + (<usize>rows * <usize>ld << 2);
      for (; z < end; z += 16, a += 16) v128.store(a, math.${name}(v128.load(z)));
    }`).join("\n");
  const entry = "assembly/sweep.probe.ts";
  let wasm;
  const { error, stderr } = await asc.main(
    [entry, "--baseDir", root, "--config", "asconfig.json", "--target", build, "--outFile", "probe.wasm"], {
      readFile: (name, base) => {
        if (name.endsWith(entry)) return `import * as math from "./math";\n${source}`;
        try { return readFileSync(path.resolve(base, name), "utf8"); } catch { return null; }
      },
      writeFile: (name, contents) => { if (name.endsWith("probe.wasm")) wasm = contents; },
      listFiles: () => [],
    });
  if (error) throw new Error(`probe: ${stderr.toString()}`);
  return wasm;
}

/** A build, or with `probe` the cores compiled like it: its kernels, and views of `chunk` floats of input and output. */
export async function load(build, { probe = false, file = path.join(root, `build/wasm/${build}.wasm`) } = {}) {
  const bytes = probe ? await compileProbe(build) : readFileSync(file);
  if (!WebAssembly.validate(bytes)) setFlagsFromString("--experimental-wasm-relaxed-simd"); // Node 20 has it behind a flag
  const memory = new WebAssembly.Memory({ initial: 64, maximum: 65536 });
  const kernels = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports;
  const at = 2 << 20;
  const input = new Float32Array(memory.buffer, at, chunk);
  const output = new Float32Array(memory.buffer, at + chunk * 4, chunk);
  const parameters = at + chunk * 8;
  const run = (kernel, n, parameter = 0) => {
    new Float32Array(memory.buffer, parameters, 1)[0] = parameter;
    const ld = Math.ceil(n / 8) * 8;
    kernels[kernel](1, ld, ld, input.byteOffset, output.byteOffset, parameters);
  };
  return { kernels, input, output, run };
}

/** Spacing of float32 at |x|, for x in float64. */
const bits64 = new DataView(new ArrayBuffer(8));
function spacing(x) {
  bits64.setFloat64(0, x);
  const exponent = ((bits64.getUint32(0) >>> 20) & 0x7ff) - 1023;
  return 2 ** (Math.min(Math.max(exponent, -126), 127) - 23);
}

/** Chunks of bit patterns, ascending within a sign: every float but the NaNs. */
export function* everything() {
  const bits = new Uint32Array(chunk);
  for (const sign of [0, 0x80000000]) {
    for (let start = 0; start <= 0x7f800000; start += chunk) {
      const n = Math.min(chunk, 0x7f800001 - start);
      for (let i = 0; i < n; i++) bits[i] = sign + start + i;
      yield bits.subarray(0, n);
    }
  }
}

/** Both signs, each binade: 64 inputs at either end and pairs of neighbours at 4096 places, drawn evenly. ±∞ as well. */
export function* stratified(pairs = 4096) {
  const bits = new Uint32Array(2 * pairs + 128);
  const stride = (1 << 23) / pairs;
  let state = 1;
  for (const sign of [0, 0x80000000]) {
    for (let exponent = 0; exponent < 255; exponent++) {
      const start = sign + exponent * (1 << 23);
      for (let i = 0; i < 64; i++) {
        bits[i] = start + i;
        bits[bits.length - 64 + i] = start + (1 << 23) - 64 + i;
      }
      for (let i = 0; i < pairs; i++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        bits[64 + 2 * i] = start + i * stride + (state >>> 8) % (stride - 1);
        bits[65 + 2 * i] = bits[64 + 2 * i] + 1;
      }
      yield bits.sort();
    }
    yield new Uint32Array([sign + 0x7f800000]);
  }
}

/** Largest error and its input, share correctly rounded, inversions, and NaN where the reference has none (or the reverse). */
export function sweep({ kernel, reference, monotone, parameter }, { input, output, run }, chunks) {
  const inputBits = new Uint32Array(input.buffer, input.byteOffset, chunk);
  const result = { maxUlp: 0, worst: NaN, count: 0, correct: 0, inversions: 0, nanMismatches: 0, smallest: Infinity, largest: -Infinity };
  let previous = NaN, negative = false;
  for (const bits of chunks) {
    const n = bits.length;
    inputBits.set(bits);
    inputBits.fill(0, n, Math.min(chunk, n + 3));
    output.fill(NaN, 0, n);
    run(kernel, n, parameter);
    if (bits[0] >>> 31 && !negative) { negative = true; previous = NaN; }
    for (let i = 0; i < n; i++) {
      const x = input[i], got = output[i], exact = reference(x);
      result.count++;
      if (monotone && (negative ? got > previous : got < previous)) result.inversions++;
      previous = got;
      if (got < result.smallest) result.smallest = got;
      if (got > result.largest) result.largest = got;
      const rounded = Math.fround(exact);
      if (Object.is(got, rounded)) result.correct++;
      else if (got !== got || exact !== exact) result.nanMismatches++;
      if (got !== got || exact !== exact || (got === rounded && Math.abs(got) === Infinity)) continue;
      const finite = Math.sign(got) * Math.min(Math.abs(got), 2 ** 128); // a wrong overflow counts as the power of two after the last float
      const error = Math.abs(finite - exact) / spacing(exact);
      if (error > result.maxUlp) { result.maxUlp = error; result.worst = x; }
    }
  }
  return result;
}

async function main() {
  // The list is TypeScript, which Node 20 cannot read by itself.
  const { runnerImport } = await import("vite");
  const { module: reference } = await runnerImport(path.join(root, "test/reference/activations.ts"), { configFile: false });
  const functions = { ...functionsOf(reference), ...cores };
  const names = Object.keys(functions);
  const { values } = parseArgs({ options: {
    build: { type: "string", default: "strict" }, function: { type: "string" }, module: { type: "string" },
    full: { type: "boolean", default: false }, help: { type: "boolean", default: false },
  } });
  if (values.help) return console.log(help + names.join(" "));
  if (!["strict", "relaxed"].includes(values.build)) throw new Error(`sweep: --build must be strict or relaxed, got ${values.build}`);
  if (values.function && !names.includes(values.function)) {
    throw new Error(`sweep: --function must be one of ${names.join(", ")}, got ${values.function}`);
  }
  const activations = await load(values.build, values.module && { file: values.module });
  checkComplete(reference, activations.kernels);
  const probe = await load(values.build, { probe: true });
  console.log(`${values.build} build, ${values.full ? "all inputs" : "stratified sample"}`);
  for (const name of values.function ? [values.function] : names) {
    const instance = name in cores ? probe : activations;
    const started = performance.now();
    const r = sweep(functions[name], instance, values.full ? everything() : stratified());
    console.log(
      `${name.padEnd(20)} max ${r.maxUlp.toFixed(4)} ULP at ${r.worst}, correctly rounded ${((100 * r.correct) / r.count).toFixed(3)} %, ` +
      `inversions ${functions[name].monotone ? r.inversions : "-"}, NaN mismatches ${r.nanMismatches}, ` +
      `range [${r.smallest}, ${r.largest}], ${r.count} inputs, ${((performance.now() - started) / 1000).toFixed(1)} s`);
    instance.input.set(reference.specialInputs);
    instance.run(functions[name].kernel, reference.specialInputs.length, functions[name].parameter);
    const text = (x) => (Object.is(x, -0) ? "-0" : String(x));
    console.log(`  ${reference.specialInputs.map((x, i) => `${text(x)} → ${text(instance.output[i])}`).join(", ")}`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();

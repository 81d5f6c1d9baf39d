// The builds under test: their kernels over blocks of floats, and with them the cores of accuracy/cores.as.ts, compiled the same way.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import path from "node:path";
import asc from "assemblyscript/asc";
import { NoInline } from "../scripts/transforms.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
export const builds = ["strict", "relaxed"];

/** Floats a block. */
export const block = 65536;

async function compile(file, target) {
  let wasm;
  const { error, stderr } = await asc.main([file, "--baseDir", root, "--config", "asconfig.json", "--target", target, "--outFile", "out.wasm"], {
    transforms: [NoInline],
    readFile: (name, base) => {
      try { return readFileSync(path.resolve(base, name), "utf8"); } catch { return null; }
    },
    writeFile: (name, contents) => { if (name.endsWith("out.wasm")) wasm = contents; },
    listFiles: () => [],
  });
  if (error) throw new Error(`${file}: ${stderr.toString()}`);
  return wasm;
}

/** The bytes of what a build is measured with; workers get them, and compile nothing. Node 20 has relaxed SIMD behind a flag. */
export async function modulesOf(build, file = path.join(root, `build/wasm/${build}.wasm`)) {
  const kernels = readFileSync(file);
  if (!WebAssembly.validate(kernels)) setFlagsFromString("--experimental-wasm-relaxed-simd");
  return { kernels, cores: await compile("accuracy/cores.as.ts", build), scanner: await compile("accuracy/scan.as.ts", "strict") };
}

/** The kernels of a build and its cores, each with a memory of its own. */
export function instantiate({ kernels, cores, scanner }) {
  const [activations, probe] = [kernels, cores].map((bytes) => {
    const memory = new WebAssembly.Memory({ initial: 64, maximum: 65536 });
    const instance = (module) => new WebAssembly.Instance(new WebAssembly.Module(module), { env: { memory } }).exports;
    const views = ["input", "output", "wanted", "mirror", "ones", "activated", "slopes", "parameters"].map((name, i) => [name, new Float32Array(memory.buffer, (2 << 20) + i * block * 4, block)]);
    return { exports: instance(bytes), scanner: instance(scanner), ...Object.fromEntries(views) };
  });
  return { kernels: activations.exports, place: (row) => new Place(row, row.kind === "core" ? probe : activations) };
}

/** Where a row is computed: views of `block` floats of input and output. */
class Place {
  constructor(row, { exports, scanner, input, output, wanted, mirror, ones, activated, slopes, parameters }) {
    Object.assign(this, { row, exports, scanner, input, output, wanted, mirror, activated, slopes, parameters, ones: ones.fill(1) });
    this.inputBits = new Uint32Array(input.buffer, input.byteOffset, block);
    this.outputBits = new Uint32Array(output.buffer, output.byteOffset, block);
    this.wantedBits = new Uint32Array(wanted.buffer, wanted.byteOffset, block);
    this.mirrorBits = new Uint32Array(mirror.buffer, mirror.byteOffset, block);
    this.parameterBits = new Int32Array(parameters.buffer, parameters.byteOffset, 4);
  }

  /** output = the row's function of the first n inputs. */
  run(n) {
    this.#call(this.row.kernel, n, this.input, this.output, this.parameters);
  }

  /** slopes = f′ as a layer computes it, from f of the first n inputs. */
  runFromOutput(n) {
    this.#call(this.row.forward, n, this.input, this.activated, this.parameters);
    this.#call(this.row.backward, n, this.activated, this.ones, this.slopes, this.parameters);
  }

  #call(kernel, n, ...arrays) {
    this.parameters[0] = this.row.parameter;
    const ld = Math.ceil(n / 8) * 8;
    this.inputBits.fill(0, n, ld);
    this.exports[kernel](1, ld, ld, ...arrays.map(({ byteOffset }) => byteOffset));
  }

  /** Of a whole block: how many outputs differ from `wanted`, the smallest and largest, and inversions. */
  scan(falling) {
    const { parameters, parameterBits } = this;
    this.scanner.scan(this.output.byteOffset, this.wanted.byteOffset, block, falling, parameters.byteOffset);
    return { wrong: parameterBits[0], smallest: parameters[1], largest: parameters[2], inversions: parameterBits[3] };
  }

  /** Whether all outputs of a whole block are those in `mirror` but for the sign if `odd`. */
  mirrors(odd) {
    return this.scanner.mirrors(this.output.byteOffset, this.mirror.byteOffset, block, odd ? 0x80000000 : 0) === 1;
  }
}

/** What tells one set of kernels from another: SHA-256, shortened, of what the row's kernels give for these blocks of inputs. */
export function digest(place, blocks) {
  const hash = createHash("sha256");
  // A NaN may be any: engines differ in its sign.
  const update = (values) => hash.update(Float32Array.from(values, (x) => (x === x ? x : NaN)));
  for (const bits of blocks) {
    place.inputBits.set(bits);
    place.run(bits.length);
    update(place.output.subarray(0, bits.length));
    if (!place.row.backward) continue;
    place.runFromOutput(bits.length);
    update(place.slopes.subarray(0, bits.length));
  }
  return hash.digest("hex").slice(0, 16);
}

// Whom lanewise's accuracy stands beside: each starts into { version, compute(name, sample) }, which resolves to the results for a row's name, or to undefined
// where the library has no such function. Inputs and results are float32.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { findPython, pythonEnvironment } from "../bench/processes.mjs";
import { installedVersion } from "../bench/rivals/installed.mjs";

const require = createRequire(new URL("../bench/rivals/package.json", import.meta.url));
/** Floats a call: what the 32-bit memories of wasm hold well. */
const part = 1 << 20;

/** results[i] = f(sample[i]), part by part. */
async function inParts(sample, f) {
  const results = new Float32Array(sample.length);
  for (let start = 0; start < sample.length; start += part) results.set(await f(sample.subarray(start, start + part)), start);
  return results;
}

const sigmoid = (x) => 1 / (1 + Math.exp(-x));
const softplus = (x) => Math.log(1 + Math.exp(x));
const { tanh, exp, expm1, sqrt, PI } = Math;
const inner = (x) => sqrt(2 / PI) * (x + 0.044715 * x ** 3);

/** As textbooks write them, in float64, the result rounded to float32. */
const plain = {
  linear: (x) => x, "linear.derivative": () => 1,
  sigmoid, "sigmoid.derivative": (x) => sigmoid(x) * (1 - sigmoid(x)),
  tanh, "tanh.derivative": (x) => 1 - tanh(x) ** 2,
  arctan: Math.atan, "arctan.derivative": (x) => 1 / (1 + x * x),
  relu: (x) => Math.max(0, x), "relu.derivative": (x) => (x > 0 ? 1 : 0),
  leakyRelu: (x) => (x > 0 ? x : Math.fround(0.05) * x), "leakyRelu.derivative": (x) => (x > 0 ? 1 : Math.fround(0.05)),
  elu: (x) => (x > 0 ? x : exp(x) - 1), "elu.derivative": (x) => (x > 0 ? 1 : exp(x)),
  gelu: undefined,
  geluTanh: (x) => 0.5 * x * (1 + tanh(inner(x))),
  silu: (x) => x * sigmoid(x), "silu.derivative": (x) => sigmoid(x) * (1 + x * (1 - sigmoid(x))),
  mish: (x) => x * tanh(softplus(x)),
  softplus, "softplus.derivative": sigmoid,
  softsign: (x) => x / (1 + Math.abs(x)), "softsign.derivative": (x) => 1 / (1 + Math.abs(x)) ** 2,
  hardSigmoid: (x) => Math.min(Math.max(x + 3, 0), 6) / 6,
  hardSwish: (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6,
  relu6: (x) => Math.min(Math.max(x, 0), 6),
  exponential: exp, "exponential.derivative": exp,
  exp, expm1, log: Math.log, log1p: Math.log1p,
};

async function python(library) {
  const folder = mkdtempSync(path.join(tmpdir(), "lanewise-"));
  const [input, output] = ["sample.f32", "out.f32"].map((name) => path.join(folder, name));
  let child, lines;
  const start = async (sample) => {
    writeFileSync(input, sample);
    child = spawn(findPython(library), [fileURLToPath(new URL("rivals.py", import.meta.url)), library, input, output], { env: pythonEnvironment, stdio: ["pipe", "pipe", "inherit"] });
    lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return (await lines.next()).value;
  };
  return {
    begin: start,
    async compute(name) {
      child.stdin.write(`${name}\n`);
      const { value } = await lines.next();
      if (value === undefined) throw new Error(`${library}: ended at ${name}`);
      if (value !== "ok") return undefined;
      const bytes = readFileSync(output);
      return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    },
    async end() {
      child.stdin.end();
      await once(child, "exit");
      rmSync(folder, { recursive: true });
    },
  };
}

const number = (name, f) => ({ name, f, type: 1 });
/** Operators of ONNX by the names of rows; a second one multiplies with the input. */
const operators = {
  sigmoid: [["Sigmoid"]], tanh: [["Tanh"]], arctan: [["Atan"]], relu: [["Relu"]], leakyRelu: [["LeakyRelu", number("alpha", 0.05)]],
  elu: [["Elu"]], selu: [["Selu"]], celu: [["Celu"]], gelu: [["Gelu"]], geluTanh: [["Gelu", { name: "approximate", s: Buffer.from("tanh"), type: 3 }]],
  silu: [["Sigmoid"], ["Mul"]], mish: [["Mish"]], softplus: [["Softplus"]], softsign: [["Softsign"]],
  hardSigmoid: [["HardSigmoid", number("alpha", 1 / 6), number("beta", 0.5)]], hardSwish: [["HardSwish"]],
  exponential: [["Exp"]], exp: [["Exp"]], log: [["Log"]],
};

async function onnxruntime() {
  const { default: ort } = await import(require.resolve("onnxruntime-web"));
  const { encodeChain } = await import("../bench/rivals/onnx-model.mjs");
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = "error";
  return {
    begin: () => installedVersion("onnxruntime-web"),
    async compute(name, sample) {
      const chain = operators[name];
      if (!chain) return undefined;
      const nodes = chain.map(([op_type, ...attribute], i) => ({
        op_type, attribute, name: `n${i}`, input: i ? ["z", `y${i - 1}`] : ["z"], output: [i === chain.length - 1 ? "out" : `y${i}`],
      }));
      const sessions = new Map();
      return inParts(sample, async (values) => {
        const n = values.length;
        if (!sessions.has(n)) sessions.set(n, await ort.InferenceSession.create(encodeChain(nodes, n), { executionProviders: ["wasm"] }));
        return (await sessions.get(n).run({ z: new ort.Tensor("float32", values, [n]) })).out.data;
      });
    },
    end() {},
  };
}

async function tensorflow() {
  const tf = require("@tensorflow/tfjs");
  const wasm = require("@tensorflow/tfjs-backend-wasm");
  wasm.setWasmPaths(`${path.dirname(require.resolve("@tensorflow/tfjs-backend-wasm"))}/`);
  wasm.setThreadsCount(1);
  await tf.setBackend("wasm");
  await tf.ready();
  const values = {
    sigmoid: tf.sigmoid, tanh: tf.tanh, arctan: tf.atan, relu: tf.relu, leakyRelu: (x) => tf.leakyRelu(x, 0.05), elu: tf.elu, selu: tf.selu, softplus: tf.softplus,
    silu: (x) => tf.mul(x, tf.sigmoid(x)), mish: (x) => tf.mul(x, tf.tanh(tf.softplus(x))), relu6: tf.relu6, exponential: tf.exp, exp: tf.exp, log: tf.log,
    log1p: tf.log1p, expm1: tf.expm1,
  };
  return {
    begin: () => installedVersion("@tensorflow/tfjs-backend-wasm"),
    async compute(name, sample) {
      const [id, derivative] = name.split(".");
      const f = values[id];
      if (!f) return undefined;
      return inParts(sample, (part) => tf.tidy(() => {
        const x = tf.tensor1d(part);
        return (derivative ? tf.grad(f)(x) : f(x)).dataSync();
      })).catch(() => undefined); // its wasm backend lacks some kernels
    },
    end() {},
  };
}

export const contestants = [
  { key: "numpy", label: "NumPy", start: () => python("numpy") },
  { key: "pytorch", label: "PyTorch", start: () => python("torch") },
  { key: "onnxruntime", label: "ONNX Runtime Web", start: onnxruntime },
  { key: "tfjs", label: "TensorFlow.js, wasm", start: tensorflow },
  {
    key: "plain", label: "Math.*, rounded",
    start: async () => ({
      begin: () => `V8 ${process.versions.v8}`,
      compute: async (name, sample) => plain[name] && Float32Array.from(sample, plain[name]),
      end() {},
    }),
  },
];

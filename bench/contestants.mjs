// Who takes part, and how a contestant's process is started and spoken to. bench/host.mjs is the other end.
import { fork, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createData } from "./data.mjs";
import { optimizers } from "./workloads.mjs";

const here = (name) => new URL(name, import.meta.url).href;
const path = (name) => fileURLToPath(here(name));

/** What the results of all others are held against. */
export const reference = "plain";

/**
 * `npm run bench`: lanewise in both builds, and plain JavaScript. `ours`: a wrong result stops the run; `required`: so does
 * a failure to start (an engine without relaxed SIMD may do without the relaxed build).
 */
export const own = [
  { key: "strict", label: "lanewise", file: here("lanewise.mjs"), option: "strict", ours: true, required: true },
  { key: "relaxed", label: "lanewise, relaxed", file: here("lanewise.mjs"), option: "relaxed", ours: true },
  { key: "loops", label: "plain JS, simple loops", file: here("plain/contestant.mjs"), option: "loops", ours: true, required: true },
  { key: reference, label: "plain JS, tuned", file: here("plain/contestant.mjs"), option: "tiles", ours: true, required: true },
];

/** `node bench/peers.mjs`: each file says how its library is used at its best. */
export const peers = [
  { key: "onnxruntime-web", label: "onnxruntime-web", file: here("rivals/onnxruntime-web.mjs") },
  { key: "tfjs-wasm", label: "TensorFlow.js, wasm", file: here("rivals/tfjs.mjs") },
  { key: "jax-js", label: "jax-js", file: here("rivals/jax-js.mjs") },
  { key: "numpy-ts", label: "numpy-ts", file: here("rivals/numpy-ts.mjs") },
  { key: "ml-matrix", label: "ml-matrix", file: here("rivals/ml-matrix.mjs") },
  { key: "brain", label: "brain.js", file: here("rivals/brain.mjs") },
  { key: "onnxruntime-node", label: "onnxruntime-node (native)", file: here("rivals/onnxruntime-node.mjs") },
  { key: "pytorch", label: "PyTorch (native)", script: path("rivals/python.py"), option: "torch" },
  { key: "numpy", label: "NumPy, OpenBLAS (native)", script: path("rivals/python.py"), option: "numpy" },
];

/** Starts one. Rejects with the reason if it cannot be loaded. */
export async function open(contestant) {
  const channel = contestant.script ? pythonChannel(contestant) : nodeChannel(contestant);
  let pending;
  let ended;
  channel.onReply((reply) => pending?.resolve(reply));
  channel.onEnd((reason) => {
    ended = new Error(`${contestant.label}: its process ended (${reason})`);
    pending?.reject(ended);
  });
  const ask = (message) =>
    new Promise((resolve, reject) => {
      if (ended) return reject(ended);
      pending = { resolve, reject };
      channel.send(message);
    }).then((reply) => {
      if (reply.error) throw new Error(`${contestant.label}: ${reply.error}`);
      return reply;
    });
  const close = () => channel.close();
  try {
    const { version } = await ask({ command: "start" });
    return {
      ...contestant,
      version,
      close,
      prepare: (workload) => ask({ command: "prepare", id: workload.id, ...channel.extra(workload) }),
      sample: async (calls) => (await ask({ command: "sample", calls })).time,
    };
  } catch (error) {
    close();
    throw error;
  }
}

function nodeChannel({ file, option }) {
  const child = fork(new URL("host.mjs", import.meta.url), [file, option ?? ""], {
    serialization: "advanced",
    // What a rival prints about itself would break the table.
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  return {
    send: (message) => child.send(message),
    onReply: (listener) => child.on("message", listener),
    onEnd: (listener) => child.on("exit", (code, signal) => listener(signal ?? `exit code ${code}`)),
    extra: () => ({}),
    close: () => child.kill(),
  };
}

/** One thread for whichever BLAS it was built with; what else is set for OpenBLAS, such as older kernels, is left out. */
const pythonEnvironment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("OPENBLAS_"))),
  OPENBLAS_NUM_THREADS: "1",
  OMP_NUM_THREADS: "1",
  MKL_NUM_THREADS: "1",
};

/** A machine may have several Pythons, and the library in only one of them. */
function findPython(library) {
  const found = ["python3", "/usr/bin/python3"].find(
    (command) => spawnSync(command, ["-c", `import ${library}`], { env: pythonEnvironment, stdio: "ignore" }).status === 0,
  );
  if (!found) throw new Error(`python3 with the module ${library} was not found`);
  return found;
}

/** Python makes no data of its own: workload and numbers are sent, a JSON object a line, arrays as base64. */
function pythonChannel({ script, option }) {
  const child = spawn(findPython(option), [script, option], { stdio: ["pipe", "pipe", "pipe"], env: pythonEnvironment });
  let complaints = "";
  child.stderr.on("data", (text) => (complaints = (complaints + text).slice(-2000)));
  child.stdin.on("error", () => {}); // the end of the process is reported by onEnd
  const pack = (value) => {
    if (ArrayBuffer.isView(value)) {
      return { [value.constructor.name]: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64") };
    }
    if (Array.isArray(value)) return value.map(pack);
    if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, pack(item)]));
    return value;
  };
  const unpack = (text) => {
    const bytes = Buffer.from(text, "base64");
    return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  };
  return {
    send: (message) => child.stdin.write(`${JSON.stringify(message)}\n`),
    onReply: (listener) =>
      createInterface({ input: child.stdout }).on("line", (line) => {
        const reply = JSON.parse(line);
        if (reply.result) reply.result = unpack(reply.result);
        if (reply.gradients) reply.gradients = reply.gradients.map(unpack);
        listener(reply);
      }),
    onEnd: (listener) => {
      child.on("error", (error) => listener(error.message));
      child.on("exit", (code) => listener(complaints.trim().split("\n").at(-1) || `exit code ${code}`));
    },
    extra: (workload) => ({
      workload: { ...workload, options: optimizers[workload.optimizer] },
      data: pack(createData(workload)),
    }),
    close: () => child.stdin.end(),
  };
}

// How a contestant's process is started and spoken to. bench/host.mjs and bench/rivals/python.py are the other ends.
import { fork, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { openChannel } from "./channel.mjs";
import { createData } from "./data.mjs";
import { nodeMajor } from "./machine.mjs";
import { optimizers } from "./workloads.mjs";

const here = import.meta.url;

/** Starts a row of contestants.mjs. Rejects with the reason if it cannot be loaded. */
export const open = async (contestant) => openChannel(contestant, contestant.script ? pythonChannel(contestant) : nodeChannel(contestant));

/** Node 20 has relaxed SIMD behind a flag: whoever has a build for it, we or a rival, may use it. */
const engineFlags = nodeMajor < 21 ? ["--experimental-wasm-relaxed-simd"] : [];

function nodeChannel({ file, option }) {
  const child = fork(new URL("host.mjs", here), [new URL(file, here).href, option ?? ""], {
    serialization: "advanced",
    execArgv: [...process.execArgv, ...engineFlags],
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

/** One thread for whichever BLAS it was built with; what else the machine sets for OpenBLAS, such as older kernels, is left out. */
export const pythonEnvironment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("OPENBLAS_"))),
  OPENBLAS_NUM_THREADS: "1",
  OMP_NUM_THREADS: "1",
  MKL_NUM_THREADS: "1",
};

/** A machine may have several Pythons, and the library in only one of them. */
export function findPython(library) {
  const found = ["python3", "/usr/bin/python3"].find(
    (command) => spawnSync(command, ["-c", `import ${library}`], { env: pythonEnvironment, stdio: "ignore" }).status === 0,
  );
  if (!found) throw new Error(`python3 with the module ${library} was not found`);
  return found;
}

/** Python makes no data of its own: workload and numbers are sent, a JSON object a line, arrays as base64. */
function pythonChannel({ script, option, environment }) {
  const child = spawn(findPython(option), [fileURLToPath(new URL(script, here)), option], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...pythonEnvironment, ...environment },
  });
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

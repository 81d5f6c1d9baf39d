// ONNX Runtime Web: its wasm, SIMD, one thread, loaded by Node from the package itself.
import ort from "onnxruntime-web";
import { installedVersion } from "./installed.mjs";
import { prepareWith } from "./onnxruntime.mjs";

export function start() {
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.proxy = false;
  ort.env.logLevel = "error";
  return {
    version: installedVersion("onnxruntime-web"),
    // An output tensor of ours comes back without the results (1.30.0), so it makes its own.
    prepare: (workload, data) => prepareWith(ort, workload, data, { executionProviders: ["wasm"], ownOutput: false }),
  };
}

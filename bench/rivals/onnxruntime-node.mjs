// ONNX Runtime's native package (AVX2 and AVX-512), one thread.
import ort from "onnxruntime-node";
import { installedVersion } from "./installed.mjs";
import { prepareWith } from "./onnxruntime.mjs";

export function start() {
  return {
    version: installedVersion("onnxruntime-node"),
    prepare: (workload, data) => prepareWith(ort, workload, data, { executionProviders: ["cpu"], ownOutput: true }),
  };
}

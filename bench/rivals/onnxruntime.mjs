// What ONNX Runtime's two packages share: a session for each workload, tensors made once, the output written into a
// tensor of ours where that is faster. `ort` is the package.
import { createModel } from "./onnx-model.mjs";

const options = { graphOptimizationLevel: "all", executionMode: "sequential", intraOpNumThreads: 1, interOpNumThreads: 1 };

export async function prepareWith(ort, workload, data, { executionProviders, ownOutput }) {
  if (workload.kind === "training") return "has no training";
  const { bytes, feeds, output } = createModel[workload.kind](workload, data);
  const session = await ort.InferenceSession.create(bytes, { ...options, executionProviders });
  const tensors = {};
  for (const [name, { dims, values }] of Object.entries(feeds)) tensors[name] = new ort.Tensor("float32", values, dims);
  const size = output.dims.reduce((product, dim) => product * dim, 1);
  const fetches = ownOutput ? { [output.name]: new ort.Tensor("float32", new Float32Array(size), output.dims) } : [output.name];
  let results;
  return {
    run: async () => {
      results = await session.run(tensors, fetches);
    },
    result: () => results[output.name].data,
    dispose: () => session.release(),
  };
}

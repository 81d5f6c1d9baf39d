// The wasm interface of "lanewise/infer": what predict and sessions call.

export { heapBase } from "./layout";
export { run } from "./program";
export { packPanels } from "./pack";
export { gemm } from "./gemm";
export { copyRows } from "./vector";
export { linearForward } from "./activations/linear";
export { sigmoidForward } from "./activations/sigmoid";
export { tanhForward } from "./activations/tanh";
export { arctanForward } from "./activations/arctan";
export { reluForward } from "./activations/relu";
export { leakyReluForward } from "./activations/leakyRelu";
export { softmaxForward } from "./activations/softmax";
export { addRows } from "./layers/rows";
export { layerNormalizationApply, batchNormalizationScale, batchNormalizationApply, normalizationApply } from "./layers/normalization";

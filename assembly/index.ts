// The wasm interface of the full builds. A kernel's suffix tells its signature: Forward, Backward, Derivative, Loss, Metric, Update (DESIGN.md, "Kernel interface").

export { heapBase } from "./layout";
export { run } from "./program";
export { packPanels, packPanelsTransposed, unpackPanels } from "./pack";
export { gemm, gemmTN, gemmInputGradient, gemmWeightGradient } from "./gemm";
export { copyRows, gatherRows, sumRows, axpy } from "./vector";
export { randomBits, randomUniform, randomNormal } from "./random";

export * from "./activations/linear";
export * from "./activations/sigmoid";
export * from "./activations/tanh";
export * from "./activations/arctan";
export * from "./activations/relu";
export * from "./activations/leakyRelu";
export * from "./activations/softmax";

export { meanSquaredError as meanSquaredErrorLoss } from "./losses/meanSquaredError";
export { binaryCrossentropyFromLogits as binaryCrossentropyFromLogitsLoss } from "./losses/binaryCrossentropy";
export { categoricalCrossentropyFromLogits as categoricalCrossentropyFromLogitsLoss } from "./losses/categoricalCrossentropy";
export { sparseCategoricalCrossentropyFromLogits as sparseCategoricalCrossentropyFromLogitsLoss } from "./losses/sparseCategoricalCrossentropy";

export { sgd as sgdUpdate, sgdMomentum as sgdMomentumUpdate } from "./optimizers/sgd";
export { adam as adamUpdate, adamAmsgrad as adamAmsgradUpdate } from "./optimizers/adam";
export { sumOfSquares, scale, clipValue, isFiniteBlock } from "./optimizers/clip";
export { categoricalAccuracy as categoricalAccuracyMetric, sparseCategoricalAccuracy as sparseCategoricalAccuracyMetric, binaryAccuracy as binaryAccuracyMetric } from "./metrics/accuracy";

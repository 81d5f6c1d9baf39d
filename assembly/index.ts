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
export { eluForward, eluBackward, eluDerivative } from "./activations/elu"; // shares more with the next two
export * from "./activations/selu";
export * from "./activations/celu";
export * from "./activations/gelu";
export * from "./activations/geluTanh";
export * from "./activations/silu";
export * from "./activations/mish";
export * from "./activations/softplus";
export * from "./activations/softsign";
export { hardSigmoidForward, hardSigmoidBackward, hardSigmoidDerivative } from "./activations/hardSigmoid"; // and with hardSwish
export * from "./activations/hardSwish";
export * from "./activations/relu6";
export * from "./activations/exponential";
export * from "./activations/logSoftmax";
export * from "./activations/prelu";

export * from "./layers/rows";
export * from "./layers/noise";
export * from "./layers/normalization";
export * from "./layers/regularization";

export * from "./losses/elementwise";
export * from "./losses/softmaxHead";

export { sgd as sgdUpdate, sgdMomentum as sgdMomentumUpdate } from "./optimizers/sgd";
export { adam as adamUpdate, adamAmsgrad as adamAmsgradUpdate } from "./optimizers/adam";
export { rmsprop as rmspropUpdate } from "./optimizers/rmsprop";
export { adagrad as adagradUpdate } from "./optimizers/adagrad";
export { adadelta as adadeltaUpdate } from "./optimizers/adadelta";
export { nadam as nadamUpdate } from "./optimizers/nadam";
export { lion as lionUpdate } from "./optimizers/lion";
export { sumOfSquares, scale, clipValue, isFiniteBlock } from "./optimizers/clip";
export { categoricalAccuracy as categoricalAccuracyMetric, sparseCategoricalAccuracy as sparseCategoricalAccuracyMetric, binaryAccuracy as binaryAccuracyMetric } from "./metrics/accuracy";

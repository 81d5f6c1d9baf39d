/// <reference lib="esnext.disposable" preserve="true" />
export { Network, type CompileOptions, type Gradients, type LoadOptions, type NetworkOptions } from "./network.js";
export type { NetworkConfig } from "./layers/build.js";
export type { LayerFactory } from "./layers/layer.js";
export {
  activation, batchNormalization, custom, dense, dropout, gaussianNoise, layerNormalization, normalization, residual,
  type ActivationLike, type ActivationOptions, type BatchNormalizationOptions, type CustomLayer, type DenseOptions, type LayerGradientViews, type LayerNormalizationOptions,
  type LayerViews, type ResidualOptions,
} from "./layers/table.js";
export { activations, type ActivationFunction } from "./activation-functions.js";
export { sgd, adam, adamW, type AdamOptions, type LearningRate, type Optimizer, type SgdOptions } from "./optimizers.js";
export type { LossName, LossOptions } from "./losses.js";
export type { ActivationId, ActivationName } from "./activations.js";
export type { InitializerLike, InitializerName } from "./initializers.js";
export { earlyStopping, type Callback, type EarlyStoppingOptions, type Logs } from "./callbacks.js";
export type { FitOptions, History, TargetsLike } from "./fit.js";
export type { ClassNumbers, MatrixLike } from "./check.js";
export type { Diagnosis, LayerDiagnosis, Spread } from "./diagnosis.js";
export type { LayerHandle, LayerWeights } from "./layer-handle.js";
export type { SaveOptions } from "./model-file.js";
export type { Session } from "./session.js";
export type { Trace } from "./trace.js";
export { Matrix, matmul, type MatmulOptions, type MatrixOptions } from "./matrix.js";
export { createBackend, initialize, type BackendOptions } from "./default-backend.js";
export type { Backend } from "./backend.js";
export type { WasmBuild } from "./wasm.js";
export {
  LanewiseError, ShapeError, ArgumentError, NameError, StateError, NonFiniteError, FormatError, DisposedError, OutOfMemoryError,
} from "./errors.js";

/// <reference lib="esnext.disposable" preserve="true" />
export { Network, type CompileOptions, type Gradients, type NetworkOptions } from "./network.js";
export type { NetworkConfig } from "./layers/build.js";
export type { LayerFactory } from "./layers/layer.js";
export { dense, type ActivationLike, type DenseOptions } from "./layers/dense.js";
export { activation, type ActivationOptions } from "./layers/activation.js";
export { activations, type ActivationFunction } from "./activation-functions.js";
export { sgd, adam, adamW, type AdamOptions, type LearningRate, type Optimizer, type SgdOptions } from "./optimizers.js";
export type { LossName, LossOptions } from "./losses.js";
export type { ActivationId, ActivationName } from "./activations.js";
export type { InitializerLike, InitializerName } from "./initializers.js";
export { earlyStopping, type Callback, type EarlyStoppingOptions, type Logs, type TrainingRun } from "./callbacks.js";
export { checkpoint, type CheckpointOptions, type CheckpointPlace } from "./checkpoint.js";
export type { AbortSignalLike, FitOptions, History, StreamFitOptions, TargetsLike } from "./fit-options.js";
export type { BatchStream, StreamBatch } from "./sources.js";
export type { ClassNumbers, MatrixLike } from "./check.js";
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

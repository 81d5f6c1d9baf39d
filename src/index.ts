/// <reference lib="esnext.disposable" preserve="true" />
// The kernels' text first of all: a bundle with it in its midst is 0.8 KB longer after gzip, which looks back no further than 32 KB.
export { createBackend, initialize, type BackendOptions } from "./default-backend.js";
export { Network, type NetworkConstructor } from "./shaped-network.js";
export type { CompileOptions, EvaluateOptions, Gradients, LoadOptions, NetworkOptions } from "./network.js";
export type { NetworkConfig } from "./layers/build.js";
export type { LayerFactory, Width } from "./layers/layer.js";
export * from "./layers/table.js";
export { activations, type ActivationFunction } from "./activation-functions.js";
export * from "./optimizers.js";
export type { LearningRate, Optimizer } from "./optimizer.js";
export {
  stepDecay, exponentialDecay, cosineDecay, oneCycle,
  type CosineDecayOptions, type ExponentialDecayOptions, type OneCycleOptions, type Schedule, type StepDecayOptions,
} from "./schedules.js";
export type { LossName, LossOptions } from "./losses.js";
export { confusionMatrix } from "./confusion-matrix.js";
export type { MetricName, MetricOptions } from "./metrics.js";
export type { ClassWeight, SampleWeight } from "./row-weights.js";
export type { Scores } from "./tally.js";
export type { ActivationId, ActivationName, ActivationOptions } from "./activations.js";
export type { InitializerLike, InitializerName } from "./initializers.js";
export { earlyStopping, reduceOnPlateau, type Callback, type EarlyStoppingOptions, type Logs, type ReduceOnPlateauOptions, type TrainingRun } from "./callbacks.js";
export { checkpoint, type CheckpointOptions, type CheckpointPlace } from "./checkpoint.js";
export type { AbortSignalLike, FitOptions, History, StreamFitOptions, TargetsLike } from "./fit-options.js";
export type { BatchStream, StreamBatch } from "./sources.js";
export type { ClassNumbers, MatrixLike } from "./check.js";
export type { Diagnosis, LayerDiagnosis, Spread } from "./diagnosis.js";
export type { LayerHandle, LayerWeights } from "./layer-handle.js";
export type { SaveOptions } from "./model-file.js";
export type { Session } from "./session.js";
export type { Trace } from "./trace.js";
export { Matrix, matmul, type MatmulOptions, type MatrixOptions } from "./matrix.js";
export type { Backend } from "./backend.js";
export type { WasmBuild } from "./wasm.js";
export {
  LanewiseError, ShapeError, ArgumentError, NameError, StateError, NonFiniteError, FormatError, DisposedError, OutOfMemoryError,
} from "./errors.js";

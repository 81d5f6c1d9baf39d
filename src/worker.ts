/// <reference lib="esnext.disposable" preserve="true" />
// "lanewise/worker": fit() off the main thread, with the bits of the main thread.

export { createTrainingWorker, type TrainingWorker, type TrainingWorkerOptions, type WorkerFitOptions } from "./training-worker.js";
export { serve, type ServeOptions } from "./serve.js";
export type { Progress, WorkerBackendOptions } from "./worker-messages.js";

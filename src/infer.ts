/// <reference lib="esnext.disposable" preserve="true" />
// "lanewise/infer": load, predict, session, and nothing that only training needs.

import { inferBuild } from "./infer-build.js";
import { checkBackend, singleBackend, type Backend } from "./backend.js";
import { checkOptions } from "./check.js";
import { forwardRebuilders } from "./layers/inference.js";
import { Model } from "./model.js";
import { readModel } from "./model-reader.js";

export type { Backend } from "./backend.js";
export type { MatrixLike } from "./check.js";
export type { Model } from "./model.js";
export type { Session } from "./session.js";
export { LanewiseError, ShapeError, ArgumentError, NameError, NonFiniteError, FormatError, DisposedError, OutOfMemoryError } from "./errors.js";

let shared: Backend | undefined;

/**
 * A network from a file that Network.save() wrote, for predict() and session().
 * @throws FormatError with the byte offset of what is wrong
 * @example const network = load(bytes); network.predict([[0.5, 1]]);
 */
export function load(bytes: Uint8Array | ArrayBuffer, options?: { backend?: Backend }): Model {
  const where = "load";
  const { backend } = checkOptions(where, options, ["backend"]);
  const { layers, apply } = readModel(where, bytes, forwardRebuilders);
  const model = new Model(checkBackend(where, backend, () => (shared ??= singleBackend(inferBuild))), layers, where);
  try {
    apply(model.stack.parameters, model.stack.weights, model.stack.parameters.placed);
  } catch (error) {
    model.dispose();
    throw error;
  }
  return model;
}

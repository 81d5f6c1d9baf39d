// Any bytes as a model file, for all three readers.

import { readModel } from "./model.js";

export function fuzz(bytes: Uint8Array): void {
  readModel(Uint8Array.from(bytes));
}

// For rust.mjs: files of the structure-aware target, and what the slow validator says.

export { verdicts } from "../../test/reference/safetensors.js";
export { Draw } from "./draw.js";
export { compose } from "./header.js";

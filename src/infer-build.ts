// The strict build without what only training needs.

import { inferText } from "./embedded/infer.js";
import type { WasmBuild } from "./wasm.js";

export const inferBuild: WasmBuild = { variant: "strict", text: inferText };

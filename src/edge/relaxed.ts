// "lanewise/relaxed" for engines that compile no wasm from bytes.

import module from "../wasm/relaxed.wasm?module";
import type { WasmBuild } from "../wasm.js";

export const relaxed: WasmBuild = { variant: "relaxed", module };

// "lanewise/infer" for engines that compile no wasm from bytes.

import module from "../wasm/infer.wasm?module";
import { inferBuild } from "../infer-build.js";

inferBuild.module = module;

export * from "../infer.js";

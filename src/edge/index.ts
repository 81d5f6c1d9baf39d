// "lanewise" for engines that compile no wasm from bytes: the conditions "workerd" and "edge-light" of package.json. The same library; its strict build comes compiled.

import module from "../wasm/strict.wasm?module";
import { strict } from "../default-backend.js";

strict.module = module;

export * from "../index.js";

// An entry of its own, so that only those who import it pay for its bytes.

import { relaxedText } from "./embedded/relaxed.js";
import type { WasmBuild } from "./wasm.js";

/**
 * The relaxed SIMD build: fused multiply-add where the CPU has it. Faster; the last bits may differ from machine to machine.
 * @example const backend = createBackend({ module: relaxed });
 */
export const relaxed: WasmBuild = { variant: "relaxed", text: relaxedText, needs: "relaxed SIMD (in Node 20 with --experimental-wasm-relaxed-simd)" };

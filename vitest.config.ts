import { readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";
import { encode } from "./scripts/encode.mjs";

/** Modes: none for `npm test`; "edges" for the whole edge matrix; "debug" for everything on the debug build with guard words round every block of memory. */
export default defineConfig(({ mode }) => {
  const debug = mode === "debug";
  return {
    plugins: debug ? [debugBuild] : [],
    test: {
      include: ["test/**/*.test.ts"],
      // The second only where scripts/coverage.mjs asks for it.
      setupFiles: [...(debug ? ["test/debug/guards.ts"] : []), ...(process.env.LANEWISE_EXPORTS ? ["test/coverage/exports.ts"] : [])],
      // Two cores are what a small CI machine has; tests that time nothing may share them.
      maxWorkers: 2,
      testTimeout: debug ? 300_000 : 60_000,
      hookTimeout: 60_000,
    },
  };
});

/** The debug build where the library has its strict one. */
const debugBuild = {
  name: "debug-build",
  enforce: "pre",
  load(id: string): string | undefined {
    const target = /src\/embedded\/(strict|infer)\.ts$/.exec(id)?.[1];
    return target && `export const ${target}Text = ${JSON.stringify(encode(readFileSync(new URL("build/wasm/debug.wasm", import.meta.url))))};`;
  },
} as const;

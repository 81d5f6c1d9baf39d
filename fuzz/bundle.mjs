// Each target as one CommonJS file in build/fuzz, as the fuzzer instruments it.

import path from "node:path";
import { build } from "vite";

const root = path.resolve(import.meta.dirname ?? ".", "..");

export async function bundle(targets) {
  for (const target of targets) {
    await build({
      root,
      logLevel: "warn",
      configFile: false,
      publicDir: false,
      build: {
        outDir: "build/fuzz",
        emptyOutDir: false,
        minify: false,
        sourcemap: true,
        target: "node20",
        lib: { entry: `fuzz/targets/${target}.ts`, formats: ["cjs"], fileName: () => `${target}.cjs` },
      },
    });
  }
}

// Each target as one CommonJS file in build/fuzz, as the fuzzer instruments it.

import path from "node:path";
import { build } from "vite";

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "..");

function commonJs(entry, name) {
  return build({
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
      lib: { entry, formats: ["cjs"], fileName: () => `${name}.cjs` },
      rolldownOptions: { external: /^node:|^fast-check$/ },
    },
  });
}

export async function bundle(targets) {
  for (const target of targets) await commonJs(`fuzz/targets/${target}.ts`, target);
}

/** The random calls of test/api. */
export function bundleApi() {
  return commonJs("test/api/run.ts", "api");
}

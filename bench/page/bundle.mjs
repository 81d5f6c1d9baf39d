// The page and its worker, bundled in memory as a user's bundler would bundle them.
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { compilePeak } from "../peak-build.mjs";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Returns read(name) for server.mjs. The library is taken from dist/. */
export async function bundlePage() {
  await compilePeak();
  const { output } = await build({
    root: path("./"),
    base: "./",
    configFile: false,
    logLevel: "warn",
    resolve: { alias: [{ find: /^lanewise$/, replacement: path("../../dist/index.js") }, { find: /^lanewise\//, replacement: path("../../dist/") }] },
    worker: { format: "es" },
    build: { write: false, target: "esnext", modulePreload: { polyfill: false } },
  });
  const files = new Map(output.map((file) => [file.fileName, file.type === "chunk" ? file.code : file.source]));
  return (name) => files.get(name);
}

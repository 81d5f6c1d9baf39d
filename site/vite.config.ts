import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { offline } from "./plugins/offline.ts";
import { shell } from "./plugins/shell.ts";
import { pages } from "./src/pages.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("."),
  // Relative links: the built site runs in any folder of any host.
  base: "./",
  // The engine is the package itself, as it was built.
  resolve: { alias: [{ find: /^lanewise$/, replacement: here("../dist/index.js") }, { find: /^lanewise\/(\w+)$/, replacement: `${here("../dist")}/$1.js` }] },
  plugins: [shell(), offline()],
  worker: { format: "es" },
  build: {
    outDir: "dist",
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: { input: Object.fromEntries(pages.map(({ id, file }) => [id, here(file)])) },
  },
  server: { fs: { allow: [here("..")] } },
});

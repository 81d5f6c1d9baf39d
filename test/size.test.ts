// What a page downloads, bundled and minified as users do it. The aim is 30 KB gzip for everything and 12 KB for inference, which the layers, losses, optimizers and
// metrics of deep networks have outgrown (DESIGN.md, "Size"); until they have shrunk, nothing may be added unseen.

import { gzipSync } from "node:zlib";
import { build } from "vite";
import { expect, test } from "vitest";

/** What a page is made of that imports `code`. */
async function bundled(code: string): Promise<string> {
  const result = await build({
    root: new URL("..", import.meta.url).pathname,
    logLevel: "silent",
    configFile: false,
    plugins: [{ name: "page", resolveId: (id) => (id === "page" ? id : null), load: (id) => (id === "page" ? code : null) }],
    build: { write: false, minify: true, target: "es2022", modulePreload: { polyfill: false }, rolldownOptions: { input: "page", preserveEntrySignatures: "strict" } },
  });
  const { output } = result as { output: { type: string; code: string }[] };
  expect(output.map(({ type }) => type)).toEqual(["chunk"]);
  expect(output[0].code).not.toMatch(/\beval\b|\bnew Function\b|\bimport\(|^await /m);
  return output[0].code;
}

test.each([
  ["all of lanewise", 'export * from "/dist/index.js"', 52 * 1024],
  ["an app that trains", 'import { Network, dense, adam } from "/dist/index.js"; globalThis.parts = [Network, dense, adam]', 49.5 * 1024],
  ["all of lanewise/infer", 'export * from "/dist/infer.js"', 17 * 1024],
] as const)("%s is small", async (what, code, limit) => {
  const size = gzipSync(await bundled(code), { level: 9 }).length;
  console.log(`${what}: ${size} bytes gzip`);
  expect(size).toBeLessThanOrEqual(limit);
});

test("errors keep their names when minified", async () => {
  const { Network, StateError, NonFiniteError, OutOfMemoryError, LanewiseError } = await import(`data:text/javascript,${encodeURIComponent(await bundled('export * from "/dist/index.js"'))}`);
  expect(() => new Network({ inputs: 0, layers: [] })).toThrow(expect.objectContaining({ name: "ShapeError" }));
  expect([StateError, NonFiniteError, OutOfMemoryError, LanewiseError].map((error) => new error("").name)).toEqual(["StateError", "NonFiniteError", "OutOfMemoryError", "LanewiseError"]);
});

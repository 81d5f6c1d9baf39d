// What a page downloads, bundled and minified as users do it. The aim is 30 KB gzip for everything and 12 KB for inference, which the layers, losses, optimizers and
// metrics of deep networks have outgrown (DESIGN.md, "Size"); until they have shrunk, nothing may be added unseen.

import { gzipSync } from "node:zlib";
import { build } from "vite";
import { expect, test } from "vitest";

async function gzipped(entry: string): Promise<number> {
  const result = await build({
    root: new URL("..", import.meta.url).pathname,
    logLevel: "silent",
    configFile: false,
    build: { write: false, minify: true, target: "es2022", modulePreload: { polyfill: false }, rolldownOptions: { input: `src/${entry}.ts`, preserveEntrySignatures: "strict" } },
  });
  const { output } = result as { output: { type: string; code: string }[] };
  expect(output.map(({ type }) => type)).toEqual(["chunk"]);
  expect(output[0].code).not.toMatch(/\beval\b|\bnew Function\b|\bimport\(|^await /m);
  return gzipSync(output[0].code, { level: 9 }).length;
}

test.each([["index", 53 * 1024], ["infer", 17 * 1024]] as const)("the bundle of src/%s.ts is at most %d bytes gzip", async (entry, limit) => {
  const size = await gzipped(entry);
  console.log(`${entry}: ${size} bytes gzip`);
  expect(size).toBeLessThanOrEqual(limit);
});

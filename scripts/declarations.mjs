// build/types/*.d.ts, one file for each source, → dist/*.d.ts, one for each entry and what entries share: a class that two entries name stays one class.
import { rm } from "node:fs/promises";
import { rolldown } from "rolldown";
import { dts } from "rolldown-plugin-dts";

/** Of a table, the declarations need what names are made of: ids and aliases. */
const tables = {
  name: "tables",
  renderChunk: (code) => code.replace(/^declare const \w+Table: \{\n(.*?\n)\};/gms, (table, rows) => table.replace(rows, rows.replace(/^ {4}(?!readonly aliases|\}).*\n(?: {5,}.*\n| {4}\}.*\n)*/gm, ""))),
};

/** `entries` are names of files in src/. */
export async function rollDeclarations(entries) {
  const bundle = await rolldown({
    input: Object.fromEntries(entries.map((entry) => [`${entry}.d`, `build/types/${entry}.d.ts`])),
    external: /^node:/,
    plugins: [dts({ dtsInput: true }), tables],
  });
  // Symbol.dispose, for those who compile for an older library than that.
  await bundle.write({ dir: "dist", chunkFileNames: "shared-[name].ts", banner: '/// <reference lib="esnext.disposable" preserve="true" />' });
  await bundle.close();
  await rm("build/types", { recursive: true });
}

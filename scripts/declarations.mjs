// build/types/*.d.ts, one file for each source, → dist/*.d.ts, one for each entry and what entries share: a class that two entries name stays one class.
import { rm } from "node:fs/promises";
import { rolldown } from "rolldown";
import { dts } from "rolldown-plugin-dts";

/** `entries` are names of files in src/. */
export async function rollDeclarations(entries) {
  const bundle = await rolldown({
    input: Object.fromEntries(entries.map((entry) => [`${entry}.d`, `build/types/${entry}.d.ts`])),
    external: /^node:/,
    plugins: [dts({ dtsInput: true })],
  });
  // Symbol.dispose, for those who compile for an older library than that.
  await bundle.write({ dir: "dist", chunkFileNames: "shared-[name].ts", banner: '/// <reference lib="esnext.disposable" preserve="true" />' });
  await bundle.close();
  await rm("build/types", { recursive: true });
}

// Source maps small enough to ship. With the sources inside they would weigh twice the library, so they name the line of src/ that each line of dist/ comes from, and no more:
// what a stack trace needs. `ignoreList` keeps debuggers from stepping into files that are only in the repository.
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { decode, encode } from "@jridgewell/sourcemap-codec";

/** Rewrites every map below `folder`. */
export async function thinMaps(folder) {
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith(".map")) continue;
    const file = path.join(folder, name);
    const { version, file: generated, sources, mappings } = JSON.parse(await readFile(file, "utf8"));
    // The first segment of a line, without the name.
    const lines = decode(mappings).map(([first]) => (first?.length > 1 ? [first.slice(0, 4)] : []));
    await writeFile(file, JSON.stringify({ version, file: generated, sources, names: [], mappings: encode(lines), ignoreList: sources.map((_, i) => i) }));
  }
}

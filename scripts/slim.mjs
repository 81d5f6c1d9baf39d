// What is left to take out of dist/ when the bundler is done. Lines stay, because Node prints that of an uncaught error, and maps count by them.
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { decode, encode } from "@jridgewell/sourcemap-codec";
import jsTokens from "js-tokens";

/** Slims every script below `folder`, and its map. */
export async function slim(folder) {
  const names = await readdir(folder, { recursive: true });
  for (const name of names.filter((name) => name.endsWith(".js"))) {
    const file = path.join(folder, name);
    const code = withoutSpaces(await readFile(file, "utf8"));
    await writeFile(file, code);
    // What only exports what others hold has no map.
    if (names.includes(`${name}.map`)) await writeFile(`${file}.map`, JSON.stringify(thinMap(JSON.parse(await readFile(`${file}.map`, "utf8")), code.split("\n"))));
  }
}

/** Spaces are needed between words, and between two signs that would become another. */
function withoutSpaces(code) {
  let slimmed = "";
  let spaced = false;
  for (const { type, value } of jsTokens(code)) {
    if (type === "WhiteSpace") {
      spaced = true;
      continue;
    }
    if (spaced && (/[\w$#]$/.test(slimmed) ? /^[\w$#]/.test(value) : "+-/".includes(slimmed.at(-1)) && value[0] === slimmed.at(-1))) slimmed += " ";
    spaced = false;
    slimmed += value;
  }
  return slimmed;
}

/**
 * With the sources inside, maps would weigh more than the library. They name the line of src/ that each line of dist/ begins in, and no more: what a stack trace needs.
 * `ignoreList` keeps debuggers from stepping into files that are only in the repository.
 */
function thinMap({ version, file, sources, mappings }, lines) {
  const thin = decode(mappings).map(([first], line) => (first?.length > 1 && /\w/.test(lines[line]) ? [[0, ...first.slice(1, 4)]] : []));
  return { version, file, sources, names: [], mappings: encode(thin), ignoreList: sources.map((_, i) => i) };
}

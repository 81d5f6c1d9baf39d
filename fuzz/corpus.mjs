// Seeds as text: a line is the bytes of one, as a JSON string of Latin-1 (container, bytes) or in base64 (decisions); "#" begins a comment.

import { readFileSync, writeFileSync } from "node:fs";

const fileOf = (target) => new URL(`corpus/${target}.txt`, import.meta.url);
const KEPT = "# kept by runs of the fuzzer: each reaches what no other does";

export function readSeeds(target) {
  const lines = readFileSync(fileOf(target), "utf8").split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.map((line) => (line.startsWith('"') ? Buffer.from(JSON.parse(line), "latin1") : Buffer.from(line, "base64")));
}

/** Puts `inputs` in the place of what earlier runs have kept; seeds written by hand stay. */
export function writeSeeds(target, inputs, readable) {
  const [byHand] = readFileSync(fileOf(target), "utf8").split(KEPT);
  const lines = inputs.map((bytes) => (readable || bytes.length === 0 ? JSON.stringify(bytes.toString("latin1")).replace(/[\x7f-\uffff]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`) : bytes.toString("base64")));
  const own = lines.filter((line) => !byHand.split("\n").includes(line)).sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  writeFileSync(fileOf(target), `${byHand}${KEPT}\n${own.join("\n")}\n`);
}

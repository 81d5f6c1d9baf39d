// Seeds as text: a line is the bytes of one, as a JSON string of Latin-1 (container, bytes) or in base64 (decisions); "#" begins a comment.

import { readFileSync } from "node:fs";

const folder = new URL("corpus/", import.meta.url);

export function readSeeds(target) {
  const lines = readFileSync(new URL(`${target}.txt`, folder), "utf8").split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.map((line) => (line.startsWith('"') ? Buffer.from(JSON.parse(line), "latin1") : Buffer.from(line, "base64")));
}

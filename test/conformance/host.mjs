// node|deno run -A|bun test/conformance/host.mjs 1 2 3 8: the conformance program on so many threads each, a line of JSON a number; then the relaxed build.
// --write puts the digests of the first number into digests.json: for a change that is meant to change bits.
import { writeFileSync } from "node:fs";
import { argv } from "node:process";
import { examine, examineRelaxed } from "./examine.mjs";

const write = argv.includes("--write");
const counts = argv.slice(2).filter((argument) => argument !== "--write").map(Number);
for (const threads of counts) {
  const examined = await examine(threads);
  console.log(JSON.stringify(examined));
  if (write && threads === counts[0]) writeFileSync(new URL("digests.json", import.meta.url), `${JSON.stringify(examined.digests, null, 2)}\n`);
}
console.log(JSON.stringify({ relaxed: examineRelaxed() }));

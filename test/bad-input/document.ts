// docs/errors.md: the catalogue as a page, one line for each rule of each place.

import type { LanewiseError } from "../../src/index.js";
import type { Row } from "./catalogue.js";

/** Bytes that a call asks for, or holds, change with every layout of memory. */
const withoutBytes = (message: string): string => message.replace(/room for \d+ bytes/, "room for … bytes").replace(/with \d+ bytes/, "with … bytes");
/** In a table "|" would end the cell, and what looks like a tag would be one. */
const cell = (text: string): string => text.replace(/[\n\r\0]/g, " ").replaceAll("\ud800", "�").replaceAll("\udfff", "�").replace(/[|<>*_[\]`\\]/g, "\\$&");

export function errorsPage(seen: readonly { readonly row: Row; readonly error: LanewiseError }[]): string {
  const places = new Map<string, Map<string, { readonly code: string; readonly name: string; readonly got: string; readonly id: string; count: number }>>();
  for (const { row, error } of seen) {
    const [, place, rule, got] = /^([\w.]+): ([^]*), got ([^]*)$/.exec(withoutBytes(error.message))!;
    const rules = places.get(place) ?? new Map();
    places.set(place, rules);
    // Numbers that only say which row or which byte make no rule of their own.
    const key = `${error.name} ${rule.replace(/\d+/g, "0")}`;
    const known = rules.get(key);
    if (known) known.count += 1;
    else rules.set(key, { code: error.code, name: error.name, got: `${rule}, got ${got}`, id: row.id, count: 1 });
  }
  const tables = [...places].sort(([a], [b]) => (a < b ? -1 : 1)).map(([place, rules]) => {
    const lines = [...rules.values()].map(({ name, got, id, count }) => `| ${name} | ${cell(got)} | ${cell(id)}${count > 1 ? `, and ${count - 1} more` : ""} |`);
    return `## ${place}\n\n| class | message | of the catalogue |\n| --- | --- | --- |\n${lines.sort().join("\n")}\n`;
  });
  const classes = new Map(seen.map(({ error: { name, code } }) => [name, code]));
  return `# Errors

Every mistake gives an error of the library, a class that extends \`LanewiseError\` with a \`code\` that stays the same across versions, and a message of one form: \`<place>: <what must hold>, got <value>\`.
After it everything is as it was before the call. The ${seen.length} mistakes below (alike ones are counted) are the rows of \`test/bad-input\`, all of which the tests make; this page is written from them by
\`npm run docs:errors\`, and a test fails where it is out of date.

| class | code | mistakes |
| --- | --- | ---: |
${[...classes].sort().map(([name, code]) => `| ${name} | \`${code}\` | ${seen.filter(({ error }) => error.name === name).length} |`).join("\n")}

What a callback, a schedule, a stream, a custom layer or a getter of yours throws comes out as it is; so does what the file system says in \`lanewise/node\`.

${tables.join("\n")}`;
}

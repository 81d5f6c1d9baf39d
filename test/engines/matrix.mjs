// What the engines gave as a table: a row a configuration, a column an engine, in each cell the numbers of threads with the committed digest.
import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

/** What an engine may lack; anywhere else it is a fault. */
const lacks = { "Node 20": ["relaxed"], WebKitGTK: ["relaxed", "threads"] };

function faultsOf({ name, runs, relaxed, error }, digests, threads) {
  const faults = error === undefined ? [] : [error];
  for (const { threads: count, reason, digests: got } of runs) {
    if (got === undefined && !lacks[name]?.includes("threads")) faults.push(`${count} threads must be had, got ${reason}`);
    if (got === undefined) continue;
    for (const key of new Set([...Object.keys(digests), ...Object.keys(got)])) {
      if (got[key] !== digests[key]) faults.push(`${key}, ${count} threads: the digest must be ${digests[key]}, got ${got[key]}`);
    }
  }
  if (error === undefined && runs.length < threads.length) faults.push(`${threads.length} numbers of threads must be examined, got ${runs.length}`);
  if (relaxed?.runs === false && !lacks[name]?.includes("relaxed")) faults.push(`the relaxed build must run, got ${relaxed.reason}`);
  return faults.map((fault) => `${name}: ${fault}`);
}

/** Numbers of threads, those with another digest behind ≠. */
function cell({ runs }, key, digest) {
  const done = runs.filter(({ digests }) => digests !== undefined);
  const list = (equal) => done.filter(({ digests }) => (digests[key] === digest) === equal).map(({ threads }) => threads).join(" ");
  return [list(true), list(false) && `≠ ${list(false)}`].filter(Boolean).join(" ") || "–";
}

function rowsOf(results, digests) {
  const row = (label, digest, cellOf) => [label, digest, ...results.map(cellOf)];
  return [
    row("threads with these bits", "SHA-256", ({ name, version = "" }) => (name.startsWith("Node") ? `Node ${version}` : `${name} ${version}`)),
    ...Object.entries(digests).map(([key, digest]) => row(key, digest.slice(0, 8), (result) => cell(result, key, digest))),
    row("relaxed build", "no promise", ({ relaxed }) => (relaxed === undefined ? "–" : relaxed.runs ? "runs" : "refused¹")),
  ];
}

/** Why something is not there, in the library's own words. */
function notesOf(results) {
  const refused = results.flatMap(({ name, relaxed }) => (relaxed?.runs === false ? [`¹ ${name}: ${relaxed.reason}`] : []));
  const alone = results.flatMap(({ name, runs }) => {
    const without = runs.filter(({ reason }) => reason);
    return without.length === 0 ? [] : [`${name}, ${without.map(({ threads }) => threads).join(", ")} threads: – (the library ran on one: ${without[0].reason})`];
  });
  return [...refused, ...alone];
}

function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row) => `| ${row.map((value, column) => value.padEnd(widths[column])).join(" | ")} |`;
  return [line(rows[0]), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...rows.slice(1).map(line)].join("\n");
}

/** { text, faults } */
export function toText(results, digests, threads) {
  return {
    text: [table(rowsOf(results, digests)), "", ...notesOf(results)].join("\n").trimEnd(),
    faults: results.flatMap((result) => faultsOf(result, digests, threads)),
  };
}

export function toMarkdown(results, digests, threads) {
  const machine = `${cpus()[0].model.trim()}, ${availableParallelism()} cores, ${process.platform} ${process.arch}, ${new Date().toISOString().slice(0, 10)}`;
  return `# The same bits in every engine

Written by \`npm run test:engines -- --write\`; lanewise ${version}, ${machine}.

\`test/conformance/program.mjs\` trains 12 networks for 200 updates each and puts a SHA-256 over all that they give: the file with the state of the optimizer, history, predictions, traces, gradients, a session's
output, and what \`lanewise/infer\` makes of the file. Half of them are interrupted, saved, loaded and resumed. While it runs, \`Math.exp\`, \`Math.random\` and everything else that engines may compute differently throws.
The digests are constants, \`test/conformance/digests.json\`. A cell lists the numbers of threads (of ${threads.join(", ")}) that gave the same.

${toText(results, digests, threads).text.replaceAll("\n¹", "\n\n¹").replace(/\n(?=\S+, [\d, ]+ threads)/g, "\n\n")}
`;
}

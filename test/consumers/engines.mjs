// Engines without a page: Node, Deno, Bun and workerd. Each prints, or answers with, what fixtures/xor.js gives.
import { execFile, spawn } from "node:child_process";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { basename, dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";

const require = createRequire(import.meta.url);

/** Runs a program that must print one line of JSON, and nothing on stderr: no warning that a user would have to explain. */
export async function printed(program, args, options) {
  const { stdout, stderr } = await promisify(execFile)(program, args, { timeout: 60_000, ...options });
  if (stderr !== "") throw new Error(stderr.trim());
  return JSON.parse(stdout);
}

export const versionOf = (name) => require(`${name}/package.json`).version;

/** The program that a platform's package brings; npm installs those of this platform alone. */
function binary(names, path) {
  for (const name of names) {
    try {
      return join(dirname(require.resolve(`${name}/package.json`)), path);
    } catch {}
  }
  throw new Error(`one of ${names.join(", ")} must be installed: this platform has none`);
}

const platform = `${process.platform}-${process.arch}`;
export const nodeBinary = (major) => binary([`node-${major}-${platform}`], "bin/node");
export const denoBinary = () => binary([`@deno/${platform}-glibc`, `@deno/${platform}`], "deno");
export const bunBinary = () => binary([`@oven/bun-${platform.replace("arm64", "aarch64")}`], "bin/bun");
const workerdBinary = () => binary([`@cloudflare/workerd-${platform.replace("x64", "64")}`], "bin/workerd");

/** As wrangler does: esbuild with the condition "workerd"; wasm is no part of the bundle, but a module of its own that is compiled at deployment. */
async function bundleForWorkerd(folder) {
  const { build } = await import("esbuild");
  const modules = new Set();
  await mkdir(join(folder, "out"));
  const wasm = {
    name: "wasm",
    setup({ onResolve }) {
      onResolve({ filter: /\.wasm(\?module)?$/ }, async ({ path, resolveDir }) => {
        const file = join(resolveDir, path.replace("?module", ""));
        await copyFile(file, join(folder, "out", basename(file)));
        modules.add(basename(file));
        return { path: `./${basename(file)}`, external: true };
      });
    },
  };
  await build({ absWorkingDir: folder, entryPoints: ["workerd.js"], outfile: "out/worker.js", bundle: true, minify: true, format: "esm", conditions: ["workerd", "worker", "browser"], plugins: [wasm], logLevel: "silent" });
  return [...modules];
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** `compatibility`: the date and flags that decide which globals there are. */
export async function workerd(folder, compatibility) {
  const modules = await bundleForWorkerd(folder);
  const port = await freePort();
  await writeFile(join(folder, "out/config.capnp"), `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "worker.js", esModule = embed "worker.js"), ${modules.map((name) => `(name = "${name}", wasm = embed "${name}")`).join(", ")}],
    ${compatibility}
  ))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);
`);
  const server = spawn(workerdBinary(), ["serve", join(folder, "out/config.capnp")], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [server.stdout, server.stderr]) stream.on("data", (text) => (said += text));
  const ended = new Promise((resolve) => server.once("exit", resolve));
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(30_000) });
        return { ...(await response.json()), gzip: gzipSync(await readFile(join(folder, "out/worker.js"))).length };
      } catch (error) {
        if (attempt > 100 || server.exitCode !== null) throw new Error(`workerd must answer, got ${error.message}: ${said.trim()}`);
        await pause(100);
      }
    }
  } finally {
    server.kill();
    await ended;
  }
}

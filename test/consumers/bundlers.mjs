// The bundlers, each as its users call it: no options beyond entry, output and production. Each gives the folder its page is served from.
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const require = createRequire(import.meta.url);

/** The program of an installed package. */
const program = (name, path) => join(dirname(require.resolve(`${name}/package.json`)), path);

/** Runs the program of a package under this Node; what it says matters only when it fails. */
function node(cwd, name, path, ...args) {
  return run(process.execPath, [program(name, path), ...args], { cwd, env: { ...process.env, NODE_ENV: "production" } });
}

async function vite(folder) {
  await node(folder, "vite", "bin/vite.js", "build", "--base=./");
  return "dist";
}

async function webpack(folder) {
  const compiler = require("webpack")({ mode: "production", context: folder, entry: "./bundled.js", output: { path: join(folder, "out"), filename: "bundled.js" } });
  const stats = await new Promise((resolve, reject) => compiler.run((error, stats) => compiler.close(() => (error ? reject(error) : resolve(stats)))));
  // Warnings of size are about the default of 244 KiB a file.
  const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
  if (errors.length + warnings.length > 0) throw new Error([...errors, ...warnings].map(({ message }) => message).join("; "));
  return "out";
}

async function rollup(folder) {
  const { rollup } = await import("rollup");
  const { nodeResolve } = await import("@rollup/plugin-node-resolve");
  const onwarn = (warning) => { throw new Error(warning.message); };
  const bundle = await rollup({ input: join(folder, "bundled.js"), plugins: [nodeResolve()], onwarn });
  await bundle.write({ file: join(folder, "out/bundled.js") });
  await bundle.close();
  return "out";
}

async function esbuild(folder) {
  await run(program("esbuild", "bin/esbuild"), ["bundled.js", "--bundle", "--minify", "--format=esm", "--outfile=out/bundled.js", "--log-level=warning"], { cwd: folder });
  return "out";
}

async function parcel(folder) {
  await node(folder, "parcel", "lib/bin.js", "build", "index.html", "--dist-dir", "out", "--public-url", "./", "--no-source-maps", "--no-cache", "--log-level", "warn");
  return "out";
}

export const bundlers = { vite, webpack, rollup, esbuild, parcel };

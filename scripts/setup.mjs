// Makes a fresh clone ready: installs the packages of package-lock.json, then builds. `npm start` and `npm test` run it
// first; when nothing is to do it is silent and takes a fraction of a second. Needs nothing but Node and npm, and keeps to
// syntax that old versions of Node can read, so that they get to say what is wrong.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const STAMP = "build/.stamp";

/** Everything that decides what a build gives. src/embedded is written by the build itself. */
const SOURCES = ["assembly", "src", "examples", "scripts/build.mjs", "scripts/checked.mjs", "scripts/declarations.mjs", "scripts/encode.mjs", "scripts/slim.mjs", "scripts/transforms.mjs", "tsconfig.json", "package.json", "package-lock.json", "asconfig.json"];
const GENERATED = "src/embedded";
/** If one of these is missing, the build is. */
const OUTPUTS = ["dist/index.js", "build/examples/mnist.js", "build/wasm/debug.wasm", "src/embedded/infer.ts", "src/embedded/worker.ts"];

checkNode();
const whyInstall = missingPackage();
if (whyInstall) {
  say(`installing packages (${whyInstall})`);
  install();
}
const digest = hashSources();
const whyBuild = staleBuild(digest);
if (whyBuild) {
  say(`building (${whyBuild})`);
  // No stamp until the build is whole: one that fails or is interrupted is done again, even if the sources go back to what
  // the last stamp stood for. The digest is from before the build, so a change made meanwhile counts.
  rmSync(join(root, STAMP), { force: true });
  run(process.execPath, [join("scripts", "build.mjs")], "the build");
  mkdirSync(join(root, dirname(STAMP)), { recursive: true });
  writeFileSync(join(root, STAMP), digest);
}

function checkNode() {
  // What the build and the tests need; the library itself runs on less.
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19) || (major === 22 && minor < 12)) {
    fail(`Node must be version 20.19, 22.12 or newer, got ${process.version}`);
  }
}

/** Why node_modules does not fit package-lock.json, or undefined. npm keeps a copy of what it installed in there. */
function missingPackage() {
  if (!existsSync(join(root, "node_modules/.package-lock.json"))) return "there are none yet";
  const wanted = JSON.parse(read("package-lock.json")).packages;
  const installed = JSON.parse(read("node_modules/.package-lock.json")).packages;
  for (const [path, { version, optional }] of Object.entries(wanted)) {
    if (path === "") continue;
    // Optional packages are those for other systems; npm decides which of them belong here.
    if (optional && !installed[path]) continue;
    const got = installed[path] ? installed[path].version : "none";
    if (got !== version) return `${path} must be version ${version}, got ${got}`;
    if (!existsSync(join(root, path, "package.json"))) return `${path} is missing`;
  }
}

function install() {
  // The packages that build and test must come even where NODE_ENV is "production". No package needs its scripts.
  const args = ["ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  const npm = process.env.npm_execpath;
  // Under npm this is the very npm that runs; yarn and pnpm set it too, but know no "ci" that reads package-lock.json.
  if (npm && /^npm-cli\.c?js$/.test(basename(npm))) run(process.execPath, [npm, ...args], "npm ci");
  // On Windows npm is a script, which only a shell can start.
  else if (process.platform === "win32") run(`npm ${args.join(" ")}`, [], "npm ci", { shell: true });
  else run("npm", args, "npm ci");
}

function staleBuild(digest) {
  const missing = OUTPUTS.find((file) => !existsSync(join(root, file)));
  if (missing) return `${missing} is missing`;
  if (!existsSync(join(root, STAMP)) || read(STAMP) !== digest) return "the sources have changed";
}

/** By content, not by time: a checkout gives every file a new time, and a copied folder an old one. */
function hashSources() {
  const hash = createHash("sha256");
  const configs = readdirSync(root).filter((name) => /^tsconfig.*\.json$/.test(name));
  for (const file of [...SOURCES, ...configs].flatMap(listFiles).sort()) {
    const bytes = readFileSync(join(root, file));
    hash.update(`${file}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest("hex");
}

/** The files under a path, with forward slashes on every system. */
function listFiles(path) {
  if (path === GENERATED || !existsSync(join(root, path))) return [];
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path)).flatMap((name) => listFiles(`${path}/${name}`));
}

/** Runs with its output on stderr, so that `npm start > file` holds only what the program prints. */
function run(command, args, what, options = {}) {
  const { error, status, signal } = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2], ...options });
  if (error) fail(`${what} must start, got ${error.message}`);
  if (status !== 0) fail(`${what} must succeed, got ${signal || `exit code ${status}`}`);
}

function read(file) {
  return readFileSync(join(root, file), "utf8");
}

function say(message) {
  console.error(`setup: ${message}`);
}

function fail(message) {
  say(message);
  process.exit(1);
}

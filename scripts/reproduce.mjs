// npm run test:reproducible: builds the sources in two more folders, under another language, time zone, umask, home and working directory each, and compares all wasm, all of
// dist/ and npm's tarball. Prints one hash for each; ends with 1 if they differ.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
/** What a build or npm's tarball is made of. */
const sources = ["assembly", "src", "examples", "scripts", ...readdirSync(root).filter((name) => /\.(json|md)$|^LICENSE$/.test(name))];

function run(command, args, options) {
  const { status, stderr, stdout, error } = spawnSync(command, args, { encoding: "utf8", ...options });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} must succeed, got ${error?.message ?? `${status}: ${stderr}`}`);
  return stdout;
}

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** SHA-256 by path of everything that the build makes for the library. */
function outputs(folder) {
  const files = ["dist", "build/wasm", "src/embedded"].flatMap((part) => readdirSync(join(folder, part), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)));
  return new Map(files.map((file) => [file.slice(folder.length + 1).replaceAll("\\", "/"), sha256(readFileSync(file))]).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The hash of all of them, and of the tarball that npm makes of the folder. */
function digest(folder, files) {
  const [{ filename }] = JSON.parse(run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], { cwd: folder }));
  return { files: sha256(JSON.stringify([...files])), tarball: sha256(readFileSync(join(folder, filename))) };
}

/** A copy of the sources, built: { folder, files }. */
function build(folder, { cwd = folder, umask, env }) {
  mkdirSync(folder, { recursive: true });
  for (const name of sources) cpSync(join(root, name), join(folder, name), { recursive: true, filter: (path) => !path.endsWith("embedded") });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
  const own = process.umask(umask);
  try {
    run(process.execPath, [join(folder, "scripts/build.mjs")], { cwd, env: { ...process.env, ...env } });
  } finally {
    process.umask(own);
  }
  return { folder, files: outputs(folder) };
}

const place = mkdtempSync(join(tmpdir(), "lanewise-"));
try {
  const began = performance.now();
  const builds = [
    build(join(place, "a"), { umask: 0o022, env: { TZ: "UTC", LC_ALL: "C", LANG: "C", HOME: place } }),
    build(join(place, "another place", "Größe"), { cwd: tmpdir(), umask: 0o077, env: { TZ: "Asia/Kathmandu", LC_ALL: "tr_TR.UTF-8", LANG: "tr_TR.UTF-8", SOURCE_DATE_EPOCH: "1" } }),
  ];
  const [first, second] = builds.map(({ folder, files }) => digest(folder, files));
  const here = outputs(root.replace(/[\\/]$/, ""));
  const differing = [...builds[0].files].filter(([path, hash]) => builds[1].files.get(path) !== hash || here.get(path) !== hash).map(([path]) => path);
  const extra = [builds[1].files, here].flatMap((files) => [...files.keys()].filter((path) => !builds[0].files.has(path)));
  console.log(`${builds[0].files.size} files  ${first.files}\ntarball   ${first.tarball}\n${((performance.now() - began) / 1000).toFixed(1)} s`);
  for (const path of differing) console.log(`FAIL ${path} must be the same in three builds, got two`);
  for (const path of extra) console.log(`FAIL ${path} must be in all builds or in none`);
  if (first.tarball !== second.tarball) console.log(`FAIL the tarball must be the same, got ${second.tarball}`);
  process.exitCode = first.files === second.files && first.tarball === second.tarball && differing.length + extra.length === 0 ? 0 : 1;
} finally {
  rmSync(place, { recursive: true, force: true, maxRetries: 5 });
}

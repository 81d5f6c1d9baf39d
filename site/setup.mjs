// Makes the site ready to be built: its own few packages, then the package it shows. Silent when nothing is to do.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));

/** npm keeps a copy of the lockfile of what it installed. */
function isInstalled() {
  const kept = `${here}node_modules/.package-lock.json`;
  if (!existsSync(kept)) return false;
  const versions = (path) => Object.entries(JSON.parse(readFileSync(path, "utf8")).packages).filter(([name]) => name !== "").map(([name, { version }]) => `${name} ${version}`).sort().join("\n");
  return versions(kept) === versions(`${here}package-lock.json`);
}

function run(command, args, cwd) {
  const { status } = spawnSync(command, args, { cwd, stdio: "inherit", shell: process.platform === "win32" });
  if (status !== 0) process.exit(status ?? 1);
}

run(process.execPath, ["scripts/setup.mjs"], `${here}..`);
if (!isInstalled()) {
  console.log("setup: installing the packages of the site");
  run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], here);
}

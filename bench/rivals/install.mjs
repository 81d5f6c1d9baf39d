import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Anew only when the lockfile is newer than what is installed; never through a link, for npm ci empties the folder that it points at. */
export function installRivals() {
  const folder = new URL("./", import.meta.url);
  const lock = new URL("package-lock.json", folder);
  const installed = new URL("node_modules/.package-lock.json", folder);
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  if (lstatSync(new URL("node_modules", folder), { throwIfNoEntry: false })?.isSymbolicLink()) return;
  console.log("Installing bench/rivals …");
  const { status } = spawnSync("npm", ["ci", "--ignore-scripts"], { cwd: fileURLToPath(folder), stdio: "inherit", shell: process.platform === "win32" });
  if (status !== 0) console.log("npm ci failed: what it could not install is reported below.");
}

// What the engines of a run need, brought in where it is missing: npm's packages into this folder, Debian's into the system.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { findProgram } from "../../bench/page/chromium.mjs";

function run(command, args, options) {
  const { status, error } = spawnSync(command, args, { stdio: ["ignore", 2, 2], ...options });
  if (status !== 0) console.error(`${command} must succeed, got ${error?.message ?? `exit code ${status}`}`);
}

/** The newest of each line, hence never saved. What cannot be installed is missed when it is to be opened. */
export function install(engines) {
  const packages = engines.flatMap(({ install = [] }) => install);
  run("npm", ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", ...packages], { cwd: fileURLToPath(new URL(".", import.meta.url)) });
  const missing = engines.filter(({ programs = [] }) => !programs.every(findProgram)).flatMap((engine) => engine.packages);
  if (missing.length === 0 || !findProgram(["apt-get"])) return;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  run("apt-get", ["update", "-qq"], { env });
  run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...missing], { env, stdio: ["ignore", "ignore", 2] });
}

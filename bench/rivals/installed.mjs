import { readFileSync } from "node:fs";

/** The version that npm put here; most packages do not tell it themselves. */
export function installedVersion(name) {
  return JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), "utf8")).version;
}

// Writes sw.js: src/shell/service-worker.js with the list of what the pages are made of.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type { Plugin } from "vite";

/** Larger files (data sets) are kept when a page first asks for them, not before. */
const LARGEST = 512 * 1024;

const publicFolder = new URL("../public/", import.meta.url);

export function offline(): Plugin {
  return {
    name: "lanewise-offline",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const hash = createHash("sha256");
        const files: string[] = ["./"];
        for (const name of readdirSync(publicFolder)) {
          files.push(`./${name}`);
          hash.update(name).update(readFileSync(new URL(name, publicFolder)));
        }
        for (const name of Object.keys(bundle).sort()) {
          const item = bundle[name];
          const content = item.type === "asset" ? item.source : item.code;
          if (name.endsWith(".map") || content.length > LARGEST) continue;
          files.push(`./${name}`);
          hash.update(name).update(content);
        }
        const source = readFileSync(new URL("../src/shell/service-worker.js", import.meta.url), "utf8")
          .replace('"VERSION"', JSON.stringify(`lanewise-${hash.digest("hex").slice(0, 12)}`))
          .replace('["FILES"]', JSON.stringify(files));
        this.emitFile({ type: "asset", fileName: "sw.js", source });
      },
    },
  };
}

// The declarations in dist/ as users compile against them.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

test.each([["nodenext", "nodenext", "es2022"], ["nodenext", "nodenext", "es2022,dom"], ["esnext", "bundler", "es2022"], ["esnext", "bundler", "esnext,dom"]])("strict, module %s, resolution %s, lib %s, libraries checked too", (module, resolution, lib) => {
  const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));
  const flags = ["--noEmit", "--strict", "--skipLibCheck", "false", "--types", "", "--target", "es2022", "--module", module, "--moduleResolution", resolution, "--lib", lib];
  let output = "";
  try {
    execFileSync(process.execPath, [tsc, ...flags, "test/types/user.ts", "--ignoreConfig"], { cwd: root, encoding: "utf8" });
  } catch (error) {
    output = (error as { stdout: string }).stdout;
  }
  expect(output).toBe("");
});

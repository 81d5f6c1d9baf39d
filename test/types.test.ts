// The declarations in dist/ as users compile against them, and the types of the tests themselves, which vitest strips unread.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What the compiler has to say; nothing if all is well. */
function complaints(...parameters: string[]): string {
  const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));
  try {
    return execFileSync(process.execPath, [tsc, ...parameters], { cwd: root, encoding: "utf8" });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

test.each([
  ["nodenext", "nodenext", "es2022"],
  ["nodenext", "nodenext", "es2022,dom"],
  ["esnext", "bundler", "es2022"],
  ["esnext", "bundler", "esnext,dom"],
])("strict, module %s, resolution %s, lib %s, libraries checked too", (module, resolution, lib) => {
  const files = ["test/types/user.ts", "test/types/shapes.ts", ...(module === "nodenext" ? ["test/types/required.cts"] : [])];
  const target = ["--target", "es2022", "--module", module, "--moduleResolution", resolution, "--lib", lib, "--types", ""];
  expect(complaints("--ignoreConfig", "--noEmit", "--strict", "--skipLibCheck", "false", ...target, ...files)).toBe("");
});

test("what an editor shows of a network are its widths", () => {
  const target = ["--target", "es2022", "--module", "nodenext", "--types", ""];
  expect(complaints("--ignoreConfig", "--noEmit", "--strict", ...target, "test/types/hover.ts")).toMatch(/error TS2322: Type 'Network<784, 10>' is not assignable to type 'string'/);
});

test("the tests are sound TypeScript", () => expect(complaints("-p", "test")).toBe(""));

// The README's examples run as printed, and give what their comments say.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

test("the examples of the README that print run as printed, one after the other", () => {
  const folder = mkdtempSync(join(root, "build/readme-"));
  try {
    const blocks = [...readme.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code).filter((code) => code.includes("console.log"));
    expect(blocks.length).toBe(8);
    for (const code of blocks) {
      const promised = [...code.matchAll(/console\.log\(.*\/\/ (.*)$/gm)].map(([, output]) => output);
      expect(promised.length).toBeGreaterThan(1);
      // From inside the repository "lanewise" is the package itself, through the exports of package.json.
      writeFileSync(join(folder, "example.mjs"), code);
      const printed = execFileSync(process.execPath, ["example.mjs"], { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
      expect(printed.trimEnd().split("\n")).toEqual(promised);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the table of diagnose() is an excerpt of what it prints", () => {
  const folder = mkdtempSync(join(root, "build/readme-"));
  try {
    const [, code, excerpt] = /^## Depth\n.*?```js\n(.*?)```.*?```text\n(.*?)```/ms.exec(readme)!;
    writeFileSync(join(folder, "example.mjs"), `${code}\nconsole.log(String(plain));`);
    const printed = execFileSync(process.execPath, ["example.mjs"], { cwd: folder, encoding: "utf8" }).split("\n");
    const lines = excerpt.trimEnd().split("\n");
    expect(lines.length).toBeGreaterThan(8);
    for (const line of lines) if (line !== "…") expect(printed).toContain(line);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("every name of the API that the README uses is exported", async () => {
  const exported = { ...(await import("../src/index.js")), ...(await import("../src/infer.js")), ...(await import("../src/relaxed.js")), ...(await import("../src/threads.js")), ...(await import("../src/node.js")), ...(await import("../src/worker.js")) };
  for (const [, names] of readme.matchAll(/import \{ (.*?) \} from "lanewise/g)) for (const name of names.split(", ")) expect(exported).toHaveProperty(name);
});

test("an uncaught mistake prints its message, not a screen of source", () => {
  const code = 'import { Network, dense } from "lanewise"; await new Network({ inputs: 2, layers: [dense(1)] }).fit([[1, 2]], [1]);';
  const { stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], { cwd: new URL("..", import.meta.url), encoding: "utf8" });
  expect(stderr).toContain("StateError: Network.fit: compile() must come first");
  expect(stderr.length).toBeLessThan(2000);
});

// The README's first example runs as printed, and gives what its comments say.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

test("the training example of the README runs as printed", () => {
  const [, code] = /```js\n(.*?)```/s.exec(readme)!;
  const promised = [...code.matchAll(/console\.log\(.*\/\/ (.*)$/gm)].map(([, output]) => output);
  expect(promised.length).toBe(2);
  // From inside the repository "lanewise" is the package itself, through the exports of package.json.
  const printed = execFileSync(process.execPath, ["--input-type=module", "--eval", code], { cwd: new URL("..", import.meta.url), encoding: "utf8" });
  expect(printed.trimEnd().split("\n")).toEqual(promised);
});

test("every name of the API that the README uses is exported", async () => {
  const exported = { ...(await import("../src/index.js")), ...(await import("../src/infer.js")), ...(await import("../src/relaxed.js")) };
  for (const [, names] of readme.matchAll(/import \{ (.*?) \} from "lanewise/g)) for (const name of names.split(", ")) expect(exported).toHaveProperty(name);
});

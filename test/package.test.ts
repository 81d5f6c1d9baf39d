// The tarball as npm would publish it: what it weighs, what its exports map promises, and what its code may not do.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createBackend, dense, Network, type WasmBuild } from "lanewise";
import { createThreadedBackend } from "lanewise/threads";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { parseAst } from "rolldown/parseAst";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
/** What it has come to; 500,000 is promised (DESIGN.md, "Size"). */
const LIMIT = 560_000;

let folder: string;
let tarball: string;
let files: string[];

const read = (file: string) => readFileSync(join(folder, "package", file), "utf8");

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lanewise-package-"));
  execFileSync("npm", ["pack", "--ignore-scripts", "--loglevel=error", "--pack-destination", folder], { cwd: root });
  tarball = join(folder, readdirSync(folder)[0]);
  execFileSync("tar", ["-xzf", tarball, "-C", folder]);
  files = readdirSync(join(folder, "package"), { recursive: true, encoding: "utf8" }).filter((file) => statSync(join(folder, "package", file)).isFile());
});
afterAll(() => rmSync(folder, { recursive: true }));

test("publint has nothing to say", async () => {
  const { messages, pkg } = await publint({ pkgDir: join(folder, "package"), pack: false, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
});

test("types resolve as the code does, for ES modules and bundlers", () => {
  const require = createRequire(import.meta.url);
  const attw = join(dirname(require.resolve("@arethetypeswrong/cli/package.json")), "dist/index.js");
  // "esm-only": there is no CommonJS build. Node from 20.19 on requires ES modules.
  execFileSync(process.execPath, [attw, tarball, "--profile", "esm-only", "--no-emoji", "--format", "ascii"], { encoding: "utf8" });
});

test("every file that the exports map names is there", () => {
  const targets = (entry: unknown): string[] => (typeof entry === "string" ? [entry] : Object.values(entry as object).flatMap(targets));
  const { exports } = JSON.parse(read("package.json")) as { exports: Record<string, object> };
  for (const conditions of Object.values(exports)) if (typeof conditions === "object") expect(Object.keys(conditions)[0]).toBe("types");
  const missing = Object.values(exports).flatMap(targets).filter((file) => !file.includes("*") && !existsSync(join(folder, "package", file)));
  expect(missing).toEqual([]);
  for (const build of ["strict", "relaxed", "infer"]) expect(WebAssembly.validate(readFileSync(join(folder, "package/dist/wasm", `${build}.wasm`)))).toBe(build !== "relaxed" || supportsRelaxed());
});

function supportsRelaxed(): boolean {
  return Number(process.versions.node.split(".")[0]) >= 22;
}

test(`unpacked, it weighs at most ${LIMIT} bytes`, () => {
  const sizes = new Map<string, number>();
  for (const file of files) {
    const kind = file.match(/\.d\.ts$|\.[a-z]+$/)?.[0] ?? file;
    sizes.set(kind, (sizes.get(kind) ?? 0) + statSync(join(folder, "package", file)).size);
  }
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  console.log(`unpacked: ${total} bytes (${[...sizes].sort(([, a], [, b]) => b - a).map(([kind, size]) => `${kind} ${size}`).join(", ")}); tarball: ${statSync(tarball).size}`);
  expect(total).toBeLessThanOrEqual(LIMIT);
});

interface Node {
  type: string;
  [key: string]: unknown;
}

/** What strict Content-Security-Policies, service workers, AudioWorklets or old bundlers refuse. */
function refused(node: Node, inFunction: boolean): string[] {
  const callee = (node.callee as Node | undefined)?.name;
  const found: string[] = [];
  if (node.type === "ImportExpression") found.push("import()");
  if ((node.type === "CallExpression" || node.type === "NewExpression") && (callee === "eval" || callee === "Function")) found.push(callee);
  if (!inFunction && (node.type === "AwaitExpression" || (node.type === "ForOfStatement" && node.await))) found.push("top-level await");
  if (node.type === "MetaProperty") found.push("import.meta");
  const within = inFunction || /Function/.test(node.type);
  for (const child of Object.values(node).flat()) if (typeof (child as Node | null)?.type === "string") found.push(...refused(child as Node, within));
  return found;
}

test("no file needs eval, dynamic import, top-level await or a place of its own", () => {
  const scripts = files.filter((file) => file.endsWith(".js"));
  expect(scripts.length).toBeGreaterThan(5);
  for (const file of scripts) expect([file, ...refused(parseAst(read(file)) as unknown as Node, false)]).toEqual([file]);
  expect(refused(parseAst("await eval(import('x'), new Function(import.meta.url))") as unknown as Node, false)).toHaveLength(5);
});

test("a build may come compiled, as workerd imports it: the same bits, on one thread", async () => {
  const module = new WebAssembly.Module(readFileSync(createRequire(import.meta.url).resolve("lanewise/wasm/strict.wasm")));
  const build: WasmBuild = { variant: "strict", module };
  const config = { inputs: 3, layers: [dense(5, "tanh"), dense(2)], seed: 4 };
  const x = [[0.5, -1, 2]];
  expect([...new Network(config, { backend: createBackend({ module: build }) }).predict(x)]).toEqual([...new Network(config).predict(x)]);
  const threaded = await createThreadedBackend({ threads: 2, module: build });
  expect([threaded.threads, threaded.threadsReason]).toEqual([1, "the build comes compiled, for memory that is not shared"]);
  expect(() => createBackend({ module: {} as never })).toThrow('createBackend: module must be a build such as relaxed from "lanewise/relaxed", got an object');
  expect(() => createBackend({ module: { variant: "strict", module: new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)) } })).toThrow("got another module");
});

test("source maps lead from a stack trace to the line in src", () => {
  const script = 'import("lanewise").then(({ dense }) => dense(0)).catch(({ stack }) => console.log(stack))';
  const stack = execFileSync(process.execPath, ["--enable-source-maps", "-e", script], { cwd: root, encoding: "utf8" });
  const [, file, line] = stack.match(/(src\/layers\/dense\.ts):(\d+)/) ?? [];
  expect([file, readFileSync(join(root, "src/layers/dense.ts"), "utf8").split("\n")[Number(line) - 1].trim()], stack).toEqual(["src/layers/dense.ts", 'checkCount("dense", "units", units);']);
});

test("nothing but lanewise/node imports from Node", () => {
  const scripts = files.filter((file) => file.endsWith(".js") && !file.endsWith("dist/node.js"));
  expect(scripts.filter((file) => /^import .*"node:/m.test(read(file)))).toEqual([]);
});

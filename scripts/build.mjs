// assembly/ → build/wasm/*.wasm → src/embedded/*.ts (text) → dist/ (library) and build/examples/ (examples).
// `--only-kernels` stops before TypeScript; a build from the same sources gives the same bytes.
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { deflateSync } from "node:zlib";
import asc from "assemblyscript/asc";
import { build } from "vite";
import { checkedEntry } from "./checked.mjs";
import { rollDeclarations } from "./declarations.mjs";
import { encode } from "./encode.mjs";
import { slim } from "./slim.mjs";
import { InferenceOnly, NoInline } from "./transforms.mjs";

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "..");
process.chdir(root);
// npm's tarball keeps who may read a file: that must not depend on who built it.
process.umask(0o022);

/** Targets of asconfig.json and where each starts. The library carries all but `debug`, which is for the tests. */
const entries = { strict: "assembly/index.ts", relaxed: "assembly/index.ts", infer: "assembly/index.ts", threads: "assembly/threads.ts", debug: "build/checked.ts" };
const embedded = Object.keys(entries).filter((target) => target !== "debug");
/** What package.json's exports name, and the same for engines that compile no wasm from bytes. */
const library = ["index", "infer", "node", "relaxed", "threads", "worker"];
const edge = ["edge/index", "edge/infer", "edge/relaxed"];

async function compile(target) {
  const { error, stderr } = await asc.main([entries[target], "--config", "asconfig.json", "--target", target], { transforms: target === "infer" ? [NoInline, InferenceOnly] : [NoInline] });
  if (error) throw new Error(`assembly target ${target}: ${stderr.toString()}`);
}

async function embed(target) {
  const bytes = await readFile(`build/wasm/${target}.wasm`);
  await writeFile(
    `src/embedded/${target}.ts`,
    `// Written by scripts/build.mjs from build/wasm/${target}.wasm.\nexport const ${target}Text: string =\n  "${encode(bytes)}";\n`,
  );
}

function tsc(project) {
  const require = createRequire(import.meta.url);
  const compiler = path.join(path.dirname(require.resolve("typescript/package.json")), "bin/tsc");
  // tsc has said what is wrong; a stack trace of this script would only hide it.
  if (spawnSync(process.execPath, [compiler, "-p", project], { stdio: "inherit" }).status !== 0) process.exit(1);
}

/** The library's side of lanewise/worker as one text, like the wasm: a worker must start wherever the library was bundled to. Nobody reads it, so it is minified and deflated; the kernels' text is sent to it, rather than in it once more. */
async function embedWorker() {
  const { output } = await build({
    logLevel: "warn",
    configFile: false,
    publicDir: false,
    plugins: [{ name: "no-kernels", load: (id) => (id.endsWith("embedded/strict.ts") ? 'export const strictText = "";' : undefined) }],
    build: { write: false, minify: true, target: "es2022", modulePreload: { polyfill: false }, rolldownOptions: { input: "src/worker-script.ts" } },
  });
  await writeFile("src/embedded/worker.ts", `// Written by scripts/build.mjs from src/worker-script.ts.\nexport const workerText: string =\n  "${deflateSync(output[0].code, { level: 9 }).toString("base64")}";\n`);
}

/**
 * What an engine has to read before the first line runs: no comments, short names. One line stays one line, because Node prints that of an uncaught error; classes keep
 * their names, which people see; and nothing but ASCII, which engines read and keep at one byte a character.
 */
const keepNames = { class: true, function: false };
const minify = { compress: { keepNames, sequences: false, joinVars: false }, mangle: { keepNames }, codegen: { removeWhitespace: false, asciiOnly: true } };

/** What entries share: first what "lanewise/infer" has a part in, then the rest. */
const groups = [{ name: "kernels", test: /embedded.strict/, priority: 2 }, { name: (id, graph) => (reach("src/infer.ts", graph).has(id) ? "inference" : null), debugName: "inference", minShareCount: 2, priority: 1 }, { name: "training", minShareCount: 2 }];

/** What a file imports, and what that does. */
function reach(entry, graph) {
  const found = new Set([path.join(root, entry)]);
  for (const id of found) for (const next of graph.getModuleInfo(id).importedIds) found.add(next);
  return found;
}

/** In a user's bundle modules stand as they are imported: with the kernels' text in its midst it is 1.5 KB longer after gzip, which looks back no further than 32 KB. */
const textFirst = {
  name: "text-first",
  generateBundle(_, chunks) {
    for (const chunk of Object.values(chunks)) {
      if (chunk.type === "chunk") chunk.code = chunk.code.replace(/^(import .*shared-inference\.js";\n)(import .*shared-training\.js";\n)/m, "$2$1");
    }
  },
};

/** One file an entry and what they share: Node opens 3 files instead of 60, each of which takes it 0.4 ms. */
async function bundle() {
  await build({
    logLevel: "warn",
    configFile: false,
    publicDir: false,
    plugins: [textFirst],
    build: {
      outDir: "dist",
      emptyOutDir: false,
      minify: false,
      target: "es2022",
      sourcemap: true,
      modulePreload: { polyfill: false },
      rolldownOptions: {
        input: Object.fromEntries([...library, ...edge].map((entry) => [entry, `src/${entry}.ts`])),
        external: [/^node:/, /\.wasm\?module$/],
        preserveEntrySignatures: "strict",
        output: { entryFileNames: "[name].js", chunkFileNames: "shared-[name].js", comments: { jsdoc: false }, minify, codeSplitting: { groups } },
      },
    },
  });
}

await mkdir("build/wasm", { recursive: true });
await mkdir("src/embedded", { recursive: true });
for (const target of embedded) await compile(target);
const contracts = ["products", "families", "layers"].map(async (file) => [file, await readFile(`assembly/contract/${file}.ts`, "utf8")]);
await writeFile(entries.debug, await checkedEntry(await readFile("build/wasm/strict.wasm"), Object.fromEntries(await Promise.all(contracts))));
await compile("debug");
for (const target of embedded) await embed(target);
await embedWorker();
if (!process.argv.includes("--only-kernels")) {
  await rm("dist", { recursive: true, force: true });
  tsc("tsconfig.json");
  // By itself, so that nothing else can lean on the types of Node.
  tsc("tsconfig.node.json");
  await rollDeclarations(library);
  await bundle();
  await slim("dist");
  await mkdir("dist/wasm");
  for (const target of ["strict", "relaxed", "infer"]) await copyFile(`build/wasm/${target}.wasm`, `dist/wasm/${target}.wasm`);
  if (existsSync("examples/tsconfig.json")) tsc("examples/tsconfig.json");
}

// The entry of the debug build: every export of assembly/index.ts, behind what assembly/contract/ demands of its arguments. Written here rather than by hand,
// so that no kernel can be without and the other builds stay as they are, to the byte.

/** Kernels that share a signature share a contract. */
const FAMILY = /(Forward|Backward|Derivative|Loss|Metric|Update)$/;

/** @param {Uint8Array} wasm a build of the same interface @param {Record<string, string>} contracts the text of each file of contracts */
export async function checkedEntry(wasm, contracts) {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
  const { instance } = await WebAssembly.instantiate(wasm, { env: { memory } });
  const files = new Map(Object.entries(contracts).flatMap(([file, text]) => [...text.matchAll(/^export function (\w+)/gm)].map(([, name]) => [name, file])));
  const kernels = Object.entries(instance.exports).filter(([, kernel]) => typeof kernel === "function");
  const lines = kernels.map(([name, { length }]) => {
    const contract = [name, FAMILY.exec(name)?.[1].toLowerCase()].find((candidate) => files.has(candidate));
    if (contract === undefined) throw new Error(`assembly/contract: ${name} must have a contract`);
    const names = Array.from({ length }, (_, i) => `a${i}`).join(", ");
    return `export function ${name}(${names.replaceAll(/a\d+/g, "$&: i32")}): void { ${files.get(contract)}.${contract}(${names}); ${name}Kernel(${names}); }`;
  });
  return [
    `import { ${kernels.map(([name]) => `${name} as ${name}Kernel`).join(", ")} } from "../assembly/index";`,
    ...Object.keys(contracts).map((file) => `import * as ${file} from "../assembly/contract/${file}";`),
    'export { heapBase } from "../assembly/layout";',
    ...lines,
    "",
  ].join("\n");
}

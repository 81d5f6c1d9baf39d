// What scripts/build.mjs adds to the AssemblyScript compiler. It makes an instance of each class with `program` and `binaryen` on it.

/** What of assembly/index.ts the inference build keeps. */
const kept = /^(heapBase|run|packPanels|gemm|copyRows|addRows|batchNormalizationScale|.*(Forward|Apply))$/;

/** Takes the other exports out of a file, and out of the files it exports whole. */
function prune({ exports, exportsStar }) {
  for (const name of [...(exports?.keys() ?? [])]) if (!kept.test(name)) exports.delete(name);
  exportsStar?.forEach(prune);
}

/** The inference build: the compiler never sees the other exports, nor functions and data that only they use. */
export class InferenceOnly {
  afterInitialize(program) {
    const index = program.filesByName.get("assembly/index");
    prune(index);
    // `export { … } from`: a file none of whose names is left is not read.
    const { source } = index;
    source.statements = source.statements.filter(({ members }) => !members || members.some(({ exportedName }) => kept.test(exportedName.text)));
  }
}

/** `@noinline`: the function is called wherever it is used, because small code counts for more there than the time of a call. */
export class NoInline {
  afterCompile(module) {
    for (const [name, { prototype }] of this.program.instancesByName) {
      if (!prototype?.declaration?.decorators?.some(({ name: { text } }) => text === "noinline")) continue;
      this.binaryen.setPassArgument("no-inline", name);
      module.runPasses(["no-inline"]);
    }
    this.binaryen.setPassArgument("no-inline", null);
  }
}

// What of assembly/index.ts the inference build keeps. The compiler never sees the rest, nor functions and data that only the rest uses.

const kept = /^(heapBase|run|packPanels|gemm|copyRows|.*Forward)$/;

/** Takes the other exports out of a file, and out of the files it exports whole. */
function prune({ exports, exportsStar }) {
  for (const name of [...(exports?.keys() ?? [])]) if (!kept.test(name)) exports.delete(name);
  exportsStar?.forEach(prune);
}

/** A transform for the AssemblyScript compiler. */
export const inferenceOnly = {
  afterInitialize(program) {
    const index = program.filesByName.get("assembly/index");
    prune(index);
    // `export { … } from`: a file none of whose names is left is not read.
    const { source } = index;
    source.statements = source.statements.filter(({ members }) => !members || members.some(({ exportedName }) => kept.test(exportedName.text)));
  },
};

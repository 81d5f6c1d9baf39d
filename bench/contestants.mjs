// Who takes part: tables only, for Node (bench/processes.mjs starts them) and for the page (bench/page/workers.mjs does).
// `file` is a module, `script` is for Python; both are named from this folder.
import { reference } from "./compare.mjs";

/**
 * `npm run bench`: lanewise in both builds, and plain JavaScript. `ours`: a wrong result stops the run; `required`: so does
 * a failure to start (an engine without relaxed SIMD, such as a browser, may do without the relaxed build).
 */
export const own = [
  { key: "strict", label: "lanewise", file: "lanewise.mjs", option: "strict", ours: true, required: true },
  { key: "relaxed", label: "lanewise, relaxed", file: "lanewise.mjs", option: "relaxed", ours: true },
  { key: "loops", label: "plain JS, simple loops", file: "plain/contestant.mjs", option: "loops", ours: true, required: true },
  { key: reference, label: "plain JS, tuned", file: "plain/contestant.mjs", option: "tiles", ours: true, required: true },
];

/** lanewise on two threads; everything else is on one. The page times it where the browser lets it. */
export const threaded = { key: "threads", label: "lanewise, two threads", file: "lanewise.mjs", option: "threads", threads: 2, ours: true };

/** What keeps NumPy, PyTorch and the BLAS below them from AVX-512: they then run as on most laptops. NumPy's names for it changed, and it passes over those it does not know. */
const avx2 = {
  OPENBLAS_CORETYPE: "Haswell",
  NPY_DISABLE_CPU_FEATURES: "X86_V4 AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR",
  ATEN_CPU_CAPABILITY: "avx2",
  DNNL_MAX_CPU_ISA: "AVX2",
};

/** `node bench/peers.mjs`: each file says how its library is used at its best. */
export const peers = [
  { key: "onnxruntime-web", label: "onnxruntime-web", file: "rivals/onnxruntime-web.mjs" },
  { key: "tfjs-wasm", label: "TensorFlow.js, wasm", file: "rivals/tfjs.mjs" },
  { key: "jax-js", label: "jax-js", file: "rivals/jax-js.mjs" },
  { key: "numpy-ts", label: "numpy-ts", file: "rivals/numpy-ts.mjs" },
  { key: "ml-matrix", label: "ml-matrix", file: "rivals/ml-matrix.mjs" },
  { key: "brain", label: "brain.js", file: "rivals/brain.mjs" },
  { key: "onnxruntime-node", label: "onnxruntime-node (native)", file: "rivals/onnxruntime-node.mjs" },
  { key: "pytorch", label: "PyTorch (native)", script: "rivals/python.py", option: "torch" },
  { key: "pytorch-avx2", label: "PyTorch (native, AVX2 only)", script: "rivals/python.py", option: "torch", environment: avx2 },
  { key: "numpy", label: "NumPy, OpenBLAS (native)", script: "rivals/python.py", option: "numpy" },
  { key: "numpy-avx2", label: "NumPy, OpenBLAS (native, AVX2 only)", script: "rivals/python.py", option: "numpy", environment: avx2 },
];

// What is measured: the value and the derivative of each activation of test/reference/activations.ts that works number by number, and the cores.
import { fileURLToPath } from "node:url";

/** Below, series take the place of the reference; their next term is 2^-60 of the first. */
const near = 2 ** -30;
/** From here on `far` does. */
const farOff = 128;
/** Round the root of a derivative differences lose digits: there the exact functions are asked. */
const window = 2 ** -11;

/** The lists are TypeScript, which Node 20 cannot read by itself. */
export async function loadReference() {
  const { runnerImport } = await import("vite");
  const load = async (file) => (await runnerImport(fileURLToPath(new URL(`../test/reference/${file}.ts`, import.meta.url)), { configFile: false })).module;
  return { ...(await load("activations")), ...(await load("exact")), ...(await load("normal")) };
}

/** The cores, with the bounds that assembly/ states, beside the activations that use them: expm1 is elu's, normal (Φ) gelu's, the others those of softmax and the losses. */
const cores = {
  exp: { bound: 0.8, reference: Math.exp, series: [1, 1, 0.5], far: [0, Infinity], range: [0, Infinity] },
  log: { bound: 0.9, reference: Math.log, range: [-Infinity, Infinity] },
  log1p: { bound: 0.96, reference: Math.log1p, series: [0, 1, -0.5], range: [-Infinity, Infinity] },
  expm1: { bound: 0.51, reference: Math.expm1, series: [0, 1, 0.5], far: [-1, Infinity], range: [-1, Infinity] },
  normal: { bound: 0.51, series: [0.5, Math.sqrt(0.5 / Math.PI), 0], far: [0, 1], range: [0, 1] },
};

/**
 * f to 2^-42 of itself at any float. Near 0 the series; where its second term is lost beside the first, it still says to which side of it f lies, which
 * decides between two subnormals.
 */
function evaluate({ reference, series, far, root, exact }) {
  const [below, above] = series === undefined ? [] : Array.isArray(series[0]) ? series : [series, series];
  const [low, high] = far ?? [];
  return (x) => {
    const size = Math.abs(x);
    if (size < near && size > 0 && below) {
      const [c0, c1, c2] = x > 0 ? above : below;
      if (c0 !== 0) return c0 + x * (c1 + c2 * x);
      const first = c1 * x, second = c2 * x * x, sum = first + second;
      return sum === first && second !== 0 ? first + Math.sign(second) * Math.abs(first) * 2 ** -50 : sum;
    }
    if (size >= farOff && far) return x < 0 ? low : typeof high === "number" ? high : high(x);
    if (Math.abs(x - root) < window && exact) return exact.float64(x);
    return reference(x);
  };
}

/**
 * What all results from `first` to `last`, of one sign, round to, where that needs no thought: { constant }, or { factor } for a power of two times the input;
 * else undefined. Near 0 that is the first term: the second is less than half an ULP of it, if no rounding lies between (`factor` 1/2 has ties among subnormals).
 */
function bulk({ series, far }) {
  const [below, above] = series === undefined ? [] : Array.isArray(series[0]) ? series : [series, series];
  const terms = [below, above].map((c) => c && firstTerm(c));
  return (first, last) => {
    const side = first > 0 ? 1 : 0, least = Math.min(Math.abs(first), Math.abs(last)), most = Math.max(Math.abs(first), Math.abs(last));
    if (least >= farOff && far) return typeof far[side] === "number" ? { constant: far[side] } : far[side](1) === 1 ? { factor: 1 } : undefined;
    if (!(most < near && least > 0)) return undefined; // a NaN is in neither place
    const term = terms[side];
    return term?.factor === 0.5 && least < 2 ** -125 ? undefined : term;
  };
}

function firstTerm([c0, c1]) {
  if (c0 === 0) return c1 === 1 || c1 === 0.5 ? { factor: c1 } : undefined;
  const [down, up] = [-1, 1].map((side) => Math.fround(c0 + 2 * side * c1 * near));
  return down === up ? { constant: c0 } : undefined;
}

/** The nearest float32 where `evaluate` cannot tell: between two floats. Near 0 c[1] z is exact if c[1] is a power of two, and evaluate can. */
function decider({ series, exact }) {
  const [c0, c1] = [series ?? []].flat(2);
  const settled = c0 === 0 && Number.isInteger(Math.log2(c1));
  return exact && ((x, value) => (settled && Math.abs(x) < near ? Math.fround(value) : exact.float32(x)));
}

function row(facts) {
  return { symmetry: 0, parameter: 0, range: [-Infinity, Infinity], monotone: false, ...facts, at: evaluate(facts), bulk: bulk(facts), decide: decider(facts) };
}

/** c[1], 2 c[2]: the series of f′. */
const derived = (series) => (series === undefined ? undefined : Array.isArray(series[0]) ? series.map(derived) : [series[1], 2 * series[2], 0]);

/** One row a function: name, kernel, `at(x)` in float64, `decide(x, value)` where float64 cannot, and what it promises. */
export function rowsOf({ activations, slope, exactActivations, exactCores, distribution }) {
  const rows = [];
  for (const [id, { value, derivative, kernel }] of Object.entries(activations)) {
    if (value === undefined) continue;
    const { ulp, relaxedUlp = ulp, derivativeUlp, relaxedDerivativeUlp = derivativeUlp } = kernel;
    const { monotone, odd, range, root, series, far, farDerivative, parameter = slope, special, derivativeSpecial, backward } = kernel;
    rows.push(row({
      name: id, id, kind: "value", kernel: `${id}Forward`, reference: (z) => value(z, slope), exact: exactActivations[id]?.value,
      series, far, monotone, symmetry: odd ? -1 : 0, range, parameter, special, bounds: { strict: ulp, relaxed: relaxedUlp },
    }));
    rows.push(row({
      name: `${id}.derivative`, id, kind: "derivative", kernel: `${id}Derivative`, reference: (z) => derivative(z, slope), exact: exactActivations[id]?.derivative,
      series: derived(series), far: farDerivative, root, symmetry: odd ? 1 : 0, parameter, special: derivativeSpecial,
      bounds: { strict: derivativeUlp, relaxed: relaxedDerivativeUlp },
      ...(backward.from === "output" && farDerivative?.[1] !== Infinity && { forward: `${id}Forward`, backward: `${id}Backward` }),
    }));
  }
  for (const [name, { bound, ...facts }] of Object.entries(cores)) {
    rows.push(row({ name, id: name, kind: "core", bounds: { strict: bound, relaxed: bound }, kernel: name, reference: distribution, exact: exactCores[name], monotone: true, ...facts }));
  }
  return rows;
}

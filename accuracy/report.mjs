// accuracy/results as tables: the short one of README.md and the page docs/accuracy.md. scripts/readme-tables.mjs writes them.

const table = ([head, ...body]) => [head, head.map((_, index) => (index ? "---:" : ":---")), ...body].map((row) => `| ${row.join(" | ")} |`).join("\n");

/** Three decimals, rounded up: a bound below what was measured would be none. */
const up = (x) => (Math.ceil(x * 1000 - 1e-6) / 1000).toFixed(3);

/** Up to 2^24, all digits of a result; more where it has another size. */
function ulps(maxUlp) {
  if (maxUlp === undefined) return "–";
  const value = Number(maxUlp);
  if (value === 0) return "exact";
  if (value < 100) return up(value);
  if (value < 1e4) return String(Math.ceil(value));
  const power = Math.floor(Math.log10(value));
  return power > 8 ? "∞" : `${Math.ceil(value / 10 ** power)} · 10${superscript(power)}`;
}

const superscript = (n) => [...String(n)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]).join("");
const percent = (correct, inputs) => (correct === inputs ? "100 %" : `${(Math.floor((1e7 * correct) / inputs) / 1e5).toFixed(5)} %`);
const coverage = ({ every }) => (every === 1 ? "all" : `one in ${every}`);
const idsOf = ({ rows }) => Object.keys(rows).filter((name) => rows[`${name}.derivative`]);
const coresOf = ({ rows }) => Object.keys(rows).filter((name) => !name.endsWith(".derivative") && !rows[`${name}.derivative`]);

/** Which floats went in, said once if it is the same for all. */
function inputsOf({ rows }) {
  const partial = Object.entries(rows).filter(([, { every }]) => every > 1);
  if (partial.length === 0) return "All 2³² floats went in";
  const list = partial.map(([name, row]) => `${name} (${coverage(row)})`).join(", ");
  return `All 2³² floats went in; but of ${list}`;
}

function madeOn({ rows }) {
  const all = Object.values(rows), days = all.map(({ date }) => date.slice(0, 10)).sort();
  const [first, last] = [days[0], days.at(-1)];
  return `${[...new Set(all.map(({ engine, cpu, os }) => `${engine}, ${cpu}, ${os}`))].join("; ")}, ${first === last ? first : `${first} to ${last}`}`;
}

const rivalCells = (name, rivals) => rivals.contestants.map(({ key }) => ulps(rivals.rows[name]?.[key]?.maxUlp));

/** README.md's table. */
export function renderShort(results, rivals) {
  const head = ["Largest error, ULP", "f", "f′", "relaxed f", "relaxed f′", ...rivals.contestants.map(({ label }) => `${label}, f`)];
  const body = idsOf(results).map((id) => {
    const [f, slope] = [results.rows[id], results.rows[`${id}.derivative`]];
    return [id, ulps(f.strict.maxUlp), ulps(slope.strict.maxUlp), ulps(f.relaxed.maxUlp), ulps(slope.relaxed.maxUlp), ...rivalCells(id, rivals)];
  });
  const softmax = ["softmax", "logSoftmax"].map((id) => [id, ulps(results.across.strict[id].maxUlp), "–", ulps(results.across.relaxed[id].maxUlp), "–", ...rivals.contestants.map(() => "–")]);
  return `${inputsOf(results)} (${madeOn(results)}; repeat with \`npm run sweep\`); the other libraries, one float in ${rivals.every} (\`npm run sweep:rivals\`). softmax and logSoftmax: ${results.across.strict.softmax.rows.toLocaleString("en")} random rows.\n\n${table([head, ...body, softmax[1]])}`;
}

/** One build's columns: error, its worst input, share correctly rounded. */
const cells = ({ maxUlp, worst, worstBits, correct, inputs }) => [ulps(maxUlp), maxUlp === 0 ? "–" : `${worst} (${worstBits})`, percent(correct, inputs)];

function measured(results, names, title) {
  const head = [title, "inputs", "strict, ULP", "worst input", "correctly rounded", "relaxed, ULP", "worst input", "correctly rounded"];
  return table([head, ...names.map((name) => [name, coverage(results.rows[name]), ...cells(results.rows[name].strict), ...cells(results.rows[name].relaxed)])]);
}

function shapes(results) {
  const head = ["", "smallest, largest result", "inversions, strict / relaxed", "f(−z) ≠ ∓f(z)", "NaN for a number, or the reverse", "outside its range"];
  const pair = ({ strict, relaxed }, key) => (strict[key] === undefined ? "–" : `${strict[key]} / ${relaxed[key]}`);
  return table([head, ...Object.entries(results.rows).map(([name, row]) => [
    name, `${row.strict.smallest}, ${row.strict.largest}`, pair(row, "inversions"), pair(row, "asymmetric"), pair(row, "nan"), pair(row, "outside"),
  ])]);
}

function fromOutput(results) {
  const head = ["Largest error, in 2⁻²³ of the largest \\|f′\\|", "strict", "at", "relaxed", "at"];
  const names = Object.keys(results.rows).filter((name) => results.rows[name].strict.fromOutput !== undefined);
  const cell = ({ fromOutput, fromOutputAt }) => (fromOutput === 0 ? ["exact", "–"] : [up(fromOutput), String(fromOutputAt)]);
  return table([head, ...names.map((name) => [name.replace(".derivative", ""), ...cell(results.rows[name].strict), ...cell(results.rows[name].relaxed)])]);
}

function rivalTable(rivals) {
  const head = ["Largest error, ULP", ...rivals.contestants.map(({ label }) => label)];
  const cell = (name, key) => {
    const found = rivals.rows[name]?.[key];
    return found === undefined ? "–" : `${ulps(found.maxUlp)}${found.maxUlp === 0 ? "" : ` at ${found.worst}`}${found.nan > 0 ? `; ${found.nan} NaN` : ""}`;
  };
  return table([head, ...Object.keys(rivals.rows).map((name) => [name, ...rivals.contestants.map(({ key }) => cell(name, key))])]);
}

function specials({ special: { inputs, rows } }) {
  const text = (x) => (typeof x === "number" ? String(Number(x.toPrecision(8))) : x.replace("Infinity", "∞"));
  return table([["z", ...inputs.map(text)], ...Object.entries(rows).map(([name, values]) => [name, ...values.map(text)])]);
}

function across({ across: { strict, relaxed } }) {
  const line = (label, f) => [label, f(strict), f(relaxed)];
  return table([
    ["", "strict", "relaxed"],
    line("softmax: an element's error, as a part of 3 ULP + 2 ULP of the row's largest", ({ softmax }) => up(softmax.ofBound)),
    line("softmax: \\|Σ − 1\\|, as a part of n · 2⁻²⁴", ({ softmax }) => up(softmax.ofSum)),
    line("logSoftmax: an element's error, ULP", ({ logSoftmax }) => up(logSoftmax.maxUlp)),
  ]);
}

/** docs/accuracy.md. */
export function renderPage(results, rivals) {
  const ids = idsOf(results);
  const versions = rivals.contestants.map(({ label, version }) => `${label} ${version}`).join("; ");
  return `# Accuracy

<!-- Written by scripts/readme-tables.mjs from accuracy/results/: change those, or accuracy/report.mjs. -->

${inputsOf(results)}, on both builds: ${madeOn(results)}. \`npm run sweep\` does it again; \`npm test\` repeats it on every edge, a sample, and the worst inputs below, and
holds the kernels to the digests of these results.

An ULP is the spacing of float32 at the exact result, 2⁻¹⁴⁹ at the least; 0.5 is correctly rounded. Exact results are float64, with series near 0; where float64 cannot tell which of two floats is
nearer, and round the roots of a derivative, 512-bit arithmetic decides (test/reference/exact.ts). A result counts as correctly rounded bit for bit, the sign of zero too, NaN as a class. Figures are rounded up.

What is not correctly rounded below 0.5005 ULP are near ties: among subnormals z / 2 lies halfway between two floats half of the time, and what the function adds to it is below float64's last place.

## Functions

${measured(results, ids, "f")}

## Derivatives, from the input

\`activations.tanh.derivative(z)\` and so on; layers use them where the next table has no row.

${measured(results, ids.map((id) => `${id}.derivative`), "f′")}

## Derivatives, from the output

What a layer multiplies with when it keeps a = f(z) and not z: from a as it was rounded, against f′(z). The relaxed build's a has a larger error, and so has what comes from it. exponential's is a itself.

${fromOutput(results)}

## Cores

Inside softmax and the losses: exp, log, log1p. expm1 is elu's, normal is Φ(z) = (1 + erf(z / √2)) / 2, gelu's.

${measured(results, coresOf(results), "core")}

## softmax and logSoftmax

${results.across.strict.softmax.rows.toLocaleString("en")} random rows of 1 to 67 columns, logits up to ±0.1, 1, 10 and 60.

${across(results)}

## Order, symmetry, range

Inversions are neighbouring floats whose results are in the wrong order, where f never falls. All counts are of all inputs of the row.

${shapes(results)}

## Other libraries

One float in ${rivals.every}, ${rivals.inputs.toLocaleString("en")} inputs; ${rivals.engine}, ${rivals.cpu}, ${rivals.os}, ${rivals.date.slice(0, 10)}. Derivatives are those of autograd. "Math.*, rounded" is the textbook's formula in float64, rounded to float32. 2 · 10⁷ ULP
are all digits of a result: it was flushed to 0 or cancelled; more is a result of another size, ∞ an overflow. Versions: ${versions}. Repeat with \`npm run sweep:rivals\`.

${rivalTable(rivals)}

## Special values

Bit for bit on every build, NaN as a class (test/activations.kernels.test.ts). leakyRelu's slope is 0.05.

${specials(results)}
`;
}

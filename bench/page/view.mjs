// From results to elements: a section for each kind of work, with bars and a table.
import { reference } from "../compare.mjs";
import { formatCell, formatRatio, kindTitles, rowName } from "../report.mjs";
import { kinds } from "../workloads.mjs";

/** element("p", { class: "x" }, "text", child, …) */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "style") Object.entries(value).forEach(([property, text]) => made.style.setProperty(property, text));
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** Only lanewise has colours: what it is compared with is the line at 1×. */
const coloured = ["strict", "relaxed", "threads"];
const colour = (key) => ({ "--colour": `var(--${coloured.includes(key) ? key : "plain"})` });
const swatch = (tag, { key, label }, attributes = {}) => element(tag, { ...attributes, class: "swatch", style: colour(key) }, label);

export const legend = (contestants) => contestants.filter(({ key }) => coloured.includes(key)).map((row) => swatch("li", row));

export const facts = (pairs) => pairs.map(([name, text]) => element("div", {}, element("dt", {}, name), element("dd", {}, text)));

/**
 * One section for each kind that has lines. workloads: those of the run, in order; contestants: all that may have lines;
 * limit: GFLOP/s.
 */
export function sections({ workloads, contestants, lines, limit }) {
  return kinds.flatMap((kind) => {
    const rows = workloads
      .filter((workload) => workload.kind === kind && lines.some(({ id }) => id === workload.id))
      .map((workload) => ({ name: rowName(workload), lineOf: (key) => lines.find((line) => line.id === workload.id && line.key === key) }));
    if (rows.length === 0) return [];
    const columns = contestants.filter(({ key }) => rows.some(({ lineOf }) => lineOf(key)));
    const title = element("h2", { id: kind }, kindTitles[kind]);
    return [element("section", { class: "kind", "aria-labelledby": kind }, title, chart(rows, columns), table(rows, columns, kind, limit))];
  });
}

/** How many times as fast as the reference. */
const ratioOf = (lineOf, key) => lineOf(reference).median / lineOf(key).median;

/** The same figures are in the table, in text: readers of the screen are spared the bars. */
function chart(rows, columns) {
  const bars = rows.map(({ name, lineOf }) => {
    const shown = columns.filter(({ key }) => coloured.includes(key) && lineOf(key));
    return { name, ratios: shown.map(({ key }) => ({ key, ratio: ratioOf(lineOf, key) })) };
  });
  const longest = Math.max(1, ...bars.flatMap(({ ratios }) => ratios.map(({ ratio }) => ratio)));
  return element(
    "div",
    { class: "chart", "aria-hidden": "true" },
    ...bars.flatMap(({ name, ratios }) => [
      element("span", { class: "name" }, name),
      element(
        "div",
        { class: "bars", style: { "--one": 1 / longest } },
        ...ratios.map(({ key, ratio }) => element("span", { class: "bar", style: { "--share": ratio / longest, ...colour(key) } }, formatRatio(ratio))),
      ),
    ]),
  );
}

function table(rows, columns, kind, limit) {
  const hasShare = kind !== "activation";
  const over = (lineOf, key) => (lineOf(key) ? formatRatio(ratioOf(lineOf, key)) : "–");
  const share = ({ gflops }) => `${((100 * gflops) / limit).toFixed(0)}%`;
  const head = element(
    "tr",
    {},
    element("th", { scope: "col" }, "Work"),
    ...columns.map((column) => swatch("th", column, { scope: "col" })),
    element("th", { scope: "col" }, "over tuned"),
    ...(hasShare ? [element("th", { scope: "col" }, "of the limit")] : []),
  );
  const body = rows.map(({ name, lineOf }) => {
    const best = Math.min(...columns.flatMap(({ key }) => lineOf(key)?.median ?? []));
    const cell = (line) => element("td", line?.median === best ? { class: "best" } : {}, line ? formatCell(kind, line) : "–");
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, name),
      ...columns.map(({ key }) => cell(lineOf(key))),
      element("td", {}, over(lineOf, "strict")),
      ...(hasShare ? [element("td", {}, share(lineOf("strict")))] : []),
    );
  });
  const made = element("table", {}, element("thead", {}, head), element("tbody", {}, ...body));
  return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": kindTitles[kind] }, made);
}

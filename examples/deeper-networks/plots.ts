// The plots, as SVG files: Observable Plot on a document without a browser.

import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { ACTIVATIONS, type ActivationName, type Curve } from "./curves.js";
import { VARIANTS, type Finding, type Variant } from "./study.js";

const SVG = "http://www.w3.org/2000/svg";
const { document } = parseHTML("<html></html>");
const STYLE = { background: "white", fontFamily: "system-ui, 'Helvetica Neue', Arial, sans-serif", fontSize: "12px" };

/** Okabe and Ito 2008: told apart by every eye. */
const COLORS: Record<ActivationName, string> = { sigmoid: "#0072b2", tanh: "#d55e00", arctan: "#009e73", relu: "#cc79a7", leakyRelu: "#9a7d0a" };
/** relu and leakyRelu, tanh and arctan often lie on one another: through the gaps of one shows the other. */
const DASHES: Partial<Record<ActivationName, string>> = { arctan: "7 5", leakyRelu: "7 5" };
const FAINT = "#888";

/** One panel for each activation with f and f′, and one for all derivatives. */
export function plotActivations(curves: Curve[]): string {
  const size = { width: 360, height: 260 };
  const panels = curves.map(({ name, z, a, derivative }) => {
    const points = [...z].map((value, i) => ({ z: value, a: a[i], derivative: derivative[i] }));
    return draw({
      ...size,
      x: { label: "z →" },
      y: { label: null, nice: true },
      marks: [
        ...axes(),
        Plot.lineY(points, { x: "z", y: "derivative", stroke: COLORS[name], strokeDasharray: "5 3", curve: curveOf(name) }),
        Plot.lineY(points, { x: "z", y: "a", stroke: COLORS[name], strokeWidth: 2.2 }),
        title(name, "f solid, f′ dashed"),
      ],
    });
  });
  const slopes = curves.map(({ name, z, derivative }) =>
    Plot.line([...z].map((value, i) => [value, derivative[i]]), { stroke: COLORS[name], strokeWidth: 1.8, strokeDasharray: DASHES[name], curve: curveOf(name) }));
  const all = draw({
    ...size,
    x: { label: "z →" },
    y: { label: null, nice: true },
    marks: [...axes(), ...slopes, title("f′ of all five", ""), ...legend((i) => ({ dx: 6, dy: 12 + 17 * i }))],
  });
  return arrange([...panels, all], 3, size);
}

/** One panel a variant: the gradient of each hidden layer of networks of this depth. */
export function plotGradients(findings: Finding[], depth: number): string {
  const variants = Object.keys(VARIANTS) as Variant[];
  const points = findings
    .filter((finding) => finding.depth === depth)
    .flatMap(({ activation, variant, gradientNorms }) => gradientNorms.map((norm, i) => ({ activation, variant, layer: i + 1, norm })))
    // A logarithm has no place for the 0 of a gradient that died on the way.
    .filter(({ norm }) => norm > 0);
  const most = Math.log10(Math.max(...points.map(({ norm }) => norm)));
  // At least three decades: noise shall not look like news.
  const least = Math.min(most - 3, Math.log10(Math.min(...points.map(({ norm }) => norm))));
  const decades = Math.ceil((most - least) / 7);
  const powers = [];
  // Down from the topmost one: there most of what is to be seen lies.
  for (let exponent = Math.floor(most + 0.3); exponent >= least - 0.3; exponent -= decades) powers.unshift(10 ** exponent);
  const layers = depth <= 8 ? Array.from({ length: depth }, (_, i) => i + 1) : [1, ...[1, 2, 3, 4].map((i) => Math.round((i * depth) / 4))];
  return serialize(draw({
    width: 1120,
    height: 400,
    marginTop: 84,
    marginLeft: 58,
    fx: { domain: variants, label: null, axis: null, padding: 0.06 },
    x: { label: null, domain: depth > 1 ? [1, depth] : [0, 2], ticks: layers, tickFormat: "d", inset: 6 },
    y: { type: "log", label: null, domain: [10 ** (least - 0.3), 10 ** (most + 0.3)], ticks: powers, tickFormat: power, grid: true },
    marks: [
      Plot.frame({ stroke: "#ddd" }),
      ...ACTIVATIONS.map((name) =>
        Plot.lineY(points.filter(({ activation }) => activation === name),
          { x: "layer", y: "norm", fx: "variant", stroke: COLORS[name], strokeWidth: 2, strokeDasharray: DASHES[name], marker: depth <= 8 ? "dot" : undefined })),
      Plot.text(variants, { fx: (name: Variant) => name, text: (name: Variant) => name, frameAnchor: "top", dy: -16, fontWeight: 600 }),
      Plot.text(variants.slice(0, 1), { fx: (name: Variant) => name, text: () => `Gradient of the weights, by layer, ${depth} hidden layers`, frameAnchor: "top-left", dx: -50, dy: -70, fontSize: 16, fontWeight: 600 }),
      Plot.text(variants.slice(0, 1), { fx: (name: Variant) => name, text: () => "↑ ‖∂loss/∂W[l]‖", frameAnchor: "top-left", dx: -50, dy: -16, fill: "#555" }),
      Plot.text(variants.slice(-1), { fx: (name: Variant) => name, text: () => "layer l →", frameAnchor: "bottom-right", dy: 36, fill: "#555" }),
      ...legend((i) => ({ dx: -50 + 90 * i, dy: -42 }), variants[0]),
    ],
  }));
}

/** Where f has a kink, f′ jumps: right after the last point before it. */
function curveOf(name: ActivationName): Plot.CurveName {
  return name === "relu" || name === "leakyRelu" ? "step-before" : "linear";
}

/** 10⁻⁶ */
function power(value: number): string {
  const digits = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  const exponent = Math.round(Math.log10(value));
  return `10${exponent < 0 ? "⁻" : ""}${[...String(Math.abs(exponent))].map((digit) => digits[Number(digit)]).join("")}`;
}

function axes(): Plot.Markish[] {
  return [Plot.gridY({ stroke: "#eee", strokeOpacity: 1 }), Plot.ruleY([0], { stroke: FAINT, strokeWidth: 0.7 }), Plot.ruleX([0], { stroke: FAINT, strokeWidth: 0.7 })];
}

function title(name: string, note: string): Plot.Markish[] {
  const place = { frameAnchor: "top-left", dx: -30, dy: -26 } as const;
  return [
    Plot.text([name], { ...place, fontSize: 15, fontWeight: 600 }),
    Plot.text([note], { ...place, frameAnchor: "top-right", dx: 0, fill: "#555" }),
  ];
}

/** The names in their colours, each where `place` says, in the panel `fx`. */
function legend(place: (i: number) => { dx: number; dy: number }, fx?: string): Plot.Markish[] {
  return ACTIVATIONS.map((name, i) =>
    Plot.text([`${DASHES[name] ? "╍" : "━"} ${name}`], { frameAnchor: "top-left", ...place(i), fill: COLORS[name], fontWeight: 600, ...(fx !== undefined && { fx: () => fx }) }));
}

function draw(options: Plot.PlotOptions): SVGSVGElement {
  return Plot.plot({ marginTop: 40, marginLeft: 44, marginRight: 16, marginBottom: 44, style: STYLE, ...options, document: document as unknown as Document }) as SVGSVGElement;
}

/** Panels in rows of `columns`, in one drawing. */
function arrange(panels: SVGSVGElement[], columns: number, { width, height }: { width: number; height: number }): string {
  const rows = Math.ceil(panels.length / columns);
  const whole = document.createElementNS(SVG, "svg") as unknown as SVGSVGElement;
  for (const [name, value] of Object.entries({ width: columns * width, height: rows * height, viewBox: `0 0 ${columns * width} ${rows * height}`, style: `background: ${STYLE.background}` })) whole.setAttribute(name, String(value));
  for (const [i, panel] of panels.entries()) {
    panel.setAttribute("x", String((i % columns) * width));
    panel.setAttribute("y", String(Math.floor(i / columns) * height));
    whole.append(panel);
  }
  return serialize(whole);
}

function serialize(svg: SVGSVGElement): string {
  svg.setAttribute("xmlns", SVG);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${svg.outerHTML}\n`;
}

// The program on deep networks: its command line, the numbers it prints, and the plots it writes.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACTIVATIONS, sampleCurves } from "../examples/deeper-networks/curves.js";
import { VARIANTS } from "../examples/deeper-networks/study.js";
import { textTable, threeDigits } from "../examples/deeper-networks/table.js";
import { activations as references } from "./reference/activations.js";

const program = fileURLToPath(new URL("../build/examples/deeper-networks.js", import.meta.url));

let folder: string;
let printed: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lanewise-deeper-"));
  const { status, stdout, stderr } = run("--out", "plots", "--depths", "1,3,12", "--width", "16", "--rows", "64");
  expect([status, stderr]).toEqual([0, ""]);
  printed = stdout;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: string[]) {
  return spawnSync(process.execPath, [program, ...args], { cwd: folder, encoding: "utf8" });
}

/** The cells of the printed line that starts with these. */
function cells(...start: string[]): string[] {
  const line = printed.split("\n").find((text) => text.split(/ {2,}/).slice(0, start.length).join() === start.join())!;
  return line.split(/ {2,}/);
}

/** The numbers behind the plots: depth, variant, activation, layer, norm. */
function norms(): string[][] {
  const [head, ...lines] = readFileSync(join(folder, "plots/gradients.csv"), "utf8").trimEnd().split("\n");
  expect(head).toBe("depth,variant,activation,layer,gradientNorm");
  return lines.map((line) => line.split(","));
}

interface SvgElement {
  name: string;
  attributes: Record<string, string>;
  children: SvgElement[];
  text: string;
}

/** The root of an SVG file. Whatever is not well formed fails. */
function readSvg(name: string): SvgElement {
  const [, text] = readFileSync(join(folder, "plots", name), "utf8").split('<?xml version="1.0" encoding="UTF-8"?>\n');
  expect(text).not.toMatch(/NaN|undefined|Infinity/);
  const top: SvgElement = { name: "", attributes: {}, children: [], text: "" };
  const open = [top];
  for (const [whole, slash, element, attributes, closed, words] of text.trim().matchAll(/<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<>]+)|[^]/g)) {
    if (words) for (const around of open) around.text += words;
    else if (slash) expect(open.pop()!.name).toBe(element);
    else {
      expect(element, `"${whole}" in ${name}`).toBeDefined();
      const child = { name: element, attributes: Object.fromEntries([...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, key, value]) => [key, value])), children: [], text: "" };
      open.at(-1)!.children.push(child);
      if (!closed) open.push(child);
    }
  }
  expect([open.length, top.children.length]).toEqual([1, 1]);
  expect(top.children[0]).toMatchObject({ name: "svg", attributes: { xmlns: "http://www.w3.org/2000/svg" } });
  return top.children[0];
}

/** The paths of the lines in a drawing. */
function lines({ children, attributes }: SvgElement): string[] {
  return attributes["aria-label"] === "line" ? children.map((path) => path.attributes.d) : children.flatMap(lines);
}

describe("the curves", () => {
  it("run from −10 to 10 in steps of 0.2, with the values of float64", () => {
    for (const { name, z, a, derivative } of sampleCurves()) {
      expect([z.length, z[0], z[50], z[100]]).toEqual([101, -10, 0, 10]);
      for (let i = 0; i < 101; i++) {
        expect(z[i]).toBeCloseTo(-10 + 0.2 * i, 5);
        expect(a[i]).toBeCloseTo(references[name].value!(z[i], 0.05), 6);
        expect(derivative[i]).toBeCloseTo(references[name].derivative!(z[i], 0.05), 6);
      }
    }
  });

  it("are compared in a table", () => {
    expect(cells("sigmoid").slice(1, 8)).toEqual(["0 … 1", "no", "4.5e-5", "0.105", "0.25", "0.105", "4.5e-5"]);
    expect(cells("tanh").slice(1, 8)).toEqual(["−1 … 1", "yes", "8.2e-9", "0.0707", "1", "0.0707", "8.2e-9"]);
    expect(cells("arctan").slice(1, 8)).toEqual(["−1.57 … 1.57", "yes", "0.0099", "0.2", "1", "0.2", "0.0099"]);
    expect(cells("relu").slice(1, 8)).toEqual(["0 … ∞", "no", "0", "0", "0", "1", "1"]);
    expect(cells("leakyRelu").slice(1, 8)).toEqual(["−∞ … ∞", "no", "0.05", "0.05", "0.05", "1", "1"]);
    for (const name of ACTIVATIONS) expect(Number(cells(name)[8])).toBeGreaterThan(0);
  });
});

describe("the networks", () => {
  it("are there at every depth, in every variant, with every layer", () => {
    const want = [1, 3, 12].flatMap((depth) => Object.keys(VARIANTS).flatMap((variant) => ACTIVATIONS.flatMap((name) => Array.from({ length: depth }, (_, i) => [depth, variant, name, i + 1].join()))));
    expect(norms().map((cells) => cells.slice(0, 4).join())).toEqual(want);
  });

  it("lose the gradient of sigmoid with depth, and keep it with residual blocks and layer normalization", () => {
    const first = (variant: string) => norms().find(([depth, which, name]) => depth === "12" && which === variant && name === "sigmoid")!;
    expect(Number(first("plain")[4])).toBeLessThan(1e-5);
    expect(Number(first("residual + layer normalization")[4])).toBeGreaterThan(0.1);
    const deepest = printed.slice(printed.indexOf("12 hidden layers"));
    expect(deepest).toMatch(/^plain +sigmoid .* gradient shrinks 0\.\d+× per layer towards the input: sigmoid at depth 13$/m);
    expect(deepest).toMatch(/^residual \+ layer normalization +sigmoid .* nothing unusual: /m);
    // Norms as printed: at the first, middle and last hidden layer.
    const row = /^plain +tanh +(\S+) +(\S+) +(\S+) /m.exec(deepest)!.slice(1);
    const want = norms().filter(([depth, variant, name]) => depth === "12" && variant === "plain" && name === "tanh").map((cells) => threeDigits(Number(cells[4])));
    expect(row).toEqual([want[0], want[5], want[11]]);
  });
});

describe("the plots", () => {
  it("are the files that the last line names", () => {
    expect(readdirSync(join(folder, "plots")).sort()).toEqual(["activations.svg", "gradients-1.svg", "gradients-12.svg", "gradients-3.svg", "gradients.csv"]);
    expect(printed.trimEnd().split("\n").at(-1)!.replaceAll("\\", "/"))
      .toBe("Written: plots/activations.svg, plots/gradients-1.svg, plots/gradients-3.svg, plots/gradients-12.svg, plots/gradients.csv");
  });

  it("show every activation with its derivative, named and within its panel", () => {
    const panels = readSvg("activations.svg").children;
    expect(panels.map((panel) => panel.name)).toEqual(Array.from({ length: 6 }, () => "svg"));
    for (const [i, name] of ACTIVATIONS.entries()) {
      expect(panels[i].text).toContain(name);
      expect(panels[5].text).toContain(name);
      expect(lines(panels[i])).toHaveLength(2);
      for (const line of lines(panels[i])) for (const [, x, y] of line.matchAll(/([\d.-]+),([\d.-]+)/g)) {
        expect(Number(x) >= 0 && Number(x) <= 360 && Number(y) >= 0 && Number(y) <= 260).toBe(true);
      }
    }
    expect(lines(panels[5])).toHaveLength(5);
  });

  it.each([1, 3, 12])("show the gradients of depth %i, a line for each activation and variant", (depth) => {
    const root = readSvg(`gradients-${depth}.svg`);
    for (const name of [...ACTIVATIONS, ...Object.keys(VARIANTS), "layer l →", "‖∂loss/∂W[l]‖", "10"]) expect(root.text).toContain(name);
    expect(lines(root)).toHaveLength(20);
    // The topmost decade, where most of the lines are, has its label.
    const most = Math.floor(Math.log10(Math.max(...norms().filter(([of]) => Number(of) === depth).map((line) => Number(line[4])))) + 0.3);
    expect(root.text).toContain(`10${most < 0 ? "⁻" : ""}${[...String(Math.abs(most))].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]).join("")}`);
  });
});

describe("the command line", () => {
  it.each([
    [["--depths", "2,x"], '--depths: must be a whole number of at least 1, got "x"'],
    [["--width", "0"], '--width: must be a whole number of at least 1, got "0"'],
    [["--rows", "-1"], '--rows: must be a whole number of at least 1, got "-1"'],
    [["--out", ""], '--out: must be a folder, got ""'],
    [["--depth", "3"], "unknown option '--depth' (Did you mean --depths?)"],
    [["3"], 'arguments: must be flags with their values (see --help), got "3"'],
  ])("refuses %j in one line", (args, message) => {
    const { status, stdout, stderr } = run(...args);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toBe(`${message}\n`);
  });

  it("explains itself", () => {
    const { status, stdout } = run("--help");
    expect(status).toBe(0);
    for (const flag of ["out", "depths", "width", "rows", "seed"]) expect(stdout).toContain(`--${flag} <`);
  });
});

it("tables are aligned", () => {
  expect(textTable([["a", "b"], ["long", "1"], ["x", "22"]])).toBe("a      b\n────────\nlong   1\nx     22");
  expect([0, 1, -0.0707066, 9999, 10000, 2.14e-13].map(threeDigits)).toEqual(["0", "1", "-0.0707", "10000", "1.0e+4", "2.1e-13"]);
});

// The network as code: a module that trains it again, in Node or in a page, to the same bits.

import type { DataSet } from "./data";
import { featureTable, type FeatureId } from "./features";
import { isCall, type Argument, type Recipe } from "./recipe";

/** An argument as it is written in JavaScript. */
export function print(argument: Argument): string {
  if (Array.isArray(argument)) return `[${argument.map(print).join(", ")}]`;
  if (typeof argument !== "object") return JSON.stringify(argument);
  if (isCall(argument)) return `${argument.call}(${argument.args.map(print).join(", ")})`;
  return `{ ${Object.entries(argument).map(([name, value]) => `${name}: ${print(value)}`).join(", ")} }`;
}

/** Names of all factories that are called. */
function namesIn(argument: Argument): string[] {
  if (Array.isArray(argument)) return argument.flatMap(namesIn);
  if (typeof argument !== "object") return [];
  return isCall(argument) ? [argument.call, ...argument.args.flatMap(namesIn)] : Object.values(argument).flatMap(namesIn);
}

/** One line a layer; runs of layers that are alike on one. */
function printLayers({ layers }: Recipe): string {
  const lines: string[] = [];
  const texts = layers.map(print);
  for (let i = 0; i < texts.length; ) {
    let end = i + 1;
    while (texts[end] === texts[i]) end += 1;
    lines.push(end - i > 2 ? `    ...Array.from({ length: ${end - i} }, () => ${texts[i]}),` : Array(end - i).fill(`    ${texts[i]},`).join("\n"));
    i = end;
  }
  return lines.join("\n");
}

function printPoints({ x, y }: DataSet, from: number, to: number, mapped: (value: number) => number): string {
  const points: string[] = [];
  for (let i = from; i < to; i++) points.push(`[${x[2 * i]}, ${x[2 * i + 1]}, ${mapped(y[i])}]`);
  return points.join(", ");
}

/**
 * `epochs` is how long it has trained. Without `withData`, as it is shown on the page, the points are left out, and a comment says so.
 */
export function snippet(recipe: Recipe, data: DataSet, features: readonly FeatureId[], epochs: number, withData: boolean): string {
  const names = [...new Set(["Network", ...recipe.layers.flatMap(namesIn), ...namesIn(recipe.optimizer)])];
  const mapped = (value: number) => (recipe.targets === "sides" ? 2 * value - 1 : value);
  const points = (from: number, to: number) => (withData ? printPoints(data, from, to, mapped) : `${printPoints(data, from, Math.min(to, from + 2), mapped)}, /* … ${to - from} points; the file to download has them all */`);
  const { trainCount, y } = data;
  return `import { ${names.join(", ")} } from "lanewise";

// [x₁, x₂, what is to be predicted]
const train = [${points(0, trainCount)}];
const test = [${points(trainCount, y.length)}];
const features = ([a, b]) => [${features.map((id) => featureTable[id].code).join(", ")}];
const target = (point) => point[2];

const network = new Network({
  inputs: ${recipe.inputs},
  layers: [
${printLayers(recipe)}
  ],
  seed: ${recipe.seed},
});
network.compile({ optimizer: ${print(recipe.optimizer)}, loss: ${print(recipe.loss)} });
await network.fit(train.map(features), train.map(target), { epochs: ${Math.max(1, epochs)}, batchSize: ${recipe.batchSize} });

console.log(network.evaluate(test.map(features), test.map(target)));
`;
}

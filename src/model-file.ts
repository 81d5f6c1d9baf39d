// A network as a safetensors file: tensors "<layer>.weights" and "<layer>.bias" by layer number from 1, row-major; config in the metadata;
// with the optimizer, tensors "optimizer.<slot>.<layer>.<name>" and a record of where training stood.

import { checkBoolean, checkOptions } from "./check.js";
import { checksum } from "./checksum.js";
import { ArgumentError, StateError } from "./errors.js";
import { checkLoss, type LossOptions } from "./losses.js";
import { checkMetrics, type MetricOptions } from "./metrics.js";
import type { GroupState } from "./gradient-group.js";
import type { TrainableLayer } from "./layers/layer.js";
import { fromJson, VERSION, type ModelFile } from "./model-reader.js";
import type { CompileOptions, Network } from "./network.js";
import type { PlacedParameter } from "./parameters.js";
import { checkOptimizer } from "./check-optimizer.js";
import { readPosition, spelled, writePosition } from "./position.js";
import { writeContainer, type Tensor } from "./safetensors.js";
import type { Trainer } from "./trainer.js";

export interface SaveOptions {
  /** Also what training needs to go on to the same bits: optimizer, its state, steps and epochs. Needs compile(). Default false. */
  includeOptimizer?: boolean;
}

interface TrainingRecord {
  optimizer: { id: string; options: object };
  loss: LossOptions;
  metrics: readonly MetricOptions[];
  /** In older files, instead of metrics. */
  accuracy?: boolean;
  step: number;
  epoch: number;
  powers: readonly number[];
  rateScale: number;
  /** Where the last fit() stood, if there was one, and what waited for an update. */
  position?: object;
  group?: GroupState;
}

export function writeModel(where: string, network: Network, trainer: Trainer | undefined, options: SaveOptions | undefined): Uint8Array<ArrayBuffer> {
  const { includeOptimizer = false } = checkOptions(where, options, ["includeOptimizer"]);
  checkBoolean(where, "includeOptimizer", includeOptimizer);
  const { parameters, weights, layers } = network.stack;
  const tensors = new Map<string, Tensor>();
  const put = (prefix: string, block: number, placed: readonly PlacedParameter[]) => {
    for (const parameter of placed) tensors.set(prefix + parameter.key, { shape: parameter.shape, data: parameters.read(parameter, block, where) });
  };
  put("", weights, parameters.placed);
  const metadata: Record<string, string> = {
    format: "lanewise",
    version: VERSION,
    config: JSON.stringify({ inputs: network.inputs, seed: network.seed, layers: layers.map(({ config }) => config) }),
  };
  if (includeOptimizer) {
    if (trainer === undefined) throw new StateError(`${where}: compile() must come before save({ includeOptimizer: true }), got a network without optimizer`);
    const { optimizer, loss, metrics, epoch, position, group, updater } = trainer;
    const { step, powers, rateScale } = updater;
    if (typeof optimizer.learningRate === "function") throw new ArgumentError(`${where}: learningRate must be a number or a schedule to be saved with the optimizer, got a function`);
    for (const [i, slot] of optimizer.slots.entries()) put(`optimizer.${slot}.`, updater.state + i * parameters.size * 4, parameters.learned);
    const { learningRate, clipNorm, clipValue } = optimizer;
    const record: TrainingRecord = {
      optimizer: { id: optimizer.id, options: { ...optimizer.options, learningRate, clipNorm, clipValue } },
      loss: loss.config,
      metrics: metrics.map(({ id, row, k }) => (row.k ? { name: id, k } : { name: id })),
      step, epoch, powers, rateScale,
    };
    if (position) record.position = writePosition(position, tensors);
    if (group.state.batches > 0) {
      record.group = group.state;
      put("accumulated.", group.reserve(where), parameters.learned);
    }
    try {
      metadata.training = JSON.stringify(record, spelled);
    } catch {
      throw new ArgumentError(`${where}: the states of callbacks must be JSON and arrays of floats, got something else`);
    }
  }
  metadata.checksum = checksum({ metadata: new Map(Object.entries(metadata)), tensors });
  return writeContainer(where, metadata, tensors);
}

/** The compile() options of a saved training, and what puts its state back. */
export function readTraining(where: string, text: string, file: ModelFile<TrainableLayer>): { readonly compile: CompileOptions; apply(trainer: Trainer): void } {
  return fromJson(where, "training", text, ({ optimizer, loss, accuracy = false, metrics, step, epoch, powers: saved, rateScale = 1, position, group }: TrainingRecord) => {
    const settled = checkOptimizer(where, optimizer.id, optimizer.options);
    const { activation, units } = file.layers.at(-1)!;
    metrics ??= checkBoolean(where, "accuracy", accuracy) ? [{ name: "accuracy" }] : [];
    checkMetrics(where, metrics, checkLoss(where, loss, activation.id), units);
    const { batches = 1, rows = 1, first = 1 } = group ?? {};
    const counts = Math.min(batches, rows, first) > 0 && [step, epoch, batches, rows, first].every((count) => Number.isSafeInteger(count) && count >= 0);
    // Version 0.1.0 knew no rateScale, and wrote two powers for sgd, too.
    const powers = saved.slice(0, settled.powers.length);
    const shares = [...powers, rateScale].every((share) => typeof share === "number" && share >= 0 && share <= 1);
    if (!counts || powers.length !== settled.powers.length || !shares) throw new ArgumentError(`step ${step}, epoch ${epoch}, powers ${powers}, rateScale ${rateScale}`);
    const placed = position && readPosition(position as never, file);
    return {
      compile: { optimizer: settled, loss, metrics },
      apply(trainer) {
        const { parameters } = trainer.stack;
        for (const [i, slot] of settled.slots.entries()) file.apply(parameters, trainer.updater.state + i * parameters.size * 4, parameters.learned, `optimizer.${slot}.`);
        Object.assign(trainer, { epoch, position: placed });
        Object.assign(trainer.updater, { step, powers, rateScale });
        trainer.group.clear();
        if (group) {
          file.apply(parameters, trainer.group.reserve(where), parameters.learned, "accumulated.");
          trainer.group.state = { batches, rows, first };
        }
      },
    };
  });
}

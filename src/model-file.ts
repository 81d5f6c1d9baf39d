// A network as a safetensors file: tensors "<layer>.weights" and "<layer>.bias" by layer number from 1, row-major; config in the metadata;
// with the optimizer, tensors "optimizer.<slot>.<layer>.<name>" and a record of where training stood.

import { checkBoolean, checkOptions } from "./check.js";
import { checksum } from "./checksum.js";
import { ArgumentError, StateError } from "./errors.js";
import type { GroupState } from "./gradient-group.js";
import { checkLoss } from "./losses.js";
import type { TrainableLayer } from "./layers/layer.js";
import { fromJson, tensorName, VERSION, type ModelFile } from "./model-reader.js";
import type { CompileOptions, Network } from "./network.js";
import { Optimizer } from "./optimizers.js";
import { readPosition, spelled, writePosition } from "./position.js";
import { writeContainer, type Tensor } from "./safetensors.js";
import type { Trainer } from "./trainer.js";

export interface SaveOptions {
  /** Also what training needs to go on to the same bits: optimizer, its state, steps and epochs. Needs compile(). Default false. */
  includeOptimizer?: boolean;
}

interface TrainingRecord {
  optimizer: { id: string; options: object };
  loss: { name: string; fromLogits: boolean };
  accuracy: boolean;
  step: number;
  epoch: number;
  powers: [number, number];
  /** Where the last fit() stood, if there was one, and what waited for an update. */
  position?: object;
  group?: GroupState;
}

export function writeModel(where: string, network: Network, trainer: Trainer | undefined, options: SaveOptions | undefined): Uint8Array<ArrayBuffer> {
  const { includeOptimizer = false } = checkOptions(where, options, ["includeOptimizer"]);
  checkBoolean(where, "includeOptimizer", includeOptimizer);
  const { parameters, weights, layers } = network.stack;
  const tensors = new Map<string, Tensor>();
  const put = (prefix: string, block: number) => {
    for (const parameter of parameters.placed) tensors.set(prefix + tensorName(parameter), { shape: parameter.shape, data: parameters.read(parameter, block, where) });
  };
  put("", weights);
  const metadata: Record<string, string> = {
    format: "lanewise",
    version: VERSION,
    config: JSON.stringify({ inputs: network.inputs, seed: network.seed, layers: layers.map(({ config }) => config) }),
  };
  if (includeOptimizer) {
    if (trainer === undefined) throw new StateError(`${where}: compile() must come before save({ includeOptimizer: true }), got a network without optimizer`);
    const { optimizer, loss, accuracy, step, epoch, powers, position, group } = trainer;
    if (typeof optimizer.learningRate === "function") throw new ArgumentError(`${where}: learningRate must be a number to be saved with the optimizer, got a function`);
    for (const [i, slot] of optimizer.slots.entries()) put(`optimizer.${slot}.`, trainer.state + i * parameters.size * 4);
    const { learningRate, clipNorm, clipValue } = optimizer;
    const record: TrainingRecord = {
      optimizer: { id: optimizer.id, options: { ...optimizer.options, learningRate, clipNorm, clipValue } },
      loss: { name: loss.id, fromLogits: loss.fromLogits },
      accuracy, step, epoch, powers,
    };
    if (position) record.position = writePosition(position, tensors);
    if (group.state.batches > 0) {
      record.group = group.state;
      put("accumulated.", group.reserve(where));
    }
    metadata.training = JSON.stringify(record, spelled);
  }
  metadata.checksum = checksum({ metadata: new Map(Object.entries(metadata)), tensors });
  return writeContainer(metadata, tensors);
}

/** The compile() options of a saved training, and what puts its state back. */
export function readTraining(where: string, text: string, file: ModelFile<TrainableLayer>): { readonly compile: CompileOptions; apply(trainer: Trainer): void } {
  return fromJson(where, "training", text, ({ optimizer, loss, accuracy, step, epoch, powers, position, group }: TrainingRecord) => {
    const settled = new Optimizer(Optimizer.from(where, optimizer.id).id, optimizer.options);
    checkLoss(where, loss, file.layers.at(-1)!.activation.id);
    checkBoolean(where, "accuracy", accuracy);
    const { batches = 1, rows = 1, first = 1 } = group ?? {};
    const counts = Math.min(batches, rows, first) > 0 && [step, epoch, batches, rows, first].every((count) => Number.isSafeInteger(count) && count >= 0);
    if (!counts || powers.length !== 2 || !powers.every((power) => typeof power === "number" && power >= 0 && power <= 1)) throw new ArgumentError(`step ${step}, epoch ${epoch}, powers ${powers}`);
    const placed = position && readPosition(position as never, file);
    return {
      compile: { optimizer: settled, loss, metrics: accuracy ? ["accuracy"] : [] },
      apply(trainer) {
        const { parameters } = trainer.stack;
        for (const [i, slot] of settled.slots.entries()) file.apply(parameters, trainer.state + i * parameters.size * 4, `optimizer.${slot}.`);
        Object.assign(trainer, { step, epoch, powers, position: placed });
        if (group) {
          file.apply(parameters, trainer.group.reserve(where), "accumulated.");
          trainer.group.state = { batches, rows, first };
        }
      },
    };
  });
}

// Reads the container, config and weights of a model file; the training record is model-file.ts's business.

import { checkAttached, describe } from "./check.js";
import { checksum } from "./checksum.js";
import { ArgumentError, FormatError, LanewiseError } from "./errors.js";
import { buildLayers, checkSeed, rebuilder, type Chain, type NetworkConfig, type Rebuilders } from "./layers/build.js";
import type { Layer } from "./layers/layer.js";
import type { ParameterBlock, PlacedParameter } from "./parameters.js";
import { readContainer, shapeText, type Tensor } from "./safetensors.js";

/** Version 1 had no checksum. */
export const VERSION = "2";

export interface ModelFile<L extends Layer> {
  readonly config: Chain<L>;
  /** What `config` builds; the file holds weights of these shapes. */
  readonly layers: readonly L[];
  /** JSON of where training stood, if it was saved. */
  readonly training: string | undefined;
  /** The tensor of a name and shape; throws if there is none. */
  find(name: string, shape: readonly number[]): Tensor;
  /** Puts the tensors "<prefix><key>" of these parameters into a block of the network built from `config`. */
  apply(parameters: ParameterBlock, block: number, placed: readonly PlacedParameter[], prefix?: string): void;
  /** Throws if a tensor is left that nothing has asked for. */
  finish(): void;
}

/** Checks all of a file but the training record; `table` says what its layers become. */
export function readModel<L extends Layer>(where: string, given: Uint8Array | ArrayBuffer, table: Rebuilders<L>): ModelFile<L> {
  let bytes = given as Uint8Array;
  try {
    if (given instanceof ArrayBuffer) bytes = new Uint8Array(given);
  } catch {
    throw new ArgumentError(`${where}: bytes must have its buffer, got a detached one`);
  }
  if (!(bytes instanceof Uint8Array && ArrayBuffer.isView(bytes))) throw new ArgumentError(`${where}: bytes must be a Uint8Array or an ArrayBuffer, got ${describe(bytes)}`);
  checkAttached(where, "bytes", bytes);
  // Shared memory could change between check and use.
  const container = readContainer(where, bytes.buffer instanceof ArrayBuffer ? bytes : new Uint8Array(bytes));
  const { metadata, tensors } = container;
  if (metadata.get("format") !== "lanewise") throw new FormatError(`${where}: the metadata must say format "lanewise", got ${describe(metadata.get("format"))}: a file of another program`, 8);
  const version = metadata.get("version");
  if (version !== VERSION && version !== "1") throw new FormatError(`${where}: the file must be of version 1 or ${VERSION}, got ${describe(version)}`, 8);
  const sum = metadata.get("checksum");
  if (version === VERSION && sum !== checksum(container)) throw new FormatError(`${where}: the file must have its checksum, got ${describe(sum)}: the file is damaged`, 8);
  const used = new Set<string>();
  const find = (name: string, shape: readonly number[]): Tensor => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new FormatError(`${where}: the file must hold tensor ${JSON.stringify(name)}, got none of that name`, 8);
    if (tensor.shape.join() !== shape.join()) throw new FormatError(`${where}: tensor ${JSON.stringify(name)} must have shape [${shape}], got ${shapeText(tensor.shape)}`, 8);
    used.add(name);
    return tensor;
  };
  const { config, layers } = readConfig(where, metadata.get("config"), table);
  // Before any memory is taken: a small file must not ask for a large network.
  for (const [layer, { parameters }] of layers.entries()) for (const { name, shape } of parameters) find(`${layer + 1}.${name}`, shape);
  return {
    config,
    layers,
    training: metadata.get("training"),
    find,
    apply(parameters, block, placed, prefix = "") {
      for (const parameter of placed) parameters.write(parameter, block, find(prefix + parameter.key, parameter.shape).data, where);
    },
    finish() {
      for (const name of tensors.keys()) if (!used.has(name)) throw new FormatError(`${where}: every tensor must belong to a layer, got ${describe(name)}`, 8);
    },
  };
}

/** JSON of the metadata, read by `use`; whatever is wrong with it is a FormatError, with its cause: a layer of the user may have thrown. */
export function fromJson<T>(where: string, what: string, text: string | undefined, use: (value: never) => T): T {
  try {
    return use(JSON.parse(text ?? "") as never);
  } catch (error) {
    const reason = error instanceof LanewiseError ? error.message : "something else";
    throw Object.assign(new FormatError(`${where}: ${what} in the metadata must be what save() wrote, got ${reason}`, 8), { cause: error });
  }
}

function readConfig<L extends Layer>(where: string, text: string | undefined, table: Rebuilders<L>): { config: Chain<L>; layers: readonly L[] } {
  return fromJson(where, "config", text, (saved: Omit<NetworkConfig, "layers"> & { layers: unknown[] }) => {
    const config = { ...saved, layers: saved.layers.map(rebuilder(where, table)) };
    checkSeed(where, config);
    return { config, layers: buildLayers(where, config) };
  });
}

// Any bytes as a safetensors file: the reader's verdict must be that of the slow validator, which is never laxer than the Rust parser.

import { FormatError } from "../../src/errors.js";
import { readContainer, writeContainer, type Container } from "../../src/safetensors.js";
import { verdicts } from "../../test/reference/safetensors.js";

export function fuzz(bytes: Uint8Array): void {
  const container = read(bytes);
  const { lanewise: reason } = verdicts(bytes);
  if ((container === undefined) !== (reason !== undefined)) throw new Error(`the reader ${container ? "accepts" : "refuses"}, the reference says ${reason ?? "yes"}`);
  if (container === undefined) return;
  const size = [...container.tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  const header = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (size + header + 8 !== bytes.length) throw new Error(`the tensors have ${size} bytes of ${bytes.length}`);
  const again = readContainer("again", writeContainer("again", Object.fromEntries(container.metadata), container.tensors));
  if (picture(again) !== picture(container)) throw new Error("a file written from what was read holds something else");
}

function read(bytes: Uint8Array): Container | undefined {
  try {
    return readContainer("fuzz", bytes);
  } catch (error) {
    if (error instanceof FormatError && Number.isInteger(error.offset) && error.offset >= 0 && error.offset <= bytes.length) return undefined;
    throw error;
  }
}

function picture({ metadata, tensors }: Container): string {
  const words = [...tensors].map(([name, { shape, data }]) => [name, shape, Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("latin1")]);
  return JSON.stringify([[...metadata].sort(), words.sort(([a], [b]) => (a < b ? -1 : 1))]);
}

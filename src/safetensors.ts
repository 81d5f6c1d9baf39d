// The safetensors container: 8 bytes of header length, a JSON header, the tensors. https://huggingface.co/docs/safetensors
// Every file is taken for hostile: lengths are checked before they are used, and nothing is copied until all of the header has been.

import { FormatError } from "./errors.js";

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface Container {
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** The reference implementation's limit. */
const HEADER_LIMIT = 100_000_000;
const SIZES: Readonly<Record<string, number>> = { BOOL: 1, U8: 1, I8: 1, F8_E4M3: 1, F8_E5M2: 1, I16: 2, U16: 2, F16: 2, BF16: 2, I32: 4, U32: 4, F32: 4, I64: 8, U64: 8, F64: 8 };

export function writeContainer(metadata: Readonly<Record<string, string>>, tensors: ReadonlyMap<string, Tensor>): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const [name, { shape, data }] of tensors) header[name] = { dtype: "F32", shape, data_offsets: [end, (end += data.byteLength)] };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const start = 8 + Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(start + end).fill(0x20, 8, start);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.set(json, 8);
  let at = start;
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

export function readContainer(where: string, bytes: Uint8Array): Container {
  if (bytes.length < 8) throw new FormatError(`${where}: a safetensors file must start with 8 bytes of header length, got ${bytes.length} bytes`, bytes.length);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(HEADER_LIMIT)) throw new FormatError(`${where}: the header must be at most ${HEADER_LIMIT} bytes long, got ${length}: not a safetensors file`, 0);
  const start = 8 + Number(length);
  if (start > bytes.length) throw new FormatError(`${where}: the header must be ${length} bytes long, got ${bytes.length - 8}: the file is truncated`, bytes.length);
  const header = parseHeader(where, bytes.subarray(8, start));

  const metadata = new Map<string, string>();
  const entries: { name: string; dtype: string; shape: number[]; from: number; to: number }[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") {
      if (!isObject(entry)) throw new FormatError(`${where}: __metadata__ must be an object, got ${JSON.stringify(entry)}`, 8);
      for (const [key, value] of Object.entries(entry)) {
        if (typeof value !== "string") throw new FormatError(`${where}: __metadata__.${key} must be a string, got ${JSON.stringify(value)}`, 8);
        metadata.set(key, value);
      }
    } else {
      entries.push({ name, ...checkEntry(where, name, entry) });
    }
  }

  entries.sort((a, b) => a.from - b.from || a.to - b.to);
  let end = 0;
  for (const { name, from, to } of entries) {
    if (from !== end) throw new FormatError(`${where}: tensor ${JSON.stringify(name)} must start where the one before ends (${end}), got ${from}`, 8);
    end = to;
  }
  if (start + end > bytes.length) throw new FormatError(`${where}: the tensors must take ${end} bytes, got ${bytes.length - start}: the file is truncated`, bytes.length);
  if (start + end < bytes.length) throw new FormatError(`${where}: the file must end with its last tensor, got ${bytes.length - start - end} bytes more`, start + end);

  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape, from, to } of entries) {
    if (dtype !== "F32") throw new FormatError(`${where}: tensor ${JSON.stringify(name)} must be F32, got ${dtype}`, start + from);
    tensors.set(name, { shape, data: new Float32Array(bytes.slice(start + from, start + to).buffer) });
  }
  return { metadata, tensors };
}

function parseHeader(where: string, bytes: Uint8Array): Record<string, unknown> {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch {
    throw new FormatError(`${where}: the header must be JSON in UTF-8, got something else: not a safetensors file`, 8);
  }
  if (!isObject(header)) throw new FormatError(`${where}: the header must be a JSON object, got ${Array.isArray(header) ? "an array" : typeof header}`, 8);
  const twice = repeatedKey(text);
  if (twice !== undefined) throw new FormatError(`${where}: a tensor name must stand once in the header, got ${twice} twice`, 8);
  return header;
}

/** A key that the outermost object of valid JSON holds twice, which JSON.parse passes over. */
function repeatedKey(json: string): string | undefined {
  const seen = new Set<string>();
  let depth = 0;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"\s*:?|[{}[\]]/g)) {
    if (token === "{" || token === "[") depth += 1;
    else if (token === "}" || token === "]") depth -= 1;
    else if (depth === 1 && token.endsWith(":")) {
      const key = JSON.stringify(JSON.parse(token.slice(0, -1)));
      if (seen.has(key)) return key;
      seen.add(key);
    }
  }
  return undefined;
}

function checkEntry(where: string, name: string, entry: unknown): { dtype: string; shape: number[]; from: number; to: number } {
  const place = `${where}: tensor ${JSON.stringify(name)}`;
  const { dtype, shape, data_offsets: offsets } = (isObject(entry) ? entry : {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
  if (typeof dtype !== "string" || !Object.hasOwn(SIZES, dtype)) throw new FormatError(`${place} must have a dtype among ${Object.keys(SIZES).join(", ")}, got ${JSON.stringify(dtype)}`, 8);
  if (!isCounts(shape)) throw new FormatError(`${place} must have a shape of whole numbers, got ${JSON.stringify(shape)}`, 8);
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) throw new FormatError(`${place} must have data_offsets [begin, end], got ${JSON.stringify(offsets)}`, 8);
  const size = shape.reduce((product, count) => product * BigInt(count), BigInt(SIZES[dtype]));
  if (size !== BigInt(offsets[1] - offsets[0])) throw new FormatError(`${place} must take ${size} bytes for ${dtype} [${shape}], got ${offsets[1] - offsets[0]}`, 8);
  return { dtype, shape, from: offsets[0], to: offsets[1] };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}

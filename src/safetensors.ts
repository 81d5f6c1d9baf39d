// The safetensors container: 8 bytes of header length, a JSON header, the tensors. https://huggingface.co/docs/safetensors
// Every file is taken for hostile: lengths are checked before they are used, and nothing is copied until all of the header has been.

import { describe } from "./check.js";
import { ArgumentError, FormatError } from "./errors.js";
import { decodeText, encodeText } from "./utf8.js";

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

export function writeContainer(where: string, metadata: Readonly<Record<string, string>>, tensors: ReadonlyMap<string, Tensor>): Uint8Array<ArrayBuffer> {
  const header: [string, unknown][] = [["__metadata__", metadata]];
  let end = 0;
  for (const [name, { shape, data }] of tensors) header.push([name, { dtype: "F32", shape, data_offsets: [end, (end += data.byteLength)] }]);
  const json = encodeText(JSON.stringify(Object.fromEntries(header)));
  const start = 8 + Math.ceil(json.length / 8) * 8;
  if (start - 8 > HEADER_LIMIT) throw new ArgumentError(`${where}: the header must be at most ${HEADER_LIMIT} bytes long, with the states of callbacks and the sums of metrics, got ${start - 8}`);
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
      if (!isObject(entry)) throw new FormatError(`${where}: __metadata__ must be an object, got ${describe(entry)}`, 8);
      for (const [key, value] of Object.entries(entry)) {
        if (typeof value !== "string") throw new FormatError(`${where}: ${describe(key)} of __metadata__ must be a string, got ${describe(value)}`, 8);
        metadata.set(key, value);
      }
    } else {
      entries.push({ name, ...checkEntry(where, name, entry) });
    }
  }

  entries.sort((a, b) => a.from - b.from || a.to - b.to);
  let end = 0;
  for (const { name, from, to } of entries) {
    if (from !== end) throw new FormatError(`${where}: tensor ${describe(name)} must start where the one before ends (${end}), got ${from}`, 8);
    end = to;
  }
  if (start + end > bytes.length) throw new FormatError(`${where}: the tensors must take ${end} bytes, got ${bytes.length - start}: the file is truncated`, bytes.length);
  if (start + end < bytes.length) throw new FormatError(`${where}: the file must end with its last tensor, got ${bytes.length - start - end} bytes more`, start + end);

  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape, from, to } of entries) {
    if (dtype !== "F32") throw new FormatError(`${where}: tensor ${describe(name)} must be F32, got ${dtype}`, start + from);
    // Not bytes.slice(): that of a Node Buffer does not copy.
    tensors.set(name, { shape, data: new Float32Array(new Uint8Array(bytes.subarray(start + from, start + to)).buffer) });
  }
  return { metadata, tensors };
}

function parseHeader(where: string, bytes: Uint8Array): Record<string, unknown> {
  let text: string;
  let header: unknown;
  try {
    text = decodeText(bytes);
    header = JSON.parse(text);
  } catch {
    throw new FormatError(`${where}: the header must be JSON in UTF-8, got something else: not a safetensors file`, 8);
  }
  if (!isObject(header)) throw new FormatError(`${where}: the header must be a JSON object, got ${Array.isArray(header) ? "an array" : typeof header}`, 8);
  checkSpelling(where, text);
  return header;
}

/**
 * Refuses what JSON.parse passes over: of the reference parser's rules those on numbers, surrogates and depth, and a name that stands twice in an object, of which
 * readers take one or the other. By character: a regular expression's stack ends at long names.
 */
function checkSpelling(where: string, json: string): void {
  const number = /[-+.\deE]*/y;
  const open: Set<string>[] = [];
  const refuse = (rule: string, at: number): never => {
    throw new FormatError(`${where}: ${rule}`, 8 + encodeText(json.slice(0, at)).length);
  };
  for (let i = 0; i < json.length; i++) {
    const c = json[i];
    if (c === "{" || c === "[") {
      if (open.push(new Set()) > 127) refuse("the header must be nested at most 127 deep, got more", i);
    } else if (c === "}" || c === "]") {
      open.pop();
    } else if (c === '"') {
      const from = i++;
      while (json[i] !== '"') i += json[i] === "\\" ? 2 : 1;
      const quoted = json.slice(from, i + 1);
      if (quoted.includes("\\u") && /\p{Surrogate}/u.test(JSON.parse(quoted))) refuse(`a string of the header must be Unicode, got ${describe(JSON.parse(quoted))} with half of a surrogate pair`, from);
      while (json[i + 1] === " " || json[i + 1] === "\n" || json[i + 1] === "\r" || json[i + 1] === "\t") i += 1;
      if (json[i + 1] !== ":") continue;
      const name = JSON.parse(quoted) as string;
      const seen = open.at(-1)!;
      if (seen.has(name)) refuse(`a name must stand once in an object of the header, got ${describe(name)} twice`, from);
      seen.add(name);
    } else if (c === "-" || (c >= "0" && c <= "9")) {
      number.lastIndex = i;
      const [token] = number.exec(json)!;
      if (/\D/.test(token) || !Number.isSafeInteger(+token)) refuse(`a number of the header must be whole, in digits, from 0 to ${Number.MAX_SAFE_INTEGER}, got ${describe(token)}`, i);
      i += token.length - 1;
    }
  }
}

function checkEntry(where: string, name: string, entry: unknown): { dtype: string; shape: number[]; from: number; to: number } {
  const place = `${where}: tensor ${describe(name)}`;
  const { dtype, shape, data_offsets: offsets } = (isObject(entry) ? entry : {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
  if (typeof dtype !== "string" || !Object.hasOwn(SIZES, dtype)) throw new FormatError(`${place} must have a dtype among ${Object.keys(SIZES).join(", ")}, got ${describe(dtype)}`, 8);
  if (!isCounts(shape)) throw new FormatError(`${place} must have a shape of whole numbers, got ${describe(shape)}`, 8);
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) throw new FormatError(`${place} must have data_offsets [begin, end], got ${describe(offsets)}`, 8);
  const size = bytesOf(shape, SIZES[dtype]);
  if (size !== offsets[1] - offsets[0]) throw new FormatError(`${place} must take ${size} bytes for ${dtype} ${shapeText(shape)}, got ${offsets[1] - offsets[0]}`, 8);
  return { dtype, shape, from: offsets[0], to: offsets[1] };
}

/** Infinity when past 2^53, where the product would not be exact; so, too, where only a 0 among them would save it. */
function bytesOf(shape: readonly number[], size: number): number {
  const bytes = shape.reduce((product, count) => product * (count || 1), size);
  return !Number.isSafeInteger(bytes) ? Infinity : shape.includes(0) ? 0 : bytes;
}

export function shapeText(shape: readonly number[]): string {
  return shape.length <= 8 ? `[${shape}]` : `${shape.length} dimensions`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  // Whole and not negative: checkSpelling has seen to that.
  return Array.isArray(value) && value.every((count) => typeof count === "number");
}

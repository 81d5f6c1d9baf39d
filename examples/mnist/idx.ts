// Reader for IDX, the format MNIST is published in: two zero bytes, a type byte, the number of dimensions, then one
// big-endian uint32 per dimension, then the values, row-major. Only unsigned bytes (type 0x08), as MNIST needs.

import { readFileSync } from "node:fs";

const UNSIGNED_BYTE = 0x08;

/** A data file that is missing or not what it should be. The message is one line that starts with the file's name. */
export class DataError extends Error {
  override name = "DataError";
}

export interface Idx {
  dimensions: number[];
  /** A view of the file's bytes: product(dimensions) values. */
  values: Uint8Array;
}

export function readIdx(file: string, rank: number): { bytes: Uint8Array; idx: Idx } {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new DataError(`${file}: ${code === "ENOENT" ? "must exist, got no such file" : `must be readable, got ${code}`}`);
  }
  return { bytes, idx: decodeIdx(bytes, file, rank) };
}

/** `file` is only named in errors; `rank` is the number of dimensions the caller needs. */
export function decodeIdx(bytes: Uint8Array, file: string, rank: number): Idx {
  const headerBytes = 4 + 4 * rank;
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    throw new DataError(`${file}: must be an unpacked IDX file, got a gzip file (unpack it with gunzip)`);
  }
  if (bytes.length < headerBytes) {
    throw new DataError(`${file}: must hold an IDX header of ${headerBytes} bytes, got a file of ${count(bytes.length, "byte")}`);
  }

  const magic = [0, 0, UNSIGNED_BYTE, rank];
  if (magic.some((byte, i) => bytes[i] !== byte)) {
    const wanted = `${hex(magic)} (IDX, unsigned bytes, ${count(rank, "dimension")})`;
    throw new DataError(`${file}: must start with the bytes ${wanted}, got ${hex(bytes.subarray(0, 4))}`);
  }

  const header = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
  const dimensions = Array.from({ length: rank }, (_, i) => header.getUint32(4 + 4 * i));
  // A corrupted header can ask for more than 2^53 bytes, where a product of doubles would no longer be exact.
  const size = dimensions.reduce((product, dimension) => product * BigInt(dimension), 1n);
  const expected = size + BigInt(headerBytes);
  const actual = BigInt(bytes.length);
  if (actual !== expected) {
    const difference = actual < expected ? `${expected - actual} missing` : `${actual - expected} too many`;
    const rule = `must be ${expected} bytes long, as its header says (${dimensions.join(" × ")} values)`;
    throw new DataError(`${file}: ${rule}, got ${bytes.length} bytes: ${difference}`);
  }
  return { dimensions, values: bytes.subarray(headerBytes) };
}

function count(n: number, word: string): string {
  return `${n} ${word}${n === 1 ? "" : "s"}`;
}

function hex(bytes: Iterable<number>): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

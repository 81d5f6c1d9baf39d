// Files that are whole or not there: written beside the old one, which stays until a rename replaces it, so that a crash at any moment leaves one or the other.

import { existsSync } from "node:fs";
import fs from "node:fs/promises";
import path from "node:path";
import { threadId } from "node:worker_threads";
import type { Callback } from "../callbacks.js";
import { checkOptions, describe } from "../check.js";
import { makeCheckpoint, type CheckpointOptions, type CheckpointPlace } from "../checkpoint.js";
import { ArgumentError } from "../errors.js";

export type FileCheckpointOptions = Omit<CheckpointOptions, "save">;

/**
 * checkpoint() into a file, or into one by place: `({ epoch }) => \`network-${epoch}.safetensors\``.
 * @throws ArgumentError unless the folder of the file is there, NameError for an unknown option
 * @example
 * const network = existsSync(path) ? Network.load(readFileSync(path)) : build();
 * await network.fit(x, y, { epochs: 10, resume: true, callbacks: [fileCheckpoint(path)] });
 */
export function fileCheckpoint(file: string | ((place: CheckpointPlace) => string), options?: FileCheckpointOptions): Callback {
  const where = "fileCheckpoint";
  if (typeof file !== "string" && typeof file !== "function") throw new ArgumentError(`${where}: file must be a path, or a function that gives one, got ${describe(file)}`);
  const settled = checkOptions(where, options, ["every", "monitor", "saveBestOnly"]);
  if (typeof file === "string") {
    const folder = path.dirname(path.resolve(file));
    // With the separator, a file is no folder.
    if (!existsSync(folder + path.sep)) throw new ArgumentError(`${where}: the folder of file must be there, got ${JSON.stringify(folder)}`);
  }
  return makeCheckpoint(where, { ...settled, save: (bytes, place) => writeFileAtomically(typeof file === "function" ? file(place) : file, bytes) });
}

/** A rename that Windows refuses while a virus scanner or an indexer looks at the file is tried again so often, after 10, 20, 40 … ms. */
const TRIES = 8;
const BUSY = ["EPERM", "EBUSY", "EACCES"];

/** How many files this thread has begun, for names of their own; and those that it has not ended. */
let begun = 0;
const unfinished = new Set<string>();
/** What the next write to a path waits for: the one before it. */
const queue = new Map<string, Promise<unknown>>();

/**
 * Writes a file whole or not at all: after a crash, of the machine too, the file is the old one or the new one. When it resolves, the new one is on the disk. A link stays a link; the file it
 * leads to is replaced. Writes to one file follow one another.
 * @throws (rejects) what the file system says; the old file is as it was (but for an error after the rename, while the folder is written: then it is the new one)
 */
export async function writeFileAtomically(file: string, bytes: Uint8Array): Promise<void> {
  if (typeof file !== "string") throw new ArgumentError(`writeFileAtomically: file must be a path, got ${describe(file)}`);
  if (!(bytes instanceof Uint8Array)) throw new ArgumentError(`writeFileAtomically: bytes must be a Uint8Array, got ${describe(bytes)}`);
  const asked = path.resolve(file);
  const before = queue.get(asked);
  const written = (before ?? Promise.resolve()).then(async () => {
    const target = await fs.realpath(asked).catch(() => asked);
    if (before === undefined) await sweep(target);
    return replace(target, bytes);
  });
  queue.set(asked, written.catch(() => {}));
  return written;
}

async function replace(target: string, bytes: Uint8Array): Promise<void> {
  const partial = `${target}.${process.pid}-${threadId}-${begun++}.partial`;
  unfinished.add(partial);
  try {
    const handle = await fs.open(partial, "w");
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, target);
  } catch (error) {
    await fs.rm(partial, { force: true }).catch(() => {});
    throw error;
  } finally {
    unfinished.delete(partial);
  }
  // Without it, a crash of the machine may undo the rename. Windows has no such thing.
  if (process.platform === "win32") return;
  const folder = await fs.open(path.dirname(target), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function rename(from: string, to: string): Promise<void> {
  for (let i = 0; ; i++) {
    try {
      return await fs.rename(from, to);
    } catch (error) {
      if (i === TRIES - 1 || !BUSY.includes((error as { code: string }).code)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10 * 2 ** i));
    }
  }
}

/** Removes what crashed runs have left of this file: parts whose process is no more, or had our number before us. */
async function sweep(target: string): Promise<void> {
  const folder = path.dirname(target);
  for (const name of await fs.readdir(folder).catch(() => [])) {
    if (!name.startsWith(`${path.basename(target)}.`)) continue;
    const [, pid, thread] = /\.(\d+)-(\d+)-\d+\.partial$/.exec(name) ?? [];
    const own = Number(pid) === process.pid;
    if (pid === undefined || unfinished.has(path.join(folder, name)) || (own ? Number(thread) !== threadId : isAlive(Number(pid)))) continue;
    await fs.rm(path.join(folder, name), { force: true }).catch(() => {});
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as { code: string }).code === "EPERM";
  }
}

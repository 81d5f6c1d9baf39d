// The model file: checked before training, written after it, whole or not at all.

import { accessSync, closeSync, constants, fsyncSync, openSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { UsageError } from "./options.js";

export interface ModelFile {
  /** As the user gave it. */
  path: string;
  write(bytes: Uint8Array): void;
}

/** Throws a UsageError when the file could not be written. Leaves an existing file as it is. */
export function openModelFile(path: string): ModelFile {
  const target = findTarget(path);
  if (target.replaceable) {
    // Only trying it tells for sure: permissions, read-only disks and missing folders fail in different ways.
    attempt(path, () => {
      closeSync(openSync(target.partial, "w"));
      rmSync(target.partial);
    });
  }
  return {
    path,
    write(bytes) {
      attempt(path, () => {
        if (!target.replaceable) return writeFileSync(path, bytes);
        try {
          const file = openSync(target.partial, "w");
          try {
            writeFileSync(file, bytes);
            fsyncSync(file);
          } finally {
            closeSync(file);
          }
          renameSync(target.partial, target.real);
        } catch (error) {
          rmSync(target.partial, { force: true });
          throw error;
        }
      });
    },
  };
}

interface Target {
  real: string;
  /** Written first, then renamed, so that a crash never leaves half a model under the real name. */
  partial: string;
  /** False for devices and pipes such as /dev/null: those are written to, never replaced. */
  replaceable: boolean;
}

function findTarget(path: string): Target {
  const stats = attempt(path, () => statSync(path, { throwIfNoEntry: false }));
  if (stats?.isDirectory()) throw new UsageError(`--out: must name a file, got the folder "${path}"`);
  if (stats) attempt(path, () => accessSync(path, constants.W_OK));
  // A link stays a link: the file it leads to is replaced.
  const real = stats ? realpathSync(path) : path;
  return { real, partial: `${real}.partial`, replaceable: stats === undefined || stats.isFile() };
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const reason = code === "ENOENT" ? `no such folder "${dirname(path)}"` : code;
    throw new UsageError(`--out: must be a file that can be written, got "${path}": ${reason}`);
  }
}

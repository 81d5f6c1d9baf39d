// Checkpoints: when they are made, what a crash or a failing disk leaves of them, and that training goes on from them to the same bits.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs/promises";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { adam, ArgumentError, checkpoint, dense, NameError, Network, type CheckpointOptions } from "../src/index.js";
import { fileCheckpoint, writeFileAtomically } from "../src/node.js";
import { random } from "./numbers.js";

const x = random(20 * 4, 1);
const y = Int32Array.from({ length: 20 }, (_, i) => (i * 7) % 3);
const sha = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

function make(): Network {
  const network = new Network({ inputs: 4, layers: [dense(5, "tanh"), dense(3, "softmax")], seed: 3 });
  network.compile({ optimizer: adam({ learningRate: 0.1 }), loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
  return network;
}

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lanewise-"));
  file = join(folder, "network.safetensors");
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

describe("checkpoint", () => {
  const places = async (options: Omit<CheckpointOptions, "save">): Promise<string[]> => {
    const made: string[] = [];
    const save: CheckpointOptions["save"] = async (bytes, { epoch, batch, logs }) => {
      await new Promise((resolve) => setImmediate(resolve));
      expect(Network.load(bytes).inputs).toBe(4);
      expect(logs.loss).toBeGreaterThan(0);
      made.push(`${epoch}.${batch}`);
    };
    await make().fit(x, y, { epochs: 4, batchSize: 8, validationSplit: 0.2, callbacks: [checkpoint({ ...options, save })] });
    return made;
  };

  test("is made after so many epochs or batches", async () => {
    expect(await places({})).toEqual(["0.1", "1.1", "2.1", "3.1"]);
    expect(await places({ every: "epoch" })).toEqual(["0.1", "1.1", "2.1", "3.1"]);
    expect(await places({ every: 2 })).toEqual(["1.1", "3.1"]);
    expect(await places({ every: { batches: 3 } })).toEqual(["1.0", "2.1"]);
  });

  test("of the best only", async () => {
    let best = Infinity;
    const expected: number[] = [];
    const made: number[] = [];
    const watch = { onEpochEnd: (epoch: number, { valLoss }: { valLoss?: number }) => void (valLoss! < best && ((best = valLoss!), expected.push(epoch))) };
    await make().fit(x, y, { epochs: 30, validationSplit: 0.4, callbacks: [watch, checkpoint({ saveBestOnly: true, save: (_, { epoch }) => void made.push(epoch) })] });
    expect(made).toEqual(expected);
    expect(made.length).toBeLessThan(30);
  });

  test.each([{ every: 1 }, { every: 2 }, { every: { batches: 1 } }, { every: { batches: 2 } }, { saveBestOnly: true, monitor: "loss" }] as const)("%o: from each of them training goes on to the same bits", async (options) => {
    const made: Uint8Array[] = [];
    const fit = async (network: Network): Promise<string> => {
      const history = await network.fit(x, y, { epochs: 4, batchSize: 8, resume: true, callbacks: [checkpoint({ ...options, save: (bytes) => void made.push(bytes) })] });
      return JSON.stringify(history) + sha(network.save({ includeOptimizer: true }));
    };
    const expected = await fit(make());
    const all = made.map(sha);
    for (const [i, bytes] of [...made].entries()) {
      made.length = 0;
      expect(await fit(Network.load(bytes))).toBe(expected);
      expect(made.map(sha)).toEqual(all.slice(i + 1));
    }
  });

  test("an error of save ends training, which can be resumed", async () => {
    const network = make();
    const save = (): never => { throw new Error("disk full"); };
    await expect(network.fit(x, y, { epochs: 3, callbacks: [checkpoint({ every: 2, save })] })).rejects.toThrow("disk full");
    const history = await network.fit(x, y, { epochs: 3, resume: true, callbacks: [checkpoint({ every: 2, save: () => {} })] });
    expect(history).toEqual(await make().fit(x, y, { epochs: 3 }));
  });

  test("what cannot be saved says so before the first step", async () => {
    const network = make();
    network.compile({ optimizer: adam({ learningRate: () => 0.1 }), loss: "sparseCategoricalCrossentropy" });
    const before = network.save();
    await expect(network.fit(x, y, { callbacks: [checkpoint({ save: () => {} })] })).rejects.toThrow("learningRate must be a number or a schedule to be saved");
    expect(network.save()).toEqual(before);
  });
});

describe("writeFileAtomically", () => {
  const older = new Uint8Array([1, 2, 3]);
  const newer = random(100_000, 2);
  const bytes = new Uint8Array(newer.buffer);
  const failure = (code: string): Error => Object.assign(new Error(code), { code });

  test("writes, replaces, and leaves nothing beside the file", async () => {
    await writeFileAtomically(file, bytes);
    expect(sha(readFileSync(file))).toBe(sha(bytes));
    await writeFileAtomically(file, older);
    expect([...readFileSync(file)]).toEqual([1, 2, 3]);
    expect(readdirSync(folder)).toEqual(["network.safetensors"]);
  });

  test("replaces what a link leads to, and the link stays", async () => {
    const link = join(folder, "link");
    writeFileSync(file, older);
    symlinkSync(file, link);
    await writeFileAtomically(link, bytes);
    expect(sha(readFileSync(file))).toBe(sha(bytes));
    expect((await fs.lstat(link)).isSymbolicLink()).toBe(true);
  });

  test("writes that are not waited for follow one another", async () => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => writeFileAtomically(file, new Uint8Array(1000).fill(i))));
    expect(new Set(readFileSync(file))).toEqual(new Set([19]));
    expect(readdirSync(folder).length).toBe(1);
  });

  test("nor do writes through two names of one file spoil each other", async () => {
    const link = join(folder, "link");
    writeFileSync(file, older);
    symlinkSync(file, link);
    await Promise.all(Array.from({ length: 20 }, (_, i) => writeFileAtomically(i % 2 ? link : file, new Uint8Array(1000).fill(i))));
    expect(new Set(readFileSync(file)).size).toBe(1);
    expect(readdirSync(folder).length).toBe(2);
  });

  test("what a crashed run left is removed, what a living one writes is not", async () => {
    const name = (middle: string): string => `network.safetensors.${middle}`;
    // No process has so high a number; ours runs this test, and our parent lives.
    const dead = [name(`${2 ** 30}-0-7.partial`), name(`${process.pid}-0-99999.partial`)];
    const kept = [name(`${process.ppid}-0-0.partial`), name("partial"), name("1-2.partial.txt"), `other.${2 ** 30}-0-7.partial`];
    for (const each of [...dead, ...kept]) writeFileSync(join(folder, each), "");
    await writeFileAtomically(file, bytes);
    const left = readdirSync(folder);
    for (const each of kept) expect(left).toContain(each);
    for (const each of dead) expect(left).not.toContain(each);
  });

  describe.each(["there was none", "there was one"])("where %s", (before) => {
    const check = (): void => {
      expect(existsSync(file)).toBe(before === "there was one");
      if (existsSync(file)) expect([...readFileSync(file)]).toEqual([1, 2, 3]);
      expect(readdirSync(folder).length).toBe(existsSync(file) ? 1 : 0);
    };
    beforeEach(() => void (before === "there was one" && writeFileSync(file, older)));

    /** The n-th handle that is opened fails in one of its methods. */
    const failIn = (method: "writeFile" | "sync" | "close", code: string, nth = 0): void => {
      const { open } = fs;
      let opened = 0;
      vi.spyOn(fs, "open").mockImplementation(async (...given) => {
        const handle = await open(...given);
        if (opened++ === nth) {
          const real = handle[method].bind(handle) as (data?: Uint8Array) => Promise<void>;
          vi.spyOn(handle, method).mockImplementation(async (data?: unknown) => {
            // A full disk takes a part; a handle is closed whatever close() says.
            if (method === "writeFile") await real((data as Uint8Array).subarray(0, 1000));
            if (method === "close") await real();
            throw failure(code);
          });
        }
        return handle;
      });
    };

    test.each([["writeFile", "ENOSPC"], ["writeFile", "EIO"], ["sync", "EIO"], ["close", "EDQUOT"]] as const)("%s fails with %s", async (method, code) => {
      failIn(method, code);
      await expect(writeFileAtomically(file, bytes)).rejects.toMatchObject({ code });
      check();
      vi.restoreAllMocks();
      await writeFileAtomically(file, bytes);
      expect(sha(readFileSync(file))).toBe(sha(bytes));
    });

    test.each(["EACCES", "EMFILE", "EROFS"])("open fails with %s", async (code) => {
      vi.spyOn(fs, "open").mockRejectedValue(failure(code));
      await expect(writeFileAtomically(file, bytes)).rejects.toMatchObject({ code });
      check();
    });

    test("rename fails with EIO", async () => {
      vi.spyOn(fs, "rename").mockRejectedValue(failure("EIO"));
      await expect(writeFileAtomically(file, bytes)).rejects.toMatchObject({ code: "EIO" });
      check();
    });

    test.each(["EPERM", "EBUSY", "EACCES"])("rename fails with %s, as on Windows while others look at the file, and is tried again", async (code) => {
      const { rename } = fs;
      const renaming = vi.spyOn(fs, "rename").mockImplementation(async (from, to) => {
        if (renaming.mock.calls.length < 4) throw failure(code);
        return rename(from, to);
      });
      await writeFileAtomically(file, bytes);
      expect(renaming).toHaveBeenCalledTimes(4);
      expect(sha(readFileSync(file))).toBe(sha(bytes));
    });

    test("rename that never works ends in its error", async () => {
      vi.spyOn(fs, "rename").mockRejectedValue(failure("EPERM"));
      await expect(writeFileAtomically(file, bytes)).rejects.toMatchObject({ code: "EPERM" });
      check();
    });

    test("the folder's sync fails with EIO: an error, and the new file", async () => {
      failIn("sync", "EIO", 1);
      await expect(writeFileAtomically(file, bytes)).rejects.toMatchObject({ code: "EIO" });
      expect(sha(readFileSync(file))).toBe(sha(bytes));
      expect(readdirSync(folder).length).toBe(1);
    });
  });

  test("a missing folder", async () => {
    await expect(writeFileAtomically(join(folder, "no/network"), bytes)).rejects.toMatchObject({ code: "ENOENT" });
  });
});

test("fileCheckpoint writes to a file, or to one by place", async () => {
  await make().fit(x, y, { epochs: 2, callbacks: [fileCheckpoint(file), fileCheckpoint(({ epoch }) => join(folder, `${epoch}`))] });
  expect(readdirSync(folder).sort()).toEqual(["0", "1", "network.safetensors"]);
  const network = make();
  const history = await network.fit(x, y, { epochs: 2 });
  expect(await Network.load(readFileSync(file)).fit(x, y, { epochs: 2, resume: true })).toEqual(history);
});

test("fileCheckpoint refuses at once, under its own name, what it could not save with", () => {
  writeFileSync(file, "");
  const refused = (path: string, options: object | undefined, kind: new () => Error, says: string): void => {
    expect(() => fileCheckpoint(path, options)).toThrow(kind);
    expect(() => fileCheckpoint(path, options)).toThrow(says);
  };
  refused(join(folder, "no", "network"), undefined, ArgumentError, `fileCheckpoint: the folder of file must be there, got ${JSON.stringify(join(folder, "no"))}`);
  refused(join(file, "network"), undefined, ArgumentError, `fileCheckpoint: the folder of file must be there, got ${JSON.stringify(file)}`);
  refused(join(file, "deeper", "network"), undefined, ArgumentError, "fileCheckpoint: the folder of file must be there, got ");
  refused(file, { save() {} }, NameError, 'fileCheckpoint: options must be among every, monitor, saveBestOnly, got "save"');
  refused(file, { evry: 1 }, NameError, "fileCheckpoint: options must be among every, monitor, saveBestOnly (did you mean every?)");
  refused(file, { every: 0 }, ArgumentError, "fileCheckpoint: every must be a whole number from 1");
  refused(file, { monitor: "los" }, NameError, "fileCheckpoint: monitor must be one of loss, ");
  refused(file, { saveBestOnly: 1 }, ArgumentError, "fileCheckpoint: saveBestOnly must be true or false");
});

/** CHECKPOINT_KILLS=2000 for the whole promise. */
const kills = Number(process.env.CHECKPOINT_KILLS ?? 50);

test(`killed ${kills} times at random moments, a training leaves a whole checkpoint each time, and ends as if it had not been`, async () => {
  const crash = fileURLToPath(new URL("crash/", import.meta.url));
  const { epochs, make, x, y } = (await import(/* @vite-ignore */ `${crash}network.mjs`)) as typeof import("./crash/network.mjs");
  // The file as it must be after each number of steps.
  const digests = new Map<string, number>();
  const whole = make();
  const save = (bytes: Uint8Array): void => void digests.set(sha(bytes), digests.size);
  const twin = await import("lanewise");
  await whole.fit(x, y, { epochs, batchSize: 2, callbacks: [twin.checkpoint({ every: { batches: 1 }, save })] });

  let killed = 0;
  let last = -1;
  let during = 0;
  let draw = 1;
  // Go on until enough of them have come while a file was being written: on a busy machine fewer do.
  const enough = (): boolean => killed >= kills && (during > kills / 10 || killed >= 20 * kills);
  for (let ended = false; !enough() || !ended; ) {
    const child = spawn(process.execPath, ["train.mjs", file], { cwd: crash, stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    const ready = new Promise<void>((resolve) => child.stdout.on("data", (text) => { output += String(text); resolve(); }));
    const closed = new Promise<void>((resolve) => child.on("close", () => resolve()));
    if (!enough()) {
      await Promise.race([ready, closed]);
      draw = (draw * 48271) % 2147483647;
      const timer = setTimeout(() => child.kill("SIGKILL"), (30 * draw) / 2147483647);
      await closed;
      clearTimeout(timer);
      killed += 1;
    } else await closed;
    ended = output.endsWith("done");
    if (existsSync(file)) {
      const step = digests.get(sha(readFileSync(file)));
      expect(step, `checkpoint after kill ${killed}`).toBeGreaterThanOrEqual(last);
      last = step!;
    }
    during += readdirSync(folder).length > 1 ? 1 : 0;
    // Done before the kills are: again from the start.
    if (ended && !enough()) {
      expect(last).toBe(digests.size - 1);
      rmSync(file);
      last = -1;
    }
  }
  expect(last).toBe(digests.size - 1);
  // Kills that came while a file was being written have left a part of it, for the next run to remove.
  expect(during).toBeGreaterThan(kills / 10);
  expect(readdirSync(folder)).toEqual(["network.safetensors"]);
}, 1_800_000);

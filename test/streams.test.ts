// fit() on streams of batches: what it takes, how often it reads it, and what it says of a stream that is not what it should be.

import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { ArgumentError, dense, LanewiseError, Network, NonFiniteError, ShapeError, type BatchStream, type Callback, type History, type StreamBatch, type StreamFitOptions } from "../src/index.js";
import { digest, random } from "./numbers.js";

const x = random(23 * 4, 1);
const y = Int32Array.from({ length: 23 }, (_, i) => (i * 7) % 3);

function make(): Network {
  const network = new Network({ inputs: 4, layers: [dense(5, "tanh"), dense(3, "softmax")], seed: 3 });
  network.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
  return network;
}

function batches(size = 5): StreamBatch[] {
  return Array.from({ length: Math.ceil(23 / size) }, (_, i) => ({ x: x.subarray(i * size * 4, (i + 1) * size * 4), y: y.subarray(i * size, (i + 1) * size) }));
}
const pairs = (): StreamBatch[] => batches().map((batch) => { const { x, y } = batch as { x: Float32Array; y: Int32Array }; return [x, y]; });

function* once(): Generator<StreamBatch> {
  yield* batches();
}
async function* slowly(): AsyncGenerator<StreamBatch> {
  for (const batch of batches()) {
    await new Promise((resolve) => setImmediate(resolve));
    yield batch;
  }
}
function* endless(): Generator<StreamBatch> {
  for (;;) yield* batches();
}

const trained = async (stream: BatchStream, options?: StreamFitOptions): Promise<[string, History]> => {
  const network = make();
  const history = await network.fit(stream, options);
  return [digest(network), history];
};

const expected = async (epochs: number): Promise<[string, History]> => {
  const network = make();
  const history = await network.fit(x, y, { epochs, batchSize: 5, shuffle: false });
  return [digest(network), history];
};

describe("gives what rows in that order give", () => {
  const streams: Record<string, BatchStream> = {
    "an array of { x, y }": batches(),
    "an array of [x, y]": pairs(),
    "a set": new Set(batches()),
    "an iterable": { [Symbol.iterator]: once },
    "an async iterable": { [Symbol.asyncIterator]: slowly },
    "a function that gives an array": () => batches(),
    "a generator function": once,
    "an async generator function": slowly,
    "a stream of Node": () => Readable.from(batches()),
    "a web stream": () => Readable.toWeb(Readable.from(batches())) as AsyncIterable<StreamBatch>,
  };
  test.each(Object.entries(streams))("%s", async (_, stream) => expect(await trained(stream, { epochs: 3 })).toEqual(await expected(3)));

  test("what can be read once, for one epoch", async () => {
    expect(await trained(once())).toEqual(await expected(1));
    expect(await trained(slowly(), { epochs: 1 })).toEqual(await expected(1));
    expect(await trained(batches().values())).toEqual(await expected(1));
  });

  test("an endless stream, by stepsPerEpoch", async () => {
    expect(await trained(endless(), { epochs: 3, stepsPerEpoch: 5 })).toEqual(await expected(3));
    expect(await trained(endless, { epochs: 3, stepsPerEpoch: 5 })).toEqual(await expected(3));
  });
});

describe("streams of Node and of the web, as they are", () => {
  const many = function* (): Generator<StreamBatch> { for (let i = 0; i < 4; i++) yield* batches(); };
  /** Without what some browsers do not have. */
  const bare = (stream: { getReader(): unknown }): AsyncIterable<StreamBatch> => ({ getReader: () => stream.getReader() }) as never;
  const kinds: Record<string, (from: Iterable<StreamBatch>) => AsyncIterable<StreamBatch>> = {
    "a Readable": (from) => Readable.from(from),
    "a Readable without iterator()": (from) => { const stream = Readable.from(from); return Object.assign(stream, { iterator: undefined }); },
    "a ReadableStream": (from) => Readable.toWeb(Readable.from(from)) as AsyncIterable<StreamBatch>,
    "a ReadableStream that cannot be iterated over": (from) => bare(Readable.toWeb(Readable.from(from))),
  };
  test.each(Object.entries(kinds))("%s", async (id, make1) => {
    expect(await trained(make1(batches()))).toEqual(await expected(1));
    expect(await trained(make1(many()), { epochs: 3, stepsPerEpoch: 5 })).toEqual(await expected(3));
    expect(await trained(() => make1(many()), { epochs: 3, stepsPerEpoch: 5 })).toEqual(await expected(3));
    await expect(trained(make1(many()), { epochs: 2 })).rejects.toThrow("a stream that can be read only once must come with stepsPerEpoch");
    await expect(trained(make1(batches()), { epochs: 2, stepsPerEpoch: 5 })).rejects.toThrow("epoch 1, batch 0: the stream must give 5 batches an epoch, got its end after 0");
    // Left open where it stands, unless there is no way to let go of it.
    const stream = make1(many());
    await make().fit(stream, { epochs: 1, stepsPerEpoch: 5 });
    if (id !== "a Readable without iterator()") expect(await trained(stream, { epochs: 3, stepsPerEpoch: 5 })).toEqual(await expected(3));
  });

  test("what a function makes is closed after each epoch", async () => {
    const made: Readable[] = [];
    const node = (): Readable => (made.push(Readable.from(many())), made.at(-1)!);
    await trained(node, { epochs: 2, stepsPerEpoch: 2 });
    let cancelled = 0;
    const web = (): AsyncIterable<StreamBatch> => {
      const from = many();
      return new ReadableStream({ pull: (controller) => controller.enqueue(from.next().value), cancel: () => void cancelled++ }) as never;
    };
    await trained(web, { epochs: 2, stepsPerEpoch: 2 });
    expect([made.map(({ destroyed }) => destroyed), cancelled]).toEqual([[true, true], 2]);
  });
});

test("an iterator that can be read once is asked for once", async () => {
  let asked = 0;
  const from = endless();
  const stream = { next: () => from.next(), [Symbol.iterator]: () => (asked++, from) };
  expect(await trained(stream, { epochs: 3, stepsPerEpoch: 5 })).toEqual(await expected(3));
  expect(asked).toBe(1);
});

test("batches carry weights, in either form", async () => {
  const sampleWeight = y.map((c) => c + 1);
  const network = make();
  await network.fit(x, y, { batchSize: 23, shuffle: false, sampleWeight: [...sampleWeight] });
  for (const batch of [{ x, y, sampleWeight: [...sampleWeight] }, [x, y, [...sampleWeight]]]) expect((await trained([batch]))[0]).toBe(digest(network));
});

test("stepsPerEpoch reads on where the last epoch ended, and from the start what is made anew", async () => {
  const sizes = async (stream: BatchStream): Promise<number[]> => {
    const rows: number[] = [];
    const seen = function* (from: Iterable<StreamBatch>): Generator<StreamBatch> {
      for (const batch of from) {
        rows.push((batch as { y: Int32Array }).y.length);
        yield batch;
      }
    };
    await make().fit(typeof stream === "function" ? () => seen(stream(0) as Iterable<StreamBatch>) : seen(stream as Iterable<StreamBatch>), { epochs: 2, stepsPerEpoch: 3 });
    return rows;
  };
  expect(await sizes(endless())).toEqual([5, 5, 5, 5, 3, 5]);
  expect(await sizes(endless)).toEqual([5, 5, 5, 5, 5, 5]);
});

test("batches may be of any size, in any order", async () => {
  const network = make();
  const twin = make();
  const sizes = [1, 7, 3, 12];
  let at = 0;
  const stream = sizes.map((size) => ({ x: x.subarray(at * 4, (at + size) * 4), y: y.subarray(at, (at += size)) }));
  await network.fit(stream);
  for (const batch of stream) twin.trainBatch(batch.x, batch.y);
  expect(digest(network)).toBe(digest(twin));
});

test("the function hears the epoch, generators are closed, and validation goes along", async () => {
  const heard: number[] = [];
  let closed = 0;
  const history = await make().fit(function* (epoch) {
    heard.push(epoch);
    try {
      yield* endless();
    } finally {
      closed += 1;
    }
  }, { epochs: 3, stepsPerEpoch: 2, validationData: [x, y] });
  expect(heard).toEqual([0, 1, 2]);
  expect(closed).toBe(3);
  expect(history.valLoss!.length).toBe(3);
});

test("a caller's own iterator is left open", async () => {
  const stream = endless();
  await make().fit(stream, { stepsPerEpoch: 2 });
  expect(stream.next().done).toBe(false);
});

describe("what is wrong is said, and no weight has heard of that batch", () => {
  type Bad = readonly [id: string, error: typeof LanewiseError, message: string, stream: () => unknown, options?: StreamFitOptions];
  const good = batches();
  const bad: readonly Bad[] = [
    ["an end before stepsPerEpoch", ArgumentError, "Network.fit: epoch 0, batch 5: the stream must give 7 batches an epoch, got its end after 5", () => good, { stepsPerEpoch: 7 }],
    ["an end in the second epoch", ArgumentError, "Network.fit: epoch 1, batch 2: the stream must give 3 batches an epoch, got its end after 2", () => once(), { epochs: 2, stepsPerEpoch: 3 }],
    ["an empty iterable", ArgumentError, "Network.fit: epoch 0, batch 0: the stream must give at least 1 batches an epoch, got its end after 0; what can be read only once serves one epoch", () => new Set()],
    ["one generator for two epochs", ArgumentError, "Network.fit: a stream that can be read only once must come with stepsPerEpoch, or as a function that makes one for each epoch, got epochs 2", () => once(), { epochs: 2 }],
    ["a used iterable in the second epoch", ArgumentError, "Network.fit: epoch 1, batch 0: the stream must give at least 1 batches an epoch, got its end after 0",
      () => { const all = once(); return { [Symbol.iterator]: () => ({ next: () => all.next() }) }; }, { epochs: 2 }],
    ["a width that changes", ShapeError, "Network.fit: epoch 0, batch 1: x must hold rows of 4 values, got 15 values (3 rows and 3 over)", () => [good[0], { x: x.subarray(0, 15), y: y.subarray(0, 5) }]],
    ["rows that change", ShapeError, "Network.fit: epoch 0, batch 1: y must hold as many rows as x (3), got 2", () => [good[0], [x.subarray(0, 12), y.subarray(0, 2)]]],
    ["NaN", NonFiniteError, "Network.fit: epoch 0, batch 1: x must be finite, got NaN in row 0, column 0", () => [good[0], [new Float32Array(4).fill(NaN), [0]]]],
    ["a number", ArgumentError, "Network.fit: epoch 0, batch 1: a batch must be [x, y] or { x, y }, with sampleWeight or without, got 5", () => [good[0], 5]],
    ["null", ArgumentError, "Network.fit: epoch 0, batch 1: a batch must be [x, y] or { x, y }, with sampleWeight or without, got null", () => [good[0], null]],
    ["x alone", ArgumentError, "Network.fit: epoch 0, batch 1: a batch must be [x, y] or { x, y }, with sampleWeight or without, got Float32Array(92)", () => [good[0], x]],
    ["four of them", ArgumentError, "Network.fit: epoch 0, batch 0: a batch must be [x, y] or { x, y }, with sampleWeight or without, got an array of 4", () => () => [[x, y, y, y]]],
    ["more than x and y", ArgumentError, "Network.fit: epoch 0, batch 0: a batch must be [x, y] or { x, y }, with sampleWeight or without, got an object", () => () => [{ x, y, z: y }]],
    ["a function that gives nothing", ArgumentError, "Network.fit: epoch 0, batch 0: the stream must be an iterable of batches, got undefined", () => () => undefined],
    ["a function that gives a promise", ArgumentError, "Network.fit: epoch 0, batch 0: the stream must be an iterable of batches, got a Promise", () => async () => good],
  ];
  test.each(bad.map((each) => [each[0], each] as const))("%s", async (_, [, kind, message, stream, options]) => {
    const network = make();
    let after = digest(network);
    const keep: Callback = { onBatchEnd: () => void (after = digest(network)) };
    const error = await network.fit(stream() as BatchStream, { ...options, callbacks: [keep] }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(kind);
    expect((error as Error).message).toContain(message);
    expect(digest(network)).toBe(after);
    expect((await network.fit(x, y)).loss.length).toBe(1);
  });

  test("an error of the stream itself", async () => {
    const stream = async function* (): AsyncGenerator<StreamBatch> { yield batches()[0]; throw new RangeError("no more data"); };
    await expect(make().fit(stream)).rejects.toThrow(RangeError);
  });
});

test("dispose() while it waits for a batch", async () => {
  const network = make();
  const fitting = network.fit(slowly);
  network.dispose();
  await expect(fitting).rejects.toThrow("must not be disposed while it trains");
});

describe("resume", () => {
  const options: StreamFitOptions = { epochs: 3, accumulateSteps: 2 };
  const make3 = async (network: Network, stream: BatchStream, more: StreamFitOptions): Promise<[Uint8Array, History]> => {
    const history = await network.fit(stream, { ...options, ...more });
    return [network.save({ includeOptimizer: true }), history];
  };

  test.each([["a function", slowly, {}], ["an iterable", batches(), {}], ["by stepsPerEpoch", endless, { stepsPerEpoch: 4 }]] as const)("%s is read again, up to the batch to go on with", async (_, stream, more) => {
    const whole = await make3(make(), stream, more);
    for (let nth = 1; nth < 12; nth++) {
      const network = make();
      let seen = 0;
      await network.fit(stream, { ...options, ...more, signal: { get aborted() { return seen >= nth; } }, callbacks: [{ onBatchEnd: () => void seen++ }] });
      expect(seen).toBe(nth);
      const resumed = Network.load(network.save({ includeOptimizer: true }));
      expect(await make3(resumed, stream, { ...more, resume: true })).toEqual(whole);
    }
  });

  test("a stream that ends before the batch to go on with", async () => {
    const network = make();
    let seen = 0;
    await network.fit(slowly, { signal: { get aborted() { return seen > 2; } }, callbacks: [{ onBatchEnd: () => void seen++ }] });
    await expect(network.fit(() => batches(23), { resume: true })).rejects.toThrow(new ArgumentError("Network.fit: epoch 0, batch 3: the stream must give the 3 batches done already, got its end after 1"));
  });

  test("what can be read once goes on where it stands", async () => {
    const whole = await make3(make(), endless(), { stepsPerEpoch: 4 });
    const network = make();
    const stream = endless();
    let seen = 0;
    await network.fit(stream, { ...options, stepsPerEpoch: 4, signal: { get aborted() { return seen >= 6; } }, callbacks: [{ onBatchEnd: () => void seen++ }] });
    expect(await make3(network, stream, { stepsPerEpoch: 4, resume: true })).toEqual(whole);
  });
});

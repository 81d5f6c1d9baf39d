// Model files: every bit survives, the same file is written again, and no file, however broken, gives anything but a FormatError or a network that works.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { activation, adam, ArgumentError, createBackend, dense, FormatError, LanewiseError, Network, type Optimizer } from "../src/index.js";
import { load } from "../src/infer.js";
import { checkOptimizer } from "../src/check-optimizer.js";
import { readContainer, writeContainer, type Tensor } from "../src/safetensors.js";
import { edited, file, headerOf } from "./bad-input/world.js";
import { optionSets } from "./reference/optimizers.js";

const backend = createBackend();
const bits = (values: Float32Array): Uint32Array => new Uint32Array(values.slice().buffer);

/** Both ends of every class of float32: zeros, subnormals, normals, infinities, quiet and signalling NaN with their payloads; and both signs. */
const patterns = Uint32Array.from(
  [
    0, 1, 0x7fffff, 0x800000, 0x3f800000, 0x3f800001, 0x7f7fffff, 0x7f800000, 0x7f800001, 0x7fa00000, 0x7fbfffff, 0x7fc00000, 0x7fc00001, 0x7fc0dead, 0x7fffffff,
  ].flatMap((word) => [word, word | 0x80000000]),
);

const x = [[0.5, -1, 0.25], [1, 2, -3]];
const layers = [dense(10, { name: "leakyRelu", negativeSlope: 0.1 }), dense(7, "arctan", { useBias: false }), dense(3), activation("softmax")];
const make = (): Network => new Network({ inputs: 3, layers, seed: 9 }, { backend });

function trained(optimizer: Optimizer): Network {
  const network = make();
  network.compile({ optimizer, loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
  for (let i = 0; i < 3; i++) network.trainBatch(x, [i % 3, 2]);
  return network;
}

/** The error of reading `bytes`, undefined if they are a network that works. Any other error falls through. */
function verdict(bytes: Uint8Array): FormatError | undefined {
  try {
    const network = Network.load(bytes, { backend });
    network.predict(new Float32Array(network.inputs));
    network.dispose();
    return undefined;
  } catch (error) {
    if (error instanceof FormatError && error.offset >= 0 && error.offset <= bytes.length) return error;
    throw error;
  }
}

describe("the container", () => {
  it("keeps every pattern of float32, NaN payloads included", () => {
    const data = new Float32Array(patterns.buffer);
    const tensors = new Map<string, Tensor>([
      ["a", { shape: [patterns.length], data }],
      ["b", { shape: [2, 0, 3], data: new Float32Array(0) }],
      ["c", { shape: [], data: data.subarray(21, 22) }],
    ]);
    const read = readContainer("test", writeContainer("test", { format: "test" }, tensors));
    expect([...read.metadata]).toEqual([["format", "test"]]);
    expect([...read.tensors.keys()].sort()).toEqual(["a", "b", "c"]);
    expect(bits(read.tensors.get("a")!.data)).toEqual(patterns);
    expect(read.tensors.get("b")).toEqual({ shape: [2, 0, 3], data: new Float32Array(0) });
    expect(bits(read.tensors.get("c")!.data)).toEqual(patterns.subarray(21, 22));
  });

  it("takes any name, also those of Object.prototype", () => {
    const names = ["__proto__", "constructor", "toString", "", "a\"b\\", "ünï", "\u0000", "{}[]:,"];
    const tensors = new Map(names.map((name, i): [string, Tensor] => [name, { shape: [1], data: new Float32Array([i]) }]));
    const read = readContainer("test", writeContainer("test", {}, tensors));
    for (const [i, name] of names.entries()) expect(read.tensors.get(name)!.data[0]).toBe(i);
  });

  it("a header that could not be read is not written", () => {
    // `{"__metadata__":{"a":"…"}}`, padded to a multiple of 8.
    const of = (length: number): Uint8Array => writeContainer("test", { a: "x".repeat(length - 25) }, new Map());
    expect(readContainer("test", of(100_000_000)).metadata.get("a")!.length).toBe(99_999_975);
    expect(() => of(100_000_001)).toThrow(new ArgumentError("test: the header must be at most 100000000 bytes long, with the states of callbacks and the sums of metrics, got 100000008"));
  });

  it("does not keep the file's buffer", () => {
    const bytes = writeContainer("test", {}, new Map([["a", { shape: [1], data: new Float32Array([5]) }]]));
    const { tensors } = readContainer("test", bytes);
    bytes.fill(0);
    expect(tensors.get("a")!.data[0]).toBe(5);
  });

  it("reads names and strings of millions of characters", () => {
    const name = "\\\"".repeat(3_000_000);
    const { tensors } = readContainer("test", file(`{"${name}":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, new Uint8Array(4)));
    expect([...tensors.keys()][0].length).toBe(3_000_000);
  });
});

describe("a model file", () => {
  const network = trained(adam({ amsgrad: true, clipNorm: 1, clipValue: 0.5 }));
  const bytes = network.save({ includeOptimizer: true });
  const plain = network.save();
  /** As version 1 wrote it, without a checksum. */
  const old = file(JSON.stringify(headerOf(bytes).header), headerOf(bytes).data);
  const prediction = bits(network.predict(x));

  it("keeps every bit of every weight", () => {
    const words = (n: number, step: number): Uint32Array => Uint32Array.from({ length: n }, (_, i) => patterns[(i * step) % patterns.length]);
    const { header, data } = headerOf(plain.slice());
    for (const [name, { data_offsets }] of Object.entries(header)) {
      if (name === "__metadata__") continue;
      const [from, to] = data_offsets;
      data.set(new Uint8Array(words((to - from) / 4, name.charCodeAt(0)).buffer), from);
    }
    const crafted = file(JSON.stringify(header), data);
    const copy = Network.load(crafted, { backend });
    expect(headerOf(copy.save()).data).toEqual(data);
    for (const [i, layer] of copy.layers.entries()) {
      const weights = layer.getWeights();
      if (weights.weights) expect(bits(weights.weights)).toEqual(words(weights.weights.length, 49 + i));
    }
    copy.dispose();
  });

  it("keeps every upper half of a float32, and with it every exponent and every payload of NaN that 16 bits can tell", () => {
    const network = new Network({ inputs: 256, layers: [dense(512, "linear", { useBias: false })] }, { backend });
    const { header, data } = headerOf(network.save());
    const words = Uint32Array.from({ length: 1 << 17 }, (_, i) => ((i << 15) & 0xffff0000) | (i & 1 ? 0xbeef : 1));
    data.set(new Uint8Array(words.buffer));
    const crafted = file(JSON.stringify(header), data);
    const copy = Network.load(crafted, { backend });
    expect(Buffer.compare(headerOf(copy.save()).data, data)).toBe(0);
    expect(Buffer.compare(Buffer.from(copy.layers[0].getWeights().weights!.buffer), Buffer.from(words.buffer))).toBe(0);
    expect(Buffer.compare(Network.load(copy.save(), { backend }).save(), copy.save())).toBe(0);
    for (const each of [network, copy]) each.dispose();
  });

  it("is written again to the byte, with and without the optimizer", () => {
    for (const saved of [bytes, plain]) {
      const copy = Network.load(saved, { backend });
      expect(copy.save({ includeOptimizer: saved === bytes })).toEqual(saved);
      expect(bits(copy.predict(x))).toEqual(prediction);
      copy.dispose();
    }
  });

  it("loads from any Uint8Array: at odd offsets, a Buffer, a pooled Buffer, shared memory", () => {
    const odd = (ArrayType: typeof ArrayBuffer | typeof SharedArrayBuffer, offset: number): Uint8Array => {
      const view = new Uint8Array(new ArrayType(bytes.length + 16), offset, bytes.length);
      view.set(bytes);
      return view;
    };
    const buffers = [Buffer.from(bytes), Buffer.from(bytes.buffer), Buffer.concat([Buffer.alloc(7), bytes]).subarray(7)];
    for (const given of [odd(ArrayBuffer, 1), odd(ArrayBuffer, 3), odd(SharedArrayBuffer, 5), ...buffers]) {
      const copy = Network.load(given, { backend });
      expect(bits(copy.predict(x))).toEqual(prediction);
      expect(copy.save({ includeOptimizer: true })).toEqual(bytes);
      copy.dispose();
    }
  });

  it("may have white space round its header, as the reference parser takes it", () => {
    const { header, data } = headerOf(bytes);
    for (const space of [" ", "\n\t \r\n", " ".repeat(1000)]) {
      const copy = Network.load(file(space + JSON.stringify(header, undefined, 2) + space, data), { backend });
      expect(copy.save({ includeOptimizer: true })).toEqual(bytes);
      copy.dispose();
    }
  });

  it("may have its tensors in any order in the header", () => {
    const { header, data } = headerOf(bytes);
    const reversed = Object.fromEntries(Object.entries(header).reverse());
    const copy = Network.load(file(JSON.stringify(reversed), data), { backend });
    expect(copy.save({ includeOptimizer: true })).toEqual(bytes);
    copy.dispose();
  });

  it("gives the same bits in lanewise/infer", () => {
    for (const saved of [bytes, plain]) {
      const model = load(saved);
      expect(bits(model.predict(x))).toEqual(prediction);
      const session = model.session({ batch: 2 });
      session.input.set(x.flat());
      session.run();
      expect(bits(session.output)).toEqual(prediction);
      session.dispose();
      model.dispose();
    }
  });

  it("is refused when truncated, at every byte, or with a byte more", () => {
    const { bytesInUse } = backend.memory();
    for (let length = 0; length < bytes.length; length++) expect(verdict(bytes.subarray(0, length))?.message, `${length} bytes`).toMatch(/^Network\.load: .* must .*, got /);
    for (const more of [1, 4, 100]) expect(verdict(Buffer.concat([bytes, Buffer.alloc(more)]))?.message).toContain(`${more} bytes more`);
    expect(backend.memory().bytesInUse).toBe(bytesInUse);
  });

  it("is refused when any single bit of it is another", () => {
    const { bytesInUse } = backend.memory();
    for (let i = 0; i < bytes.length * 8; i++) {
      const flipped = bytes.slice();
      flipped[i >> 3] ^= 1 << (i & 7);
      expect(verdict(flipped), `bit ${i}`).toBeInstanceOf(FormatError);
      expect(() => load(flipped), `bit ${i}`).toThrow(FormatError);
    }
    expect(backend.memory().bytesInUse).toBe(bytesInUse);
  });

  it("of version 1 loads, and is written with a checksum", () => {
    const copy = Network.load(old, { backend });
    expect(copy.save({ includeOptimizer: true })).toEqual(bytes);
    copy.dispose();
  });

  it("is refused, or is a network, when any single bit of its header is another, without a checksum", () => {
    const { bytesInUse } = backend.memory();
    const end = old.length - headerOf(old).data.length;
    let refused = 0;
    for (let i = 0; i < end * 8; i++) {
      const flipped = old.slice();
      flipped[i >> 3] ^= 1 << (i & 7);
      if (verdict(flipped)) refused += 1;
    }
    // What still loads: digits of numbers, such as the seed or the learning rate, and spaces that became other white space.
    expect(refused).toBeGreaterThan(end * 8 * 0.9);
    expect(backend.memory().bytesInUse).toBe(bytesInUse);
  });

  it("random changes: bytes, cuts, repeats, foreign parts", () => {
    const { bytesInUse } = backend.memory();
    const edit = fc.oneof(
      fc.record({ kind: fc.constant("set" as const), at: fc.nat(), value: fc.nat(255) }),
      fc.record({ kind: fc.constant("cut" as const), at: fc.nat(), length: fc.nat(40) }),
      fc.record({ kind: fc.constant("repeat" as const), at: fc.nat(), length: fc.nat(40) }),
      fc.record({ kind: fc.constant("insert" as const), at: fc.nat(),
        text: fc.constantFrom('"', "{", "}", "[", "]", ",", ":", "-", "9", "0", "1e9", "null", '"shape"', "\\u0000", "\u00ff", "999999999999999999999") }),
    );
    const apply = (given: Uint8Array, edits: readonly (typeof edit extends fc.Arbitrary<infer T> ? T : never)[]): Uint8Array => {
      let text = Buffer.from(given);
      for (const each of edits) {
        // Most of the changes to the header: that is where the decisions are.
        const at = each.at % Math.min(text.length + 1, 2500);
        if (each.kind === "set") text[Math.min(at, text.length - 1)] = each.value;
        else if (each.kind === "cut") text = Buffer.concat([text.subarray(0, at), text.subarray(at + each.length)]);
        else if (each.kind === "repeat") text = Buffer.concat([text.subarray(0, at), text.subarray(at, at + each.length), text.subarray(at)]);
        else text = Buffer.concat([text.subarray(0, at), Buffer.from(each.text), text.subarray(at)]);
      }
      return new Uint8Array(text);
    };
    const settings = { interruptAfterTimeLimit: 900, markInterruptAsFailure: false, numRuns: 100_000 };
    fc.assert(fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), fc.boolean(), (edits, repair) => {
      const changed = apply(old, edits);
      // Half of them with the right header length, or hardly any would get past it.
      const headerLength = Math.max(0, changed.length - 8 - headerOf(old).data.length);
      if (repair && changed.length > 8) new DataView(changed.buffer, changed.byteOffset).setBigUint64(0, BigInt(headerLength), true);
      verdict(changed);
    }), settings);
    expect(backend.memory().bytesInUse).toBe(bytesInUse);
  });

  it("random values in the header's places", () => {
    const { bytesInUse } = backend.memory();
    const { header } = headerOf(bytes);
    const names = Object.keys(header).filter((name) => name !== "__metadata__");
    const odd = fc.oneof(fc.json({ maxDepth: 2 }).map((text) => JSON.parse(text) as unknown),
      fc.constantFrom(0, -1, 1, 3, 4, 1.5, 1e9, 2 ** 31, 2 ** 53, "F32", "", null, [], {}, [0, 4], [3, 10], "__proto__"));
    const spots = fc.oneof(
      fc.record({ path: fc.tuple(fc.constantFrom(...names), fc.constantFrom("dtype", "shape", "data_offsets")), value: odd }),
      fc.record({ path: fc.tuple(fc.constantFrom("config"), fc.constantFrom("inputs", "seed", "layers")), value: odd }),
      fc.record({ path: fc.tuple(fc.constantFrom("config"), fc.constantFrom("layers"), fc.nat(3), fc.constantFrom("type", "units", "activation", "useBias")), value: odd }),
      fc.record({ path: fc.tuple(fc.constantFrom("training"), fc.constantFrom("optimizer", "loss", "metrics", "accuracy", "step", "epoch", "powers", "rateScale")), value: odd }),
      fc.record({ path: fc.tuple(fc.constantFrom("training"), fc.constantFrom("optimizer", "loss", "metrics", "accuracy", "step", "epoch", "powers")), value: odd }),
      fc.record({ path: fc.tuple(fc.constantFrom("training"), fc.constantFrom("optimizer"), fc.constantFrom("options"),
        fc.constantFrom("beta1", "beta2", "epsilon", "learningRate", "clipNorm", "amsgrad")), value: odd }),
    );
    fc.assert(fc.property(spots, ({ path, value }) => {
      const changed = edited(bytes, (each) => {
        const [first, ...rest] = path as (string | number)[];
        const inMetadata = first === "config" || first === "training";
        const root = inMetadata ? JSON.parse(each.__metadata__[first]) : each[first];
        let place = root;
        for (const key of rest.slice(0, -1)) place = place[key];
        place[rest.at(-1)!] = value;
        if (inMetadata) each.__metadata__[first] = JSON.stringify(root);
      });
      verdict(changed);
    }), { interruptAfterTimeLimit: 900, markInterruptAsFailure: false, numRuns: 100_000 });
    expect(backend.memory().bytesInUse).toBe(bytesInUse);
  });

  it("of random bytes is refused by both readers", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (given) => {
      expect(verdict(given)).toBeInstanceOf(FormatError);
      expect(() => load(given)).toThrow(LanewiseError);
    }), { numRuns: 500 });
  });
});

describe("includeOptimizer: training goes on to the same bits", () => {
  const rows = Float32Array.from({ length: 3 * 20 }, (_, i) => Math.sin(i));
  const classes = Int32Array.from({ length: 20 }, (_, i) => (i * 7) % 3);
  const optimizers = Object.entries(optionSets).flatMap(([id, sets]) => (sets as object[]).flatMap((options) => [{ id, options }, { id, options: { ...options, clipNorm: 0.5, clipValue: 0.1 } }]));

  it.each(optimizers)("$id $options", async ({ id, options: given }) => {
    const optimizer = () => checkOptimizer("test", id, given);
    for (const breakAfter of [0, 1, 2]) {
      const whole = trained(optimizer());
      const halves = trained(optimizer());
      const options = { batchSize: 8, epochs: 1 };
      for (let epoch = 0; epoch < breakAfter; epoch++) expect(await halves.fit(rows, classes, options)).toEqual(await whole.fit(rows, classes, options));
      const resumed = Network.load(halves.save({ includeOptimizer: true }), { backend });
      // Shuffling goes on too: each epoch has an order of its own.
      expect(await resumed.fit(rows, classes, { batchSize: 8, epochs: 2 })).toEqual(await whole.fit(rows, classes, { batchSize: 8, epochs: 2 }));
      expect(resumed.trainBatch(x, [0, 1])).toBe(whole.trainBatch(x, [0, 1]));
      expect(resumed.save({ includeOptimizer: true })).toEqual(whole.save({ includeOptimizer: true }));
      for (const network of [whole, halves, resumed]) network.dispose();
    }
  });
});

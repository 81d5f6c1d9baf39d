// Layers of the user's own: their passes between the kernels, their files, and what they must not break.

import { expect, test } from "vitest";
import { adam, createBackend, custom, dense, DisposedError, FormatError, Network, NonFiniteError, residual, sgd, type CustomLayer, type LayerFactory } from "../src/index.js";
import { load as infer } from "../src/infer.js";
import { createThreadedBackend } from "../src/threads.js";
import { bits, random } from "./numbers.js";

/** y = x · scale: the example of the docs. */
const scaling: CustomLayer = {
  name: "scaling",
  weights: (inputs) => ({ scale: { shape: [inputs], initializer: "ones" } }),
  forward: ({ x, y, weights: { scale } }) => { for (let i = 0; i < y.length; i++) y[i] = x[i] * scale[i % scale.length]; },
  backward({ x, dx, dy, weights: { scale }, gradients }) {
    for (let i = 0; i < dy.length; i++) {
      dx[i] = dy[i] * scale[i % scale.length];
      gradients.scale[i % scale.length] += dy[i] * x[i];
    }
  },
};

/** A dense layer without bias, its matrix row-major: y = x · w. */
const product = (units: number): CustomLayer => ({
  name: `product ${units}`,
  units: () => units,
  weights: (inputs) => ({ w: { shape: [inputs, units] } }),
  forward({ rows, x, y, weights: { w } }) {
    const inputs = x.length / rows;
    for (let r = 0; r < rows; r++) for (let j = 0; j < units; j++) {
      let sum = 0;
      for (let i = 0; i < inputs; i++) sum = Math.fround(sum + Math.fround(x[r * inputs + i] * w[i * units + j]));
      y[r * units + j] = sum;
    }
  },
  backward({ rows, x, dx, dy, weights: { w }, gradients }) {
    const inputs = x.length / rows;
    expect(gradients.w.every((g) => g === 0)).toBe(true);
    for (let r = 0; r < rows; r++) for (let i = 0; i < inputs; i++) {
      let sum = 0;
      for (let j = 0; j < units; j++) {
        sum = Math.fround(sum + Math.fround(dy[r * units + j] * w[i * units + j]));
        gradients.w[i * units + j] += Math.fround(x[r * inputs + i] * dy[r * units + j]);
      }
      dx[r * inputs + i] = sum;
    }
  },
});

function network(inputs: number, layers: LayerFactory[], backend = createBackend()): Network {
  const made = new Network({ inputs, layers, seed: 4 }, { backend });
  made.compile({ optimizer: adam({ learningRate: 0.01 }), loss: "mse" });
  return made;
}

test("a dense layer of one's own gives the bits of dense(), forward, backward and in training, at any width", () => {
  for (const [inputs, width, units] of [[1, 1, 1], [3, 5, 2], [8, 16, 8], [7, 8, 9], [17, 33, 3]]) {
    const make = (layer: (n: number) => LayerFactory) => network(inputs, [layer(width), dense(width, "tanh"), residual([layer(width), dense(4, "relu"), layer(width)]), layer(units)]);
    const [own, ours] = [make((n) => custom(product(n))), make((n) => dense(n, "linear", { useBias: false }))];
    for (const [i, layer] of ours.layers.entries()) {
      own.layers[i].setWeights(Object.fromEntries(Object.entries(layer.getWeights()).map(([name, values]) => [name in own.layers[i].getWeights() ? name : name.replace("weights", "w"), values])));
    }
    const [x, y] = [random(6 * inputs, 1), random(6 * units, 2)];
    const both = (of: (made: Network) => unknown) => expect(of(own)).toEqual(of(ours));
    both((made) => bits(made.predict(x)));
    both((made) => bits(made.predict(x.subarray(0, inputs))));
    both((made) => { const { loss, input, layers } = made.gradients(x, y); return [loss, bits(input), layers.flatMap((layer) => Object.values(layer).map((g) => bits(g!)))]; });
    for (let step = 0; step < 5; step++) both((made) => made.trainBatch(x.subarray(0, (6 - step) * inputs), y.subarray(0, (6 - step) * units)));
    both((made) => made.evaluate(x, y));
    both((made) => made.trace(x).a.map(bits));
    both((made) => { const session = made.session({ batch: 6 }); session.input.set(x); session.run(); return bits(session.output); });
    own.dispose();
    ours.dispose();
  }
});

test("a file names them, and needs them again", async () => {
  const backend = createBackend();
  const { bytesInUse } = backend.memory();
  const first = network(5, [custom(scaling), residual([custom(scaling), custom(product(5))]), dense(3)], backend);
  const [x, y] = [random(20, 1), random(12, 2)];
  await first.fit(x, y, { epochs: 3, batchSize: 2 });
  const bytes = first.save({ includeOptimizer: true });
  const second = Network.load(bytes, { backend, customLayers: [product(5), scaling] });
  expect(second.save({ includeOptimizer: true })).toEqual(bytes);
  expect(bits(second.predict(x))).toEqual(bits(first.predict(x)));
  expect(await second.fit(x, y)).toEqual(await first.fit(x, y));
  expect(Object.keys(first.layers[1].getWeights())).toEqual(["1.scale", "2.w"]);
  expect(first.layers[0].getWeights().scale).not.toEqual(new Float32Array(5).fill(1));
  expect(first.summary()).toContain("residual(custom(scaling), custom(product 5))");
  first.dispose();
  second.dispose();
  expect(backend.memory().bytesInUse).toBe(bytesInUse);
});

test("forward and backward agree on whether it is training", () => {
  const seen: string[] = [];
  const watching: CustomLayer = {
    name: "watching",
    forward: ({ x, y, training }) => void (y.set(x), seen.push(`forward ${training}`)),
    backward: ({ dx, dy, training }) => void (dx.set(dy), seen.push(`backward ${training}`)),
  };
  const made = network(3, [custom(watching), dense(2)]);
  const [x, y] = [random(6, 1), random(4, 2)];
  const calls = (call: () => unknown) => (seen.splice(0), call(), seen.join(", "));
  expect(calls(() => made.trainBatch(x, y))).toBe("forward true, backward true");
  expect(calls(() => made.gradients(x, y))).toBe("forward false, backward false");
  for (const call of [() => made.predict(x), () => made.evaluate(x, y), () => made.trace(x)]) expect(calls(call)).toBe("forward false");
  made.dispose();
});

test("what is thrown inside reaches the caller, and nothing has changed", async () => {
  let armed = "";
  const failing: CustomLayer = {
    name: "failing",
    forward({ x, y }) { if (armed === "forward") throw new RangeError("mine"); y.set(x); },
    backward({ dx, dy }) { if (armed === "backward") throw new RangeError("mine"); dx.set(dy); },
  };
  const made = network(3, [dense(4, "tanh"), custom(failing), dense(2)]);
  const [x, y] = [random(6, 1), random(4, 2)];
  made.trainBatch(x, y);
  const before = made.save({ includeOptimizer: true });
  for (armed of ["forward", "backward"]) {
    expect(() => made.trainBatch(x, y)).toThrow(new RangeError("mine"));
    expect(() => made.gradients(x, y)).toThrow(new RangeError("mine"));
  }
  expect(() => (armed = "forward", made.predict(x))).toThrow(new RangeError("mine"));
  armed = "";
  expect(made.save({ includeOptimizer: true })).toEqual(before);
  // Where a fit stood is remembered, for another to go on from; nothing else.
  const weights = made.save();
  for (armed of ["forward", "backward"]) await expect(made.fit(x, y)).rejects.toThrow(new RangeError("mine"));
  expect(made.save()).toEqual(weights);
  armed = "";
  made.trainBatch(x, y);
  made.dispose();
});

test("what units() and weights() throw while a file is read is the cause of the error", () => {
  const bytes = network(3, [custom(scaling), dense(2)]).save();
  for (const method of ["units", "weights"] as const) {
    const mine = new RangeError("mine");
    const load = () => Network.load(bytes, { customLayers: [{ ...scaling, [method]: () => { throw mine; } }] });
    expect(load).toThrow(FormatError);
    expect(load).toThrow(expect.objectContaining({ cause: mine }));
  }
});

test("lanewise/infer says which custom layer it cannot have", () => {
  const bytes = network(3, [residual([custom(scaling)]), dense(2)]).save();
  expect(() => infer(bytes)).toThrow(FormatError);
  expect(() => infer(bytes)).toThrow("layers must be of the library in lanewise/infer (Network.load of lanewise takes customLayers), got \"scaling\"");
});

test("NaN from inside names the layer", () => {
  const spoiling: CustomLayer = { ...scaling, name: "spoiling", backward: (views) => (scaling.backward(views), void views.gradients.scale.fill(NaN)) };
  const made = network(3, [dense(4), custom(spoiling), dense(2)]);
  expect(() => made.trainBatch(random(6, 1), random(4, 2))).toThrow(/gradients must be finite.* layer 2, custom\(spoiling\)/);
  const dividing: CustomLayer = { ...scaling, name: "dividing", forward: ({ y }) => void y.fill(0 / 0) };
  const other = network(3, [dense(4), custom(dividing), dense(2)]);
  expect(() => other.trainBatch(random(6, 1), random(4, 2))).toThrow(NonFiniteError);
  expect(() => other.trainBatch(random(6, 1), random(4, 2))).toThrow(/output of layer 2, custom\(dividing\)/);
  made.dispose();
  other.dispose();
});

test("dispose() and compile() from inside end the call, not the memory of others", () => {
  const backend = createBackend();
  const inside: { act?: () => void } = {};
  const acting: CustomLayer = { name: "acting", forward: ({ x, y }) => void (y.set(x), inside.act?.()), backward: ({ dx, dy }) => void dx.set(dy) };
  for (const act of ["dispose", "compile"] as const) {
    const made = network(64, [custom(acting), dense(64), dense(64)], backend);
    const others: Network[] = [];
    made.trainBatch(random(640, 1), random(640, 2));
    inside.act = () => {
      inside.act = undefined;
      if (act === "dispose") made.dispose();
      else made.compile({ optimizer: sgd(), loss: "mse" });
      others.push(network(64, [dense(64)], backend));
    };
    expect(() => made.trainBatch(random(640, 1), random(640, 2))).toThrow(DisposedError);
    expect(others[0].save()).toEqual(network(64, [dense(64)]).save());
    made.dispose();
  }
});

test("views stay good when the memory grows", () => {
  const backend = createBackend();
  const made = network(3, [custom(scaling), dense(2)], backend);
  const [x, y] = [random(6, 1), random(4, 2)];
  const twin = network(3, [custom(scaling), dense(2)]);
  for (let step = 0; step < 4; step++) {
    expect(made.trainBatch(x, y)).toBe(twin.trainBatch(x, y));
    network(300 << step, [dense(300)], backend);
  }
});

test("1, 2 and 3 threads give the same bits", async () => {
  const results: unknown[] = [];
  for (const threads of [1, 2, 3]) {
    const backend = await createThreadedBackend({ threads });
    const made = network(91, [custom(scaling), dense(130, "relu"), residual([custom(product(131)), dense(130)]), dense(10)], backend);
    const [x, y] = [random(150 * 91, 1), random(1500, 2)];
    await made.fit(x, y, { epochs: 2, batchSize: 100 });
    results.push([made.save(), bits(made.predict(x)), bits(made.gradients(x, y).input)]);
    made.dispose();
    backend.dispose();
  }
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
});

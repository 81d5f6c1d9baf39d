// Values of any kind, as a caller may pass them by mistake or on purpose: each may be looked at twice, and says the same.

import fc from "fast-check";
import { activation, adam, createBackend, dense, Matrix, Network } from "../../src/index.js";
import { detached } from "../bad-input/world.js";

const gone = createBackend();
gone.dispose();
const small = createBackend({ maximumBytes: 1 << 16 });
const deadMatrix = new Matrix(1, 1);
deadMatrix.dispose();
const deadNetwork = new Network({ inputs: 1, layers: [dense(1)] });
deadNetwork.dispose();

const shared = (values: number[]): Float32Array => {
  const array = new Float32Array(new SharedArrayBuffer(values.length * 4));
  array.set(values);
  return array;
};
const ofBuffer = (length: number, maxByteLength: number): Float32Array => new Float32Array(new (ArrayBuffer as any)(length, { maxByteLength }));
class Odd {
  constructor(readonly rows = 2) {}
}

// No classes: one in the place of a callback is called, and the TypeError of that is its own, as whatever a callback throws.
const makers: readonly (() => unknown)[] = [
  () => undefined, () => null, () => NaN, () => Infinity, () => -Infinity, () => -0, () => 0.5, () => 2 ** 31, () => 2 ** 32, () => 2 ** 53, () => 1e308, () => 5e-324, () => 0n, () => 10n ** 30n,
  () => "", () => "__proto__", () => "constructor", () => "relu", () => "mse", () => "ünï\ud800", () => "x".repeat(5000), () => Symbol("s"), () => Symbol.iterator,
  () => () => 1, () => async () => 1, () => function* () {}, () => Math.abs,
  () => [], () => [[]], () => [1], () => [[1, 2], [3]], () => [[1, 2], [3, 4]], () => [[NaN, 1]], () => [[Infinity, 1]], () => [["1", 2]], () => [[1n, 2]], () => [null], () => [, 1], () => new Array(2 ** 32 - 1), () => new Array(1000),
  () => [[, 1]], () => [new Float32Array(2), [1, 2]], () => Object.assign([1, 2], { extra: 1 }), () => Object.freeze([[1, 2]]), () => Array.from({ length: 300 }, (_, i) => [i, -i]),
  () => new Float32Array(0), () => new Float32Array(1), () => new Float32Array(2), () => new Float32Array(3), () => new Float32Array([NaN, 1]), () => new Float32Array([3e38, 3e38]), () => new Float32Array(600), () => new Float32Array(8).subarray(3, 5),
  () => detached(new Float32Array(2)), () => detached(new Uint8Array(2)), () => shared([1, 2]), () => ofBuffer(8, 16), () => new Float64Array(2), () => new Uint8Array([0, 1]), () => new Uint8Array([255]),
  () => new Int32Array([0, -1]), () => new Int32Array([0, 1]), () => new BigInt64Array(2), () => new Uint8ClampedArray(2), () => new DataView(new ArrayBuffer(8)), () => new ArrayBuffer(8), () => detached(new Uint8Array(8)).buffer, () => new SharedArrayBuffer(8), () => Buffer.from("lanewise"),
  () => ({}), () => Object.create(null), () => ({ length: 2 }), () => ({ length: 2 ** 53, 0: [1, 2] }), () => ({ name: "leakyRelu", negativeSlope: "1" }), () => ({ name: "relu" }), () => ({ name: "topKAccuracy", k: 99 }), () => ({ constructor: undefined }),
  () => ({ constructor: { name: 5 } }), () => ({ toString: undefined, valueOf: undefined }), () => ({ aborted: "no" }), () => ({ text: "not wasm" }), () => ({ variant: "strict", text: "" }), () => ({ build: 1 }), () => ({ then: 1 }),
  () => JSON.parse('{"__proto__":{"epochs":2}}'), () => ({ get x() { return 1; } }), () => new Odd(), () => new Date(NaN), () => /x/, () => new Error("e"), () => new Map([[1, 2]]), () => new Set([1]), () => new WeakMap(),
  () => Promise.resolve(1), () => new Number(3), () => new String("relu"), () => Object(1n), () => [1, 2].values(), () => (function* () { yield [[[1, 2]], [[1, 2]]]; })(), () => new Proxy([[1, 2]], {}), () => new Proxy({}, {}), () => new Proxy(new Float32Array(2), {}),
  () => new Proxy(() => {}, {}), () => [new Proxy([1, 2], {})], () => (function (..._: unknown[]) { return arguments; })(1, 2), () => globalThis.crypto, () => new AbortController(), () => AbortSignal.abort(),
  () => gone, () => small, () => deadMatrix, () => deadNetwork, () => dense(2), () => [dense(2)], () => activation("tanh"), () => adam(), () => new URL("http://a.b"), () => new TextEncoder(),
];

/** Made at each call anew: an iterator that one call has read would be another argument for the next. */
export class Made {
  constructor(readonly make: () => unknown) {}
  [fc.toStringMethod] = (): string => String(this.make).replace(/^\(\) => /, "");
}

export const odd: fc.Arbitrary<Made> = fc.integer({ min: 0, max: makers.length - 1 }).map((i) => new Made(makers[i]));

const anything = fc.anything({
  maxDepth: 2, maxKeys: 3, withBigInt: true, withBoxedValues: true, withDate: true, withMap: true, withNullPrototype: true, withObjectString: true, withSet: true, withSparseArray: true, withTypedArray: true,
});

/** Anything: the odd ones, or whatever fast-check can think of. */
export const junk: fc.Arbitrary<Made> = fc.oneof({ weight: 4, arbitrary: odd }, { weight: 1, arbitrary: anything.map((value) => new Made(() => value)) });

/** Arguments with what is Made in them made. */
export function resolve(args: unknown): unknown {
  if (args instanceof Made) return args.make();
  if (Array.isArray(args)) return args.map(resolve);
  if (typeof args === "object" && args !== null && Object.getPrototypeOf(args) === Object.prototype) return Object.fromEntries(Object.entries(args).map(([key, value]) => [key, resolve(value)]));
  return args;
}

// THE table of calls: with good arguments the model says what comes; with bad ones an error of the library must, or what the twin gives as well.

import fc from "fast-check";
import { dense, DisposedError, Matrix, matmul, Network, StateError, type LanewiseError } from "../../src/index.js";
import { load } from "../../src/infer.js";
import { during } from "../bad-input/world.js";
import { callExport, exported } from "./exports.js";
import { junk, odd, type Made } from "./junk.js";
import { product, x, y, type Half, type Model } from "./world.js";

export interface Row<A = any> {
  readonly name: string;
  /** How often, besides the others. */
  readonly weight?: number;
  /** What is Made in them reaches `call` as what it makes. */
  readonly args: fc.Arbitrary<A>;
  call(half: Half, args: A): unknown;
  /** With good arguments: the error that must come, undefined for none. Rows without it have arguments of any kind. */
  expects?(model: Model): (new (...args: never[]) => LanewiseError) | undefined;
  /** What a call that succeeded changes in the model. */
  after?(model: Model): void;
  /** A fit that had begun when it failed: what it did until then counts, so the twin must fail, too. */
  began?(message: string): boolean;
  /** For calls that do not concern the halves: those of exports. */
  readonly free?: boolean;
}

const none = fc.constant(undefined);
const alive = ({ disposed }: Model) => (disposed ? DisposedError : undefined);
const compiled = (model: Model) => alive(model) ?? (model.compiled ? undefined : StateError);
const idle = (model: Model) => alive(model) ?? (model.fitting ? StateError : undefined);
const ready = (model: Model) => idle(model) ?? compiled(model);
const sessionAlive = ({ sessionDisposed }: Model) => (sessionDisposed ? DisposedError : undefined);
const matrixAlive = ({ matrixDisposed, backendDisposed }: Model) => (matrixDisposed || backendDisposed ? DisposedError : undefined);
/** What an argument is once it is made. */
type Resolved<A> = A extends Made ? unknown : A extends readonly unknown[] ? { [K in keyof A]: Resolved<A[K]> } : A extends Record<string, Made> ? Record<string, unknown> : A;
const row = <A>(each: Omit<Row<A>, "call"> & { call(half: Half, args: Resolved<A>): unknown }): Row => each as unknown as Row;
const began = (message: string): boolean => message.startsWith("Network.fit: epoch ");
const denseOf = (units: number) => dense(units, "tanh");
/** Ends a fit of whatever length, after as many looks at it in both halves. */
const patience = (): { readonly aborted: boolean } => {
  let looks = 0;
  return { get aborted() { return ++looks > 20; } };
};
/** Another fit goes after it, or no save() would succeed from then on: a state that no file can hold stays one. */
async function saveState(network: Network, state: unknown): Promise<Uint8Array> {
  await network.fit(x, y, { callbacks: [{ getState: () => state as object }] });
  try {
    return network.save({ includeOptimizer: true });
  } finally {
    await network.fit(x, y);
  }
}
const disposing = (matrix: Matrix): Float32Array => during(matrix, ({ data }) => data.slice());

/** The same network's file, as somebody's disk may give it back. */
const damaged = (half: Half, at: number, value: number): Uint8Array => {
  const bytes = half.network.save();
  if (value > 0) bytes[at % bytes.length] ^= value;
  return bytes;
};
const rows = fc.integer({ min: 1, max: 40 }).map((n) => [Float32Array.from({ length: 2 * n }, (_, i) => Math.fround(Math.sin(i))), Float32Array.from({ length: 2 * n }, (_, i) => Math.fround(Math.cos(i)))] as const);
const pair = fc.tuple(junk, junk);
const options = <K extends string>(...keys: K[]) => fc.tuple(fc.constantFrom(...keys), odd).map(([key, value]) => ({ [key]: value }));

const good: readonly Row[] = [
  row({ name: "compile", args: none, call: (half) => half.compile(), expects: idle, after: (model) => void (model.compiled = true) }),
  row({ name: "trainBatch", args: rows, call: ({ network }, [x, y]) => network.trainBatch(x, y), expects: ready }),
  row({ name: "evaluate", args: rows, call: ({ network }, [x, y]) => network.evaluate(x, y), expects: compiled }),
  row({ name: "gradients", args: rows, call: ({ network }, [x, y]) => network.gradients(x, y), expects: compiled }),
  row({ name: "diagnose", args: rows, call: ({ network }, [x, y]) => String(network.diagnose(x, y)), expects: compiled }),
  row({ name: "predict", args: rows, call: ({ network }, [x]) => network.predict(x), expects: alive }),
  row({ name: "trace", args: rows, call: ({ network }, [x]) => network.trace(x), expects: alive }),
  row({ name: "summary", args: none, call: ({ network }) => network.summary(), expects: alive }),
  row({ name: "save", args: none, call: ({ network }) => network.save(), expects: alive }),
  row({ name: "save, with the optimizer", args: none, call: ({ network }) => network.save({ includeOptimizer: true }), expects: compiled }),
  row({ name: "load", args: none, call: (half) => during(Network.load(half.network.save(), { backend: half.backend }), (copy) => copy.predict(x)), expects: (model) => alive(model) ?? backendAlive(model) }),
  row({ name: "infer.load", args: none, call: (half) => during(load(half.network.save(), { backend: half.backend }), (copy) => copy.predict(x)), expects: (model) => alive(model) ?? backendAlive(model) }),
  row({ name: "loadWeights", args: none, call: ({ network }) => network.loadWeights(network.save()), expects: idle }),
  row({ name: "getWeights", args: none, call: ({ network }) => network.layers.map((layer) => layer.getWeights()), expects: alive }),
  row({ name: "setWeights", args: none, call: ({ network }) => network.layers[0].setWeights({ bias: network.layers[0].getWeights().bias!.map((value) => value / 2 + 0.125) }), expects: alive }),
  row({ name: "fit", args: fc.constantFrom(1, 2, 3), call: ({ network }, epochs) => network.fit(x, y, { epochs, batchSize: 2, validationData: [x, y] }), expects: ready }),
  row({ name: "fit of a stream", args: none, call: ({ network }) => network.fit([{ x, y }], { epochs: 2, accumulateSteps: 2 }), expects: ready }),
  row({ name: "fit, aborted", args: none, call: ({ network }) => network.fit(x, y, { epochs: 1000, signal: AbortSignal.abort() }), expects: ready }),
  row({ name: "fit begins", args: fc.constantFrom(1, 2), call: (half, epochs) => half.startFit(epochs), expects: ready, after: (model) => void (model.fitting = true) }),
  row({ name: "fit ends", weight: 3, args: fc.boolean(), call: (half, abort) => half.fitting && half.endFit(abort), expects: (model) => (model.fitting && model.disposed ? DisposedError : undefined), after: (model) => void (model.fitting = false) }),
  row({ name: "session", args: none, call: (half) => during(half.network.session({ batch: 3 }), (session) => (session.input.fill(0.5), session.run(), session.output.slice())), expects: alive }),
  row({ name: "session.run", args: fc.float({ noNaN: true, noDefaultInfinity: true }), call: ({ session }, value) => (session.input.fill(value), session.run(), session.output.slice()), expects: sessionAlive }),
  row({ name: "matmul", args: none, call: ({ matrix }) => product(matrix), expects: matrixAlive }),
  row({ name: "Matrix.data", args: fc.float(), call: ({ matrix }, value) => void (matrix.data[0] = value), expects: ({ matrixDisposed }) => (matrixDisposed ? DisposedError : undefined) }),
  row({ name: "Matrix", args: fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 })), call: ({ backend }, [m, n]) => during(new Matrix(m, n, undefined, { backend }), ({ data }) => data.slice()), expects: backendAlive }),
  row({ name: "Network", args: none, call: (half) => during(new Network({ inputs: 2, layers: half.network.layers.map(({ units }) => denseOf(units)), seed: 5 }, { backend: half.backend }), (network) => network.save()), expects: backendAlive }),
  row({ name: "threads", args: none, call: ({ backend }) => backend.threads, expects: () => undefined }),
  row({ name: "session.dispose", args: none, call: ({ session }) => session.dispose(), expects: () => undefined, after: (model) => void (model.sessionDisposed = true) }),
  row({ name: "matrix.dispose", args: none, call: ({ matrix }) => matrix.dispose(), expects: () => undefined, after: (model) => void (model.matrixDisposed = true) }),
  row({ name: "dispose", args: none, call: ({ network }) => network.dispose(), expects: () => undefined, after: (model) => void (model.disposed = true) }),
  row({ name: "backend.dispose", args: none, call: ({ backend }) => backend.dispose(), expects: () => undefined, after: (model) => void (model.backendDisposed = true) }),
];

const bad: readonly Row[] = [
  row({ name: "compile(junk)", args: options("optimizer", "loss", "metrics", "more"), call: ({ network }, given) => network.compile({ optimizer: "sgd", loss: "mse", ...given } as never), after: (model) => void (model.compiled = true) }),
  row({ name: "trainBatch(junk)", weight: 3, args: pair, call: ({ network }, [a, b]) => network.trainBatch(a as never, b as never) }),
  row({ name: "evaluate(junk)", args: fc.tuple(junk, junk, junk), call: ({ network }, [a, b, c]) => network.evaluate(a as never, b as never, c as never) }),
  row({ name: "evaluate with junk", args: junk, call: ({ network }, sampleWeight) => network.evaluate(x, y, { sampleWeight } as never) }),
  row({ name: "gradients(junk)", args: pair, call: ({ network }, [a, b]) => network.gradients(a as never, b as never) }),
  row({ name: "diagnose(junk)", args: pair, call: ({ network }, [a, b]) => String(network.diagnose(a as never, b as never)) }),
  row({ name: "predict(junk)", weight: 3, args: junk, call: ({ network }, a) => network.predict(a as never) }),
  row({ name: "trace(junk)", args: junk, call: ({ network }, a) => network.trace(a as never) }),
  row({ name: "session(junk)", args: fc.oneof(junk, odd.map((batch) => ({ batch }))), call: ({ network }, a) => during(network.session(a as never), (session) => session.batch) }),
  row({ name: "save(junk)", args: fc.oneof(junk, odd.map((includeOptimizer) => ({ includeOptimizer }))), call: ({ network }, a) => network.save(a as never) }),
  row({ name: "setWeights(junk)", args: fc.oneof(junk, options("weights", "bias", "gamma", "more")), call: ({ network }, a) => network.layers[0].setWeights(a as never) }),
  row({ name: "adapt(junk)", args: junk, call: ({ network }, a) => network.layers[0].adapt(a as never) }),
  row({ name: "Network.load(junk)", args: pair, call: (_, [a, b]) => during(Network.load(a as never, b as never), () => undefined) }),
  row({ name: "loadWeights(junk)", args: pair, call: ({ network }, [a, b]) => network.loadWeights(a as never, b as never) }),
  row({ name: "loadWeights of a damaged file", args: fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), call: (half, [at, value]) => half.network.loadWeights(damaged(half, at, value)) }),
  row({ name: "load of a damaged file", args: fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), call: (half, [at, value]) => during(Network.load(damaged(half, at, value), { backend: half.backend }), () => undefined) }),
  row({ name: "fit(junk)", weight: 3, args: pair, call: ({ network }, [a, b]) => network.fit(a as never, b as never, { signal: patience() }), began }),
  row({ name: "fit(rows, junk)", args: junk, call: ({ network }, a) => network.fit(x, y, a as never) }),
  row({
    name: "fit with a junk option", weight: 4,
    args: options("batchSize", "shuffle", "validationSplit", "validationData", "sampleWeight", "classWeight", "accumulateSteps", "callbacks", "verbose", "resume", "stepsPerEpoch", "more"),
    call: ({ network }, given) => network.fit(x, y, { epochs: 1, signal: patience(), ...given, ...(given.verbose === true ? { verbose: false } : undefined) } as never),
  }),
  row({ name: "fit, junk from a callback", args: fc.tuple(fc.constantFrom("onTrainBegin", "onEpochBegin", "onBatchEnd", "onEpochEnd", "setState", "onTrainEnd"), junk),
    call: ({ network }, [hook, value]) => network.fit(x, y, { callbacks: [{ [hook]: typeof value === "function" ? 1 : () => value } as never] }), began: () => true }),
  row({ name: "save of junk from a callback", args: junk, call: ({ network }, value) => saveState(network, value), began: () => true }),
  row({ name: "Matrix(junk)", args: fc.tuple(junk, junk, junk), call: ({ backend }, [m, n, data]) => during(new Matrix(m as never, n as never, data as never, { backend }), (matrix) => matrix.data.slice()) }),
  row({ name: "matmul(matrix, junk)", args: fc.tuple(junk, junk), call: ({ matrix }, [b, given]) => disposing(matmul(matrix, b as never, given as never)) }),
  row({ name: "matmul with a junk option", args: options("transposeA", "transposeB", "out", "more"), call: ({ matrix }, given) => disposing(matmul(matrix, matrix, { transposeB: true, ...given } as never)) }),
  row({ name: "Network(junk)", args: fc.tuple(options("inputs", "layers", "seed", "more"), fc.boolean()), call: ({ backend }, [given]) => during(new Network({ inputs: 2, layers: [denseOf(2)], ...given } as never, { backend }), (network) => network.save()) }),
  row({ name: "an export(junk)", weight: 12, free: true, args: exported, call: (_, given) => callExport(given) }),
];

export const table: readonly Row[] = [...good, ...bad];

function backendAlive({ backendDisposed }: Model): typeof DisposedError | undefined {
  return backendDisposed ? DisposedError : undefined;
}

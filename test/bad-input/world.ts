// What the catalogue's calls work on: a few small networks and other objects that every row must leave as they were.

import { adam, createBackend, dense, Matrix, Network, sgd, type ActivationName, type Backend, type LossName, type Session } from "../../src/index.js";

export const x = [[0.1, -0.2, 0.3], [0.4, 0.5, -0.6]];

export class World {
  readonly backend = createBackend({});
  /** Targets are class numbers. */
  readonly classes = this.#network("softmax", 3, "sparseCategoricalCrossentropy", adam());
  /** Targets are any numbers. */
  readonly values = this.#network("linear", 2, "meanSquaredError", sgd({ momentum: 0.9 }));
  /** Targets are numbers from 0 to 1. */
  readonly chances = this.#network("sigmoid", 2, "binaryCrossentropy", sgd());
  /** Never compiled. */
  readonly raw = new Network({ inputs: 3, layers: [dense(2)] }, { backend: this.backend });
  readonly session: Session = this.classes.session({ batch: 2 });
  readonly matrix = new Matrix(2, 3, new Float32Array([1, 2, 3, 4, 5, 6]), { backend: this.backend });
  /** A backend with a megabyte at most, for rows that fill it. */
  readonly small = createBackend({ maximumBytes: 1 << 20 });
  readonly settled = new Network({ inputs: 3, layers: [dense(4, "relu"), dense(2)] }, { backend: this.small });
  readonly bytes = this.classes.save({ includeOptimizer: true });

  constructor() {
    // Working memory is made on first use and kept: use everything once, so that what a row leaves behind shows.
    this.settled.compile({ optimizer: sgd({ momentum: 0.5 }), loss: "mse" });
    this.raw.predict(x);
    for (const network of [this.classes, this.values, this.chances, this.settled]) {
      network.predict(x);
      network.trainBatch(Array.from({ length: 32 }, (_, i) => x[i % 2]), Array.from({ length: 32 }, (_, i) => this.y(network)[i % 2]) as never);
      network.evaluate(x, this.y(network));
    }
  }

  #network(last: ActivationName, units: number, loss: LossName, optimizer: Parameters<Network["compile"]>[0]["optimizer"]): Network {
    const network = new Network({ inputs: 3, layers: [dense(4, "tanh"), dense(units, last)], seed: units }, { backend: this.backend });
    network.compile({ optimizer, loss, metrics: ["accuracy"] });
    return network;
  }

  /** Good targets for the two rows of x. */
  y(network: Network): number[] | number[][] {
    return network === this.classes ? [0, 2] : [[0.5, 1], [0, 0.25]];
  }

  /** Everything a row could spoil: weights, optimizer state, predictions, all as hex, and bytes in use. */
  state(): Record<string, string | number> {
    const networks = [this.classes, this.values, this.chances, this.settled];
    const words = (data: ArrayBufferView) => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("hex");
    this.session.input.set(x.flat());
    this.session.run();
    const state: Record<string, string | number> = { raw: words(this.raw.save()), session: words(this.session.output), matrix: words(this.matrix.data) };
    for (const [i, network] of networks.entries()) {
      state[`network ${i}`] = words(network.save({ includeOptimizer: true }));
      state[`prediction ${i}`] = words(network.predict(x));
    }
    for (const key of ["backend", "small"] as const) state[`bytes in use of ${key}`] = this[key].memory().bytesInUse;
    return state;
  }

  /** The losses of steps that really train: only for the end, as they change the weights. */
  trainOn(): number[] {
    return [this.classes, this.values, this.chances, this.settled].map((network) => network.trainBatch(x, this.y(network)));
  }
}

/** A throw-away network, as the rows about state and memory need. */
export function fresh(options?: { backend?: Backend; loss?: LossName | null; learningRate?: number }): Network {
  const network = new Network({ inputs: 3, layers: [dense(4, "relu"), dense(2)] }, { backend: options?.backend });
  if (options?.loss !== null) network.compile({ optimizer: sgd({ learningRate: options?.learningRate ?? 0.1 }), loss: options?.loss ?? "mse" });
  return network;
}

/** What `use` gives, with `object` disposed afterwards, also when it throws or rejects. */
export function during<T extends { dispose(): void }, R>(object: T, use: (object: T) => R): R {
  let result: R;
  try {
    result = use(object);
  } catch (error) {
    object.dispose();
    throw error;
  }
  if (!(result instanceof Promise)) object.dispose();
  else return result.finally(() => object.dispose()) as R;
  return result;
}

/** Calls when not a byte of `backend` is left, and frees it again. */
export async function whenFull(backend: Backend, call: () => unknown): Promise<unknown> {
  const fillers: Matrix[] = [];
  try {
    for (let floats = 1 << 18; floats >= 16; ) {
      try {
        fillers.push(new Matrix(1, floats, undefined, { backend }));
      } catch {
        floats >>= 1;
      }
    }
    return await call();
  } finally {
    for (const filler of fillers) filler.dispose();
  }
}

type Header = Record<string, { dtype: string; shape: number[]; data_offsets: number[] } & Record<string, string>>;

/** A safetensors file of a header, as text, and data. */
export function file(header: string, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const json = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

/** Of a file that the library wrote, as version 1, which had no checksum: or it would refuse every change, and nothing else ever would. */
export function headerOf(bytes: Uint8Array): { header: Header; data: Uint8Array } {
  const end = 8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, end))) as Header;
  header.__metadata__.version = "1";
  delete (header.__metadata__ as Record<string, string>).checksum;
  return { header, data: bytes.subarray(end) };
}

/** The same file with another header. */
export function edited(bytes: Uint8Array, edit: (header: Header) => void): Uint8Array {
  const { header, data } = headerOf(bytes);
  edit(header);
  return file(JSON.stringify(header), data);
}

/** The same file with another config, or training record, in its metadata. */
export function reconfigured(bytes: Uint8Array, key: "config" | "training", edit: (record: any) => unknown): Uint8Array {
  return edited(bytes, ({ __metadata__ }) => {
    const record = JSON.parse(__metadata__[key]);
    const edited = edit(record);
    __metadata__[key] = JSON.stringify(edited === undefined ? record : edited);
  });
}

export function detached<T extends Float32Array | Uint8Array>(array: T): T {
  structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
  return array;
}

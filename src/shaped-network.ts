// Network as users see it: the class, with the widths that its config spells out. Types alone; the class itself is in network.ts.

import type { NetworkConfig } from "./layers/build.js";
import type { LayerFactory, WidthOf } from "./layers/layer.js";
import { Network as NetworkClass, type LoadOptions, type NetworkOptions } from "./network.js";

/** A dense network. `Network<784, 10>` takes rows of 784 values and gives rows of 10; `Network` is one of any widths. */
export interface Network<Inputs extends number = number, Outputs extends number = number> extends NetworkClass<Inputs, Outputs> {}

/** Values a row of the output: the width of the last layer that does not keep its input's. */
export type OutputsOf<Inputs extends number, Layers extends readonly LayerFactory[]> = WidthOf<Layers> extends infer Units ? (Units extends number ? Units : Inputs) : never;

export interface NetworkConstructor {
  /**
   * A dense network.
   *
   * @throws ShapeError for sizes that do not fit, ArgumentError for what is no layer or seed
   * @example
   * const network = new Network({ inputs: 2, layers: [dense(8, "tanh"), dense(1, "sigmoid")], seed: 1 });
   * network.compile({ optimizer: adam({ learningRate: 0.05 }), loss: "binaryCrossentropy" });
   * await network.fit([[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]], { epochs: 300, batchSize: 4 });
   * network.predict([[1, 0]]); // Float32Array [ 0.99… ]
   */
  new <const Inputs extends number = number, const Layers extends readonly LayerFactory[] = readonly LayerFactory[]>(
    config: NetworkConfig<Inputs, Layers>, options?: NetworkOptions,
  ): Network<Inputs, OutputsOf<Inputs, Layers>>;
  /** Reads what save() wrote; predictions are the same to the bit. @throws FormatError with the byte offset of what is wrong */
  load(bytes: Uint8Array | ArrayBuffer, options?: LoadOptions): Network;
  readonly prototype: Network;
}

export const Network: NetworkConstructor = NetworkClass as NetworkConstructor;

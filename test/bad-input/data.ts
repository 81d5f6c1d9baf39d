// Mistakes in x and y, by every way in.

import { ArgumentError, dense, Network, NonFiniteError, OutOfMemoryError, ShapeError } from "../../src/index.js";
import type { Row } from "./catalogue.js";
import { detached, during, x, type World } from "./world.js";

type Call = (network: Network, x: never, y: never) => unknown;

const withX: Record<string, Call> = {
  "Network.predict": (network, x) => network.predict(x),
  "Network.trace": (network, x) => network.trace(x),
};
const withBoth: Record<string, Call> = {
  "Network.trainBatch": (network, x, y) => network.trainBatch(x, y),
  "Network.fit": (network, x, y) => network.fit(x, y, { epochs: 2 }),
  "Network.evaluate": (network, x, y) => network.evaluate(x, y),
  "Network.gradients": (network, x, y) => network.gradients(x, y),
  "Network.diagnose": (network, x, y) => network.diagnose(x, y),
};

type Bad = readonly [what: string, error: Row["error"], says: readonly string[], value: () => unknown];

const kinds: readonly Bad[] = [
  ["null", ArgumentError, ["x must be a Float32Array or an array of rows", "got null"], () => null],
  ["undefined", ArgumentError, ["got undefined"], () => undefined],
  ["a string", ArgumentError, ['got "1,2,3"'], () => "1,2,3"],
  ["a number", ArgumentError, ["got 3"], () => 3],
  ["a BigInt", ArgumentError, ["got 3n"], () => 3n],
  ["a symbol", ArgumentError, ["got a symbol"], () => Symbol("x")],
  ["a function", ArgumentError, ["got a function"], () => () => x],
  ["an object", ArgumentError, ["got an object"], () => ({ length: 3, 0: [1, 2, 3] })],
  ["an object whose constructor is no function", ArgumentError, ["got an object"], () => ({ constructor: { name: Symbol() } })],
  ["a Map", ArgumentError, ["got a Map"], () => new Map()],
  ["an ArrayBuffer", ArgumentError, ["got an ArrayBuffer"], () => new ArrayBuffer(12)],
  ["a Float64Array", ArgumentError, ["got Float64Array(6)", "Float32Array.from"], () => new Float64Array(6)],
  ["a Uint8Array", ArgumentError, ["got Uint8Array(6)"], () => new Uint8Array(6)],
  ["a detached Float32Array", ArgumentError, ["its buffer", "a detached one"], () => detached(new Float32Array(6))],
  ["a flat array", ArgumentError, ["row 0 of x must be an array of 3 numbers", "got 1"], () => [1, 2, 3]],
  ["a row of null", ArgumentError, ["row 1 of x", "got null"], () => [[1, 2, 3], null]],
  ["a row of Float64Array", ArgumentError, ["row 0 of x", "got Float64Array(3)"], () => [new Float64Array(3)]],
  ["a missing row", ArgumentError, ["row 1 of x", "got undefined"], () => [[1, 2, 3], , [1, 2, 3]]],
  ["a sparse array of 2³² − 1", ArgumentError, ["row 0 of x", "got undefined"], () => Object.assign([], { length: 2 ** 32 - 1 })],
  ["a missing value", ArgumentError, ["x[0][1] must be a number", "got undefined"], () => [[1, , 3]]],
  ["a null value", ArgumentError, ["x[0][2] must be a number", "got null"], () => [[1, 2, null]]],
  ["numeric strings", ArgumentError, ["x[0][0] must be a number", 'got "1"'], () => [["1", "2", "3"]]],
  ["BigInts", ArgumentError, ["x[0][0]", "got 1n"], () => [[1n, 2n, 3n]]],
  ["a level too many", ArgumentError, ["x[0][0]", "got an array of 1"], () => [[[1], [2], [3]]]],
  ["a proxy that claims more rows than it has", ArgumentError, ["row 1 of x", "got undefined"],
    () => new Proxy([[1, 2, 3]], { get: (target, key) => (key === "length" ? 2 : Reflect.get(target, key)) })],
  ["a proxy without a length", ShapeError, ["at least one row"], () => new Proxy([[1, 2, 3]], { get: (target, key) => (key === "length" ? NaN : Reflect.get(target, key)) })],
  ["an empty array", ShapeError, ["x must hold at least one row of 3 values", "got none"], () => []],
  ["an empty Float32Array", ShapeError, ["x must hold at least one row of 3 values", "got none"], () => new Float32Array(0)],
  ["half a row", ShapeError, ["x must hold rows of 3 values", "got 7 values (2 rows and 1 over)"], () => new Float32Array(7)],
  ["a short first row", ShapeError, ["row 0 of x must hold 3 values", "got 2"], () => [[1, 2], [1, 2, 3]]],
  ["a ragged row", ShapeError, ["row 1 of x must hold 3 values", "got 4"], () => [[1, 2, 3], [1, 2, 3, 4]]],
  ["an empty row", ShapeError, ["row 0 of x", "got 0"], () => [[]]],
  ["NaN", NonFiniteError, ["x must be finite", "got NaN in row 1, column 2"], () => new Float32Array([1, 2, 3, 4, 5, NaN])],
  ["Infinity", NonFiniteError, ["got Infinity in row 0, column 0"], () => [[Infinity, 2, 3]]],
  ["−Infinity", NonFiniteError, ["got -Infinity in row 0, column 1"], () => [[1, -Infinity, 3]]],
  ["a number past float32", NonFiniteError, ["got Infinity in row 0, column 2"], () => [[1, 2, 1e39]]],
];

const classKinds: readonly Bad[] = [
  ["null", ArgumentError, ["y must hold class numbers", "got null"], () => null],
  ["undefined", ArgumentError, ["got undefined"], () => undefined],
  ["a string", ArgumentError, ['got "02"'], () => "02"],
  ["a number", ArgumentError, ["got 2"], () => 2],
  ["a Float32Array", ArgumentError, ["got Float32Array(2)"], () => new Float32Array(2)],
  ["a BigInt64Array", ArgumentError, ["got BigInt64Array(2)"], () => new BigInt64Array(2)],
  ["one-hot rows", ArgumentError, ["y[0] must be a class number", "got an array of 3"], () => [[1, 0, 0], [0, 0, 1]]],
  ["numeric strings", ArgumentError, ["y[0]", 'got "0"'], () => ["0", "2"]],
  ["BigInts", ArgumentError, ["y[0]", "got 0n"], () => [0n, 2n]],
  ["booleans", ArgumentError, ["y[0]", "got true"], () => [true, false]],
  ["a hole", ArgumentError, ["y[1]", "got undefined"], () => [0, , 2]],
  ["a detached Uint8Array", ArgumentError, ["its buffer", "a detached one"], () => detached(new Uint8Array(2))],
  ["a number of no class", ShapeError, ["y[1] must be a whole class number from 0 to 2", "got 3"], () => [0, 3]],
  ["a number of no class in a Uint8Array", ShapeError, ["y[0]", "got 255"], () => new Uint8Array([255, 0])],
  ["a negative number", ShapeError, ["y[0]", "got -1"], () => new Int32Array([-1, 0])],
  ["a negative number in shared memory", ShapeError, ["y[1]", "got -7"], () => { const y = new Int32Array(new SharedArrayBuffer(8)); y[1] = -7; return y; }],
  ["a fraction", ShapeError, ["y[1]", "got 0.5"], () => [0, 0.5]],
  ["a huge number", ShapeError, ["y[0]", "got 4294967296"], () => [2 ** 32, 0]],
  ["NaN", NonFiniteError, ["y[0] must be a class number", "got NaN"], () => [NaN, 0]],
  ["Infinity", NonFiniteError, ["y[1]", "got Infinity"], () => [0, Infinity]],
  ["an empty array", ShapeError, ["at least one class number", "got none"], () => []],
  ["an empty Int32Array", ShapeError, ["got none"], () => new Int32Array(0)],
  ["a row too few", ShapeError, ["y must hold as many rows as x (2)", "got 1"], () => [0]],
  ["a row too many", ShapeError, ["as many rows as x (2)", "got 3"], () => new Uint8Array(3)],
];
const valueKinds: readonly Bad[] = [
  ["null", ArgumentError, ["y must be a Float32Array or an array of rows", "got null"], () => null],
  ["class numbers", ArgumentError, ["row 0 of y must be an array of 2 numbers", "got 0"], () => [0, 1]],
  ["class numbers in a Uint8Array", ArgumentError, ["got Uint8Array(2)"], () => new Uint8Array(2)],
  ["numeric strings", ArgumentError, ["y[0][0]", 'got "0"'], () => [["0", "1"], ["0", "1"]]],
  ["rows too short", ShapeError, ["row 0 of y must hold 2 values", "got 1"], () => [[1], [2]]],
  ["a ragged row", ShapeError, ["row 1 of y must hold 2 values", "got 3"], () => [[1, 2], [1, 2, 3]]],
  ["half a row", ShapeError, ["y must hold rows of 2 values", "got 3 values (1 rows and 1 over)"], () => new Float32Array(3)],
  ["nothing", ShapeError, ["y must hold at least one row of 2 values"], () => []],
  ["a row too few", ShapeError, ["y must hold as many rows as x (2)", "got 1"], () => [[1, 2]]],
  ["a row too many", ShapeError, ["as many rows as x (2)", "got 3"], () => new Float32Array(6)],
  ["NaN", NonFiniteError, ["y must be finite", "got NaN in row 1, column 0"], () => [[1, 2], [NaN, 2]]],
  ["Infinity", NonFiniteError, ["got Infinity in row 0, column 1"], () => new Float32Array([1, Infinity, 2, 3])],
];
const chanceKinds: readonly Bad[] = [
  ["a value above 1", ArgumentError, ["y must hold values from 0 to 1 for binaryCrossentropy", "got 2 in row 1, column 0"], () => [[0, 1], [2, 1]]],
  ["a value below 0", ArgumentError, ["values from 0 to 1", "got -1 in row 0, column 0"], () => [[-1, 1], [0, 1]]],
];

function* rows(): Generator<Row> {
  for (const [where, call] of Object.entries({ ...withX, ...withBoth })) {
    for (const [what, error, says, value] of kinds) {
      yield { id: `${where}: x is ${what}`, error, where, says, call: ({ classes }) => call(classes, value() as never, [0, 2] as never) };
    }
  }
  const families: [keyof World & ("classes" | "values" | "chances"), readonly Bad[]][] = [["classes", classKinds], ["values", valueKinds], ["chances", chanceKinds]];
  for (const [where, call] of Object.entries(withBoth)) {
    for (const [network, bad] of families) {
      for (const [what, error, says, value] of bad) {
        yield { id: `${where}: y for ${network} is ${what}`, error, where, says, call: (world) => call(world[network], x as never, value() as never) };
      }
    }
  }
}

export const data: readonly Row[] = [
  ...rows(),
  {
    // One row, a million times over, is 128 GiB when copied.
    id: "Network.predict: more rows than an array can hold", error: OutOfMemoryError, where: "Network.predict", says: ["room for 137438953472 bytes"],
    call: ({ backend }) => during(new Network({ inputs: 2 ** 15, layers: [dense(1)] }, { backend }),
      (network) => network.predict(new Array(2 ** 20).fill(new Array(2 ** 15).fill(0)))),
  },
  {
    // Two megabytes of x ask for 128 GiB of predictions.
    id: "Network.predict: more output than an array can hold", error: OutOfMemoryError, where: "Network.predict", says: ["room for 137438953472 bytes"],
    call: ({ backend }) => during(new Network({ inputs: 1, layers: [dense(2 ** 16)] }, { backend }), (network) => network.predict(new Float32Array(2 ** 19))),
  },
];

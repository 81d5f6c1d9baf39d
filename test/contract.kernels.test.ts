// The debug build refuses what kernels do not take (assembly/contract/): every rule once, each next to a call that keeps it.

import { describe, expect, test } from "vitest";
import { Instance } from "./instance.js";

const instance = new Instance("debug");
const { kernels } = instance;
const [m, n, k] = [3, 11, 5];
const a = instance.words(m * k).at, b = instance.words(k * n).at, panels = instance.words(k * 16).at, c = instance.words(m * 24).at, bias = instance.words(16).at;
const z = instance.words(4 * 16).at, y = instance.words(4 * 16).at, x = instance.words(4 * 16).at, row = instance.words(16).at, scratch = instance.words(16 * 16).at, total = instance.words(2).at;
instance.reset();
/** Past the end of memory, on a multiple of 16 bytes: its last 16 bytes are left. */
const end = 256 * 65536 - 16;

type Case = [what: string, args: Record<number, number>];

/** Good arguments, and changes to them that are not. */
const cases: Record<string, { args: number[]; wrong: Case[] }> = {
  gemm: {
    args: [m, n, k, a, k, panels, c, 16, bias],
    wrong: [
      ["fewer than no rows", { 0: -1 }], ["fewer than no columns", { 1: -1 }], ["fewer than no terms", { 2: -1 }], ["rows of A that overlap", { 4: k - 1 }], ["rows of C without room for the last panel", { 7: 12 }],
      ["rows of C at no multiple of 16 bytes", { 7: 17 }], ["A between two floats", { 3: a + 2 }], ["panels at no multiple of 16 bytes", { 5: panels + 4 }], ["C at no multiple of 16 bytes", { 6: c + 4 }],
      ["a bias at no multiple of 16 bytes", { 8: bias + 8 }], ["A past the end of memory", { 3: end }], ["panels past the end of memory", { 5: end }], ["C past the end of memory", { 6: end }], ["a bias past the end of memory", { 8: end }],
      ["A in the module's own data", { 3: 64 }], ["C over A", { 6: a - 16 - (a % 16) }], ["C over panels", { 6: panels }], ["C over the bias", { 6: bias }], ["more than 2³¹ bytes of A", { 0: 2 ** 15, 4: 2 ** 16 }],
    ],
  },
  gemmTN: { args: [k, n, m, a, k, panels, c, 16, 0], wrong: [["rows of A that overlap", { 4: k - 1 }], ["C over A", { 6: a - (a % 16) }]] },
  packPanels: { args: [k, n, b, n, panels], wrong: [["rows of B that overlap", { 3: n - 1 }], ["B between two floats", { 2: b + 1 }], ["B past the end of memory", { 2: end }], ["panels over B", { 4: b }]] },
  packPanelsTransposed: { args: [n, k, b, n, panels], wrong: [["rows of B that overlap", { 3: n - 1 }], ["panels over B", { 4: b }]] },
  unpackPanels: { args: [k, n, panels, b, n], wrong: [["rows that overlap", { 4: n - 1 }], ["rows over the panels", { 3: panels }]] },
  gemmInputGradient: {
    args: [m, k, n, x, 16, panels, y, 8, 0, k, scratch],
    wrong: [["a first column inside a panel", { 8: 3 }], ["a last column that is not there", { 9: k + 1 }], ["dA over dZ", { 6: x }], ["scratch over the panels", { 10: panels }], ["scratch at no multiple of 16 bytes", { 10: scratch + 4 }]],
  },
  gemmWeightGradient: {
    args: [m, k, n, a, k, x, 16, panels, scratch],
    wrong: [["rows of dZ without room for the last panel", { 6: 12 }], ["dZ at no multiple of 16 bytes", { 5: x + 4 }], ["dW over dZ", { 7: x }], ["scratch over dZ", { 8: x }]],
  },
  copyRows: { args: [m, n, b, n, x, 16], wrong: [["rows that overlap", { 3: n - 1 }], ["rows too short", { 5: n - 1 }], ["a copy over its source", { 4: b + 4 }]] },
  gatherRows: { args: [1, n, b, total, x], wrong: [["rows past the end of memory", { 2: end }], ["a copy over its source", { 4: b }]] },
  sumRows: { args: [m, 16, 16, x, row], wrong: [["a sum over its terms", { 4: x }], ["columns that end inside a vector", { 1: 11 }]] },
  tanhForward: {
    args: [4, n, 16, z, y, 0],
    wrong: [["rows of half a panel", { 2: 12 }], ["rows shorter than their columns", { 1: 17 }], ["a at no multiple of 16 bytes", { 4: y + 4 }], ["a over half of z", { 4: z + 64 }], ["a past the end of memory", { 4: end }], ["fewer than no rows", { 0: -1 }]],
  },
  tanhBackward: { args: [4, n, 16, z, y, y, 0], wrong: [["dz over a", { 5: z }], ["da past the end of memory", { 4: end }]] },
  preluForward: { args: [4, n, 16, z, y, row], wrong: [["slopes under a", { 5: y }], ["slopes past the end of memory", { 5: end - 32 }]] },
  meanSquaredErrorLoss: { args: [4, n, 16, z, y, z, total, row, 0], wrong: [["a gradient over the targets", { 5: y }], ["a sum at no multiple of 8 bytes", { 6: total + 4 }], ["weights of rows past the end of memory", { 8: end + 4 }]] },
  adamUpdate: { args: [16, z, y, x, row, 16], wrong: [["gradients over weights", { 2: z }], ["state over weights", { 3: z }], ["slots that overlap", { 5: 8 }], ["half a panel", { 0: 12 }]] },
  dropoutDraw: { args: [4, n, 16, z, z, y, row, row, 0], wrong: [["a mask over a", { 5: z }], ["a first row before the first", { 8: -1 }]] },
};

describe.each(Object.entries(cases))("%s", (kernel, { args, wrong }) => {
  test("takes what it should", () => {
    // Zeros: padding of gradients.
    for (const pointer of [x, y, z, total]) new Float32Array(instance.buffer, pointer, pointer === total ? 2 : 64).fill(0);
    kernels[kernel](...args);
  });
  test.each(wrong)("refuses %s", (_, change) => {
    expect(() => kernels[kernel](...args.map((arg, i) => change[i] ?? arg))).toThrow(WebAssembly.RuntimeError);
  });
});

test("a weight gradient refuses dZ whose padding is not zero", () => {
  new Float32Array(instance.buffer, x, 64).fill(0)[n] = 1;
  const { args } = cases.gemmWeightGradient;
  expect(() => kernels.gemmWeightGradient(...args)).toThrow(WebAssembly.RuntimeError);
});

test("the trap's stack names the kernel and the rule", () => {
  const { args } = cases.gemm;
  try {
    kernels.gemm(...args.with(3, end));
    expect.fail("nothing was refused");
  } catch (error) {
    expect((error as Error).stack).toMatch(/assembly\/contract\/rules\/block[^]*assembly\/contract\/products\/gemm/);
  }
});

// THE table of mistakes: what a user does, the class of error that comes, and what its message says. test/bad-input.test.ts runs every row.

import { LanewiseError } from "../../src/index.js";
import { data } from "./data.js";
import { files } from "./files.js";
import { layers } from "./layers.js";
import { memory } from "./memory.js";
import { names } from "./names.js";
import { numbers } from "./numbers.js";
import { odd } from "./odd.js";
import { order } from "./order.js";
import { training } from "./training.js";
import type { World } from "./world.js";

export interface Row {
  readonly id: string;
  readonly error: new (...args: never[]) => LanewiseError;
  /** The message starts with this place, … */
  readonly where: string;
  /** … and holds these parts. */
  readonly says: readonly string[];
  readonly call: (world: World) => unknown;
}

export const catalogue: readonly Row[] = [...data, ...names, ...numbers, ...order, ...files, ...layers, ...memory, ...training, ...odd];

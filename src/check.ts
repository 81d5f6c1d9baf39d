// Argument checks and the texts of what they throw: `<where>: <what must hold>, got <value>`. User data passes here once, before anything is copied.

import { ArgumentError, NameError, NonFiniteError, OutOfMemoryError, ShapeError } from "./errors.js";

/** A short picture of a value for a message. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "symbol" || typeof value === "function") return `a ${typeof value}`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${(value as Float32Array).length ?? value.byteLength})`;
  const name: unknown = (value as object).constructor?.name;
  return typeof name === "string" && name !== "Object" && name !== "" ? `${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}` : "an object";
}

/** A whole number from `least` to `most`. Sizes are ShapeErrors, the rest ArgumentErrors. */
export function checkCount(where: string, what: string, value: unknown, least = 1, most = 2 ** 31 - 1, kind: typeof ShapeError | typeof ArgumentError = ShapeError): number {
  if (typeof value !== "number") throw new ArgumentError(`${where}: ${what} must be a whole number from ${least} to ${most}, got ${describe(value)}`);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new kind(`${where}: ${what} must be a whole number from ${least} to ${most}, got ${value}`);
  }
  return value;
}

export interface Range {
  /** Lower and upper limit; `above`/`below` exclude it, `least`/`most` include it. */
  above?: number;
  least?: number;
  below?: number;
  most?: number;
}

/** Numbers end up as f32 in the kernels, where a greater one would be Infinity. */
const LARGEST = 3.4028234663852886e38;

/** A finite number within `range`. */
export function checkNumber(where: string, what: string, value: unknown, range: Range = {}): number {
  const { above = -Infinity, least = -Infinity, below = Infinity, most = Infinity } = range;
  if (typeof value !== "number" || !(Math.abs(value) <= LARGEST) || value <= above || value < least || value >= below || value > most) {
    const parts: string[] = [];
    if (above > -Infinity) parts.push(`above ${above}`);
    if (least > -Infinity) parts.push(`at least ${least}`);
    if (below < Infinity) parts.push(`below ${below}`);
    if (most < Infinity) parts.push(`at most ${most}`);
    throw new ArgumentError(`${where}: ${what} must be a finite number${parts.length > 0 ? ` ${parts.join(" and ")}` : ""}, got ${describe(value)}`);
  }
  return value;
}

export function checkBoolean(where: string, what: string, value: unknown): boolean {
  if (typeof value !== "boolean") throw new ArgumentError(`${where}: ${what} must be true or false, got ${describe(value)}`);
  return value;
}

/** A plain options object whose keys are all known; undefined counts as {}. */
export function checkOptions<T extends object>(where: string, value: T | undefined, keys: readonly (keyof T & string)[], what = "options"): T {
  if (value === undefined) return {} as T;
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ArgumentError(`${where}: ${what} must be an object, got ${describe(value)}`);
  for (const key of Object.keys(value)) {
    if (!(keys as readonly string[]).includes(key)) throw new NameError(`${where}: ${what} must be among ${list(keys)}${nearest(key, keys)}, got ${describe(key)}`);
  }
  return value;
}

/** What an option may hold: true or false, one of `names`, a whole number from `whole`, or else a number within `range`. Without a default it must be given. */
export interface Rule {
  readonly default?: number | boolean | string;
  readonly names?: Readonly<Record<string, object>>;
  readonly whole?: number;
  readonly range?: Range;
}
export type Settled = Record<string, number | boolean | string>;

/** Options by their rules, completed with defaults; `given` has been through checkOptions. */
export function settle(where: string, given: object, rules: Readonly<Record<string, Rule>>): Settled {
  const settled: Settled = {};
  for (const [key, { default: standard, names, whole, range }] of Object.entries(rules)) {
    const { [key]: value = standard } = given as Record<string, unknown>;
    settled[key] =
      typeof standard === "boolean" ? checkBoolean(where, key, value)
      : names !== undefined ? checkName(where, key, value, names)
      : whole !== undefined ? checkCount(where, key, value, whole, undefined, ArgumentError)
      : checkNumber(where, key, value, range);
  }
  return settled;
}

type SnakeLetters<Name extends string> = Name extends `${infer Letter}${infer Rest}` ? `${Letter extends Lowercase<Letter> ? Letter : `_${Lowercase<Letter>}`}${SnakeLetters<Rest>}` : "";
type SnakeCase<Name extends string> = Name extends Uncapitalize<Name> ? SnakeLetters<Name> : never;
type IdOrAlias<Table> = (keyof Table & string) | (Table[keyof Table] extends { readonly aliases: readonly (infer Alias extends string)[] } ? Alias : never);

/** Names of a table as the compiler takes them: ids and aliases, in camelCase and snake_case. checkName() takes any case. */
export type NameIn<Table> = IdOrAlias<Table> | SnakeCase<IdOrAlias<Table>>;

/** The row of `table` called `name`, or with an alias of that name; case, underscores and hyphens do not count. */
export function checkName<T extends { readonly aliases?: readonly string[] }>(where: string, what: string, name: unknown, table: Readonly<Record<string, T>>): string {
  if (typeof name !== "string") throw new ArgumentError(`${where}: ${what} must be a name, got ${describe(name)}`);
  const wanted = bare(name);
  for (const [id, { aliases = [] }] of Object.entries(table)) if ([id, ...aliases].some((known) => bare(known) === wanted)) return id;
  const ids = Object.keys(table);
  throw new NameError(`${where}: ${what} must be one of ${list(ids)}${nearest(wanted, ids)}, got ${describe(name)}`);
}

function bare(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, "");
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "nothing" : names.join(", ");
}

function nearest(name: string, valid: readonly string[]): string {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of valid) {
    // Far too long is far away, and the distance of a very long name takes very long.
    if (name.length - candidate.length >= least) continue;
    const d = distance(name.toLowerCase(), candidate.toLowerCase());
    if (d < least) [best, least] = [candidate, d];
  }
  // "crossEntropyLoss" is a part of several names, none of which it means for sure.
  best ??= valid.filter((candidate) => name.length > 4 && candidate.toLowerCase().includes(name.replace(/loss$/, ""))).join(" or ");
  return best && ` (did you mean ${best}?)`;
}

/** Edit distance, Wagner and Fischer 1974. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next.push(Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length];
}

/** Row-major data with a row count, as every call that takes x or dense targets uses it. */
export interface Rows {
  readonly data: Float32Array;
  readonly rows: number;
}

/** Rows of numbers: one Float32Array, row-major, or an array of rows; where a row is one number, an array of numbers will do. */
export type MatrixLike = Float32Array | readonly (readonly number[] | Float32Array)[] | readonly number[];

/** Not a Proxy of one, of which nothing can be read. */
export function isFloats(value: unknown): value is Float32Array {
  return value instanceof Float32Array && ArrayBuffer.isView(value);
}

/**
 * A typed array whose buffer was transferred looks empty; only using it tells them apart on every engine. Not by its length or a view of its buffer: V8's optimized
 * code (Node 20) lets those pass. Nothing is filled.
 */
export function checkAttached(where: string, what: string, value: { fill(value: number, start: number, end: number): unknown }): void {
  try {
    value.fill(0, 0, 0);
  } catch {
    throw new ArgumentError(`${where}: ${what} must have its buffer, got a detached one`);
  }
}

/** An array of `length` zeros on the JavaScript side. */
export function floats(where: string, length: number): Float32Array<ArrayBuffer> {
  try {
    return new Float32Array(length);
  } catch {
    throw new OutOfMemoryError(where, length * 4);
  }
}

function noRows(where: string, what: string, columns: number): ShapeError {
  return new ShapeError(`${where}: ${what} must hold at least one row of ${columns} values, got none`);
}

/** Rows of `columns` values from a Float32Array (row-major, not copied) or an array of rows (copied). */
export function checkMatrix(where: string, what: string, value: unknown, columns: number): Rows {
  if (isFloats(value)) {
    checkAttached(where, what, value);
    const over = value.length % columns;
    if (value.length === 0) throw noRows(where, what, columns);
    if (over !== 0) throw new ShapeError(`${where}: ${what} must hold rows of ${columns} values, got ${value.length} values (${(value.length - over) / columns} rows and ${over} over)`);
    return { data: value, rows: value.length / columns };
  }
  if (!Array.isArray(value)) {
    throw new ArgumentError(`${where}: ${what} must be a Float32Array or an array of rows, got ${describe(value)}${ArrayBuffer.isView(value) ? "; convert it with Float32Array.from" : ""}`);
  }
  const rows = value.length;
  if (!(rows > 0)) throw noRows(where, what, columns);
  let data: Float32Array | undefined;
  for (let i = 0; i < rows; i++) {
    const item: unknown = value[i];
    const row: unknown = columns === 1 && typeof item === "number" ? [item] : item;
    if (!Array.isArray(row) && !isFloats(row)) {
      const hint = typeof row !== "number" ? "" : what === "y" ? "; class numbers go with sparseCategoricalCrossentropy, a single row as [row]" : "; wrap a single row: [row]";
      throw new ArgumentError(`${where}: row ${i} of ${what} must be an array of ${columns} numbers, got ${describe(row)}${hint}`);
    }
    if (row.length !== columns) throw new ShapeError(`${where}: row ${i} of ${what} must hold ${columns} values, got ${row.length}`);
    // Not before the first row is known to be one: a length alone, as of a sparse array, can be anything.
    data ??= floats(where, rows * columns);
    for (let j = 0; j < columns; j++) {
      const number: unknown = row[j];
      if (typeof number !== "number") throw new ArgumentError(`${where}: ${what}[${i}][${j}] must be a number, got ${describe(number)}`);
      data[i * columns + j] = number;
    }
  }
  return { data: data!, rows };
}

/** Throws when a value of `rows` is NaN or infinite, naming its place. */
export function checkFinite(where: string, what: string, { data }: Rows, columns: number): void {
  for (let i = 0; i < data.length; i++) {
    // x − x is 0 for every finite x and NaN otherwise.
    if (data[i] - data[i] !== 0) {
      throw new NonFiniteError(`${where}: ${what} must be finite, got ${data[i]} in row ${Math.floor(i / columns)}, column ${i % columns}`);
    }
  }
}

export type ClassNumbers = Uint8Array | Int32Array | readonly number[];

/** Class numbers, one a row, each a whole number from 0 to classes − 1; copied where the values could change after the check. */
export function checkClasses(where: string, what: string, value: unknown, classes: number): Uint8Array | Int32Array {
  if (!((value instanceof Uint8Array || value instanceof Int32Array) && ArrayBuffer.isView(value)) && !Array.isArray(value)) {
    throw new ArgumentError(`${where}: ${what} must hold class numbers (Uint8Array, Int32Array or number[]), got ${describe(value)}`);
  }
  if (!Array.isArray(value)) checkAttached(where, what, value);
  if (value.length === 0) throw new ShapeError(`${where}: ${what} must hold at least one class number, got none`);
  const array: number[] | undefined = Array.isArray(value) ? [] : undefined;
  const shared = !Array.isArray(value) && !(value.buffer instanceof ArrayBuffer);
  const given = shared ? Int32Array.from(value) : value;
  for (let i = 0; i < given.length; i++) {
    const number: unknown = given[i];
    if (typeof number !== "number") throw new ArgumentError(`${where}: ${what}[${i}] must be a class number, got ${describe(number)}`);
    if (Number.isNaN(number) || Math.abs(number) === Infinity) throw new NonFiniteError(`${where}: ${what}[${i}] must be a class number, got ${number}`);
    if (!Number.isInteger(number) || number < 0 || number >= classes) {
      throw new ShapeError(`${where}: ${what}[${i}] must be a whole class number from 0 to ${classes - 1}, got ${number}`);
    }
    array?.push(number);
  }
  return array === undefined ? (given as Uint8Array | Int32Array) : Int32Array.from(array);
}

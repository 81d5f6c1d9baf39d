// Structure-aware: the fuzzer's bytes are decisions on how to write a header, nearly all of which are right, so that few runs end at the first brace.

import { file } from "../../test/bad-input/world.js";
import { fuzz as fuzzContainer } from "./container.js";
import { Draw } from "./draw.js";

const names = ["a", "b", "c", "d", "e", "2.bias", "2.weights", "1.weights", "", "__metadata__", "__proto__", "constructor", "\\u0061", "\\ud83d\\ude00", "\\ud800", "ü", "\\u005f_metadata__"];
const dtypes = ["F32", "F32", "F32", "F32", "F64", "BOOL", "F4", "F6_E2M3", "C64", "f32", "constructor", ""];
const sizes = ["1", "2", "0", "3", "4", "1.0", "1e0", "-1", "-0", "01", "4294967296", "1099511627776", "9007199254740991", "9007199254740992", "18446744073709551615", "18446744073709551616", '"1"', "null", "[]"];
const values = ["null", "true", "0", "1", "-1", "0.5", "1e999", '"x"', '"\\u0000"', '"\\udc00"', "[]", "{}", '{"a":1,"a":2}', "[[[[[[]]]]]]", "[".repeat(126) + "]".repeat(126)];
const spaces = [" ", "\n", "\t\r ", "\u00a0", "\ufeff", "\0"];

export function fuzz(bytes: Uint8Array): void {
  fuzzContainer(compose(new Draw(bytes)));
}

/** A file; where every decision is 0, a good one of one tensor. */
export function compose(draw: Draw): Uint8Array {
  const fields: string[] = [];
  let end = 0;
  for (let n = draw.below(4) + (draw.oneIn(2) ? 0 : 1); n > 0; n--) {
    const name = draw.oneIn(8) ? draw.text() : draw.from(names);
    if (name === "__metadata__") {
      fields.push(`"${name}":${draw.oneIn(4) ? draw.from(values) : metadata(draw)}`);
    } else {
      const { text, bytes } = tensor(draw, end);
      fields.push(`${space(draw)}"${name}"${space(draw)}:${text}`);
      end += bytes;
    }
  }
  if (draw.oneIn(4)) fields.reverse();
  let header = `${space(draw)}{${fields.join(draw.oneIn(64) ? ";" : ",")}}${space(draw)}`;
  if (draw.oneIn(8)) {
    const at = draw.below(header.length + 1);
    header = header.slice(0, at) + (draw.oneIn(2) ? draw.text() : draw.from(values)) + header.slice(at + draw.below(4));
  }
  const made = file(header, new Uint8Array(Math.max(0, end + (draw.oneIn(16) ? draw.below(9) - 4 : 0))));
  if (draw.oneIn(16)) made[draw.below(made.length)] = draw.byte();
  return draw.oneIn(16) ? made.subarray(0, draw.below(made.length + 1)) : made;
}

function space(draw: Draw): string {
  return draw.oneIn(8) ? draw.from(spaces) : "";
}

function metadata(draw: Draw): string {
  const pairs = Array.from({ length: draw.below(4) }, () => `"${draw.from(names)}":${draw.oneIn(8) ? draw.from(values) : `"${draw.from(names)}"`}`);
  return `{${pairs.join()}}`;
}

function tensor(draw: Draw, from: number): { text: string; bytes: number } {
  const shape = Array.from({ length: draw.below(4) }, () => (draw.oneIn(4) ? draw.from(sizes) : draw.from(["1", "2", "0", "3"])));
  const bytes = shape.reduce((product, size) => product * (Number(size) || 0), 4);
  const fits = bytes >= 0 && bytes < 1e4 && Number.isInteger(bytes) ? bytes : 0;
  const offsets = draw.oneIn(8) ? [draw.from(sizes), draw.from(sizes)] : [from, from + fits];
  const fields = [`"dtype":${draw.oneIn(8) ? draw.from(values) : `"${draw.from(dtypes)}"`}`, `"shape":[${shape}]`, `"data_offsets":[${offsets}]`];
  if (draw.oneIn(8)) fields.push(`"${draw.oneIn(2) ? "shape" : draw.text()}":${draw.from(values)}`);
  if (draw.oneIn(16)) fields.splice(draw.below(3), 1);
  if (draw.oneIn(4)) fields.reverse();
  // What serde takes for a struct, too: a list of its fields.
  const list = draw.oneIn(16) ? `["${draw.from(dtypes)}",[${shape}],[${offsets}]]` : `{${fields.join()}}`;
  return { text: list, bytes: fits };
}


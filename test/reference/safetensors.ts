// The rules of the safetensors format one by one, slow and obvious: those of the Rust parser (safetensors 0.8.0, serde_json), and where lanewise is stricter.

type Json = null | boolean | string | { readonly digits: bigint | undefined } | Json[] | Fields;
/** An object's fields in the order of the text, with those that stand twice. */
class Fields {
  readonly list: [name: string, value: Json][] = [];
  all = (name: string): Json[] => this.list.filter(([key]) => key === name).map(([, value]) => value);
}

class Refusal extends Error {}
const refuse = (reason: string): never => {
  throw new Refusal(reason);
};

/** RFC 8259 with serde_json's limits: numbers that a double can hold, no half of a surrogate pair, 127 levels. */
class Parser {
  at = 0;
  constructor(readonly text: string) {}

  document(): Json {
    const value = this.value(127);
    this.space();
    if (this.at < this.text.length) refuse("trailing characters");
    return value;
  }

  space(): void {
    while (" \n\r\t".includes(this.text[this.at] ?? "x")) this.at += 1;
  }

  /** Takes `token` if it comes next. */
  takes(token: string): boolean {
    this.space();
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  value(levels: number): Json {
    if (this.takes("null")) return null;
    if (this.takes("true")) return true;
    if (this.takes("false")) return false;
    if (this.takes('"')) return this.string();
    if (this.takes("[")) return this.list(levels - 1);
    if (this.takes("{")) return this.object(levels - 1);
    return this.number();
  }

  list(levels: number): Json[] {
    if (levels < 0) refuse("recursion limit");
    const list: Json[] = [];
    if (this.takes("]")) return list;
    do list.push(this.value(levels)); while (this.takes(","));
    if (!this.takes("]")) refuse("a list without end");
    return list;
  }

  object(levels: number): Fields {
    if (levels < 0) refuse("recursion limit");
    const fields = new Fields();
    if (this.takes("}")) return fields;
    do {
      if (!this.takes('"')) refuse("a field without name");
      const name = this.string();
      if (!this.takes(":")) refuse("a field without value");
      fields.list.push([name, this.value(levels)]);
    } while (this.takes(","));
    if (!this.takes("}")) refuse("an object without end");
    return fields;
  }

  number(): Json {
    const [token] = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/.exec(this.text.slice(this.at)) ?? refuse("no value");
    this.at += token.length;
    if (!Number.isFinite(Number(token))) refuse("number out of range");
    const whole = /^[0-9]+$/.test(token) && BigInt(token) < 2n ** 64n;
    return { digits: whole ? BigInt(token) : undefined };
  }

  string(): string {
    let string = "";
    for (;;) {
      const letter = this.text[this.at++] ?? refuse("a string without end");
      if (letter === '"') return string;
      if (letter < " ") refuse("a control character");
      string += letter === "\\" ? this.escape() : letter;
    }
  }

  escape(): string {
    const letter = this.text[this.at++] ?? "";
    const plain = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" }[letter];
    if (plain !== undefined) return plain;
    if (letter !== "u") refuse("invalid escape");
    const unit = this.unit();
    if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit);
    if (unit > 0xdbff || !this.text.startsWith("\\u", this.at)) refuse("half of a surrogate pair");
    this.at += 2;
    const low = this.unit();
    if (low < 0xdc00 || low > 0xdfff) refuse("half of a surrogate pair");
    return String.fromCharCode(unit, low);
  }

  unit(): number {
    const digits = this.text.slice(this.at, this.at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) refuse("invalid escape");
    this.at += 4;
    return parseInt(digits, 16);
  }
}

/** Bits an element. */
const dtypes: Readonly<Record<string, bigint>> = {
  BOOL: 8n, F4: 4n, F6_E2M3: 6n, F6_E3M2: 6n, U8: 8n, I8: 8n, F8_E5M2: 8n, F8_E4M3: 8n, F8_E8M0: 8n, F8_E4M3FNUZ: 8n, F8_E5M2FNUZ: 8n, I16: 16n, U16: 16n, F16: 16n, BF16: 16n,
  I32: 32n, U32: 32n, F32: 32n, C64: 64n, F64: 64n, I64: 64n, U64: 64n,
};

interface Info {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly bigint[];
  readonly from: bigint;
  readonly to: bigint;
}

/** What is wrong with a file: by the Rust parser's rules, and by lanewise's, which are never laxer. */
export function verdicts(bytes: Uint8Array): { readonly rust: string | undefined; readonly lanewise: string | undefined } {
  let stricter: string | undefined;
  const differ = (reason: string): void => void (stricter ??= reason);
  try {
    check(bytes, differ);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { rust: error.message, lanewise: error.message };
  }
  return { rust: undefined, lanewise: stricter };
}

function check(bytes: Uint8Array, differ: (reason: string) => void): void {
  if (bytes.length < 8) refuse("header too small");
  const length = bytes.subarray(0, 8).reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
  if (length > 100_000_000n) refuse("header too large");
  if (length + 8n > BigInt(bytes.length)) refuse("invalid header length");
  const header = Buffer.from(bytes.subarray(8, 8 + Number(length)));
  const text = header.toString("utf8");
  if (!Buffer.from(text, "utf8").equals(header)) refuse("not UTF-8");
  const root = new Parser(text).document();
  if (!(root instanceof Fields)) return refuse("not an object");
  spelling(root, differ);

  const metadata = root.all("__metadata__");
  if (metadata.length > 1) refuse("duplicate field __metadata__");
  for (const value of metadata) {
    if (value === null) differ("metadata of null");
    else if (!(value instanceof Fields)) refuse("metadata that is no map");
    else if (value.list.some(([, text]) => typeof text !== "string")) refuse("metadata that is not text");
  }
  const infos = new Map<string, Info>();
  for (const [name, value] of root.list) if (name !== "__metadata__") infos.set(name, tensor(name, value, differ));
  // Ascending, by the start and then by the end.
  const sorted = [...infos.values()].sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : a.to < b.to ? -1 : a.to > b.to ? 1 : 0));
  let end = 0n;
  for (const { dtype, shape, from, to } of sorted) {
    if (from !== end || to < from) refuse("invalid offset");
    end = to;
    const bits = shape.reduce((product, size) => small(product * size), 1n);
    if (small(bits * dtypes[dtype]) % 8n !== 0n) refuse("misaligned slice");
    if ((bits * dtypes[dtype]) / 8n !== to - from) refuse("sizes that do not fit");
    if (dtype !== "F32") differ("a dtype other than F32");
    if (shape.reduce((product, size) => product * (size === 0n ? 1n : size), 4n) >= 2n ** 53n) differ("an empty tensor of huge sizes");
  }
  if (8n + length + end !== BigInt(bytes.length)) refuse("incomplete buffer");
}

function small(value: bigint): bigint {
  return value < 2n ** 64n ? value : refuse("validation overflow");
}

function tensor(name: string, value: Json, differ: (reason: string) => void): Info {
  let dtype: Json, shape: Json, offsets: Json;
  if (Array.isArray(value)) {
    // serde takes any struct as a list of its fields, too.
    differ("a tensor as a list");
    if (value.length !== 3) refuse("invalid length");
    [dtype, shape, offsets] = value;
  } else if (value instanceof Fields) {
    [dtype, shape, offsets] = ["dtype", "shape", "data_offsets"].map((key) => {
      const [field, again] = value.all(key);
      return field === undefined || again !== undefined ? refuse(`missing or duplicate field ${key}`) : field;
    });
  } else {
    return refuse("a tensor that is no struct");
  }
  if (dtype instanceof Fields) {
    // serde takes a variant as { name: content }, too.
    const [[variant, content] = ["", false], ...more] = dtype.list;
    if (more.length > 0 || !(content === null || (content instanceof Fields && content.list.length === 0))) refuse("a dtype of something");
    differ("a dtype as an object");
    dtype = variant;
  }
  if (typeof dtype !== "string" || !Object.hasOwn(dtypes, dtype)) return refuse("unknown variant");
  const counts = (list: Json): bigint[] => (Array.isArray(list) ? list : refuse("no list")).map((item) => {
    const digits = item !== null && typeof item === "object" && "digits" in item ? item.digits : undefined;
    return digits ?? refuse("no usize");
  });
  const [from, to, ...more] = counts(offsets);
  if (to === undefined || more.length > 0) refuse("invalid length");
  return { name, dtype, shape: counts(shape), from, to };
}

/** What lanewise minds anywhere in the header, even where the Rust parser does not look. */
function spelling(value: Json, differ: (reason: string) => void): void {
  if (Array.isArray(value)) for (const item of value) spelling(item, differ);
  else if (value instanceof Fields) {
    const names = value.list.map(([name]) => name);
    if (new Set(names).size < names.length) differ("a name twice");
    for (const [, item] of value.list) spelling(item, differ);
  } else if (value !== null && typeof value === "object" && (value.digits === undefined || value.digits >= 2n ** 53n)) {
    differ("a number other than 0 to 2^53 - 1");
  }
}

/** Decisions drawn from the fuzzer's bytes: one byte a decision, so that a changed byte changes one decision. When they are used up, everything is 0. */
export class Draw {
  #at = 0;
  constructor(readonly bytes: Uint8Array) {}

  get left(): number {
    return this.bytes.length - this.#at;
  }

  byte(): number {
    return this.bytes[this.#at++] ?? 0;
  }

  /** 0 to n − 1. */
  below(n: number): number {
    return n <= 256 ? this.byte() % n : (this.byte() * 256 + this.byte()) % n;
  }

  /** True for one byte in `n`, never for 0. */
  oneIn(n: number): boolean {
    return this.byte() % n === n - 1;
  }

  from<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  /** Up to seven of the bytes themselves, as Latin-1. */
  text(): string {
    let text = "";
    for (let n = this.below(8); n > 0; n--) text += String.fromCharCode(this.byte());
    return text;
  }
}

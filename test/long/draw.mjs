// Random choices by seed, the same in every run: Lehmer's generator.

export class Draw {
  #state;

  /** Another sequence for every pair of whole numbers. */
  constructor(seed, stream = 0) {
    this.#state = 1 + ((seed * 7919 + stream * 104729 + 12345) % 2147483646);
    for (let i = 0; i < 8; i++) this.next();
  }

  /** From 0 to below 1. */
  next() {
    return (this.#state = (this.#state * 48271) % 2147483647) / 2147483647;
  }

  /** A whole number, both ends included. */
  whole(least, most) {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(share) {
    return this.next() < share;
  }

  of(values) {
    return values[this.whole(0, values.length - 1)];
  }

  floats(length, scale = 1) {
    return Float32Array.from({ length }, () => (this.next() * 2 - 1) * scale);
  }
}

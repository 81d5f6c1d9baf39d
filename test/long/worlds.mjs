// Where rounds run, and what is watched there: bytes in use, bytes reserved, the most that was ever in use.

export class World {
  /** The most bytes in use at any allocation. */
  peak = 0;
  counts = {};
  /** Programs that went to more than one thread. */
  shared = 0;

  constructor(name, backend) {
    this.name = name;
    this.backend = backend;
    this.start = backend.memory().bytesInUse;
    const { linear, crew } = backend;
    linear.allocate = (...args) => {
      const pointer = Object.getPrototypeOf(linear).allocate.apply(linear, args);
      this.peak = Math.max(this.peak, linear.bytesInUse);
      return pointer;
    };
    if (crew === undefined) return;
    crew.run = (scripts) => {
      if (scripts.length > 1) this.shared += 1;
      Object.getPrototypeOf(crew).run.call(crew, scripts);
    };
  }

  /** A round; throws if a byte stays in use. */
  async run(lanewise, round, seed) {
    const { digest, counts } = await round(lanewise, this.backend, seed);
    for (const [name, count] of Object.entries(counts)) this.counts[name] = (this.counts[name] ?? 0) + count;
    const { bytesInUse } = this.backend.memory();
    if (bytesInUse !== this.start) throw new Error(`round ${seed} on ${this.name}: ${this.start} bytes must be in use afterwards, got ${bytesInUse}`);
    return digest;
  }

  /** What fragmentation costs: bytes reserved for each byte that was needed at the worst moment. A page, and the sixteenth by which memory grows at least, are not its fault. */
  get overhead() {
    return (this.backend.memory().bytesReserved - 65536) / (1 + 1 / 16) / this.peak;
  }
}

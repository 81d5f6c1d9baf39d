// Compares what kernels give with what is right, float by float.
//
// ULP: the spacing of float32 at the exact result, 2^-149 at the least. An infinity where the exact result rounds to a number counts as 2^128.
import { block } from "./builds.mjs";

/** The low bits of a float64 that a float32 has no room for: half of this is between two floats. */
const unit = 2 ** 29;
/** How near to half a unit the reference cannot be trusted to round: 2^-42 of the value. */
const doubt = 1024;
const smallestNormal = 2 ** -126;

const double = new Float64Array(1), doubleWords = new Uint32Array(double.buffer);

/** Spacing of float32 at |x|, for x in float64. */
export function spacing(x) {
  double[0] = x;
  const exponent = ((doubleWords[1] >>> 20) & 0x7ff) - 1023;
  return 2 ** (Math.min(Math.max(exponent, -126), 127) - 23);
}

/** In ULP; neither is NaN. */
export function errorOf(y, exact) {
  const finite = Math.sign(y) * Math.min(Math.abs(y), 2 ** 128);
  return finite === exact ? 0 : Math.abs(finite - exact) / spacing(exact);
}

/** What a row must give for a block of inputs. */
export class Expected {
  /** Not filled where what it rounds to is known without: far off, and near 0. */
  exact = new Float64Array(block);
  rounded = new Float32Array(block);
  bits = new Uint32Array(this.rounded.buffer);
  /** The largest error that correct rounding makes, in `unit`ths of an ULP, and where. */
  most = 0;
  mostAt = NaN;
  /** How many roundings float64 could not decide. */
  decided = 0;
  #words = new Uint32Array(this.exact.buffer);
  #constant;

  constructor(row) {
    this.row = row;
  }

  /** For n inputs of one sign, ascending in size. `mirrored`: those before with the other sign. */
  fill(inputs, n, mirrored) {
    const { at, decide, bulk, symmetry } = this.row, { exact, rounded, bits } = this, words = this.#words;
    const { constant, factor } = bulk(inputs[0], inputs[n - 1]) ?? {};
    if (constant !== undefined && Object.is(constant, this.#constant)) return;
    this.#constant = constant;
    if (constant !== undefined) return void rounded.fill(constant);
    if (factor === 1) return void rounded.set(inputs);
    if (factor !== undefined) {
      for (let i = 0; i < n; i++) rounded[i] = factor * inputs[i];
      return;
    }
    if (mirrored && symmetry !== 0) {
      const flip = symmetry < 0 ? 0x80000000 : 0;
      for (let i = 0; i < n; i++) {
        bits[i] ^= flip;
        exact[i] *= symmetry;
      }
      return;
    }
    for (let i = 0; i < n; i++) {
      const x = inputs[i], value = at(x), size = Math.abs(value);
      exact[i] = value;
      rounded[i] = value;
      let error;
      if (size >= smallestNormal && size < 2 ** 128) {
        const rest = words[2 * i] & 0x1fffffff;
        error = rest > unit / 2 ? unit - rest : rest;
      } else if (size > 0 && size < smallestNormal) {
        const steps = size * 2 ** 149, rest = (steps - Math.floor(steps)) * unit;
        error = rest > unit / 2 ? unit - rest : rest;
      } else continue;
      if (error > unit / 2 - doubt && decide !== undefined) {
        this.decided++;
        rounded[i] = decide(x, value);
      }
      if (error > this.most) {
        this.most = error;
        this.mostAt = x;
      }
    }
  }
}

/** Adds up what one build gives for a row. */
export class Tally {
  count = 0;
  /** Correctly rounded, the sign of zero too. */
  correct = 0;
  /** Of the results that are not correctly rounded. */
  maxUlp = 0;
  worst = NaN;
  /** NaN where there should be a number, or the other way round; NaN inputs included. */
  nan = 0;
  inversions = 0;
  outside = 0;
  asymmetric = 0;
  smallest = Infinity;
  largest = -Infinity;
  /** The largest difference of f′ from the output and f′. */
  fromOutput = 0;
  fromOutputAt = NaN;
  /** The last result of either sign, and its input. */
  #previous = [[NaN, NaN], [NaN, NaN]];

  constructor(row) {
    this.row = row;
  }

  /** What `place` has computed for n inputs of one sign, ascending in size. `mirrored`: the block before had the same numbers with the other sign. */
  add(expected, place, n, mirrored) {
    const { row: { monotone, range: [lowest, highest], symmetry } } = this, { input, output, outputBits } = place;
    const negative = place.inputBits[0] >>> 31;
    this.count += n;
    place.wantedBits.set(n === block ? expected.bits : expected.bits.subarray(0, n));
    const found = n === block ? place.scan(negative === 1) : this.#look(place, n, negative === 1);
    this.smallest = Math.min(this.smallest, found.smallest);
    this.largest = Math.max(this.largest, found.largest);
    if (found.smallest < lowest || found.largest > highest) for (let i = 0; i < n; i++) if (output[i] < lowest || output[i] > highest) this.outside++;
    if (monotone) {
      const [previous, at] = this.#previous[negative], isNext = Math.abs(input[0]) > Math.abs(at);
      this.inversions += found.inversions + (isNext && (negative ? output[0] > previous : output[0] < previous));
      this.#previous[negative] = [output[n - 1], input[n - 1]];
    }
    let { wrong } = found;
    if (wrong > 0) {
      const wanted = expected.bits, { rounded } = expected;
      wrong = 0;
      for (let i = 0; i < n; i++) if (outputBits[i] !== wanted[i]) wrong += this.#miss(input[i], output[i], rounded[i]);
    }
    this.correct += n - wrong;
    if (symmetry === 0) return;
    if (!mirrored) place.mirrorBits.set(outputBits.subarray(0, n));
    else if (n < block || !place.mirrors(symmetry < 0)) {
      const flip = symmetry < 0 ? 0x80000000 : 0;
      for (let i = 0; i < n; i++) if (outputBits[i] !== ((place.mirrorBits[i] ^ flip) >>> 0) && output[i] === output[i]) this.asymmetric++;
    }
  }

  /** Place.scan of less than a block. */
  #look({ output, outputBits, wantedBits }, n, falling) {
    const found = { wrong: 0, smallest: Infinity, largest: -Infinity, inversions: 0 };
    for (let i = 0; i < n; i++) {
      const y = output[i], previous = output[i - 1];
      if (outputBits[i] !== wantedBits[i]) found.wrong++;
      if (y < found.smallest) found.smallest = y;
      if (y > found.largest) found.largest = y;
      if (i > 0 && (falling ? y > previous : y < previous)) found.inversions++;
    }
    return found;
  }

  /** 1 if `y` is not the correctly rounded result. */
  #miss(x, y, rounded) {
    const exact = this.row.at(x);
    if (y !== y || exact !== exact) {
      const both = y !== y && exact !== exact;
      if (!both) this.nan++;
      return both ? 0 : 1;
    }
    if (y === rounded) return 1; // the sign of a zero
    const error = errorOf(y, exact);
    if (error > this.maxUlp) {
      this.maxUlp = error;
      this.worst = x;
    }
    return 1;
  }

  addFromOutput(expected, inputs, slopes, n) {
    for (let i = 0; i < n; i++) {
      const error = Math.abs(slopes[i] - expected.exact[i]);
      if (error > this.fromOutput) {
        this.fromOutput = error;
        this.fromOutputAt = inputs[i];
      }
    }
  }
}

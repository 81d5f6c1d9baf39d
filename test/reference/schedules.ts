// Learning-rate schedules in float64 as they are defined, and what the tests run each with.

interface ReferenceSchedule {
  rateAt(options: never, step: number): number;
  readonly sets: readonly Record<string, number>[];
}

const rising = (x: number) => Math.sin((Math.PI / 2) * Math.max(0, Math.min(1, x))) ** 2;

export const schedules: Record<"stepDecay" | "exponentialDecay" | "cosineDecay" | "oneCycle", ReferenceSchedule> = {
  stepDecay: {
    rateAt: ({ initial, factor = 0.1, every }: { initial: number; factor?: number; every: number }, step) => initial * factor ** Math.floor(step / every),
    sets: [{ initial: 0.1, every: 7 }, { initial: 0.03, factor: 0.5, every: 1 }, { initial: 1, factor: 0.999, every: 3 }, { initial: 0.1, factor: 1, every: 2 }],
  },
  exponentialDecay: {
    rateAt: ({ initial, rate, every = 1 }: { initial: number; rate: number; every?: number }, step) => initial * rate ** (step / every),
    sets: [{ initial: 0.1, rate: 0.9 }, { initial: 0.01, rate: 0.5, every: 7 }, { initial: 1e-3, rate: 0.9999 }, { initial: 0.1, rate: 1 }],
  },
  cosineDecay: {
    rateAt({ initial, steps, final = 0, warmup = 0 }: { initial: number; steps: number; final?: number; warmup?: number }, step) {
      if (step < warmup) return (initial * (step + 1)) / (warmup + 1);
      return final + (initial - final) * rising((steps - step) / (steps - warmup));
    },
    sets: [{ initial: 0.1, steps: 20 }, { initial: 0.1, steps: 15, final: 1e-3, warmup: 5 }, { initial: 0.01, steps: 1 }, { initial: 0.05, steps: 1000, warmup: 999 }],
  },
  oneCycle: {
    rateAt(options: { maximum: number; steps: number; warmupShare?: number; divisor?: number; finalDivisor?: number }, step) {
      const { maximum, steps, warmupShare = 0.3, divisor = 25, finalDivisor = 1e4 } = options;
      const first = maximum / divisor;
      const last = first / finalDivisor;
      const peak = warmupShare * steps - 1;
      if (step < peak) return first + (maximum - first) * rising(step / peak);
      return last + (maximum - last) * rising((steps - 1 - step) / (steps - 1 - peak));
    },
    sets: [{ maximum: 0.1, steps: 20 }, { maximum: 0.05, steps: 13, warmupShare: 0.5, divisor: 10, finalDivisor: 100 }, { maximum: 0.1, steps: 10, warmupShare: 0 }, { maximum: 1, steps: 1 }],
  },
};

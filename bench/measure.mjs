// Timing. Each contestant gives samples: a batch of calls long enough for the clock, timed as a whole. Contestants take
// turns, sample by sample (A B C, C B A, …), so a clock that drifts or a neighbour that wakes up hits them all alike.
//
// Sampling is our own: tinybench finishes one task before it starts the next, and does the batching of calls of less than
// a microsecond only by hand; turns are what makes a ratio worth printing, so the sampling is here.

export const limits = {
  /** ms one sample takes at least: a thousand times the clock's step and a hundred times its cost. */
  batch: 5,
  samples: 15,
  /** ms of calls before the first sample, at least and at most: engines compile hot code in the background. */
  warmUp: 200,
  longestWarmUp: 1500,
  /** ms a contestant may spend on the samples of one line once it has given `fewest`; a call of seconds gives fewer than 15. */
  budget: 1500,
  fewest: 3,
};

/** Value below which the given part of the sorted numbers lies, by straight line between neighbours. */
export function quantile(sorted, part) {
  const at = (sorted.length - 1) * part;
  const below = Math.floor(at);
  const above = Math.ceil(at);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
}

/** { median, p25, p75, samples, calls } of times in ms a call. */
export function summarise(times, calls) {
  const sorted = [...times].sort((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    p25: quantile(sorted, 0.25),
    p75: quantile(sorted, 0.75),
    samples: sorted.length,
    calls,
  };
}

/** Calls until the time a call has settled; returns how many calls fill one sample. */
async function warmUp(contestant, { batch, warmUp: least, longestWarmUp }) {
  let calls = 1;
  let spent = 0;
  let before = Infinity;
  for (;;) {
    const time = await contestant.sample(calls);
    spent += time;
    const each = time / calls;
    const settled = Math.abs(each - before) <= 0.1 * before;
    before = each;
    if (spent >= longestWarmUp || (spent >= least && settled)) {
      return Math.max(1, Math.ceil((1.1 * batch) / each));
    }
    if (time < batch) calls = Math.min(calls * 8, Math.max(calls + 1, Math.ceil((1.1 * batch) / Math.max(each, 1e-7))));
  }
}

/**
 * contestants: [{ sample(calls) → ms, or a promise of it }]. Returns one summary for each, in ms a call.
 * `between`, if given, is called once a turn: a place to sample the machine's limit. `onFailure(contestant, error)`, if given,
 * hears of one that fails, which then has no summary (undefined); else its error ends the measurement.
 */
export async function measure(contestants, { between, onFailure, ...options } = {}) {
  const settings = { ...limits, ...options };
  const states = contestants.map((contestant) => ({ contestant, calls: 0, times: [], spent: 0, failed: false }));
  const attempt = async (state, action) => {
    try {
      await action();
    } catch (error) {
      if (!onFailure) throw error;
      state.failed = true;
      onFailure(state.contestant, error);
    }
  };
  for (const state of states) {
    await attempt(state, async () => (state.calls = await warmUp(state.contestant, settings)));
  }
  const wants = ({ times, spent, failed }) =>
    !failed && times.length < settings.samples && (times.length < settings.fewest || spent < settings.budget);
  for (let turn = 0; states.some(wants); turn++) {
    await between?.();
    for (const state of turn % 2 ? [...states].reverse() : states) {
      if (!wants(state)) continue;
      await attempt(state, async () => {
        const time = await state.contestant.sample(state.calls);
        state.spent += time;
        state.times.push(time / state.calls);
      });
    }
  }
  return states.map(({ times, calls, failed }) => (failed ? undefined : summarise(times, calls)));
}

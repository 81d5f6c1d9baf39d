// One run: every contestant that can be had, every workload it knows; right first, then fast.
import { assertSame, reference } from "./compare.mjs";
import { measure } from "./measure.mjs";

/**
 * contestants: rows as in contestants.mjs; one with `judge: true` is only asked for the right results, not timed.
 * place: { machine(), open(contestant), createProbe() } of Node (node.mjs) or the page.
 * onLines(workload, lines, absent) is called after each workload, onAbsent(label, reason) for a contestant that cannot start.
 * Returns what goes into bench/results: times in ms a call, `gflops` or `nsPerElement` from the median.
 */
export async function compete({ place, contestants, workloads, onLines, onAbsent, options }) {
  const about = place.machine(); // now: the load must not be our own
  const present = [];
  const absent = [];
  const probe = await place.createProbe();
  try {
    for (const contestant of contestants) {
      try {
        present.push(await place.open(contestant));
      } catch (error) {
        if (contestant.required) throw error;
        const { key, label } = contestant;
        absent.push({ key, label, reason: reasonOf(error, label) });
        onAbsent?.(label, reasonOf(error, label));
      }
    }
    const lines = [];
    for (const workload of workloads) {
      const { timed, out } = await prepareAll(present, workload);
      const onFailure = ({ key, label, ours }, error) => {
        if (ours) throw error;
        out.push({ key, label, id: workload.id, reason: reasonOf(error, label) });
      };
      const summaries = await measure(timed, { between: probe.sample, onFailure, ...options });
      const added = timed.flatMap(({ key, label }, index) =>
        summaries[index] ? [toLine(workload, key, label, summaries[index])] : [],
      );
      lines.push(...added);
      absent.push(...out);
      onLines?.(workload, added, out, probe.summary().median);
    }
    const { median, p25, p75, samples } = probe.summary();
    return {
      ...about,
      threads: 1,
      limit: { gflops: median, p25, p75, samples },
      contestants: present.filter(({ judge }) => !judge).map(({ key, label, version, threads }) => ({ key, label, version, threads })),
      lines,
      absent,
    };
  } finally {
    present.forEach((contestant) => contestant.close());
  }
}

/** Whoever takes part has shown that its results are right. A rival with wrong results is out; lanewise stops the run. */
async function prepareAll(present, workload) {
  const judge = present.find(({ key }) => key === reference);
  const expected = await judge.prepare(workload);
  const timed = [];
  const out = [];
  for (const contestant of present) {
    const { key, label } = contestant;
    if (contestant !== judge) {
      try {
        const got = await contestant.prepare(workload);
        if (got.unsupported) {
          out.push({ key, label, id: workload.id, reason: got.unsupported });
          continue;
        }
        assertSame(label, workload, expected, got);
      } catch (error) {
        if (contestant.ours) throw error;
        out.push({ key, label, id: workload.id, reason: reasonOf(error, label) });
        continue;
      }
    }
    if (!contestant.judge) timed.push(contestant);
  }
  return { timed, out };
}

/** One line, without the name that stands before it anyway. */
function reasonOf({ message }, label) {
  return message.split("\n")[0].replace(`${label}: `, "").replace(/^Error: /, "");
}

function toLine({ id, kind, flop, elements }, key, label, { median, p25, p75, samples, calls }) {
  const speed = flop ? { gflops: round(flop / median / 1e6) } : { nsPerElement: round((median * 1e6) / elements) };
  return { id, kind, key, label, median: round(median), p25: round(p25), p75: round(p75), samples, calls, ...speed };
}

/** Five digits: more than the spread leaves, and result files that can be read. */
function round(value) {
  return Number(value.toPrecision(5));
}

// Nothing is timed before it is known to be right: results are held against plain JavaScript, whose own results
// test/bench.test.ts holds against float64.

/** The contestant that the results of all others are held against. */
export const reference = "plain";

/** Largest difference allowed, as a part of the largest number expected (of 1, if that is larger, for activations). */
const tolerance = {
  matmul: 1e-5,
  activation: 1e-5,
  inference: 1e-4,
  training: 1e-4,
};

/** The loss falls by little in the compared steps, and that little is what the gradients and the optimiser decide. */
const fallTolerance = 0.02;
const gradientTolerance = 1e-3;

const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

const norm = (values, other) =>
  Math.sqrt(values.reduce((sum, value, index) => sum + (value - (other ? other[index] : 0)) ** 2, 0));

/** Throws, naming who, what and by how much, if `got` is not what `expected` is. Both: { result, gradients? }. */
export function assertSame(who, workload, expected, got) {
  const fail = (text) => {
    throw new Error(`${who}, ${workload.id}: ${text}`);
  };
  const { result } = got;
  if (result.length !== expected.result.length) fail(`must give ${expected.result.length} numbers, got ${result.length}`);
  const scale = Math.max(largest(expected.result), workload.kind === "activation" ? 1 : 0);
  for (let index = 0; index < result.length; index++) {
    const wanted = expected.result[index];
    // Written so that NaN fails.
    if (!(Math.abs(result[index] - wanted) <= tolerance[workload.kind] * scale)) {
      fail(`number ${index} must be within ${tolerance[workload.kind]} of ${wanted}, got ${result[index]}`);
    }
  }
  if (workload.kind !== "training") return;
  const fall = (losses) => losses[0] - losses.at(-1);
  const wanted = fall(expected.result);
  if (!(Math.abs(fall(result) - wanted) <= fallTolerance * Math.abs(wanted))) {
    fail(`the loss must fall by ${wanted} in ${result.length} steps, got ${fall(result)}`);
  }
  expected.gradients?.forEach((gradient, index) => {
    const other = got.gradients?.[index];
    if (other && !(norm(other, gradient) <= gradientTolerance * norm(gradient))) {
      fail(`gradient ${index} is off by ${norm(other, gradient)}, its norm is ${norm(gradient)}`);
    }
  });
}

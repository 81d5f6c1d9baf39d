// L-BFGS (Nocedal 1980; Liu & Nocedal 1989) with minFunc's line search, as PyTorch's LBFGS has it: a step takes up to maxIterations directions and runs forward and
// backward on the same batch again for each point it tries. Vectors are float32 in linear memory, sums over them float64 in index order, in TypeScript: this is for
// problems so small that all data are one batch.

export interface LbfgsNumbers {
  readonly maxIterations: number;
  /** 0 stands for 1.25 · maxIterations. */
  readonly maxEvaluations: number;
  readonly historySize: number;
  readonly toleranceGradient: number;
  readonly toleranceChange: number;
  readonly lineSearch: string;
}

/** Views of linear memory that stay valid during a step. */
export interface Problem {
  readonly weights: Float32Array;
  /** At the start, those at the weights as they are. */
  readonly gradients: Float32Array;
  /** As many arrays as lbfgsSlots() has names. */
  readonly state: Float32Array;
  /** The mean loss at the weights as they are. */
  readonly loss: number;
  /** The same anew, with its gradients; Infinity if anything is not finite. */
  evaluate(): number;
}

/** A point along a direction: how far it is, its loss, its gradient, and the loss's slope along the direction. */
interface Point {
  readonly t: number;
  readonly loss: number;
  readonly gradient: Float32Array;
  readonly slope: number;
}

/** Steps and the changes of the gradient they made, oldest first, 0 where there is none yet; the last step; the gradient before it. */
export function lbfgsSlots(historySize: number): string[] {
  const numbered = (name: string) => Array.from({ length: historySize }, (_, i) => name + i);
  return [...numbered("step"), ...numbered("change"), "step", "gradient"];
}

export function lbfgsStep(options: LbfgsNumbers, rate: number, problem: Problem): void {
  const { maxIterations, historySize, toleranceGradient, toleranceChange, lineSearch, maxEvaluations } = options;
  const { weights, gradients, state, evaluate } = problem;
  const n = weights.length;
  const slot = (i: number) => state.subarray(i * n, (i + 1) * n);
  const s = slot;
  const y = (i: number) => slot(historySize + i);
  const [step, before] = [slot(2 * historySize), slot(2 * historySize + 1)];
  let count = 0;
  while (count < historySize && dot(s(count), y(count)) > 0) count += 1;
  let { loss } = problem;
  let evaluations = 1;
  for (let left = maxIterations; left > 0 && largest(gradients) > toleranceGradient; left--) {
    const change = gradients.map((g, k) => g - before[k]);
    const curvature = dot(step, change);
    if (curvature > 1e-10 && curvature < Infinity) {
      if (count === historySize) {
        for (const first of [0, historySize]) state.copyWithin(first * n, (first + 1) * n, (first + historySize) * n);
        count -= 1;
      }
      s(count).set(step);
      y(count).set(change);
      count += 1;
    }

    // d = −H g by Nocedal's two loops.
    const d = Float64Array.from(gradients, (g) => -g);
    const shares: number[] = [];
    for (let i = count - 1; i >= 0; i--) {
      shares[i] = dot(s(i), d) / dot(s(i), y(i));
      add(d, -shares[i], y(i));
    }
    if (count > 0) {
      const newest = y(count - 1);
      const scale = dot(s(count - 1), newest) / dot(newest, newest);
      for (let k = 0; k < n; k++) d[k] *= scale;
    }
    for (let i = 0; i < count; i++) add(d, shares[i] - dot(y(i), d) / dot(s(i), y(i)), s(i));

    const isFirst = count === 0 && largest(step) === 0;
    before.set(gradients);
    const slope = dot(gradients, d);
    if (!(slope <= -toleranceChange)) return;
    const first = isFirst ? Math.min(1, 1 / gradients.reduce((sum, g) => sum + Math.abs(g), 0)) * rate : rate;

    const from = weights.slice();
    const move = (t: number) => {
      for (let k = 0; k < n; k++) weights[k] = from[k] + t * d[k];
    };
    const at = (t: number): Point => {
      move(t);
      evaluations += 1;
      const value = evaluate();
      return { t, loss: value, gradient: gradients.slice(), slope: dot(gradients, d) };
    };
    const start: Point = { t: 0, loss, gradient: before, slope };
    let end = lineSearch === "none" ? at(first) : strongWolfe(at, start, first, largest(d), toleranceChange);
    // Without a line search it may lead out of the numbers: then there is no step.
    if (end.loss === Infinity) end = start;
    move(end.t);
    gradients.set(end.gradient);
    for (let k = 0; k < n; k++) step[k] = end.t * d[k];
    // Nothing better on this line: what is remembered has led nowhere, and the next step begins anew.
    if (end.t === 0) state.fill(0);
    const gained = Math.abs(end.loss - loss);
    ({ loss } = end);
    if (evaluations >= (maxEvaluations || Math.floor(1.25 * maxIterations)) || largest(step) <= toleranceChange || gained < toleranceChange) return;
  }
}

/** Most points a line search tries after the first. */
const TRIALS = 25;

/** A point that lies low enough (10⁻⁴ of the first slope) and flat enough (0.9 of it): Nocedal & Wright, algorithms 3.5 and 3.6; the best there is, if there is none. */
function strongWolfe(at: (t: number) => Point, start: Point, first: number, length: number, toleranceChange: number): Point {
  const isHigh = ({ t, loss }: Point) => loss > start.loss + 1e-4 * t * start.slope;
  const isFlat = ({ slope }: Point) => Math.abs(slope) <= -0.9 * start.slope;
  let low = start;
  let high = at(first);
  let trials = 0;
  // Outwards, until a good point lies between the last two.
  for (; !isHigh(high) && !(trials > 1 && high.loss >= low.loss); trials++) {
    if (isFlat(high)) return high;
    if (high.slope >= 0) break;
    if (trials === TRIALS) return high.loss < start.loss ? high : start;
    const t = cubicMinimum(low, high, high.t + 0.01 * (high.t - low.t), high.t * 10);
    [low, high] = [high, at(t)];
  }
  if (high.loss < low.loss) [low, high] = [high, low];
  // Inwards. A point too near an end twice in a row is moved a tenth inwards.
  let isStuck = false;
  for (; trials < TRIALS && Math.abs(high.t - low.t) * length >= toleranceChange; trials++) {
    const [least, most] = [Math.min(low.t, high.t), Math.max(low.t, high.t)];
    const margin = 0.1 * (most - least);
    let t = cubicMinimum(low, high, least, most);
    const isNear = Math.min(most - t, t - least) < margin;
    if (isNear && (isStuck || t >= most || t <= least)) {
      t = most - t < t - least ? most - margin : least + margin;
      isStuck = false;
    } else isStuck = isNear;
    const point = at(t);
    if (isHigh(point) || point.loss >= low.loss) {
      high = point;
      if (high.loss < low.loss) [low, high] = [high, low];
    } else {
      if (isFlat(point)) return point;
      if (point.slope * (high.t - low.t) >= 0) high = low;
      low = point;
    }
  }
  return low;
}

/** Where the cubic through two points with their slopes is least, within limits; the middle where it has no minimum or a point is not finite. */
function cubicMinimum(one: Point, other: Point, least: number, most: number): number {
  const [a, b] = one.t <= other.t ? [one, other] : [other, one];
  const d1 = a.slope + b.slope - (3 * (a.loss - b.loss)) / (a.t - b.t);
  const d2 = Math.sqrt(d1 * d1 - a.slope * b.slope);
  const t = b.t - ((b.t - a.t) * (b.slope + d2 - d1)) / (b.slope - a.slope + 2 * d2);
  return Number.isFinite(t) ? Math.min(Math.max(t, least), most) : (least + most) / 2;
}

type Vector = Float32Array | Float64Array;

function dot(a: Vector, b: Vector): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

/** a = a + factor · b */
function add(a: Float64Array, factor: number, b: Vector): void {
  for (let k = 0; k < a.length; k++) a[k] += factor * b[k];
}

function largest(a: Vector): number {
  let most = 0;
  for (let k = 0; k < a.length; k++) most = Math.max(most, Math.abs(a[k]));
  return most;
}

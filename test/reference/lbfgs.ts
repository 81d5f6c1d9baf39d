// L-BFGS in float64, written after PyTorch's LBFGS.step and its _strong_wolfe, line by line, over plain arrays.

export interface LbfgsOptions {
  learningRate?: number;
  maxIterations?: number;
  maxEvaluations?: number;
  historySize?: number;
  toleranceGradient?: number;
  toleranceChange?: number;
  lineSearch?: "strongWolfe" | "none";
}

type Evaluate = (weights: number[]) => { loss: number; gradient: number[] };

const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0);
const largest = (a: number[]) => Math.max(...a.map(Math.abs));
const moved = (x: number[], t: number, d: number[]) => x.map((value, i) => value + t * d[i]);

function cubicInterpolate(x1: number, f1: number, g1: number, x2: number, f2: number, g2: number, bounds = [Math.min(x1, x2), Math.max(x1, x2)]): number {
  const d1 = g1 + g2 - (3 * (f1 - f2)) / (x1 - x2);
  const square = d1 ** 2 - g1 * g2;
  if (square < 0) return (bounds[0] + bounds[1]) / 2;
  const d2 = Math.sqrt(square);
  const position = x1 <= x2 ? x2 - (x2 - x1) * ((g2 + d2 - d1) / (g2 - g1 + 2 * d2)) : x1 - (x1 - x2) * ((g1 + d2 - d1) / (g1 - g2 + 2 * d2));
  return Math.min(Math.max(position, bounds[0]), bounds[1]);
}

interface Found {
  loss: number;
  gradient: number[];
  t: number;
  evaluations: number;
}

function strongWolfe(at: (t: number) => { loss: number; gradient: number[] }, first: number, d: number[], loss: number, gradient: number[], gtd: number, tolerance: number): Found {
  const [c1, c2, most] = [1e-4, 0.9, 25];
  let t = first;
  let now = at(t);
  let evaluations = 1;
  let slope = dot(now.gradient, d);
  let [tBefore, lossBefore, gradientBefore, slopeBefore] = [0, loss, gradient, gtd];
  let done = false;
  let i = 0;
  let bracket: number[] = [];
  let losses: number[] = [];
  let gradients: number[][] = [];
  let slopes: number[] = [];
  while (i < most) {
    if (now.loss > loss + c1 * t * gtd || (i > 1 && now.loss >= lossBefore) || (Math.abs(slope) > -c2 * gtd && slope >= 0)) {
      [bracket, losses, gradients, slopes] = [[tBefore, t], [lossBefore, now.loss], [gradientBefore, now.gradient], [slopeBefore, slope]];
      break;
    }
    if (Math.abs(slope) <= -c2 * gtd) {
      [bracket, losses, gradients, slopes] = [[t], [now.loss], [now.gradient], [slope]];
      done = true;
      break;
    }
    const next = cubicInterpolate(tBefore, lossBefore, slopeBefore, t, now.loss, slope, [t + 0.01 * (t - tBefore), t * 10]);
    [tBefore, lossBefore, gradientBefore, slopeBefore] = [t, now.loss, now.gradient, slope];
    t = next;
    now = at(t);
    evaluations++;
    slope = dot(now.gradient, d);
    i++;
  }
  if (i === most) [bracket, losses, gradients, slopes] = [[0, t], [loss, now.loss], [gradient, now.gradient], [gtd, slope]];
  let stuck = false;
  let [low, high] = losses[0] <= losses.at(-1)! ? [0, 1] : [1, 0];
  while (!done && i < most) {
    if (Math.abs(bracket[1] - bracket[0]) * largest(d) < tolerance) break;
    t = cubicInterpolate(bracket[0], losses[0], slopes[0], bracket[1], losses[1], slopes[1]);
    const [least, greatest] = [Math.min(...bracket), Math.max(...bracket)];
    const margin = 0.1 * (greatest - least);
    if (Math.min(greatest - t, t - least) < margin) {
      if (stuck || t >= greatest || t <= least) {
        t = Math.abs(t - greatest) < Math.abs(t - least) ? greatest - margin : least + margin;
        stuck = false;
      } else {
        stuck = true;
      }
    } else {
      stuck = false;
    }
    now = at(t);
    evaluations++;
    slope = dot(now.gradient, d);
    i++;
    const put = (place: number) => ([bracket[place], losses[place], gradients[place], slopes[place]] = [t, now.loss, now.gradient, slope]);
    if (now.loss > loss + c1 * t * gtd || now.loss >= losses[low]) {
      put(high);
      [low, high] = losses[0] <= losses[1] ? [0, 1] : [1, 0];
    } else {
      if (Math.abs(slope) <= -c2 * gtd) done = true;
      else if (slope * (bracket[high] - bracket[low]) >= 0) [bracket[high], losses[high], gradients[high], slopes[high]] = [bracket[low], losses[low], gradients[low], slopes[low]];
      put(low);
    }
  }
  return { loss: losses[low], gradient: gradients[low], t: bracket[low], evaluations };
}

export function lbfgs(options: LbfgsOptions): { step(weights: number[], evaluate: Evaluate): { loss: number; evaluations: number } } {
  const { learningRate = 1, maxIterations = 20, maxEvaluations = Math.floor(maxIterations * 1.25), historySize = 10 } = options;
  const { toleranceGradient = 1e-7, toleranceChange = 1e-9, lineSearch = "strongWolfe" } = options;
  const changes: number[][] = [];
  const steps: number[][] = [];
  let iterations = 0;
  let [d, t, scale]: [number[], number, number] = [[], 0, 1];
  let gradientBefore: number[] = [];
  return {
    step(weights, evaluate) {
      const begin = evaluate(weights);
      let { loss, gradient } = begin;
      let evaluations = 1;
      if (largest(gradient) <= toleranceGradient) return { loss, evaluations };
      for (let n = 1; n <= maxIterations; n++) {
        iterations++;
        if (iterations === 1) {
          d = gradient.map((g) => -g);
        } else {
          const y = gradient.map((g, i) => g - gradientBefore[i]);
          const s = d.map((value) => value * t);
          const ys = dot(y, s);
          if (ys > 1e-10) {
            if (changes.length === historySize) {
              changes.shift();
              steps.shift();
            }
            changes.push(y);
            steps.push(s);
            scale = ys / dot(y, y);
          }
          let q = gradient.map((g) => -g);
          const shares: number[] = [];
          for (let i = changes.length - 1; i >= 0; i--) {
            shares[i] = dot(steps[i], q) / dot(changes[i], steps[i]);
            q = moved(q, -shares[i], changes[i]);
          }
          d = q.map((value) => value * scale);
          for (let i = 0; i < changes.length; i++) d = moved(d, shares[i] - dot(changes[i], d) / dot(changes[i], steps[i]), steps[i]);
        }
        gradientBefore = gradient;
        const lossBefore = loss;
        t = iterations === 1 ? Math.min(1, 1 / gradient.reduce((sum, g) => sum + Math.abs(g), 0)) * learningRate : learningRate;
        const gtd = dot(gradient, d);
        if (gtd > -toleranceChange) break;
        const from = [...weights];
        const at = (step: number) => evaluate(moved(from, step, d));
        if (lineSearch === "strongWolfe") {
          const found = strongWolfe(at, t, d, loss, gradient, gtd, toleranceChange);
          ({ loss, gradient, t } = found);
          evaluations += found.evaluations;
        } else if (n !== maxIterations) {
          ({ loss, gradient } = at(t));
          evaluations++;
        }
        moved(from, t, d).forEach((value, i) => (weights[i] = value));
        if (n === maxIterations || evaluations >= maxEvaluations || largest(gradient) <= toleranceGradient) break;
        if (largest(d.map((value) => value * t)) <= toleranceChange || Math.abs(loss - lossBefore) < toleranceChange) break;
      }
      return { loss: begin.loss, evaluations };
    },
  };
}

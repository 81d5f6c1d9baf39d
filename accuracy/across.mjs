// softmax and logSoftmax, which work on whole rows: random rows of 1 to 67 columns, logits up to ±0.1, 1, 10 and 60, against float64.
import { errorOf, spacing } from "./judge.mjs";

const ranges = [0.1, 1, 10, 60];
const rowsEach = 50;

/** f(row, results) for every row and what `kernel` makes of it. */
function forRows(place, kernel, f) {
  let state = 1;
  const uniform = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const { input, output } = place;
  for (const range of ranges) {
    for (let columns = 1; columns <= 67; columns++) {
      for (let i = 0; i < rowsEach; i++) {
        const ld = Math.ceil(columns / 8) * 8;
        for (let c = 0; c < columns; c++) input[c] = (2 * uniform() - 1) * range;
        place.exports[kernel](1, columns, ld, input.byteOffset, output.byteOffset, 0);
        f(Array.from(input.subarray(0, columns)), output.subarray(0, columns));
      }
    }
  }
  return ranges.length * 67 * rowsEach;
}

/**
 * maxUlp of an element; for softmax also the error as a part of 3 ULP + 2 ULP of the row's largest, and |Σ − 1| as a part of n · 2^-24, the largest of either.
 */
export function measureAcross(instance) {
  const place = instance.place({ kind: "value" });
  const softmax = { maxUlp: 0, ofBound: 0, ofSum: 0, rows: 0 }, logSoftmax = { maxUlp: 0, rows: 0 };
  softmax.rows = forRows(place, "softmaxForward", (z, a) => {
    const most = Math.max(...z), e = z.map((x) => Math.exp(x - most)), total = e.reduce((s, x) => s + x, 0), largest = spacing(1 / total);
    let sum = 0;
    e.forEach((x, i) => {
      const exact = x / total;
      sum += a[i];
      softmax.maxUlp = Math.max(softmax.maxUlp, errorOf(a[i], exact));
      softmax.ofBound = Math.max(softmax.ofBound, Math.abs(a[i] - exact) / (3 * spacing(exact) + 2 * largest));
    });
    softmax.ofSum = Math.max(softmax.ofSum, (Math.abs(sum - 1) / z.length) * 2 ** 24);
  });
  logSoftmax.rows = forRows(place, "logSoftmaxForward", (z, a) => {
    const most = Math.max(...z), first = z.indexOf(most);
    const logarithm = Math.log1p(z.reduce((s, x, i) => (i === first ? s : s + Math.exp(x - most)), 0));
    z.forEach((x, i) => (logSoftmax.maxUlp = Math.max(logSoftmax.maxUlp, errorOf(a[i], x - most - logarithm))));
  });
  return { softmax, logSoftmax };
}

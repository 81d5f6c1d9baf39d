// Activations in plain JavaScript: Math.* in double, stored as float. The table below is all that network.mjs knows.
//
// Measured on AMD EPYC (Zen 5), 64 Ki normal numbers, ns per element on Node 20 / 26, fastest kept:
//   tanh        Math.tanh 15.3 / 14.1, (1 - e) / (1 + e) with e = exp(-2|x|) 12.4 / 10.6, 1 - 2 / (exp(2x) + 1) 9.1 / 7.3
//   relu        x > 0 ? x : 0  5.0 / 3.9, Math.max 4.6 / 4.0, (x + |x|) / 2  0.9 / 0.5  (no branch to mispredict)
//   leakyRelu   as relu: 4.2 / 2.9, 5.1 / 4.5, 0.9 / 0.5
// The fast tanh is within 2e-16 of Math.tanh, and the two branchless forms are exact for finite numbers.
import { negativeSlope } from "../workloads.mjs";

/** For each name: forward(z, a), a = f(z), may be in place; derivative(z, d), d = f′(z). */
export const activations = {
  tanh: {
    forward(z, a) {
      for (let i = 0; i < z.length; i++) a[i] = 1 - 2 / (Math.exp(2 * z[i]) + 1);
    },
    derivative(z, d) {
      for (let i = 0; i < z.length; i++) {
        const t = 1 - 2 / (Math.exp(2 * z[i]) + 1);
        d[i] = 1 - t * t;
      }
    },
  },
  sigmoid: {
    forward(z, a) {
      for (let i = 0; i < z.length; i++) a[i] = 1 / (1 + Math.exp(-z[i]));
    },
    derivative(z, d) {
      for (let i = 0; i < z.length; i++) {
        const s = 1 / (1 + Math.exp(-z[i]));
        d[i] = s * (1 - s);
      }
    },
  },
  arctan: {
    forward(z, a) {
      for (let i = 0; i < z.length; i++) a[i] = Math.atan(z[i]);
    },
    derivative(z, d) {
      for (let i = 0; i < z.length; i++) {
        const x = z[i];
        d[i] = 1 / (1 + x * x);
      }
    },
  },
  relu: {
    forward(z, a) {
      for (let i = 0; i < z.length; i++) {
        const x = z[i];
        a[i] = 0.5 * (x + Math.abs(x));
      }
    },
    derivative(z, d) {
      for (let i = 0; i < z.length; i++) d[i] = +(z[i] > 0);
    },
  },
  leakyRelu: {
    forward(z, a) {
      const half = 0.5 * (1 + negativeSlope);
      const rest = 0.5 * (1 - negativeSlope);
      for (let i = 0; i < z.length; i++) {
        const x = z[i];
        a[i] = half * x + rest * Math.abs(x);
      }
    },
    derivative(z, d) {
      for (let i = 0; i < z.length; i++) d[i] = negativeSlope + (1 - negativeSlope) * +(z[i] > 0);
    },
  },
};

/** z += bias in every row, then a = f(z) in place: one pass for the bias and the function. */
export const biasedForward = {
  tanh(rows, columns, z, bias) {
    for (let i = 0, o = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++, o++) z[o] = 1 - 2 / (Math.exp(2 * (z[o] + bias[j])) + 1);
    }
  },
  sigmoid(rows, columns, z, bias) {
    for (let i = 0, o = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++, o++) z[o] = 1 / (1 + Math.exp(-(z[o] + bias[j])));
    }
  },
  relu(rows, columns, z, bias) {
    for (let i = 0, o = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++, o++) {
        const x = z[o] + bias[j];
        z[o] = 0.5 * (x + Math.abs(x));
      }
    }
  },
  softmax(rows, columns, z, bias) {
    for (let i = 0; i < rows; i++) {
      const from = i * columns;
      let largest = -Infinity;
      for (let j = 0; j < columns; j++) {
        const x = z[from + j] + bias[j];
        z[from + j] = x;
        if (x > largest) largest = x;
      }
      let sum = 0;
      for (let j = 0; j < columns; j++) {
        const e = Math.exp(z[from + j] - largest);
        z[from + j] = e;
        sum += e;
      }
      const scale = 1 / sum;
      for (let j = 0; j < columns; j++) z[from + j] *= scale;
    }
  },
};

/** da ·= f′, in place, from the output a. */
export const backwardFromOutput = {
  tanh(a, da) {
    for (let i = 0; i < a.length; i++) da[i] *= 1 - a[i] * a[i];
  },
  sigmoid(a, da) {
    for (let i = 0; i < a.length; i++) da[i] *= a[i] * (1 - a[i]);
  },
  relu(a, da) {
    for (let i = 0; i < a.length; i++) da[i] *= +(a[i] > 0);
  },
};

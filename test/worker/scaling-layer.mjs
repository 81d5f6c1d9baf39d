/** y = s x, s learned. */
export const scaling = {
  name: "scaling",
  weights: () => ({ s: { shape: [1], initializer: "ones" } }),
  forward({ x, y, weights: { s } }) {
    for (let i = 0; i < x.length; i++) y[i] = s[0] * x[i];
  },
  backward({ x, dy, dx, weights: { s }, gradients }) {
    let sum = 0;
    for (let i = 0; i < x.length; i++) {
      dx[i] = s[0] * dy[i];
      sum += x[i] * dy[i];
    }
    gradients.s[0] = sum;
  },
};

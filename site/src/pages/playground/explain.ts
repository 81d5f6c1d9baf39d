// What a diagnosis means for a learner, in whole sentences, and what to try.

import { digits, power } from "./format";
import type { Report } from "./protocol";
import type { State } from "./state";

export interface Remedy {
  readonly label: string;
  readonly patch: Partial<State>;
}

export interface Explanation {
  readonly title: string;
  readonly text: string;
  readonly remedies: readonly Remedy[];
}

/** Beyond these ratios of the gradients at the first layer and the last one they vanish or explode; as in network.diagnose(). */
const RATIO = 1e3;
/** With so many units dead in a layer, that is why no gradient gets past it. */
const MOSTLY = 0.75;
const FLAT_BY_NAME: Readonly<Record<string, string>> = {
  sigmoid: "its slope is at most ¼",
  tanh: "its slope is 1 at 0 and falls off fast on both sides",
  arctan: "its slope is 1 at 0 and falls off on both sides",
  softsign: "its slope is 1 at 0 and falls off on both sides",
  hardSigmoid: "its slope is at most ⅙",
};

const relu = (state: State): Remedy => ({ label: "Use ReLU", patch: { layers: state.layers.map((layer) => ({ ...layer, activation: "relu" })) } });
const residual: Remedy = { label: "Add residual and layer normalisation", patch: { skip: true, norm: "layer" } };

function died(dead: number, state: State): Explanation {
  const leaky: Remedy = { label: "Use leaky ReLU", patch: { layers: state.layers.map((layer) => ({ ...layer, activation: "leakyRelu" })) } };
  const third: Remedy = { label: "A third of the rate", patch: { rate: Number((state.rate / 3).toPrecision(1)) } };
  return {
    title: "Units have died",
    text: `${Math.round(100 * dead)} % of the units of one layer give the same for every point. Where ReLU is flat its slope is 0, so no gradient reaches their weights and they cannot come back.`,
    remedies: [leaky, ...(state.rate > 0.003 ? [third] : [])],
  };
}

/** `learned`: whether (nearly) every training point is on the right side. */
export function explain({ layers, gradientFactor }: Report, state: State, learned: boolean): Explanation {
  const depth = layers.length;
  const norms = layers.map(({ outputGradientNorm }) => outputGradientNorm);
  const ratio = norms[0] / norms[depth - 1];
  // The last activation is one with the loss, and learns however flat it is.
  const hidden = layers.slice(0, -1);
  const dead = Math.max(0, ...hidden.map((layer) => layer.dead ?? 0));
  const saturated = Math.max(0, ...hidden.map((layer) => layer.saturated ?? 0));
  const large = Math.max(0, ...layers.map((layer) => layer.updateRatio ?? 0));
  const plain = !(state.skip && state.norm !== "none");
  if (norms[depth - 1] === 0) return { title: "Nothing left to learn here", text: "The gradient is zero at the output already: on these points the loss cannot fall any further.", remedies: [] };
  if (learned) {
    return { title: "It has learned the training points", text: "What is left of the loss is so small that gradients fade and units go flat: now that is no fault. Whether it has learned more than these points, the test loss says.", remedies: [] };
  }
  if (dead >= MOSTLY) return died(dead, state);
  if (!(ratio >= 1 / RATIO)) {
    const first = state.layers[0]?.activation ?? "linear";
    const why = FLAT_BY_NAME[first] ? ` With ${first}, ${FLAT_BY_NAME[first]}.` : "";
    return {
      title: "The gradient vanishes",
      text: `On its way back every layer multiplies the gradient by about ${digits(gradientFactor, 2)}: by its weights and by the slope f′(z).${why} ${depth} layers make that ${power(Math.max(ratio, 1e-40))} — the first layers get so little that they hardly move.`,
      remedies: [...(plain ? [residual] : []), ...(first === "relu" ? [] : [relu(state)])],
    };
  }
  if (ratio > RATIO) {
    return {
      title: "The gradient explodes",
      text: `On its way back every layer makes the gradient about ${digits(gradientFactor, 2)} × larger; over ${depth} layers that is ${power(ratio)}. A step that suits the last layers throws the first ones far off.`,
      remedies: [...(plain ? [residual] : []), ...(state.init === "auto" ? [] : [{ label: "First weights by activation", patch: { init: "auto" as const } }])],
    };
  }
  if (dead >= 0.25) return died(dead, state);
  if (saturated >= 0.5) {
    return {
      title: "Units are saturated",
      text: `${Math.round(100 * saturated)} % of the values of one layer lie where the activation is flat. There the slope is nearly 0, and the layer learns slowly however wrong it is.`,
      remedies: state.norm === "none" ? [{ label: "Normalise each layer", patch: { norm: "layer" } }] : [],
    };
  }
  if (large >= 0.5) {
    return {
      title: "The steps are too large",
      text: `One step would change the weights of a layer by ${Math.round(100 * large)} % of their size. It jumps across the valley instead of walking down.`,
      remedies: [{ label: "A tenth of the rate", patch: { rate: Number((state.rate / 10).toPrecision(1)) } }],
    };
  }
  return {
    title: "The gradient arrives",
    text: depth === 1
      ? "There is only one layer: the gradient has no way to go."
      : `Each layer passes on about ${digits(gradientFactor, 2)} × of the gradient. From the output to the first layer that makes ${digits(ratio, 2)} ×, so all ${depth} layers learn.`,
    remedies: [],
  };
}

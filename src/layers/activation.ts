// An activation as a layer of its own: a = f(x), element by element (softmax and logSoftmax: row by row).

import { activationLabel, checkActivation, type Activation, type ActivationName, type ActivationOptions } from "../activations.js";
import { checkOptions } from "../check.js";
import { ROWS } from "../program.js";
import { activate, activateBackward, activationParameters } from "./activate.js";
import { padded } from "./chain.js";
import type { BackwardSite, Factory, ForwardSite, Layer, LayerFactory, Parameter, Pass, TrainableLayer } from "./layer.js";

/**
 * An activation as a layer of its own, for use after a linear layer or alone.
 *
 * @throws NameError for an unknown name or option
 * @example activation("leakyRelu", { negativeSlope: 0.1 })
 */
export function activation(name: ActivationName, options?: ActivationOptions): LayerFactory<"inputs"> {
  const f = checkActivation("activation", name, options);
  return { build: (_where, inputs) => new ActivationLayer(inputs, f) };
}

interface ActivationConfig {
  type: string;
  activation: { name: string };
}

/** activation() from the config in a model file. */
export function rebuildActivation(config: ActivationConfig): LayerFactory {
  const f = checkConfig(config);
  return { build: (_where, inputs) => new ActivationLayer(inputs, f) };
}

/** The same for inference only. */
export function rebuildActivationForward(config: ActivationConfig): Factory<Layer> {
  const f = checkConfig(config);
  return { build: (_where, inputs) => new ActivationForward(inputs, f) };
}

function checkConfig(config: ActivationConfig): Activation {
  const { name, ...options } = checkOptions("activation", config, ["type", "activation"]).activation;
  return checkActivation("activation", name, options);
}

class ActivationForward implements Layer {
  readonly type = "activation";
  readonly parameters: readonly Parameter[];

  constructor(readonly inputs: number, readonly activation: Activation) {
    this.parameters = activationParameters(activation, inputs);
  }

  get units(): number {
    return this.inputs;
  }

  forward(site: ForwardSite): Pass {
    const input = padded(site, this.inputs);
    // Left out, the layer writes nothing: its output is what goes in.
    if (site.logits) return { input, z: input, a: input };
    const a = site.arena.matrix(this.units);
    return { input, z: input, a, kept: [activate(site, this.activation, this.units, input, a)] };
  }
}

class ActivationLayer extends ActivationForward implements TrainableLayer {
  get label(): string {
    return `activation(${activationLabel(this.activation)})`;
  }

  get config(): Readonly<Record<string, unknown>> {
    return { type: "activation", activation: { name: this.activation.id, ...this.activation.options } };
  }

  backward(site: BackwardSite, pass: Pass): void {
    const { program, da, dInput, logits } = site;
    // Without anybody who wants the result, only what the activation learns is worth the work.
    if (!logits && (dInput || this.parameters.length > 0)) activateBackward(site, this.activation, this.units, pass, da, dInput ?? da);
    if (logits && dInput) program.add("copyRows", ROWS, da.ld, da.pointer, da.ld, dInput.pointer, dInput.ld);
  }
}

// An activation as a layer of its own: a = f(x), element by element (softmax and logSoftmax: row by row).

import { activationLabel, activationTable, checkActivation, type Activation, type ActivationName, type ActivationOptions } from "../activations.js";
import { checkOptions } from "../check.js";
import { ROWS } from "../program.js";
import { padded } from "./chain.js";
import type { BackwardSite, ForwardSite, Layer, LayerFactory, Pass, TrainableLayer } from "./layer.js";

/**
 * An activation as a layer of its own, for use after a linear layer or alone.
 *
 * @throws NameError for an unknown name or option
 * @example activation("leakyRelu", { negativeSlope: 0.1 })
 */
export function activation(name: ActivationName, options?: ActivationOptions): LayerFactory {
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
export function rebuildActivationForward(config: ActivationConfig): LayerFactory<Layer> {
  const f = checkConfig(config);
  return { build: (_where, inputs) => new ActivationForward(inputs, f) };
}

function checkConfig(config: ActivationConfig): Activation {
  const { name, ...options } = checkOptions("activation", config, ["type", "activation"]).activation;
  return checkActivation("activation", name, options);
}

class ActivationForward implements Layer {
  readonly type = "activation";
  readonly parameters = [];

  constructor(readonly inputs: number, readonly activation: Activation) {}

  get units(): number {
    return this.inputs;
  }

  forward(site: ForwardSite): Pass {
    const { program, arena, logits } = site;
    const input = padded(site, this.inputs);
    // Left out, the layer writes nothing: its output is what goes in.
    if (logits) return { input, z: input, a: input };
    const a = arena.matrix(this.units);
    const options = arena.constants(Object.values(this.activation.options));
    program.add(`${this.activation.id}Forward`, ROWS, this.units, a.ld, input.pointer, a.pointer, options);
    return { input, z: input, a, kept: [options] };
  }
}

class ActivationLayer extends ActivationForward implements TrainableLayer {
  get label(): string {
    return `activation(${activationLabel(this.activation)})`;
  }

  get config(): Readonly<Record<string, unknown>> {
    return { type: "activation", activation: { name: this.activation.id, ...this.activation.options } };
  }

  backward({ program, da, dInput, logits }: BackwardSite, { input, a, kept }: Pass): void {
    if (!dInput) return;
    if (logits) return program.add("copyRows", ROWS, da.ld, da.pointer, da.ld, dInput.pointer, dInput.ld);
    const x = activationTable[this.activation.id].derivativeFrom === "output" ? a : input;
    program.add(`${this.activation.id}Backward`, ROWS, this.units, da.ld, x.pointer, da.pointer, dInput.pointer, kept![0]);
  }
}

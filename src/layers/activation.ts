// An activation as a layer of its own: a = f(x), element by element (softmax and logSoftmax: row by row).

import { activationLabel, activationTable, checkActivation, type Activation, type ActivationName, type ActivationOptions } from "../activations.js";
import { checkOptions } from "../check.js";
import { ROWS } from "../program.js";
import type { BackwardSite, ForwardSite, Layer, LayerFactory, TrainableLayer } from "./layer.js";

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
  readonly preactivation = false;
  readonly anyStride = false;

  constructor(readonly inputs: number, readonly activation: Activation) {}

  get units(): number {
    return this.inputs;
  }

  forward({ program, input, a, options, logits }: ForwardSite): void {
    if (logits) return;
    program.add(`${this.activation.id}Forward`, ROWS, this.units, a.ld, input.pointer, a.pointer, options);
  }
}

class ActivationLayer extends ActivationForward implements TrainableLayer {
  readonly readsPreactivation = true;
  readonly scratchSize = 0;

  get label(): string {
    return `activation(${activationLabel(this.activation)})`;
  }

  get config(): Readonly<Record<string, unknown>> {
    return { type: "activation", activation: { name: this.activation.id, ...this.activation.options } };
  }

  backward({ program, input, a, da, dInput, options, logits }: BackwardSite): void {
    if (!dInput) return;
    if (logits) return program.add("copyRows", ROWS, da.ld, da.pointer, da.ld, dInput.pointer, dInput.ld);
    const x = activationTable[this.activation.id].derivativeFrom === "output" ? a : input;
    program.add(`${this.activation.id}Backward`, ROWS, this.units, da.ld, x.pointer, da.pointer, dInput.pointer, options);
  }
}

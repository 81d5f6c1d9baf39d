// What an optimizer makes of gradients: the update of weights and state, its numbers from step to step, and the way back from a step that overflows.

import { NonFiniteError } from "./errors.js";
import type { TrainableLayer } from "./layers/layer.js";
import type { Lease } from "./memory.js";
import type { Optimizer, Update } from "./optimizer.js";
import type { Stack } from "./plan.js";
import { Program } from "./program.js";
import type { TrainingPlan } from "./training-plan.js";

/**
 * Numbers below 2^128 / TAME = 2^48, in gradients and weights, cannot overflow in a step: not as the 2^32 squares that Adagrad may add up in a lifetime, nor as
 * the 2^24 that a momentum of 1 − 2^-24 adds up after a division by an ε of 2^-40.
 */
export const TAME = 2 ** 80;

export class Updater {
  /** The optimizer's slots, blocks laid out like the parameter block. */
  readonly state: number;
  /** Steps taken; the optimizer's t is one more. */
  step = 0;
  /** The optimizer's running products. */
  powers: readonly number[];
  /** What callbacks have made of the learning rate: it is multiplied by this. */
  rateScale = 1;
  #program: Program | undefined;
  /** Weights and state before a step that may overflow. */
  #before: Float32Array | undefined;

  /** `numbers`: 64 bytes for the parameters of kernels. */
  constructor(readonly stack: Stack<TrainableLayer>, readonly lease: Lease, readonly optimizer: Optimizer, readonly gradients: number, readonly numbers: number, where: string) {
    this.powers = optimizer.powers;
    this.state = lease.zeros(stack.parameters.size * Math.max(1, optimizer.slots.length), where);
  }

  /** The learning rate of the step to come. */
  get rate(): number {
    return this.rateScale * this.optimizer.rateAt(this.step);
  }

  /** One step by the gradients, which are finite, and `tameGradients` if below the bound of TAME; `plan` looks for what is not afterwards. Throws with weights and state as they were. */
  apply(rate: number, plan: TrainingPlan, tameGradients: boolean, where: string): void {
    const { stack, optimizer, gradients, state } = this;
    const { size } = stack.parameters;
    const tame = tameGradients && plan.isFinite(stack.weights, size, TAME);
    const { epsilon = 1, weightDecay = 0 } = optimizer.options as { epsilon?: number; weightDecay?: number };
    const update = this.#prepareUpdate(rate, gradients);
    // Finite gradients can still overflow a weight or a momentum: not with both TAME and a rate that can learn, but then the step may have to be taken
    // back. So it may with next to no ε, which a large momentum is divided by, and without any, where a gradient of 0 gives 0 / 0.
    const reckless = !tame || rate > 1 || weightDecay > 1 || epsilon < 2 ** -40;
    const program = (this.#program ??= this.#record(update.kernel, where));
    if (reckless) this.#remember();
    program.run(1);
    // The state too: an infinite mean of squares would turn a weight into NaN in a later, harmless step.
    if (reckless && !(plan.isFinite(stack.weights, size) && plan.isFinite(state, size * optimizer.slots.length))) throw this.#takeBack(plan, where);
    if (update.powers) this.powers = update.powers;
    this.step += 1;
  }

  /** A step of an optimizer that runs the batch again: `evaluate` does, and gives the mean loss or Infinity. */
  minimize(rate: number, loss: number, evaluate: () => number): void {
    const { stack, optimizer, gradients, state } = this;
    const { linear } = stack.backend;
    const { size } = stack.parameters;
    optimizer.minimize(rate, { weights: linear.f32(stack.weights, size), gradients: linear.f32(gradients, size), state: linear.f32(state, size * optimizer.slots.length), loss, evaluate });
    this.step += 1;
  }

  /** Clips `gradients` and puts down the numbers of the update by them. */
  #prepareUpdate(rate: number, gradients: number): Update {
    const { optimizer } = this;
    const { kernels, linear } = this.stack.backend;
    const { size } = this.stack.parameters;
    const { numbers: parameters } = this;
    if (optimizer.clipValue !== undefined) {
      linear.f32(parameters, 1)[0] = optimizer.clipValue;
      kernels.call("clipValue", size, gradients, parameters);
    }
    if (optimizer.clipNorm !== undefined) {
      kernels.call("sumOfSquares", size, gradients, parameters);
      const norm = Math.sqrt(linear.f64(parameters, 1)[0]);
      if (norm > optimizer.clipNorm) {
        linear.f32(parameters, 1)[0] = optimizer.clipNorm / norm;
        kernels.call("scale", size, gradients, parameters);
      }
    }
    const update = optimizer.update(rate, this.step + 1, this.powers);
    linear.f32(parameters, update.parameters.length).set(update.parameters);
    return update;
  }

  /** What the next step would add to the weights, given `gradients`, which it may clip: a block of `lease`. A minimizer's is its first guess. */
  rehearse(rate: number, gradients: number, lease: Lease, where: string): number {
    const { kernels, linear } = this.stack.backend;
    const { size } = this.stack.parameters;
    const copy = (block: number, length: number) => {
      const pointer = lease.allocate(length * 4, where);
      linear.f32(pointer, length).set(linear.f32(block, length));
      return pointer;
    };
    if (this.optimizer.isFullBatch) {
      const steps = copy(gradients, size);
      linear.f32(steps, size).forEach((value, i, values) => (values[i] = -rate * value));
      return steps;
    }
    const weights = copy(this.stack.weights, size);
    const { kernel } = this.#prepareUpdate(rate, gradients);
    kernels.call(kernel, size, weights, gradients, copy(this.state, size * this.optimizer.slots.length), this.numbers, size);
    const before = linear.f32(this.stack.weights, size);
    linear.f32(weights, size).forEach((value, i, values) => (values[i] = value - before[i]));
    return weights;
  }

  /** Multiplies the learning rate by `factor`, not below `minimum`; changes below 1e-8 are left out (PyTorch's ReduceLROnPlateau). */
  reduceRate(factor: number, minimum: number): void {
    // The rate of the last step, also of one that was taken before the network was saved.
    const last = this.rateScale * this.optimizer.rateAt(Math.max(0, this.step - 1));
    const rate = Math.max(last * factor, minimum);
    if (last - rate > 1e-8) this.rateScale *= rate / last;
  }

  /** The update as a program, which the threads share. */
  #record(kernel: Update["kernel"], where: string): Program {
    const { stack, gradients, state, lease } = this;
    const { size } = stack.parameters;
    const program = new Program(stack.backend);
    program.add(kernel, size, stack.weights, gradients, state, this.numbers, size);
    program.write(lease, 1, where);
    return program;
  }

  #remember(): void {
    const { stack, state } = this;
    const { size } = stack.parameters;
    const slots = this.optimizer.slots.length;
    this.#before ??= new Float32Array(size * (1 + slots));
    this.#before.set(stack.backend.linear.f32(stack.weights, size));
    this.#before.set(stack.backend.linear.f32(state, size * slots), size);
  }

  #takeBack(plan: TrainingPlan, where: string): NonFiniteError {
    const { parameters, layers, weights, backend } = this.stack;
    const { size } = parameters;
    const blocks = [weights, ...this.optimizer.slots.map((_, slot) => this.state + slot * size * 4)];
    const { layer } = parameters.learned.find(({ offset, size: length }) => blocks.some((block) => !plan.isFinite(block + offset * 4, length)))!;
    backend.linear.f32(weights, size).set(this.#before!.subarray(0, size));
    backend.linear.f32(this.state, this.#before!.length - size).set(this.#before!.subarray(size));
    const error = new NonFiniteError(`${where}: weights and the optimizer's state must be finite after a step, got NaN or Infinity in layer ${layer + 1}, ${layers[layer].label}; the step was taken back. A smaller learning rate or a greater epsilon may help`);
    return Object.assign(error, { layer: layer + 1 });
  }
}

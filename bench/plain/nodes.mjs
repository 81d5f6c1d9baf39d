// A network as playgrounds in plain JavaScript are written: an object for each unit and each connection, one point at a time, in float64, every quantity a property. Inputs
// are made from a point by a table of functions, gradients are collected with their count, a connection may be penalized or dead. What bench/playground.mjs measures against.

/** What a unit of the first layer may be given of a point; a page has them switched on and off. */
const features = {
  x: (x) => x,
  y: (_x, y) => y,
  xSquared: (x) => x * x,
  ySquared: (_x, y) => y * y,
  xTimesY: (x, y) => x * y,
  sinX: (x) => Math.sin(x),
  sinY: (_x, y) => Math.sin(y),
};

const tanh = {
  output: (z) => Math.tanh(z),
  derivative(z) {
    const a = Math.tanh(z);
    return 1 - a * a;
  },
};

const squaredError = {
  loss: (a, target) => (a - target) ** 2,
  derivative: (a, target) => 2 * (a - target),
};

class Link {
  isDead = false;
  gradient = 0;
  gradientSum = 0;
  gradientCount = 0;

  constructor(from, to, weight, penalty) {
    this.id = `${from.id}-${to.id}`;
    this.from = from;
    this.to = to;
    this.weight = weight;
    this.penalty = penalty;
  }
}

class Unit {
  inputs = [];
  outputs = [];
  z = 0;
  a = 0;
  da = 0;
  dz = 0;
  dzSum = 0;
  dzCount = 0;

  constructor(id, activation, bias) {
    this.id = id;
    this.activation = activation;
    this.bias = bias;
  }

  forward() {
    this.z = this.bias;
    for (let i = 0; i < this.inputs.length; i++) {
      const link = this.inputs[i];
      this.z += link.weight * link.from.a;
    }
    this.a = this.activation.output(this.z);
    return this.a;
  }
}

/** Layers of tanh units with squared error and plain gradient descent. parameters: [{ weights (inputs × units, row-major), bias }] a layer. */
export class NodeNetwork {
  constructor(parameters, chosen = { x: true, y: true }, penalty = null) {
    this.chosen = chosen;
    this.layers = [Object.keys(features).filter((id) => chosen[id]).map((id) => new Unit(id, tanh, 0))];
    for (const [l, { weights, bias }] of parameters.entries()) {
      const before = this.layers.at(-1);
      const layer = Array.from(bias, (value, j) => new Unit(`${l}-${j}`, tanh, value));
      for (const [j, unit] of layer.entries()) {
        for (const [i, from] of before.entries()) {
          const link = new Link(from, unit, weights[i * layer.length + j], penalty);
          from.outputs.push(link);
          unit.inputs.push(link);
        }
      }
      this.layers.push(layer);
    }
  }

  inputOf([x, y]) {
    const inputs = [];
    for (const id in features) if (this.chosen[id]) inputs.push(features[id](x, y));
    return inputs;
  }

  predict(inputs) {
    const [first] = this.layers;
    for (let i = 0; i < first.length; i++) first[i].a = inputs[i];
    for (let l = 1; l < this.layers.length; l++) {
      const layer = this.layers[l];
      for (let i = 0; i < layer.length; i++) layer[i].forward();
    }
    return this.layers[this.layers.length - 1][0].a;
  }

  /** Adds the gradients of the point that was predicted last. */
  backward(target, error = squaredError) {
    const last = this.layers[this.layers.length - 1][0];
    last.da = error.derivative(last.a, target);
    for (let l = this.layers.length - 1; l >= 1; l--) {
      const layer = this.layers[l];
      for (let i = 0; i < layer.length; i++) {
        const unit = layer[i];
        unit.dz = unit.da * unit.activation.derivative(unit.z);
        unit.dzSum += unit.dz;
        unit.dzCount++;
      }
      for (let i = 0; i < layer.length; i++) {
        const unit = layer[i];
        for (let j = 0; j < unit.inputs.length; j++) {
          const link = unit.inputs[j];
          if (link.isDead) continue;
          link.gradient = unit.dz * link.from.a;
          link.gradientSum += link.gradient;
          link.gradientCount++;
        }
      }
      if (l === 1) continue;
      const before = this.layers[l - 1];
      for (let i = 0; i < before.length; i++) {
        const unit = before[i];
        unit.da = 0;
        for (let j = 0; j < unit.outputs.length; j++) {
          const link = unit.outputs[j];
          unit.da += link.weight * link.to.dz;
        }
      }
    }
  }

  /** A step down the means of what was collected. */
  update(learningRate, penaltyRate = 0) {
    for (let l = 1; l < this.layers.length; l++) {
      const layer = this.layers[l];
      for (let i = 0; i < layer.length; i++) {
        const unit = layer[i];
        if (unit.dzCount > 0) {
          unit.bias -= (learningRate * unit.dzSum) / unit.dzCount;
          unit.dzSum = 0;
          unit.dzCount = 0;
        }
        for (let j = 0; j < unit.inputs.length; j++) {
          const link = unit.inputs[j];
          if (link.isDead || link.gradientCount === 0) continue;
          link.weight -= (learningRate / link.gradientCount) * link.gradientSum;
          if (link.penalty) {
            const shrunk = link.weight - learningRate * penaltyRate * link.penalty.derivative(link.weight);
            link.isDead = link.penalty.ends && link.weight * shrunk < 0;
            link.weight = link.isDead ? 0 : shrunk;
          }
          link.gradientSum = 0;
          link.gradientCount = 0;
        }
      }
    }
  }

  loss(points, targets, error = squaredError) {
    let sum = 0;
    for (let i = 0; i < points.length; i++) sum += error.loss(this.predict(this.inputOf(points[i])), targets[i]);
    return sum / points.length;
  }
}

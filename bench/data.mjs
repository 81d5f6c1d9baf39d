// The numbers every contestant gets for a workload: the same for all of them, made again from the workload's name in
// each process, so nothing large is sent about.

/** Uniform in [0, 1), 32-bit xorshift; good enough for test data, and short. */
function createUniform(text) {
  let state = 0x9e3779b9;
  for (let index = 0; index < text.length; index++) state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
  state |= 1; // zero would stay zero
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

function createNormal(text) {
  const uniform = createUniform(text);
  return (length, deviation) => {
    const values = new Float32Array(length);
    for (let index = 0; index < length; index++) {
      // Box and Muller; 1 - u keeps the logarithm finite.
      values[index] = deviation * Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
    }
    return values;
  };
}

/**
 * matmul: { a, b }; activation: { z }, of the spread that preactivations have; inference and training:
 * { x, parameters: [{ weights, bias }] }, and for training { y }: class numbers, or values for meanSquaredError.
 */
export function createData(workload) {
  const normal = createNormal(workload.id);
  if (workload.kind === "matmul") {
    const { m, n, k } = workload;
    return { a: normal(m * k, 1), b: normal(k * n, 1) };
  }
  if (workload.kind === "activation") return { z: normal(workload.elements, 2) };
  const { inputs, layers, batch } = workload;
  const parameters = [];
  let width = inputs;
  for (const { units, activation } of layers) {
    // He for relu, Glorot for the rest: signals neither die out nor grow, however deep.
    const deviation = Math.sqrt(activation === "relu" ? 2 / width : 2 / (width + units));
    parameters.push({ weights: normal(width * units, deviation), bias: normal(units, 0.1) });
    width = units;
  }
  const data = { x: normal(batch * inputs, 1), parameters };
  if (workload.kind === "training") {
    const uniform = createUniform(`${workload.id} targets`);
    data.y = workload.loss === "meanSquaredError"
      ? normal(batch * width, 0.5)
      : Int32Array.from({ length: batch }, () => Math.floor(uniform() * width));
  }
  return data;
}

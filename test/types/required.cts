// Compiled, not run: CommonJS in TypeScript, where Node can require ES modules.
import lanewise = require("lanewise");
import infer = require("lanewise/infer");

const network: lanewise.Network<2, 1> = new lanewise.Network({ inputs: 2, layers: [lanewise.dense(1)] });
const values: Float32Array = infer.load(network.save()).predict([[1, 2]]);
export = values;

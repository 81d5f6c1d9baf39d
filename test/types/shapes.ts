// Compiled, not run: the widths of a network that its config spells out, and names that are none.
import {
  activation, batchNormalization, custom, dense, dropout, gaussianNoise, layerNormalization, Network, normalization, residual,
  type ActivationName, type CompileOptions, type CustomLayer, type InitializerName, type LayerFactory, type LossName, type MetricName,
} from "lanewise";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const prove = <_ extends true>(): void => {};

const digits = new Network({ inputs: 784, layers: [dense(128, "relu"), dense(10, "softmax")], seed: 1 });
prove<Same<typeof digits, Network<784, 10>>>();
prove<Same<typeof digits.inputs, 784>>();
prove<Same<typeof digits.outputs, 10>>();

// Layers that keep the width, in front, between and behind.
const kept = new Network({ inputs: 20, layers: [normalization(), dense(64, "linear", { useBias: false }), batchNormalization(), activation("relu"), dropout(0.2), gaussianNoise(0.1), layerNormalization()] });
prove<Same<typeof kept, Network<20, 64>>>();
const same = new Network({ inputs: 7, layers: [normalization(), activation("tanh")] });
prove<Same<typeof same, Network<7, 7>>>();

// Blocks, and as many of them as a number says at run time.
const block = residual([layerNormalization(), dense(32, "relu")]);
prove<Same<typeof block, LayerFactory<32>>>();
prove<Same<ReturnType<typeof residual<[LayerFactory<"inputs">]>>, LayerFactory<"inputs">>>();
const deep = new Network({ inputs: 2, layers: [dense(32), ...Array.from({ length: 30 }, () => residual([layerNormalization(), dense(32, "relu")])), dense(1, "sigmoid"), activation("linear")] });
prove<Same<typeof deep, Network<2, 1>>>();

// What only a run can know is a number.
const widths: number[] = JSON.parse("[4, 5]");
const unknown = new Network({ inputs: widths[0], layers: widths.map((units) => dense(units)) });
prove<Same<typeof unknown, Network<number, number>>>();
prove<Same<typeof unknown, Network>>();
const list: LayerFactory[] = [dense(3), activation("relu")];
prove<Same<typeof fromList, Network<2, number>>>();
const fromList = new Network({ inputs: 2, layers: list });
const scaling: CustomLayer = { name: "scaling", forward() {}, backward() {} };
const customized = new Network({ inputs: 3, layers: [dense(4), custom(scaling)] });
prove<Same<typeof customized, Network<3, number>>>();
prove<Same<ReturnType<typeof Network.load>, Network>>();

// A network of known widths is a Network; one of other widths is not.
const any: Network = digits;
const train = (network: Network<784, 10>): void => void network.trainBatch(new Float32Array(784), [3]);
train(digits);
// @ts-expect-error 20 and 64 are not 784 and 10
train(kept);
// @ts-expect-error what may have any widths may have others
train(any);
class Mine extends Network {
  more = 1;
}
const mine: number = new Mine({ inputs: 2, layers: [dense(1)] }).more;
if (any instanceof Network) any.dispose();

// Names, aliases and snake_case; nothing else.
const activations: ActivationName[] = ["tanh", "leakyRelu", "leaky_relu", "leakyReLU", "atan", "swish", "hard_sigmoid", "geluTanh", "log_softmax", "prelu"];
const losses: LossName[] = ["mse", "mean_squared_error", "sparse_categorical_crossentropy", "kullback_leibler_divergence", "binaryCrossEntropy", "log_cosh"];
const metrics: MetricName[] = ["acc", "top_k_accuracy", "f1_score", "r2"];
const initializers: InitializerName[] = ["he_normal", "kaimingUniform", "xavier_uniform", "orthogonal", "zeros"];
const optimizers: CompileOptions["optimizer"][] = ["sgd", "SGD", "adamW", "adam_w", "RMSprop", "lbfgs"];
// @ts-expect-error there is no such activation
dense(3, "sigmiod");
// @ts-expect-error nor in an object
dense(3, { name: "leakyrelu" });
// @ts-expect-error nor as a layer
activation("rely");
// @ts-expect-error there is no such initializer
dense(3, "relu", { weightsInitializer: "he" });
// @ts-expect-error there is no such loss
digits.compile({ optimizer: "adam", loss: "crossentropy" });
// @ts-expect-error there is no such optimizer
digits.compile({ optimizer: "adm", loss: "mse" });
// @ts-expect-error there is no such metric
digits.compile({ optimizer: "adam", loss: "mse", metrics: ["acuracy"] });
// @ts-expect-error a name is no layer
new Network({ inputs: 2, layers: ["dense"] });
// @ts-expect-error nor is the function that makes one
new Network({ inputs: 2, layers: [dense] });
export { activations, initializers, losses, metrics, mine, optimizers };

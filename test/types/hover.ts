// Compiled for the one mistake in it: the compiler's words name a type as editors show it.
import { dense, Network } from "lanewise";

export const hover = new Network({ inputs: 784, layers: [dense(128, "relu"), dense(10, "softmax")] });
export const wrong: string = hover;

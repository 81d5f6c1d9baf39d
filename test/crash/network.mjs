// What the training that is killed trains: large enough that most of its time goes into writing checkpoints.

import { adam, dense, Network } from "lanewise";

export const x = Float32Array.from({ length: 20 * 8 }, (_, i) => ((i * 37) % 101) / 50 - 1);
export const y = Float32Array.from({ length: 20 }, (_, i) => (i % 5) / 5);
export const epochs = Number(process.env.CRASH_EPOCHS ?? 60);

export function make() {
  const network = new Network({ inputs: 8, layers: [dense(300, "tanh"), dense(100, "tanh"), dense(1)], seed: 5 });
  network.compile({ optimizer: adam(), loss: "meanSquaredError" });
  return network;
}

// THE table of experiments: each is an address of this page, and a sentence on what to see.

export interface Lesson {
  readonly title: string;
  readonly text: string;
  readonly hash: string;
}

export const lessons: readonly Lesson[] = [
  { title: "Why gradients vanish", text: "Twenty sigmoid layers on circles: the first layers get nothing to learn from.", hash: "layers=8sigmoid*20" },
  { title: "… and the cure", text: "The same twenty layers with a way past each of them, and layer normalisation.", hash: "layers=8sigmoid*20&skip=1&norm=layer" },
  { title: "Sixty-four layers", text: "As deep as this page goes, and it learns the spirals.", hash: "data=spirals&layers=16tanh*64&skip=1&norm=layer&rate=0.001" },
  { title: "One feature instead of a layer", text: "XOR needs no hidden layer once the network is given x₁x₂.", hash: "data=xor&features=x1,x2,x1x2&layers=0&rate=0.1" },
  { title: "Learning the noise by heart", text: "Few points, much noise, many weights: train loss falls, test loss rises.", hash: "data=gaussians&count=100&noise=0.5&share=0.5&layers=48relu*3&test=1" },
  { title: "Dead units", text: "ReLU with steps far too large: units fall silent and cannot come back.", hash: "layers=16relu*4&optimizer=sgd&rate=1" },
];

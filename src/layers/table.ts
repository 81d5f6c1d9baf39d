// THE table of layer types: what users make them by, and what reads them from model files, for training and for inference only.

import { rebuildActivation, rebuildActivationForward } from "./activation.js";
import { rebuildBatchNormalization, rebuildBatchNormalizationForward } from "./batch-normalization.js";
import type { Rebuilders } from "./build.js";
import { rebuildDense, rebuildDenseForward } from "./dense.js";
import { rebuildDropout, rebuildGaussianNoise, rebuildNothing } from "./dropout.js";
import { rebuildLayerNormalization, rebuildLayerNormalizationForward } from "./layer-normalization.js";
import type { Layer, TrainableLayer } from "./layer.js";
import { rebuildNormalization, rebuildNormalizationForward } from "./normalization.js";
import { rebuildResidual, rebuildResidualForward } from "./residual.js";

export { activation } from "./activation.js";
export { batchNormalization, type BatchNormalizationOptions } from "./batch-normalization.js";
export { custom, type CustomLayer, type LayerGradientViews, type LayerViews } from "./custom.js";
export { dense, type ActivationLike, type DenseOptions } from "./dense.js";
export { dropout, gaussianNoise } from "./dropout.js";
export { layerNormalization, type LayerNormalizationOptions } from "./layer-normalization.js";
export { normalization } from "./normalization.js";
export { residual, type ResidualOptions } from "./residual.js";

export const rebuilders: Rebuilders<TrainableLayer> = {
  dense: rebuildDense,
  activation: rebuildActivation,
  residual: rebuildResidual,
  layerNormalization: rebuildLayerNormalization,
  batchNormalization: rebuildBatchNormalization,
  normalization: rebuildNormalization,
  dropout: rebuildDropout,
  gaussianNoise: rebuildGaussianNoise,
};

export const forwardRebuilders: Rebuilders<Layer> = {
  dense: rebuildDenseForward,
  activation: rebuildActivationForward,
  residual: rebuildResidualForward,
  layerNormalization: rebuildLayerNormalizationForward,
  batchNormalization: rebuildBatchNormalizationForward,
  normalization: rebuildNormalizationForward,
  dropout: rebuildNothing,
  gaussianNoise: rebuildNothing,
};

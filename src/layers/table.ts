// THE table of layer types: what users make them by, and what reads them from model files. inference.ts has what inference reads.

import { rebuildActivation } from "./activation.js";
import { rebuildBatchNormalization } from "./batch-normalization.js";
import type { Rebuilders } from "./build.js";
import { rebuildDense } from "./dense.js";
import { rebuildDropout, rebuildGaussianNoise } from "./dropout.js";
import { rebuildLayerNormalization } from "./layer-normalization.js";
import type { TrainableLayer } from "./layer.js";
import { rebuildNormalization } from "./normalization.js";
import { rebuildResidual } from "./residual.js";

// Public, all of it: src/index.ts has no list of its own.
export { activation } from "./activation.js";
export { batchNormalization, type BatchNormalizationOptions } from "./batch-normalization.js";
export { custom, type CustomLayer, type LayerGradientViews, type LayerViews } from "./custom.js";
export { dense, type ActivationLike, type DenseOptions } from "./dense.js";
export { dropout, gaussianNoise } from "./dropout.js";
export { layerNormalization, type LayerNormalizationOptions } from "./layer-normalization.js";
export { normalization } from "./normalization.js";
export { residual, type ResidualOptions } from "./residual.js";

const rebuilders: Rebuilders<TrainableLayer> = {
  dense: rebuildDense,
  activation: rebuildActivation,
  residual: rebuildResidual,
  layerNormalization: rebuildLayerNormalization,
  batchNormalization: rebuildBatchNormalization,
  normalization: rebuildNormalization,
  dropout: rebuildDropout,
  gaussianNoise: rebuildGaussianNoise,
};
export default rebuilders;

// The layer types of "lanewise/infer", which reads them from model files and trains none.

import { describe } from "../check.js";
import { ArgumentError } from "../errors.js";
import { rebuildActivationForward } from "./activation.js";
import { rebuildBatchNormalizationForward } from "./batch-normalization.js";
import type { Rebuilders } from "./build.js";
import { rebuildDenseForward } from "./dense.js";
import { rebuildNothing } from "./dropout.js";
import { rebuildLayerNormalizationForward } from "./layer-normalization.js";
import type { Layer } from "./layer.js";
import { rebuildNormalizationForward } from "./normalization.js";
import { rebuildResidualForward } from "./residual.js";

export const forwardRebuilders: Rebuilders<Layer> = {
  dense: rebuildDenseForward,
  activation: rebuildActivationForward,
  residual: rebuildResidualForward,
  layerNormalization: rebuildLayerNormalizationForward,
  batchNormalization: rebuildBatchNormalizationForward,
  normalization: rebuildNormalizationForward,
  dropout: rebuildNothing,
  gaussianNoise: rebuildNothing,
  custom: ({ name }: { name: string }) => {
    throw new ArgumentError(`load: layers must be of the library in lanewise/infer (Network.load of lanewise takes customLayers), got ${describe(name)}`);
  },
};

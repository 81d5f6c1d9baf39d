// A worker of one's own, as README shows it, that knows a custom layer.
import { serve } from "../../dist/worker.js";
import { scaling } from "./scaling-layer.mjs";

serve({ customLayers: [scaling] });

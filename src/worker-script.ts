// What a worker started from text runs; bundled by scripts/build.mjs into src/embedded/worker.ts.

import { serve } from "./serve.js";

serve();

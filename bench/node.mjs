// Node as the place of a run: see compete.mjs.
import { machine } from "./machine.mjs";
import { compilePeak } from "./peak-build.mjs";
import { createPeakProbe } from "./peak.mjs";
import { open } from "./processes.mjs";

export const node = { machine, open, createProbe: async () => createPeakProbe(await compilePeak()) };

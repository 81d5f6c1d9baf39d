// Trains with a checkpoint after every batch, from the last checkpoint if there is one, until it is done or killed. Run by checkpoint.test.ts on the built library.

import { existsSync, readFileSync } from "node:fs";
import { Network } from "lanewise";
import { fileCheckpoint } from "lanewise/node";
import { epochs, make, x, y } from "./network.mjs";

const [file] = process.argv.slice(2);
const network = existsSync(file) ? Network.load(readFileSync(file)) : make();
process.stdout.write("ready");
await network.fit(x, y, { epochs, batchSize: 2, resume: true, callbacks: [fileCheckpoint(file, { every: { batches: 1 } })] });
process.stdout.write("done");

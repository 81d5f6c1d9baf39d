// Measures one row and ends: a thread that has seen only one function runs it without asking which it is.
import { parentPort, workerData } from "node:worker_threads";
import { instantiate } from "./builds.mjs";
import { everything } from "./inputs.mjs";
import { measure } from "./measure.mjs";
import { loadReference, rowsOf } from "./rows.mjs";

const { name, step, modules } = workerData;
const row = rowsOf(await loadReference()).find((candidate) => candidate.name === name);
const instances = Object.fromEntries(Object.entries(modules).map(([build, bytes]) => [build, instantiate(bytes)]));
parentPort.postMessage(measure(row, instances, everything(step)));

// What a worker runs, as text: it must work from a blob or a string wherever the library was bundled to, so it imports nothing of it. Its table of functions
// is filled in the order of src/kernels.ts; the offsets are those of assembly/threads.ts and src/crew.ts.

export const workerSource = `
const work = ({ kernels, threads, memory, control, slot }, ready) => {
  const gate = new WebAssembly.Instance(threads, { env: { memory, stalled() {} } }).exports;
  const main = new WebAssembly.Instance(kernels, { env: { memory } }).exports;
  for (const f of [...Object.values(main), ...Object.values(gate)]) if (typeof f === "function") main.table.set(main.table.grow(1), f);
  let generation = 0;
  ready();
  for (;;) {
    generation = gate.next(control, generation);
    const [start, end] = new Int32Array(memory.buffer, slot, 2);
    if (end === 0) return;
    main.run(start, end);
  }
};
`;

/** Takes its orders from Node's worker_threads. */
export const nodeWorkerSource = `import { parentPort, workerData } from "node:worker_threads";${workerSource}work(workerData, () => parentPort.postMessage("ready"));`;

/** Takes its orders from the first message. */
export const webWorkerSource = `${workerSource}onmessage = ({ data }) => work(data, () => postMessage("ready"));`;

// What runs a contestant, in a process of Node or a worker of the page.
//
// A contestant's file exports start(option, host) → { version, prepare(workload, data) }, or a promise of it; `host` has
// the versions of lanewise and of the engine.
// prepare → a text (why this contestant does not take part) or
//   { run, result, gradients?, dispose? }, or a promise of it.
//   run        one timed call; if it returns a promise, each call is awaited
//   result     the numbers that the last call left, compared with plain JavaScript before anything is timed
//   gradients  training only, optional: an array for each layer's weights and bias in turn
import { createData } from "./data.mjs";
import { findWorkload } from "./workloads.mjs";

/** Steps that are compared: the loss of the third depends on the gradients of the first two. */
const comparedSteps = 3;

/**
 * What a contestant answers to the commands of bench/channel.mjs: `load()` gives the module with `start`.
 * Returns answer(message) → a promise of the reply; { error } if the command failed.
 */
export function createAnswers(load, option, host) {
  let contestant;
  let current;

  const commands = {
    async start() {
      const { start } = await load();
      contestant = await start(option, host);
      return { version: contestant.version };
    },

    async prepare({ id }) {
      current?.dispose?.();
      current = undefined;
      const workload = findWorkload(id);
      const prepared = await contestant.prepare(workload, createData(workload));
      if (typeof prepared === "string") return { unsupported: prepared };
      current = prepared;
      const gradients = (await current.gradients?.())?.map((values) => Float32Array.from(values));
      const result = [];
      for (let step = 0; step < (workload.kind === "training" ? comparedSteps : 1); step++) {
        const returned = current.run();
        current.asynchronous = returned instanceof Promise;
        await returned;
        result.push(Float64Array.from(await current.result())); // a copy: most results are views that the next call overwrites
      }
      return { result: join(result), gradients };
    },

    async sample({ calls }) {
      const { run, asynchronous } = current;
      // One call untimed: the others' turns have emptied the caches. Not where a call is long enough not to care.
      if (calls > 1) await run();
      const start = performance.now();
      if (asynchronous) for (let call = 0; call < calls; call++) await run();
      else for (let call = 0; call < calls; call++) run();
      return { time: performance.now() - start };
    },
  };

  return async ({ command, ...message }) => {
    try {
      return await commands[command](message);
    } catch (error) {
      return { error: error?.stack ?? String(error) };
    }
  };
}

function join(arrays) {
  const whole = new Float64Array(arrays.reduce((sum, array) => sum + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    whole.set(array, at);
    at += array.length;
  }
  return whole;
}

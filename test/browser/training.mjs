// npm run test:browser: lanewise/worker in Chromium.
import * as lanewise from "lanewise";
import { check, runPages } from "./checks.mjs";
import { createNetwork, fitAndDigest } from "./subject.mjs";

/** Frames a second that a page keeps while it trains, where an idle one has 60. */
const SMOOTH = 58;

async function bitsHere() {
  const network = createNetwork(lanewise);
  return (await fitAndDigest(network, (...data) => network.fit(...data))).bits;
}

async function checkIsolated(ask) {
  const wanted = await bitsHere();
  for (const [name, threads] of [["train", 1], ["trainOnTwo", 2]]) {
    await check(`isolated page: a worker on ${threads} thread${threads > 1 ? "s" : ""} trains to the bits of Node`, async () => {
      const got = await ask(name);
      return { passed: got.bits === wanted && got.threads === threads, got };
    });
  }
}

async function checkPlain(ask) {
  const wanted = await bitsHere();
  await check("plain page: a worker asked for two threads has one, says why, and trains to the same bits", async () => {
    const got = await ask("trainOnTwo");
    return { passed: got.bits === wanted && got.threads === 1 && /cross-origin isolated/.test(got.reason), got };
  });
  await check(`plain page: at least ${SMOOTH} frames a second while 784-512-512-10 trains`, async () => {
    const got = await ask("frames");
    console.log(`     frames a second: idle ${got.idle.rate.toFixed(1)} (longest ${got.idle.longest.toFixed(0)} ms), training ${got.training.rate.toFixed(1)} (longest ${got.training.longest.toFixed(0)} ms), ${got.batches} batches of 128`);
    return { passed: got.training.rate >= Math.min(SMOOTH, 0.97 * got.idle.rate) && got.batches > 0, got };
  });
}

async function checkPolicy(ask) {
  await check("page whose policy forbids blob workers: an error that says what helps", async () => {
    const got = await ask("refused");
    return { passed: /^StateError: createTrainingWorker: a worker must start, .*worker-src blob:/.test(got), got };
  });
  await check("page whose policy forbids blob workers: trains in a worker of its own", async () => {
    const got = await ask("trainInOwn");
    return { passed: got.bits === (await bitsHere()), got };
  });
}

const policy = { "Content-Security-Policy": "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'" };
await runPages("training-page.mjs", [
  ["isolated page", {}, checkIsolated],
  ["plain page", { isolated: false }, checkPlain],
  ["policy page", { headers: policy, expectsComplaints: true }, checkPolicy],
]);

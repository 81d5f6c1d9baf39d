// npm run test:browser: threads in Chromium.
import { setTimeout as pause } from "node:timers/promises";
import * as lanewise from "lanewise";
import { check, runPages } from "./checks.mjs";
import { trainAndPredict } from "./subject.mjs";

/**
 * Workers that Chromium runs for the page, once there are `expected` of them or five seconds have passed: it gives a worker
 * that is asleep two seconds before it ends it by force.
 */
async function countWorkers(page, expected) {
  for (let look = 0; look < 100 && page.workers().length !== expected; look++) await pause(50);
  return page.workers().length;
}

const same = ({ one, two }) => one.bits === two.bits;

async function checkIsolated(ask, page) {
  const node = await trainAndPredict(lanewise, lanewise.createBackend({}));
  const where = "isolated page";
  await check(`${where}: is cross-origin isolated`, async () => ({ passed: await ask("isolated") }));
  await check(`${where}: two threads train and predict the bits of one`, async () => {
    const got = await ask("compare");
    return { passed: same(got) && got.two.threads === 2 && got.two.reason === undefined && got.one.threads === 1, got };
  });
  await check(`${where}: the bits are those of Node`, async () => {
    const { two } = await ask("compare");
    return { passed: two.bits === node.bits, got: [two.bits, node.bits] };
  });
  await check(`${where}: relaxed, two threads give the bits of one`, async () => {
    const got = await ask("compareRelaxed");
    return { passed: same(got) && got.two.threads === 2, got };
  });
  await check("dedicated worker: two threads train and predict the same bits", async () => {
    const got = await ask("compareInWorker");
    return { passed: same(got) && got.two.threads === 2 && got.two.bits === node.bits, got };
  });
  // DevTools now and then goes on listing the worker of a worker that ended with it: count from what it lists now.
  const listed = await countWorkers(page, 0);
  await check(`${where}: two threads are the page's and one worker's`, async () => {
    const got = [await ask("hold"), (await countWorkers(page, listed + 1)) - listed];
    return { passed: String(got) === "2,1", got };
  });
  await check(`${where}: this engine forbids the page's thread to sleep`, async () => ({ passed: await ask("mayNotSleep") }));
  await check(`${where}: waits for workers that were asleep without sleeping itself`, async () => ({ passed: await ask("stepsAfterPauses") }));
  await check(`${where}: dispose ends the worker`, async () => {
    await ask("release");
    const got = (await countWorkers(page, listed)) - listed;
    return { passed: got === 0, got };
  });
  await check(`${where}: a lost worker is an error within three seconds, and stays one`, async () => {
    await ask("hold");
    const got = await ask("loseWorker");
    return { passed: /^StateError: .*worker/.test(got.first) && got.first === got.second && got.time < 3000, got };
  });
}

async function checkPlain(ask, page) {
  const isOne = ({ one, two }) => one.bits === two.bits && two.threads === 1 && /cross-origin isolated/.test(two.reason);
  await check("plain page: one thread, the reason, and the same bits", async () => {
    const got = await ask("compare");
    return { passed: isOne(got), got };
  });
  await check("plain page: no worker was started", async () => {
    const got = await countWorkers(page, 0);
    return { passed: got === 0, got };
  });
  await check("dedicated worker of a plain page: one thread, the reason, and the same bits", async () => {
    const got = await ask("compareInWorker");
    return { passed: isOne(got), got };
  });
}

/** Pages may forbid workers from blobs; the library has no file to start them from. */
async function checkPolicy(ask) {
  await check("page whose policy forbids blob workers: one thread, and the reason", async () => {
    const got = await ask("start");
    return { passed: got.threads === 1 && /worker/.test(got.reason), got };
  });
}

const policy = { "Content-Security-Policy": "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'" };
await runPages("page.mjs", [
  ["isolated page", {}, checkIsolated],
  ["plain page", { isolated: false }, checkPlain],
  ["policy page", { headers: policy, expectsComplaints: true }, checkPolicy],
]);

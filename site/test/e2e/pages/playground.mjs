// The playground: it trains, the address keeps what was chosen, what it exports opens in Node, and it stays within its limits.
import * as lanewise from "../../../../dist/index.js";

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const limits = { firstLoad: 150 * 1024, interactive: 1000, frames: 57 };

const button = (name) => `[...document.querySelectorAll("main button")].find((button) => button.textContent.trim().startsWith(${JSON.stringify(name)}))`;
const click = (tab, name) => tab.evaluate(`${button(name)}.click()`);
const term = (name) => `[...document.querySelectorAll("dt")].find((dt) => dt.textContent === ${JSON.stringify(name)}).nextElementSibling.textContent`;
const numberOf = async (tab, name) => Number((await tab.evaluate(term(name))).replace(/,/g, "").replace(/ · 10.*/, "e-9"));
const drawn = (tab) => tab.waitFor(`${term("Train loss")} !== "–"`);
/** The epoch once it does not change any more: a pause lets the worker end what it is about. */
async function epochAtRest(tab) {
  for (let before = -1, look = 0; look < 40; look++) {
    const now = await numberOf(tab, "Epoch");
    if (now === before) return now;
    before = now;
    await pause(500);
  }
  throw new Error("it trains on after a pause");
}
const fieldOf = (label) => `document.getElementById([...document.querySelectorAll("main label")].find((element) => element.textContent === ${JSON.stringify(label)}).htmlFor)`;

/** Puts a value into a field as a user would. */
const fill = (tab, label, value) => tab.evaluate(`(() => {
  const field = ${fieldOf(label)};
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, ${JSON.stringify(value)});
  field.dispatchEvent(new Event(field.type === "range" ? "input" : "change", { bubbles: true }));
})()`);

/** Catches the next file that the page offers: { name, bytes }. */
async function exported(tab, selector) {
  const file = await tab.evaluate(`new Promise((resolve) => {
    const make = URL.createObjectURL;
    let blob;
    URL.createObjectURL = (content) => { blob = content; return make.call(URL, content); };
    HTMLAnchorElement.prototype.click = async function () {
      delete HTMLAnchorElement.prototype.click;
      URL.createObjectURL = make;
      resolve({ name: this.download, bytes: [...new Uint8Array(await blob.arrayBuffer())] });
    };
    document.querySelector(${JSON.stringify(selector)}).dispatchEvent(new MouseEvent("click", { bubbles: true }));
  })`);
  return { name: file.name, bytes: Uint8Array.from(file.bytes) };
}

/** Frames a second over `seconds`, and the gap that 99 % are below, in ms. */
const frameRate = (tab, seconds) => tab.evaluate(`new Promise((resolve) => {
  const times = [];
  const beat = (time) => {
    times.push(time);
    if (time - times[0] < ${1000 * seconds}) return requestAnimationFrame(beat);
    const gaps = times.slice(1).map((end, i) => end - times[i]).sort((a, b) => a - b);
    resolve({ rate: (1000 * gaps.length) / (times.at(-1) - times[0]), gap: gaps[Math.floor(0.99 * gaps.length)] });
  };
  requestAnimationFrame(beat);
})`);

export const checks = [
  {
    name: "first load within 150 KB of gzip, interactive within a second",
    async run(tab, site, say) {
      site.requests.length = 0;
      await tab.load(site.address);
      await tab.waitFor("performance.getEntriesByName('interactive').length > 0");
      const time = await tab.evaluate("performance.getEntriesByName('interactive')[0].startTime");
      const files = site.requests.filter(({ path }) => path !== "sw.js");
      const bytes = files.reduce((sum, { gzip }) => sum + gzip, 0);
      say(`${(bytes / 1024).toFixed(1)} KB in ${files.length} files (limit 150), interactive after ${Math.round(time)} ms (limit ${limits.interactive})`);
      if (bytes > limits.firstLoad || time > limits.interactive) throw new Error(`got ${bytes} bytes and ${time} ms`);
    },
  },
  {
    name: "training lowers the loss; pause holds it; step is one epoch; reset goes back",
    async run(tab, site, say) {
      await tab.load(site.address);
      await drawn(tab);
      const before = await numberOf(tab, "Train loss");
      await click(tab, "Train");
      await tab.waitFor(`Number(${term("Epoch")}.replace(/,/g, "")) > 100`);
      await click(tab, "Pause");
      const epoch = await epochAtRest(tab);
      const after = await numberOf(tab, "Train loss");
      await click(tab, "Step");
      await tab.waitFor(`${term("Epoch")}.replace(/,/g, "") !== "${epoch}"`);
      const stepped = (await epochAtRest(tab)) - epoch;
      if (stepped !== 1) throw new Error(`a step must be one epoch, got ${stepped}`);
      await click(tab, "Reset");
      await tab.waitFor(`${term("Epoch")} === "0"`);
      if ((await numberOf(tab, "Train loss")) !== before || (await numberOf(tab, "Epoch")) !== 0) throw new Error("reset must lead back to the first weights");
      if (!(after < before / 5)) throw new Error(`the loss must fall, got ${before} and then ${after}`);
      say(`loss ${before} → ${after}`);
    },
  },
  {
    name: "the address keeps what was chosen",
    async run(tab, site) {
      await tab.load(site.address);
      await drawn(tab);
      await tab.evaluate(`[...document.querySelectorAll(".tile")].find(({ textContent }) => textContent === "Spirals").querySelector("input").click()`);
      await fill(tab, "Hidden layers", "20");
      await fill(tab, "Units in each", "12");
      await fill(tab, "Activation", "relu");
      await fill(tab, "Normalisation", "layer");
      await fill(tab, "Optimizer", "adamW");
      await fill(tab, "Noise", "0.2");
      await fill(tab, "Seed", "42");
      await pause(600);
      const hash = await tab.evaluate("location.hash");
      if (hash !== "#data=spirals&noise=0.2&layers=12relu*20&norm=layer&optimizer=adamW&seed=42") throw new Error(`the address holds ${hash}`);
      const look = "document.querySelector('.shape').textContent + ' ' + document.querySelector('.code').textContent";
      await tab.waitFor(`${term("Train loss")} !== "–"`);
      const [shape, loss] = [await tab.evaluate(look), await numberOf(tab, "Train loss")];
      await tab.load("about:blank");
      await tab.load(site.address + hash);
      await drawn(tab);
      await pause(200);
      if ((await tab.evaluate(look)) !== shape || (await numberOf(tab, "Train loss")) !== loss) throw new Error("the same address must lead to the same network");
      await tab.load("about:blank");
      await tab.load(`${site.address}#data=triangles&seed=3`);
      await drawn(tab);
      const notice = await tab.evaluate("document.querySelector('.notice')?.textContent");
      if (!/data/.test(notice)) throw new Error(`what is unknown must be named, got ${notice}`);
    },
  },
  {
    name: "the model opens in Node, the code leads to its bits",
    async run(tab, site, say) {
      await tab.load(`${site.address}#layers=8tanh*3&skip=1&norm=layer&seed=5`);
      await drawn(tab);
      for (let i = 0; i < 3; i++) {
        await click(tab, "Step");
        await tab.waitFor(`${term("Epoch")} === "${i + 1}"`);
      }
      const model = await exported(tab, ".export-model");
      const network = lanewise.Network.load(model.bytes);
      if (network.inputs !== 2 || network.outputs !== 1) throw new Error(`the model must take 2 and give 1, got ${network.inputs} and ${network.outputs}`);
      const code = await exported(tab, ".export-code");
      const source = new TextDecoder().decode(code.bytes).replace(/^import (.*) from "lanewise";/, "const $1 = lanewise;").replace(/console\.log\(.*\);/, "return network;");
      const again = await new Function("lanewise", `return (async () => { ${source} })()`)(lanewise);
      const bytes = again.save();
      if (bytes.length !== model.bytes.length || bytes.some((byte, i) => byte !== model.bytes[i])) throw new Error("the code must lead to the bytes of the model");
      const svg = await exported(tab, ".export-svg");
      if (!new TextDecoder().decode(svg.bytes).startsWith("<svg")) throw new Error("the picture must be an SVG");
      say(`${model.name}, ${model.bytes.length} bytes, equal to those of ${code.name} run in Node`);
    },
  },
  {
    name: "takes the user's own CSV, and says what is wrong with one",
    async run(tab, site) {
      await tab.load(site.address);
      await drawn(tab);
      const give = (text) => tab.evaluate(`(() => {
        const files = new DataTransfer();
        files.items.add(new File([${JSON.stringify(text)}], "own.csv", { type: "text/csv" }));
        const input = document.querySelector(".own-file");
        input.files = files.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
      })()`);
      await give("a;b\n1;2\n");
      await tab.waitFor("/three columns/.test(document.querySelector('.problem')?.textContent)");
      await give(`length;width;kind\n${Array.from({ length: 60 }, (_, i) => `${i};${(i * 7) % 60};${i % 3}`).join("\n")}\n`);
      await tab.waitFor("/60 rows/.test(document.querySelector('.own').textContent)");
      await tab.waitFor("/, 3 outputs|– 3,/.test(document.querySelector('.shape').textContent)");
      await click(tab, "Train");
      await tab.waitFor(`Number(${term("Epoch")}.replace(/,/g, "")) > 20`);
      await click(tab, "Pause");
    },
  },
  {
    name: "explains why gradients vanish, and cures it",
    async run(tab, site) {
      await tab.load(`${site.address}#layers=8sigmoid*20`);
      await tab.waitFor("document.querySelector('.explanation h3')?.textContent === 'The gradient vanishes'");
      await click(tab, "Add residual");
      await tab.waitFor("document.querySelector('.explanation h3')?.textContent === 'The gradient arrives'");
      const hash = await tab.evaluate("new Promise((resolve) => setTimeout(() => resolve(location.hash), 500))");
      if (hash !== "#layers=8sigmoid*20&skip=1&norm=layer") throw new Error(`the cure must be in the address, got ${hash}`);
    },
  },
  {
    name: "draws a few pictures a second for who asks for less motion",
    async run(tab, site, say) {
      await tab.load(site.address, { reducedMotion: true });
      await drawn(tab);
      await click(tab, "Train");
      await pause(500);
      const count = await tab.evaluate(`new Promise((resolve) => {
        let count = 0;
        const observer = new MutationObserver(() => count++);
        observer.observe([...document.querySelectorAll("dt")].find((dt) => dt.textContent === "Epoch").nextElementSibling, { childList: true, subtree: true, characterData: true });
        setTimeout(() => resolve(count), 2000);
      })`);
      if (count < 2 || count > 10) throw new Error(`got ${count} pictures in two seconds`);
      say(`${count} in two seconds`);
    },
  },
  ...[["2 layers of 8", ""], ["64 layers of 16", "#data=spirals&layers=16tanh*64&skip=1&norm=layer"]].map(([what, hash]) => ({
    name: `frame rate while ${what} train`,
    async run(tab, site, say) {
      await tab.load(site.address + hash);
      await drawn(tab);
      await click(tab, "Train");
      await pause(1000);
      const epoch = await numberOf(tab, "Epoch");
      const { rate, gap } = await frameRate(tab, 4);
      const time = await tab.evaluate(term("A step"));
      say(`${rate.toFixed(1)} frames a second (limit ${limits.frames}), 99 % of the gaps below ${gap.toFixed(1)} ms, ${time} a step`);
      if ((await numberOf(tab, "Epoch")) <= epoch) throw new Error("it must train meanwhile");
      if (rate < limits.frames) throw new Error(`got ${rate.toFixed(1)} frames a second`);
    },
  })),
];

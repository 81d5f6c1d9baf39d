// What holds for every page: it loads without a complaint, wide and narrow, light and dark; axe has nothing against it; the keyboard reaches everything; it works offline.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const axe = readFileSync(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const looks = [
  { name: "wide", width: 1440, height: 900, theme: "light" },
  { name: "wide-dark", width: 1440, height: 900, theme: "dark" },
  { name: "phone", width: 390, height: 844, theme: "light" },
  { name: "phone-dark", width: 390, height: 844, theme: "dark" },
];

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export function everyPage({ id, file, title }, artefacts) {
  const address = (site) => site.address + file;
  return [
    ...looks.map(({ name, ...look }) => ({
      name: `${name}: loads, fits, and axe has nothing against it`,
      async run(tab, site, say) {
        await tab.load(address(site), look);
        await tab.waitFor("document.querySelector('main h1')");
        await pause(500);
        await tab.screenshot(fileURLToPath(new URL(`${id}-${name}.png`, artefacts)));
        const shown = await tab.evaluate("document.title");
        if (!shown.startsWith(title)) throw new Error(`the title must be ${title}, got ${shown}`);
        const over = await tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        if (over > 0) throw new Error(`the page is ${over} px wider than the window`);
        // All that is folded away is looked at too.
        await tab.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })");
        await pause(200);
        await tab.evaluate(axe);
        const { violations, passes } = await tab.evaluate(`axe.run({ resultTypes: ["violations"] }).then(({ violations, passes }) => ({
          passes: passes.length,
          violations: violations.map(({ id, nodes }) => id + ": " + nodes.slice(0, 4).map(({ target, any }) => target.join(" ") + " " + (any[0]?.message ?? "")).join(" | ")),
        }))`);
        if (violations.length > 0) throw new Error(`axe: ${violations.join("\n     ")}`);
        say(`${passes} rules of axe passed`);
      },
    })),
    {
      name: "the keyboard reaches everything, and the focus shows",
      async run(tab, site, say) {
        await tab.load(address(site));
        await tab.waitFor("document.querySelector('main h1')");
        await pause(300);
        const wanted = await tab.evaluate(`(() => {
          const seen = (element) => element.checkVisibility() && !element.disabled && element.tabIndex >= 0;
          const radios = new Set();
          return [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")].filter(seen)
            .filter((element) => element.type !== "radio" || (!radios.has(element.name) && radios.add(element.name))).length;
        })()`);
        await tab.evaluate("globalThis.reached = new Set(); globalThis.blind = [];");
        for (let i = 0; i < wanted + 5; i++) {
          await tab.press("Tab");
          await tab.evaluate(`(() => {
            const element = document.activeElement;
            // At its end the page hands the focus to the browser, and begins again.
            if (element === document.body || reached.has(element)) return;
            reached.add(element.type === "radio" ? element.name : element);
            const shows = [element, ...(element.closest("label")?.children ?? [])].some((part) => getComputedStyle(part).outlineStyle !== "none");
            if (!shows) blind.push(element.outerHTML.slice(0, 80));
          })()`);
        }
        const { count, blind } = await tab.evaluate("({ count: reached.size, blind })");
        if (count < wanted) throw new Error(`Tab must reach ${wanted} controls, got ${count}`);
        if (blind.length > 0) throw new Error(`the focus does not show on ${blind.join(", ")}`);
        say(`${count} controls`);
      },
    },
    {
      name: "the theme button turns light to dark, and the choice stays",
      async run(tab, site) {
        await tab.load(address(site));
        const ground = "getComputedStyle(document.body).backgroundColor";
        const before = await tab.evaluate(ground);
        await tab.evaluate("document.querySelector('#theme').click()");
        const after = await tab.evaluate(ground);
        await tab.load(address(site));
        const kept = await tab.evaluate(ground);
        if (before === after || kept !== after) throw new Error(`the ground must change and stay, got ${before}, ${after}, ${kept}`);
      },
    },
    {
      name: "works without a network after the first load",
      async run(tab, site) {
        await tab.load(address(site));
        await tab.waitFor("navigator.serviceWorker.controller !== null", 30_000);
        site.offline(true);
        try {
          await tab.load(address(site));
          await tab.waitFor("document.querySelector('main h1')");
          await pause(300);
        } finally {
          site.offline(false);
        }
      },
    },
  ];
}

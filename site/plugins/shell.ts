// Head and header of every page, written into its HTML when it is built: they are there before any script has run.

import { basename } from "node:path";
import type { Plugin } from "vite";
import { pages, type Page } from "../src/pages.ts";

/** Before the first paint: the theme that was chosen here, if one was. */
const themeScript = `try{const t=localStorage.getItem("theme");if(t==="light"||t==="dark")document.documentElement.dataset.theme=t}catch{}`;

const head = ({ title, description }: Page): string => `<meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${title} · lanewise</title>
    <meta name="description" content="${description}" />
    <meta property="og:title" content="${title} · lanewise" />
    <meta property="og:description" content="${description}" />
    <meta name="color-scheme" content="light dark" />
    <meta name="theme-color" media="(prefers-color-scheme: light)" content="#faf9f6" />
    <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#14161a" />
    <link rel="icon" href="/icon.svg" type="image/svg+xml" />
    <link rel="manifest" href="/manifest.webmanifest" />
    <script>${themeScript}</script>
    <link rel="stylesheet" href="/src/shell/shell.css" />`;

const header = (current: Page): string => `<a class="skip" href="#page">Skip to the page</a>
    <header class="masthead">
      <a class="wordmark" href="./index.html"><svg viewBox="0 0 20 20" aria-hidden="true"><path d="M3 4h14M3 10h14M3 16h14" /><circle cx="6" cy="4" r="2" /><circle cx="14" cy="10" r="2" /><circle cx="9" cy="16" r="2" /></svg>lanewise</a>
      <nav aria-label="Pages">
        <ul>
          ${pages.map((page) => `<li><a href="./${page.file}"${page === current ? ' aria-current="page"' : ""}>${page.title}</a></li>`).join("\n          ")}
        </ul>
      </nav>
      <button type="button" id="theme" class="quiet" aria-label="Dark theme" aria-pressed="false"><svg viewBox="0 0 20 20" aria-hidden="true"><circle cx="10" cy="10" r="7" /><path d="M10 3a7 7 0 0 1 0 14z" /></svg></button>
    </header>`;

export function shell(): Plugin {
  return {
    name: "lanewise-shell",
    transformIndexHtml: {
      order: "pre",
      handler(html, { filename }) {
        const page = pages.find(({ file }) => file === basename(filename));
        if (page === undefined) throw new Error(`shell: src/pages.ts must have a row for ${basename(filename)}`);
        return html
          .replace("<head></head>", () => `<head>\n    ${head(page)}\n  </head>`)
          .replace("<body>", () => `<body>\n    ${header(page)}`)
          .replace("</body>", () => `  <script type="module" src="/src/shell/start.ts"></script>\n  </body>`);
      },
    },
  };
}

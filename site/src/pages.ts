// THE table of pages, in the order of the navigation. To add one: a row here, an HTML file of that name beside index.html (a copy of another one, with its own script) and a
// folder src/pages/<id>/ whose main.tsx fills <main id="page">. Head, header and offline list come from this table (plugins/shell.ts, plugins/offline.ts); test/site/e2e.mjs loops
// over it, and fails until the page has a row of checks of its own. Controls are in src/ui/, colours and type in src/ui/tokens.css, the theme in src/shell/theme.ts.

export interface Page {
  readonly id: string;
  /** Beside index.html, and so in every link. */
  readonly file: string;
  readonly title: string;
  /** For the search engine and for who shares the link. */
  readonly description: string;
}

export const pages: readonly Page[] = [
  {
    id: "playground",
    file: "index.html",
    title: "Playground",
    description: "Train a neural network of up to 64 layers in this page, and see why deep ones fail and what cures them.",
  },
  {
    id: "activations",
    file: "activations.html",
    title: "Activations",
    description: "Every activation function beside its derivative: where it saturates, and how exact it is.",
  },
  {
    id: "digits",
    file: "digits.html",
    title: "Digits",
    description: "Draw a digit; a network trained in this page on MNIST reads it at every stroke.",
  },
  {
    id: "bench",
    file: "bench.html",
    title: "Bench",
    description: "How fast lanewise is in this very browser, against plain JavaScript.",
  },
];

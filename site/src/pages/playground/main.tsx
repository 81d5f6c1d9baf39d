import { render } from "preact";
import { App } from "./views/app";
import { Playground } from "./playground";
import "./playground.css";

const playground = new Playground();
// The first picture: from here on everything answers.
const ready = playground.client.onFrame(() => {
  performance.mark("interactive");
  ready();
});
render(<App playground={playground} />, document.querySelector("#page")!);

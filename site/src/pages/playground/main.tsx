import { render } from "preact";
import { App } from "./views/app";
import { Playground } from "./playground";
import "./playground.css";

const playground = new Playground();
render(<App playground={playground} />, document.querySelector("#page")!);

import { render } from "preact";

function Digits() {
  return <h1>Digits</h1>;
}

render(<Digits />, document.querySelector("#page")!);

import { render } from "preact";

function Bench() {
  return <h1>Bench</h1>;
}

render(<Bench />, document.querySelector("#page")!);

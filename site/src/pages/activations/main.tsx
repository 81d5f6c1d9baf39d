import { render } from "preact";

function Activations() {
  return <h1>Activations</h1>;
}

render(<Activations />, document.querySelector("#page")!);

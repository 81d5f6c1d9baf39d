// What can be taken away: a link, the model, the code that trains it again, the picture.

import { useEffect, useRef, useState } from "preact/hooks";
import { figureSvg, toPng } from "../figure";
import type { Playground } from "../playground";
import { snippet } from "../snippet";
import { of, useFrames } from "./use";

function download(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // The browser needs it a moment longer than the click.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export function ExportPanel({ playground }: { playground: Playground }) {
  const [said, say] = useState("");
  const code = useRef<HTMLElement>(null);
  const shown = useRef("");
  const codeFor = (withData: boolean) => snippet(playground.recipe, playground.data, playground.state.features, playground.frame?.epoch ?? 0, withData);
  const show = () => {
    const next = codeFor(false);
    if (next !== shown.current) of(code).textContent = shown.current = next;
  };
  useEffect(show);
  // While it trains only the number of epochs changes, too fast to read.
  useFrames(playground, () => {
    if (!playground.playing) show();
  });
  const name = (ending: string) => `lanewise-${playground.state.data}.${ending}`;
  const attempt = (done: string, action: () => Promise<void> | void) => async () => {
    try {
      await action();
      say(done);
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
  };
  const svg = (): string => {
    const { frame, data, history, state, unit } = playground;
    if (frame === undefined) throw new Error("There is nothing to draw yet.");
    const layers = state.layers.length;
    const title = unit ? `Layer ${unit[0] + 1}, unit ${unit[1] + 1}, after ${frame.epoch} epochs` : `${layers} hidden layer${layers === 1 ? "" : "s"}, after ${frame.epoch} epochs`;
    return figureSvg({ frame, data, history, bands: state.bands && !unit, withTest: state.test, title });
  };
  const saveModel = async () => {
    const { bytes } = await playground.client.save();
    download(name("safetensors"), new Blob([bytes], { type: "application/octet-stream" }));
  };
  return (
    <section class="export" aria-labelledby="export-title">
      <h2 id="export-title">Take it away</h2>
      <div class="export-buttons">
        <button type="button" onClick={attempt("The link is copied.", () => navigator.clipboard.writeText(playground.address))}>Copy link</button>
        <button type="button" class="export-model" onClick={attempt("The model is saved: Network.load(bytes) opens it.", saveModel)}>Model, .safetensors</button>
        <button type="button" class="export-code" onClick={attempt("The code is saved, data included.", () => download(name("mjs"), new Blob([codeFor(true)], { type: "text/javascript" })))}>
          Code and data, .mjs
        </button>
        <button type="button" onClick={attempt("The picture is saved.", async () => download(name("png"), await toPng(svg())))}>PNG</button>
        <button type="button" class="export-svg" onClick={attempt("The picture is saved.", () => download(name("svg"), new Blob([svg()], { type: "image/svg+xml" })))}>SVG</button>
      </div>
      <p class="said" role="status">{said}</p>
      <p class="quiet-text code-note">
        {playground.tuned
          ? "Optimizer, rate or batch were changed on the way: reset, and the code leads to the very weights again."
          : "This code trains the network above again, to the same bits."}
      </p>
      <pre class="code" tabIndex={0} role="region" aria-label="Code"><code ref={code} /></pre>
    </section>
  );
}

// The picture of what the network makes of the square, with the points.

import { useEffect, useRef } from "preact/hooks";
import { keepPainted, prepare } from "../../../ui/canvas";
import { Check } from "../../../ui/controls";
import { onThemeChange } from "../../../shell/theme";
import { paintOutput, paintPoints, ramps } from "../painting";
import { REACH } from "../data";
import { percent, digits } from "../format";
import type { Playground } from "../playground";
import type { Frame } from "../protocol";
import { Figure } from "./figures";
import { of, useFrames } from "./use";

/** Cells along each side, at most. */
const FINEST = 112;

export function Output({ playground }: { playground: Playground }) {
  const { state, data, unit } = playground;
  const box = useRef<HTMLDivElement>(null);
  const picture = useRef<HTMLCanvasElement>(null);
  const points = useRef<HTMLCanvasElement>(null);
  const colours = useRef(ramps());
  const latest = useRef<Frame | undefined>(undefined);

  const paint = (frame: Frame | undefined) => {
    if (frame === undefined) return;
    latest.current = frame;
    paintOutput(frame, colours.current, playground.state.bands && playground.unit === undefined, of(picture));
  };
  useFrames(playground, paint);
  useEffect(() => onThemeChange(() => {
    colours.current = ramps();
    paint(latest.current);
  }), []);
  useEffect(() => paint(latest.current), [state.bands]);
  useEffect(() => playground.client.show(FINEST, unit), [unit]);
  useEffect(
    () => keepPainted(of(box), (width, height) => {
      const context = prepare(of(points), width, height);
      context.clearRect(0, 0, width, height);
      paintPoints(data, state.test, width, context);
    }),
    [data, state.test],
  );

  const names = data.names ?? ["x₁", "x₂"];
  const regression = data.classes === undefined;
  const measure = regression ? "R²" : "accuracy";
  const score = (value: number) => (regression ? digits(value, 3) : percent(value));
  return (
    <section class="output" aria-labelledby="output-title">
      <div class="title-line">
        <h2 id="output-title">{unit ? `Layer ${unit[0] + 1}, unit ${unit[1] + 1}` : "Output"}</h2>
        {unit && (
          <button type="button" class="quiet" onClick={() => playground.showUnit(undefined)}>
            Back to the output
          </button>
        )}
      </div>
      <div class="square" ref={box} role="img" aria-label={`What the network gives for each point of the plane, and ${data.y.length} points of data`}>
        <canvas ref={picture} />
        <canvas ref={points} />
      </div>
      <p class="axes">
        <span>
          {names[0]} → {REACH}
        </span>
        <span>↑ {names[1]}</span>
      </p>
      <div class="switches">
        <Check checked={state.test} change={(test) => playground.update({ test })}>Test points</Check>
        <Check checked={state.bands} change={(bands) => playground.update({ bands })}>Sides only</Check>
      </div>
      <dl class="scores">
        <div>
          <dt>Train loss</dt>
          <dd><Figure playground={playground} of={({ train }) => digits(train.loss)} /></dd>
        </div>
        <div>
          <dt>Test loss</dt>
          <dd><Figure playground={playground} of={({ test }) => digits(test.loss)} /></dd>
        </div>
        <div>
          <dt>Train {measure}</dt>
          <dd><Figure playground={playground} of={({ train }) => score(train.accuracy)} /></dd>
        </div>
        <div>
          <dt>Test {measure}</dt>
          <dd><Figure playground={playground} of={({ test }) => score(test.accuracy)} /></dd>
        </div>
      </dl>
    </section>
  );
}

// Every unit of every hidden layer as a picture of what it gives for each point of the plane; lines between them, as thick as the weights, where there are few.

import { useEffect, useRef } from "preact/hooks";
import { keepPainted, prepare } from "../../../ui/canvas";
import { onThemeChange } from "../../../shell/theme";
import { css, palette, shade } from "../../../ui/palette";
import { ramps } from "../painting";
import { REACH } from "../data";
import { featuresOf, featureTable, grid } from "../features";
import { layoutOf, type Layout } from "../layout";
import type { Playground } from "../playground";
import type { Frame } from "../protocol";
import { of, useFrames } from "./use";

/** Pictures of units as one image, each on the scale of its greatest value, so that a dead unit is blank. */
function paintUnits({ columns, tile }: Layout, layers: readonly { values: Float32Array; side: number }[], canvas: HTMLCanvasElement, width: number, height: number): void {
  canvas.width = Math.ceil(width);
  canvas.height = Math.ceil(height);
  const context = canvas.getContext("2d")!;
  const image = context.createImageData(canvas.width, canvas.height);
  const pixels = new Uint32Array(image.data.buffer);
  const { sides } = ramps();
  for (const [c, { values, side }] of layers.entries()) {
    const { x, tops } = columns[c];
    const units = values.length / side ** 2;
    for (const [u, top] of tops.entries()) {
      let greatest = 0;
      for (let i = u; i < values.length; i += units) greatest = Math.max(greatest, Math.abs(values[i]));
      const scale = 1 / (greatest || 1);
      for (let row = 0; row < tile; row++) {
        const from = Math.floor((row * side) / tile) * side;
        const to = (top + row) * canvas.width + x;
        for (let column = 0; column < tile; column++) pixels[to + column] = shade(sides, values[(from + Math.floor((column * side) / tile)) * units + u] * scale);
      }
    }
  }
  context.putImageData(image, 0, 0);
}

function paintLinks({ columns, tile, output }: Layout, weights: readonly Float32Array[], context: CanvasRenderingContext2D): void {
  const { low, high } = palette();
  const ends = [...columns, output];
  for (const [c, matrix] of weights.entries()) {
    const [from, to] = [ends[c], ends[c + 1]];
    const units = to.tops.length;
    let greatest = 0;
    for (const weight of matrix) greatest = Math.max(greatest, Math.abs(weight));
    for (const [i, weight] of matrix.entries()) {
      const share = Math.abs(weight) / (greatest || 1);
      if (share < 0.03) continue;
      const [x0, y0] = [from.x + tile, from.tops[Math.floor(i / units)] + tile / 2];
      const [x1, y1] = [to.x, to.tops[i % units] + tile / 2];
      context.beginPath();
      context.moveTo(x0, y0);
      context.bezierCurveTo((x0 + x1) / 2, y0, (x0 + x1) / 2, y1, x1, y1);
      context.lineWidth = 0.4 + 3.2 * share;
      context.strokeStyle = css(weight < 0 ? low : high, 0.18 + 0.6 * share);
      context.stroke();
    }
  }
}

export function NetworkView({ playground }: { playground: Playground }) {
  const { state, unit, data } = playground;
  const { layers, features } = state;
  const outputs = data.classes === undefined || data.classes === 2 ? 1 : data.classes;
  const box = useRef<HTMLDivElement>(null);
  const links = useRef<HTMLCanvasElement>(null);
  const tiles = useRef<HTMLCanvasElement>(null);
  const layout = useRef<Layout | undefined>(undefined);
  const size = useRef<[number, number]>([0, 0]);
  const latest = useRef<Frame | undefined>(undefined);
  const picture = useRef<Float32Array | undefined>(undefined);

  const paint = (frame: Frame | undefined) => {
    if (!frame || frame.unitSize === 0 || !layout.current) return;
    latest.current = frame;
    const { columns } = layout.current;
    if (frame.units.length !== columns.length - 1 || frame.units.some((values, l) => values.length !== frame.unitSize ** 2 * columns[l + 1].tops.length)) return;
    paintUnits(layout.current, [{ values: picture.current!, side: 24 }, ...frame.units.map((values) => ({ values, side: frame.unitSize }))], of(tiles), ...size.current);
    const context = prepare(of(links), ...size.current);
    context.clearRect(0, 0, ...size.current);
    if (layout.current.roomy) paintLinks(layout.current, frame.weights, context);
    paintFrame(context);
  };
  const paintFrame = (context: CanvasRenderingContext2D) => {
    const { columns, tile, output, roomy, names } = layout.current!;
    const { ink, line } = palette();
    if (roomy) {
      context.font = "11px system-ui, sans-serif";
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.fillStyle = css(ink, 0.72);
      const room = columns.length > 1 ? columns[1].x - columns[0].x - 6 : 120;
      for (const [c, { x }] of columns.entries()) context.fillText(c === 0 ? "inputs" : playground.state.layers[c - 1].activation, x + tile / 2 + (c === 0 ? 2 : 0), names, room);
    }
    context.fillStyle = css(ink, 0.75);
    for (const top of output.tops) {
      context.beginPath();
      context.arc(output.x + 5, top + tile / 2, 5, 0, 2 * Math.PI);
      context.fill();
    }
    context.strokeStyle = css(line);
    context.lineWidth = 1;
    if (tile > 12) for (const { x, tops } of columns) for (const top of tops) context.strokeRect(x - 0.5, top - 0.5, tile + 1, tile + 1);
    const chosen = playground.unit;
    if (chosen) {
      context.strokeStyle = css(ink);
      context.lineWidth = 2.5;
      context.strokeRect(columns[chosen[0] + 1].x - 2, columns[chosen[0] + 1].tops[chosen[1]] - 2, tile + 4, tile + 4);
    }
  };
  useFrames(playground, paint);
  useEffect(() => onThemeChange(() => paint(latest.current)), []);
  const shape = [features.length, ...layers.map(({ units }) => units), outputs].join();
  useEffect(() => {
    picture.current = featuresOf(grid(24, REACH), features);
    return keepPainted(of(box), (width) => {
      layout.current = layoutOf(width, [features.length, ...layers.map(({ units }) => units)], outputs);
      size.current = [width, layout.current.height];
      of(box).style.height = `${layout.current.height}px`;
      playground.client.unitSize = Math.min(40, layout.current.tile);
      paint(latest.current);
    });
  }, [shape, features]);
  useEffect(() => paint(latest.current), [unit]);

  const choose = (event: MouseEvent) => {
    const { left, top } = of(box).getBoundingClientRect();
    const { columns, tile } = layout.current!;
    const [x, y] = [event.clientX - left, event.clientY - top];
    const within = (at: number, start: number) => at >= start - 1 && at < start + tile + 1;
    const c = columns.findIndex((column) => within(x, column.x) && column.tops.some((top) => within(y, top)));
    const u = columns[c]?.tops.findIndex((top) => within(y, top));
    if (c > 0) playground.showUnit(unit?.[0] === c - 1 && unit[1] === u ? undefined : [c - 1, u]);
  };
  return (
    <section class="network" aria-labelledby="network-title">
      <div class="title-line">
        <h2 id="network-title">Network</h2>
        <p class="shape">
          {features.length} – {shapeText(layers.map(({ units }) => units))}
          {outputs}
          {playground.built && `, ${playground.built.parameterCount.toLocaleString("en")} parameters`}
        </p>
      </div>
      <div class="tiles-box" ref={box} onClick={choose} role="img" aria-label={`Pictures of what each of the ${layers.reduce((sum, { units }) => sum + units, 0)} hidden units gives for each point of the plane`}>
        <canvas ref={links} />
        <canvas ref={tiles} />
      </div>
      <p class="feature-names">
        Inputs, from the top: {features.map((id) => featureTable[id].label).join(", ")}.
        {layers.length > 0 && " Click a unit to see it large, or choose it here:"}
      </p>
      {layers.length > 0 && <UnitPicker playground={playground} />}
    </section>
  );
}

/** "8 – 8 – " or "64 × 16 – " */
function shapeText(units: readonly number[]): string {
  if (units.length > 4 && units.every((count) => count === units[0])) return `${units.length} layers of ${units[0]} – `;
  return units.length > 10 ? `${units.length} layers – ` : units.map((count) => `${count} – `).join("");
}

/** What a click does, for the keyboard. */
function UnitPicker({ playground }: { playground: Playground }) {
  const { unit, state } = playground;
  const layer = unit?.[0];
  return (
    <div class="unit-picker">
      <label>
        Layer{" "}
        <select value={layer === undefined ? "" : layer} onChange={({ currentTarget: { value } }) => playground.showUnit(value === "" ? undefined : [Number(value), 0])}>
          <option value="">output</option>
          {state.layers.map((_, l) => (
            <option key={l} value={l}>{l + 1}</option>
          ))}
        </select>
      </label>
      {unit && (
        <label>
          Unit{" "}
          <select value={unit[1]} onChange={({ currentTarget: { value } }) => playground.showUnit([unit[0], Number(value)])}>
            {Array.from({ length: state.layers[unit[0]]?.units ?? 0 }, (_, u) => (
              <option key={u} value={u}>{u + 1}</option>
            ))}
          </select>
        </label>
      )}
    </div>
  );
}

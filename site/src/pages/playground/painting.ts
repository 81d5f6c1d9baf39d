// Pictures of functions on the square, and the points on top.

import { css, palette, ramp, shade } from "../../ui/palette";
import { REACH, type DataSet } from "./data";
import type { Frame } from "./protocol";

/** The ramps of the present theme. */
export interface Ramps {
  readonly sides: Uint32Array;
  readonly classes: readonly Uint32Array[];
}

export function ramps(): Ramps {
  const { low, ground, high, classes } = palette();
  return { sides: ramp(low, ground, high), classes: classes.map((colour) => ramp(colour, ground, colour)) };
}

/** Pixels along each side of a large picture, at least. */
const FINE = 336;

/** Colours of the picture of the output, the values between those of the grid by straight lines. With `bands` only the side counts, not how far. */
export function paintOutput({ size, values, winners }: Pick<Frame, "size" | "values" | "winners">, { sides, classes }: Ramps, bands: boolean, canvas: HTMLCanvasElement, fine = FINE): void {
  const zoom = Math.ceil(fine / size);
  const side = size * zoom;
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const context = canvas.getContext("2d")!;
  const image = context.createImageData(side, side);
  const pixels = new Uint32Array(image.data.buffer);
  const from = Array.from({ length: side }, (_, i) => Math.max(0, Math.min(size - 1, (i + 0.5) / zoom - 0.5)));
  for (let row = 0, o = 0; row < side; row++) {
    const above = Math.min(size - 2, Math.floor(from[row]));
    const down = from[row] - above;
    for (let column = 0; column < side; column++) {
      const left = Math.min(size - 2, Math.floor(from[column]));
      const right = from[column] - left;
      const i = above * size + left;
      if (winners) {
        const nearest = i + (down >= 0.5 ? size : 0) + (right >= 0.5 ? 1 : 0);
        pixels[o++] = shade(classes[winners[nearest] % classes.length], bands ? 1 : values[nearest]);
        continue;
      }
      const value = (values[i] * (1 - right) + values[i + 1] * right) * (1 - down) + (values[i + size] * (1 - right) + values[i + size + 1] * right) * down;
      pixels[o++] = shade(sides, bands ? (value > 0 ? 0.8 : -0.8) : value);
    }
  }
  context.putImageData(image, 0, 0);
}

/** The colour of a point with this class or number. */
export function colourOf({ classes }: DataSet): (value: number) => string {
  const { low, high, ground, classes: colours } = palette();
  if (classes === 2) return (value) => css(value > 0 ? high : low);
  if (classes !== undefined) return (value) => css(colours[value % colours.length]);
  const shades = ramp(low, ground, high);
  return (value) => {
    const pixel = shade(shades, value);
    return css([pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255]);
  };
}

/** Train points full, test points hollow. `side` is the length of the square in the units of `context`. */
export function paintPoints(data: DataSet, withTest: boolean, side: number, context: CanvasRenderingContext2D): void {
  const { x, y, classes, trainCount } = data;
  const { ink, ground } = palette();
  const radius = Math.max(side < 100 ? (data.classes === undefined ? 2.2 : 1.3) : 2, Math.min(4.5, (side / 100) * Math.sqrt(400 / Math.max(100, y.length))));
  const colourFor = colourOf(data);
  for (let i = 0; i < (withTest ? y.length : trainCount); i++) {
    context.beginPath();
    context.arc((x[2 * i] / REACH + 1) * 0.5 * side, (1 - x[2 * i + 1] / REACH) * 0.5 * side, radius, 0, 2 * Math.PI);
    const colour = colourFor(y[i]);
    context.fillStyle = i < trainCount ? colour : css(ground);
    context.fill();
    if (side < 100) continue;
    context.lineWidth = i < trainCount ? 1 : 1.8;
    context.strokeStyle = i < trainCount ? (classes === undefined ? css(ink, 0.55) : css(ground, 0.9)) : colour;
    context.stroke();
  }
}

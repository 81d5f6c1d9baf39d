// Colours as numbers, for canvases: two classes blue and orange, which colour-blind eyes tell apart, and a few more for data with several.

import { currentTheme, type Theme } from "../shell/theme";

export type Rgb = readonly [red: number, green: number, blue: number];

/** Ground between the two, and the ends; then classes by number. */
interface Palette {
  readonly ground: Rgb;
  readonly low: Rgb;
  readonly high: Rgb;
  readonly ink: Rgb;
  readonly line: Rgb;
  readonly classes: readonly Rgb[];
}

const classes: readonly Rgb[] = [[58, 110, 214], [226, 125, 30], [24, 138, 104], [186, 73, 150], [120, 104, 200], [176, 140, 20], [90, 150, 190], [150, 84, 60]];

const palettes: Readonly<Record<Theme, Palette>> = {
  light: { ground: [250, 249, 246], low: [58, 110, 214], high: [226, 125, 30], ink: [29, 28, 26], line: [226, 222, 212], classes },
  dark: { ground: [24, 27, 32], low: [84, 140, 255], high: [240, 146, 52], ink: [236, 234, 228], line: [60, 64, 72], classes },
};

export const palette = (): Palette => palettes[currentTheme()];

export const css = ([red, green, blue]: Rgb, alpha = 1): string => `rgb(${red} ${green} ${blue} / ${alpha})`;

/** Steps of a ramp. */
export const SHADES = 256;

/** Pixels (as canvases hold them, in a Uint32Array) from `from` through `middle` to `to`, mixed in linear light so that the middle is not muddy. */
export function ramp(from: Rgb, middle: Rgb, to: Rgb): Uint32Array {
  const linear = (value: number) => (value / 255) ** 2.2;
  const pixels = new Uint8ClampedArray(4 * SHADES);
  for (let i = 0; i < SHADES; i++) {
    const t = (2 * i) / (SHADES - 1) - 1;
    const end = t < 0 ? from : to;
    for (let c = 0; c < 3; c++) {
      const share = Math.abs(t) ** 0.85 * 0.72;
      pixels[4 * i + c] = 255 * (linear(middle[c]) * (1 - share) + linear(end[c]) * share) ** (1 / 2.2);
    }
    pixels[4 * i + 3] = 255;
  }
  return new Uint32Array(pixels.buffer);
}

/** The pixel of a value from −1 to 1. */
export const shade = (pixels: Uint32Array, value: number): number => pixels[Math.max(0, Math.min(SHADES - 1, Math.round((value + 1) * 0.5 * (SHADES - 1))))];

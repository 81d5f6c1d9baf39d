// What canvases need: their size in pixels of the screen, and to hear when it or the theme changes.

import { onThemeChange } from "../shell/theme";

/** Calls `paint(width, height)`, in CSS pixels, at once and whenever the size of `element` or the theme changes; returns a function that ends it. */
export function keepPainted(element: HTMLElement, paint: (width: number, height: number) => void): () => void {
  const again = () => {
    const { width, height } = element.getBoundingClientRect();
    if (width > 0) paint(width, height);
  };
  const observer = new ResizeObserver(again);
  observer.observe(element);
  const end = onThemeChange(again);
  return () => {
    observer.disconnect();
    end();
  };
}

/** A context in CSS pixels, cleared, on a canvas as fine as the screen. */
export function prepare(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
  const ratio = Math.min(3, devicePixelRatio || 1);
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d")!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

// uPlot in the page's colours: as wide as its box, painted anew when the theme changes.

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { keepPainted } from "./canvas";
import { css, palette, type Rgb } from "./palette";

export interface Line {
  readonly label: string;
  readonly colour: (colours: ReturnType<typeof palette>) => Rgb;
  readonly dashed?: boolean;
  readonly bars?: boolean;
}

export interface ChartOptions {
  readonly lines: readonly Line[];
  readonly height: number;
  readonly log?: boolean;
  /** Bounds of the vertical axis, from those of the data. */
  readonly range?: (low: number, high: number) => [number, number];
  readonly xLabel?: (value: number) => string;
  readonly yLabel?: (value: number) => string;
  /** Whole numbers only on the horizontal axis, with half a unit of room on each side. */
  readonly categories?: boolean;
}

/** Powers of ten, at most seven of them; within a single decade also 2 and 5. */
function decades(low: number, high: number): number[] {
  const [first, last] = [Math.floor(Math.log10(low) + 1e-9), Math.ceil(Math.log10(high) - 1e-9)];
  const stride = Math.max(1, Math.ceil((last - first) / 6));
  const ticks: number[] = [];
  for (let exponent = Math.ceil(first / stride) * stride; exponent <= last; exponent += stride) {
    for (const factor of last - first <= 2 ? [1, 2, 5] : [1]) ticks.push(Number((factor * 10 ** exponent).toPrecision(3)));
  }
  return ticks.filter((tick) => tick >= low * 0.999 && tick <= high * 1.001);
}

type Columns = readonly (readonly (number | null)[])[];

export class Chart {
  #plot: uPlot | undefined;
  #columns: Columns;
  readonly #end: () => void;

  constructor(readonly box: HTMLElement, readonly options: ChartOptions) {
    this.#columns = [[], ...options.lines.map(() => [])];
    let painted = "";
    this.#end = keepPainted(box, (width) => {
      const look = JSON.stringify(palette());
      if (this.#plot && look === painted) this.#plot.setSize({ width, height: options.height });
      else this.#create(width);
      painted = look;
    });
  }

  /** x first, then a column for each line. */
  set columns(columns: Columns) {
    this.#columns = columns;
    this.#plot?.setData(columns as uPlot.AlignedData);
  }

  dispose(): void {
    this.#end();
    this.#plot?.destroy();
  }

  #create(width: number): void {
    const { lines, height, log, range, xLabel, yLabel, categories } = this.options;
    const colours = palette();
    const axis: uPlot.Axis = {
      stroke: css(colours.ink, 0.75), grid: { stroke: css(colours.line), width: 1 }, ticks: { show: false }, font: "11px system-ui, sans-serif", gap: 4,
    };
    this.#plot?.destroy();
    this.#plot = new uPlot(
      {
        width, height, padding: [6, 16, 0, 0],
        cursor: { show: false },
        legend: { show: false },
        scales: {
          x: { time: false, ...(categories ? { range: (_plot, low, high) => [low - 0.6, high + 0.6] } : {}) },
          y: { ...(log ? { distr: 3 as const } : {}), ...(range ? { range: (_plot: uPlot, low: number, high: number) => range(low, high) } : {}) },
        },
        axes: [
          { ...axis, size: 22, space: 44, ...(categories ? { incrs: [1, 2, 5, 10, 20] } : {}), values: (_plot, ticks) => ticks.map((tick) => (xLabel ?? String)(tick)) },
          { ...axis, size: 44, space: 26, ...(log ? { filter: (_plot: uPlot, ticks: number[]) => ticks, splits: (_plot: uPlot, _axis: number, low: number, high: number) => decades(low, high) } : {}), values: (_plot, ticks) => ticks.map((tick) => (tick === null ? "" : (yLabel ?? String)(tick))) },
        ],
        series: [
          {},
          ...lines.map(({ label, colour, dashed, bars }) => ({
            label, stroke: css(colour(colours)), width: bars ? 0 : 1.75, points: { show: false },
            ...(dashed ? { dash: [4, 4] } : {}),
            ...(bars ? { fill: css(colour(colours), 0.85), paths: uPlot.paths.bars!({ size: [0.72, 40] }) } : {}),
          })),
        ],
      },
      this.#columns as uPlot.AlignedData,
      this.box,
    );
  }
}

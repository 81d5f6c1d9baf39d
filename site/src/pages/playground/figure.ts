// The picture for papers and slides: the output with its points and the loss curves, as SVG, and the same as PNG.

import { css, palette } from "../../ui/palette";
import { REACH, type DataSet } from "./data";
import { power } from "./format";
import type { History } from "./history";
import { colourOf, paintOutput, ramps } from "./painting";
import type { Frame } from "./protocol";

const SIDE = 480;
const WIDTH = 1040;
const HEIGHT = 560;
const escape = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

interface FigureOptions {
  readonly frame: Frame;
  readonly data: DataSet;
  readonly history: History;
  readonly bands: boolean;
  readonly withTest: boolean;
  /** What the picture shows, in a line. */
  readonly title: string;
}

export function figureSvg({ frame, data, history, bands, withTest, title }: FigureOptions): string {
  const { ink, ground, line, high } = palette();
  const canvas = document.createElement("canvas");
  paintOutput(frame, ramps(), bands, canvas);
  const colour = colourOf(data);
  const points: string[] = [];
  for (let i = 0; i < (withTest ? data.y.length : data.trainCount); i++) {
    const [cx, cy] = [((data.x[2 * i] / REACH + 1) / 2) * SIDE, ((1 - data.x[2 * i + 1] / REACH) / 2) * SIDE];
    const isTrain = i < data.trainCount;
    points.push(`<circle cx="${cx.toFixed(1)}" cy="${cy.toFixed(1)}" r="4" fill="${isTrain ? colour(data.y[i]) : css(ground)}" stroke="${isTrain ? css(ground) : colour(data.y[i])}"/>`);
  }
  const names = data.names ?? ["x₁", "x₂"];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="system-ui, sans-serif" font-size="13" fill="${css(ink)}">
<rect width="${WIDTH}" height="${HEIGHT}" fill="${css(ground)}"/>
<text x="24" y="30" font-size="15" font-weight="600">${escape(title)}</text>
<g transform="translate(24 48)">
<image href="${canvas.toDataURL("image/png")}" width="${SIDE}" height="${SIDE}"/>
${points.join("\n")}
<rect width="${SIDE}" height="${SIDE}" fill="none" stroke="${css(line)}"/>
<text x="${SIDE}" y="${SIDE + 20}" text-anchor="end">${escape(names[0])}</text>
<text x="0" y="${SIDE + 20}">${escape(names[1])} ↑</text>
</g>
<g transform="translate(580 68)">${curves(history, 436, 420, css(ink), css(high), css(line))}</g>
</svg>
`;
}

/** Loss by epoch on a logarithmic scale. */
function curves({ columns }: History, width: number, height: number, train: string, test: string, grid: string): string {
  const { epoch, trainLoss, testLoss } = columns;
  const logs = [...trainLoss, ...testLoss].map((loss) => Math.log10(Math.max(loss, 1e-9)));
  const low = Math.floor(logs.reduce((least, value) => Math.min(least, value), 0));
  const high = Math.ceil(logs.reduce((most, value) => Math.max(most, value), low + 1));
  const last = epoch.at(-1) || 1;
  const y = (log: number) => ((high - log) / (high - low)) * height;
  const path = (losses: readonly number[]) => losses.map((loss, i) => `${i ? "L" : "M"}${((epoch[i] / last) * width).toFixed(1)} ${y(Math.log10(Math.max(loss, 1e-9))).toFixed(1)}`).join("");
  const ticks = Array.from({ length: high - low + 1 }, (_, i) => low + i);
  return `<text y="-14">Loss by epoch: train —, test - -</text>
${ticks.map((log) => `<path d="M0 ${y(log)}H${width}" stroke="${grid}"/><text x="-8" y="${y(log) + 4}" text-anchor="end">${power(10 ** log)}</text>`).join("\n")}
<path d="${path(trainLoss)}" fill="none" stroke="${train}" stroke-width="2"/>
<path d="${path(testLoss)}" fill="none" stroke="${test}" stroke-width="2" stroke-dasharray="5 4"/>
<text y="${height + 20}">0</text><text x="${width}" y="${height + 20}" text-anchor="end">${last}</text>`;
}

/** The SVG at twice its size. */
export async function toPng(svg: string): Promise<Blob> {
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [2 * WIDTH, 2 * HEIGHT];
    canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The browser gives no picture."))), "image/png"));
  } finally {
    URL.revokeObjectURL(image.src);
  }
}

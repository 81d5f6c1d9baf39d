// What the output can show, and the escape codes for it. Without colour every function returns its text unchanged.

import type { WriteStream } from "node:tty";

export interface Terminal {
  stream: NodeJS.WriteStream;
  /** A bar may be redrawn in place. False for files and pipes, and for terminals that cannot move the cursor. */
  live: boolean;
  /** Shades of grey can be shown, so digits are drawn with all their levels of ink. */
  grey: boolean;
  columns(): number;
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
}

const PLAIN_COLUMNS = 80;

export function describeTerminal(stream: NodeJS.WriteStream, env = process.env): Terminal {
  const live = stream.isTTY === true && env.TERM !== "dumb";
  const tty = stream as WriteStream;
  // https://no-color.org: any value but the empty one switches colour off, whatever else is set.
  const colour = live && !env.NO_COLOR && tty.hasColors();
  const paint = (code: number) => (text: string) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
  return {
    stream,
    live,
    grey: colour && tty.hasColors(256),
    columns: () => (live && tty.columns > 0 ? tty.columns : PLAIN_COLUMNS),
    bold: paint(1),
    dim: paint(2),
    good: paint(32),
    bad: paint(31),
  };
}

// A number that follows the frames, written straight into its element.

import { useEffect, useRef } from "preact/hooks";
import type { Playground } from "../playground";
import type { Frame } from "../protocol";
import { of, useFrames } from "./use";

interface FigureProps {
  playground: Playground;
  of: (frame: Frame, playground: Playground) => string;
  /** Before the first frame. */
  empty?: string;
}

export function Figure({ playground, of: text, empty = "–" }: FigureProps) {
  const element = useRef<HTMLSpanElement>(null);
  const show = (frame: Frame | undefined) => {
    const next = frame ? text(frame, playground) : empty;
    if (of(element).textContent !== next) of(element).textContent = next;
  };
  useFrames(playground, show);
  useEffect(() => show(playground.frame));
  return <span ref={element} />;
}

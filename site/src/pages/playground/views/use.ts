// How views hear of the playground: of changes, by rendering again; of frames, by a function of their own, since sixty a second are not worth a rendering.

import type { RefObject } from "preact";
import { useEffect, useReducer, useRef } from "preact/hooks";
import type { Playground } from "../playground";
import type { Frame } from "../protocol";

export function useChanges(playground: Playground): void {
  const [, again] = useReducer((count: number) => count + 1, 0);
  useEffect(() => playground.subscribe(() => again(undefined)), [playground]);
}

export function useFrames(playground: Playground, show: (frame: Frame) => void): void {
  const latest = useRef(show);
  latest.current = show;
  useEffect(() => playground.client.onFrame((frame) => latest.current(frame)), [playground]);
}

/** The element of a ref that is there whenever effects run. */
export const of = <T>(ref: RefObject<T | null>): T => ref.current!;

import type { Instance } from "./builds.mjs";
import type { Row } from "./rows.mjs";

/** A number, or what JSON has none for as text. */
export type Plain = number | string;
export interface Figures {
  maxUlp: number;
  worst: Plain;
  worstBits: string;
  inputs: number;
  correct: number;
  nan: number;
  inversions?: number;
  asymmetric?: number;
  smallest: Plain;
  largest: Plain;
  outside: number;
  fromOutput?: number;
  fromOutputAt?: Plain;
  fromOutputBits?: string;
  digest: string;
}

export function plain(x: number): Plain;
export function digestOf(row: Row, instance: Instance): string;
export function measure(row: Row, instances: Record<string, Instance>, blocks: Iterable<Uint32Array>): Record<string, Figures>;

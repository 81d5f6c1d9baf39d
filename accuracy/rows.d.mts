import type { ReferenceActivation } from "../test/reference/activations.js";
import type { Exact } from "../test/reference/exact.js";

export interface Row {
  name: string;
  id: string;
  kind: "value" | "derivative" | "core";
  kernel: string;
  forward?: string;
  backward?: string;
  /** Largest errors in ULP. */
  bounds: Record<"strict" | "relaxed", number>;
  monotone: boolean;
  range: [number, number];
  root?: number;
  exact?: Exact;
  at(x: number): number;
}
interface Reference {
  activations: Record<string, ReferenceActivation>;
  slope: number;
  exactActivations: Record<string, Record<"value" | "derivative", Exact>>;
  exactCores: Record<string, Exact>;
  distribution(x: number): number;
}

export function rowsOf(reference: Reference): Row[];

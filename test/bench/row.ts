// What a row of the bench is: something to measure, its figures, and how often.
import type { DaemonKind } from "./daemons.ts";

/** The short form shows that things work; the full form gives figures to compare. */
export type Form = "quick" | "full";

export type Unit = "us" | "ms" | "MiB" | "%" | "count" | "times";

/** One number that a measurement gives. */
export interface FigureSpec {
  key: string;
  label: string;
  unit: Unit;
}

/** One measurement's numbers by key; NaN for one that this round could not give. */
export type Figures = Record<string, number>;

/** A row of the bench. */
export interface Row {
  name: string;
  title: string;
  figures: readonly FigureSpec[];
  /** 0: left out of that form. */
  rounds: Record<Form, number>;
  /** Measures a daemon once. Throws an Error of one sentence when the round failed. */
  measure(kind: DaemonKind, form: Form): Promise<Figures>;
  /** The same row, measured so many seconds after the start. Default: when it is measured does not matter. */
  after?(settleS: number): Row;
  /** Figures that only some kinds have. Default: all. */
  applies?(kind: DaemonKind): boolean;
}

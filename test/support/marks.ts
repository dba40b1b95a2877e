// The marks between which the collections of a program are counted, see collections.ts.
import { writeSync } from "node:fs";

/** Writes one to stderr. Not with process.stderr, which is made at its first use: that fills the heap anew. */
export function mark(name: "STEADY" | "OVER"): void {
  writeSync(2, `${name}\n`);
}

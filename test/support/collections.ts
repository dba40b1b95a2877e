// Counts the garbage collections of a program that marks on stderr where its steady state begins and ends.
import { expect } from "bun:test";

/**
 * The environment that makes the count exact. The compilers both hide and make garbage: code that is hot enough loses
 * objects that it allocates until then, and what they allocate themselves is counted too. So the interpreter runs it,
 * and the collector comes for each 20 kB.
 */
export const EXACT = { BUN_JSC_useBaselineJIT: "0", BUN_JSC_gcMaxHeapSize: "20000", BUN_JSC_logGC: "1" };

/** Collections between STEADY and OVER in what such a program has said. */
export function collectionsIn(said: string): number {
  // The collector has a thread of its own: what it writes may stand in the same line as a mark.
  expect(said).toMatch(/STEADY[^]*OVER/);
  // The last count is the whole one: a disturbance begins it anew.
  const steady = said.split("STEADY").at(-1)!.split("OVER")[0]!;
  return steady.match(/Collection/g)?.length ?? 0;
}

// The counters of the instances: shared with the other thread, each instance with slots of its own.
import { expect, test } from "bun:test";
import { newCounters } from "../../../src/control/counters.ts";

test("each has slots of its own, at zero, that a clone shares", () => {
  const all = Array.from({ length: 200 }, newCounters);
  for (const [i, counters] of all.entries()) {
    expect(counters.every((count) => count === 0)).toBe(true);
    // What the engine gets with the message.
    structuredClone(counters).fill(i + 1);
  }
  expect(all.every((counters, i) => counters.every((count) => count === i + 1))).toBe(true);
  expect(new Set(all.map(({ buffer }) => buffer)).size).toBeLessThan(5);
});

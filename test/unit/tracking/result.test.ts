// Rise and fall: the tables of keepalived, and a property against a plain model.
import { expect, test } from "bun:test";
import fc from "fast-check";
import { RiseFall } from "../../../src/tracking/result.ts";

/** "+" success, "-" failure in; "g" good, "b" bad, "." unchanged out. */
function play(rise: number, fall: number, initial: boolean | null, runs: string): string {
  const result = new RiseFall(rise, fall, initial);
  return [...runs].map((run) => result.record(run === "+") ? (result.ok === true ? "g" : "b") : ".").join("");
}

test.each(
  [
    // rise, fall, initial, runs, changes
    [1, 1, null, "+-+--+", "gbgb.g"],
    [1, 1, null, "--+", "b.g"],
    // The first run decides at once, whatever rise and fall are.
    [3, 3, null, "+", "g"],
    [3, 3, null, "-", "b"],
    [3, 2, null, "+-+--", "g...b"],
    [3, 2, null, "-++-+++", "b.....g"],
    [2, 3, null, "+--+---", "g.....b"],
    // init_fail: failed from the start, so that rise counts.
    [2, 1, false, "-++", "..g"],
    [1, 1, false, "-+", ".g"],
    [3, 1, false, "++-+++-", ".....gb"],
    // A result kept over a reload.
    [1, 2, true, "+--", "..b"],
    [0, 0, null, "+-", "gb"],
  ] as const,
)("rise %p fall %p initial %p: %p -> %p", (rise, fall, initial, runs, changes) => {
  expect(play(rise, fall, initial, runs)).toBe(changes);
});

test("after the first run: good exactly after `rise` successes in a row, bad exactly after `fall` failures", () => {
  const count = fc.integer({ min: 1, max: 6 });
  fc.assert(
    fc.property(
      count,
      count,
      fc.constantFrom(null, true, false),
      fc.array(fc.boolean()),
      (rise, fall, initial, runs) => {
        const result = new RiseFall(rise, fall, initial);
        let ok: boolean | null = initial;
        let [successes, failures] = [0, 0];
        for (const run of runs) {
          [successes, failures] = run ? [successes + 1, 0] : [0, failures + 1];
          const next: boolean = ok === null ? run : ok ? failures < fall : successes >= rise;
          expect(result.record(run)).toBe(next !== ok);
          ok = next;
          expect(result.ok).toBe(ok);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

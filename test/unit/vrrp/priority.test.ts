// Effective priority, faults and pending results, by table.
import { expect, test } from "bun:test";
import fc from "fast-check";
import { effectivePriority, faults, pending, type Tracker } from "../../../src/vrrp/priority.ts";

const good = (weight: number, reverse = false): Tracker => ({ weight, reverse, ok: true });
const bad = (weight: number, reverse = false): Tracker => ({ weight, reverse, ok: false });
const unknown = (weight: number, reverse = false): Tracker => ({ weight, reverse, ok: null });

test("effectivePriority", () => {
  const cases: [base: number, trackers: Tracker[], effective: number][] = [
    [100, [], 100],
    [100, [good(20)], 120],
    [100, [bad(20)], 100],
    [100, [good(-20)], 100],
    [100, [bad(-20)], 80],
    [100, [good(20, true)], 100],
    [100, [bad(20, true)], 120],
    [100, [good(-20, true)], 80],
    [100, [bad(-20, true)], 100],
    [100, [good(20), bad(-30), good(5)], 95],
    [100, [good(0), bad(0)], 100],
    [100, [unknown(20), unknown(-20), unknown(20, true)], 100],
    // The clamp is on the sum, not on its parts.
    [250, [good(20), bad(-30)], 240],
    [250, [good(20)], 254],
    [10, [bad(-20)], 1],
    [1, [bad(-253)], 1],
    [255, [bad(-20), good(20)], 255],
  ];
  for (const [base, trackers, effective] of cases) expect(effectivePriority(base, trackers)).toBe(effective);
});

test("faults: unweighted and bad", () => {
  expect(faults([])).toBe(0);
  expect(faults([bad(0), good(0), unknown(0), bad(5), bad(-5)])).toBe(1);
  expect(faults([bad(0), bad(0)])).toBe(2);
  expect(faults([bad(0, true), unknown(0, true)])).toBe(0);
  expect(faults([good(0, true)])).toBe(1);
});

test("pending: unweighted without a result", () => {
  expect(pending([])).toBe(0);
  expect(pending([unknown(0), unknown(0, true), unknown(5), good(0), bad(0)])).toBe(2);
});

test("the result is always a priority, and the order of the trackers does not matter", () => {
  const tracker = fc.record({
    weight: fc.integer({ min: -253, max: 253 }),
    reverse: fc.boolean(),
    ok: fc.constantFrom(true, false, null),
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 255 }), fc.array(tracker, { maxLength: 6 }), (base, trackers) => {
      const effective = effectivePriority(base, trackers);
      expect(Number.isInteger(effective) && effective >= 1 && effective <= (base === 255 ? 255 : 254)).toBe(
        true,
      );
      expect(effectivePriority(base, trackers.toReversed())).toBe(effective);
    }),
  );
});

// Effective priority, faults and pending results, by table.
import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  effectivePriority,
  faults,
  fileIsGood,
  isFault,
  pending,
  type Tracker,
} from "../../../src/vrrp/priority.ts";

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

const file = (weight: number, value: number, reverse = false): Tracker => {
  const tracker: Tracker = { weight, reverse, ok: null, value };
  tracker.ok = fileIsGood(tracker, value);
  return tracker;
};

test("a file adds its number times its weight; it takes 254 away, or is not 0 without a weight: FAULT", () => {
  const cases: [Tracker, effective: number, fault: boolean][] = [
    [file(1, 0), 100, false],
    [file(1, 20), 120, false],
    [file(1, -20), 80, false],
    [file(-2, 20), 60, false],
    [file(2, 20, true), 60, false],
    [file(-2, 20, true), 140, false],
    [file(1, 500), 254, false],
    [file(1, -253), 1, false],
    [file(1, -254), 1, true],
    [file(127, 2, true), 1, true],
    [file(0, 0), 100, false],
    [file(0, -1), 100, true],
    [file(0, 7), 100, true],
    [file(0, 7, true), 100, false],
    [file(0, 0, true), 100, true],
  ];
  for (const [tracker, effective, fault] of cases) {
    expect(effectivePriority(100, [tracker]), JSON.stringify(tracker)).toBe(effective);
    expect(faults([tracker]) > 0, JSON.stringify(tracker)).toBe(fault);
    expect(isFault(tracker)).toBe(fault);
  }
  // What one file may add is limited before the sum is taken.
  expect(effectivePriority(100, [file(1, 500), file(-1, 200)])).toBe(153);
});

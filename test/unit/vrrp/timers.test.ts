// Intervals in microseconds, by table.
import { expect, test } from "bun:test";
import {
  leaseSeconds,
  masterDownIntervalUs,
  skewTimeUs,
  wireInterval,
  wireIntervalUs,
} from "../../../src/vrrp/timers.ts";

test("Skew_Time and Master_Down_Interval", () => {
  const cases: [version: 2 | 3, priority: number, intervalUs: number, skewUs: number, downUs: number][] = [
    [2, 100, 1_000_000, 609_375, 3_609_375],
    [3, 100, 1_000_000, 609_375, 3_609_375],
    // keepalived 2.2.7's own dump says 3570312 us here.
    [2, 110, 1_000_000, 570_312.5, 3_570_312.5],
    [3, 150, 500_000, 207_031.25, 1_707_031.25],
    [3, 102, 500_000, 300_781.25, 1_800_781.25],
    // Version 2: the skew is a part of a second, whatever the interval.
    [2, 100, 10_000_000, 609_375, 30_609_375],
    [3, 100, 10_000_000, 6_093_750, 36_093_750],
    // The smallest skew that exists.
    [3, 255, 10_000, 39.0625, 30_039.0625],
    [3, 254, 10_000, 78.125, 30_078.125],
    [3, 1, 40_950_000, 40_790_039.0625, 163_640_039.0625],
    [2, 255, 1_000_000, 3_906.25, 3_003_906.25],
  ];
  for (const [version, priority, intervalUs, skewUs, downUs] of cases) {
    expect(skewTimeUs(version, priority, intervalUs)).toBe(skewUs);
    expect(masterDownIntervalUs(version, priority, intervalUs, 3)).toBe(downUs);
  }
  expect(masterDownIntervalUs(3, 100, 1_000_000, 1)).toBe(1_609_375);
  expect(masterDownIntervalUs(2, 100, 1_000_000, 10)).toBe(10_609_375);
});

test("leaseSeconds: whole seconds, rounded down, at least 2", () => {
  expect(leaseSeconds(3_609_375)).toBe(3);
  expect(leaseSeconds(3_999_999.9)).toBe(3);
  expect(leaseSeconds(36_093.75)).toBe(2);
  expect(leaseSeconds(30_609_375)).toBe(30);
});

test("the interval on the wire: whole units, within the field", () => {
  expect(wireInterval(2, 1_000_000)).toBe(1);
  expect(wireInterval(2, 300_000_000)).toBe(255);
  expect(wireInterval(2, 400_000)).toBe(1);
  expect(wireInterval(3, 10_000)).toBe(1);
  expect(wireInterval(3, 15_000)).toBe(2);
  expect(wireInterval(3, 40_950_000)).toBe(4095);
  expect(wireInterval(3, 60_000_000)).toBe(4095);
  expect(wireIntervalUs(3, 14_000)).toBe(10_000);
  expect(wireIntervalUs(2, 3_000_000)).toBe(3_000_000);
});

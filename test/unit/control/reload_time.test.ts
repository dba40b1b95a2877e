// The time that reload_time_file names: dates, the next occurrence of a clock time, and what is no time.
import { expect, test } from "bun:test";
import { reloadTimeMs } from "../../../src/control/reload_time.ts";

const NOW = Date.UTC(2026, 10, 22, 12, 30, 0);

test("in UTC", () => {
  const at = (line: string) => {
    const ms = reloadTimeMs(line, NOW);
    return ms === null ? null : new Date(ms).toISOString();
  };
  expect(at("12:30:01Z")).toBe("2026-11-22T12:30:01.000Z");
  expect(at("12:30:00Z")).toBe("2026-11-23T12:30:00.000Z");
  expect(at("2026-12-31 23:59:59Z")).toBe("2026-12-31T23:59:59.000Z");
  expect(at("27-02-28 00:00:00Z")).toBe("2027-02-28T00:00:00.000Z");
  expect(at("2026-11-22 12:29:59Z")).toBeNull();
});

test("in local time", () => {
  const date = new Date(2026, 11, 1, 3, 4, 5);
  expect(reloadTimeMs("2026-12-01 03:04:05", NOW)).toBe(date.getTime());
  const next = reloadTimeMs("03:04:05", NOW)!;
  expect(new Date(next).toTimeString().slice(0, 8)).toBe("03:04:05");
  expect(next).toBeGreaterThan(NOW);
  expect(next - NOW).toBeLessThanOrEqual(25 * 3_600_000);
});

test("what is no time to come", () => {
  for (
    const line of ["", "now", " 12:30:01Z", "12:30:01Z ", "24:00:00", "12:60:00", "2026-13-01 00:00:00Z"]
      .concat(["2027-02-30 00:00:00Z", "2026-12-01  03:04:05", "1:2:3", "2026-12-01T03:04:05Z"])
  ) expect(reloadTimeMs(line, NOW)).toBeNull();
});

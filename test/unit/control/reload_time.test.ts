// The time that reload_time_file names: dates, the next occurrence of a clock time, and what is no time.
import { expect, jest, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { Log } from "../../../src/control/log.ts";
import { reloadTimeMs, ScheduledReloads } from "../../../src/control/reload_time.ts";

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

test("a file that cannot be removed does not keep the reload away", () => {
  // Its text can be chosen, and nobody may remove it.
  const timeFile = "/proc/self/comm";
  const before = readFileSync(timeFile, "utf8");
  const said: string[] = [];
  const log = new Log({ format: "text", console: false, syslog: null, detail: false });
  log.write = (level, text) => void said.push(`${level}: ${text}`);
  let reloads = 0;
  const settings = { findings: null, timeFile, repeat: false, marker: null };
  const scheduled = new ScheduledReloads(settings, () => void reloads++, log);
  jest.useFakeTimers({ now: NOW });
  try {
    writeFileSync(timeFile, "12:30:30Z\n");
    scheduled.begin();
    jest.advanceTimersByTime(30_000);
    expect(reloads).toBe(1);
    expect(said.at(-1)).toContain("warning: reload_time_file /proc/self/comm: it cannot be removed");
  } finally {
    scheduled.stop();
    jest.useRealTimers();
    writeFileSync(timeFile, before);
  }
});

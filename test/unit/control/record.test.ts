// The record of what is held: it outlives a stop only for what could not be withdrawn.
import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Instances } from "../../../src/control/instances.ts";
import { Kept } from "../../../src/control/kept.ts";
import type { Log } from "../../../src/control/log.ts";
import { HeldRecord } from "../../../src/control/record.ts";
import { readState } from "../../../src/control/state_file.ts";

test("a VMAC that the kernel would not delete is still named after the stop, for baton cleanup", () => {
  const directory = mkdtempSync(join(tmpdir(), "baton-record-"));
  const path = join(directory, "state");
  const kept = new Kept();
  const record = new HeldRecord(path, new Instances(), kept, {} as Log);
  const vmac = { name: "vrrp.51", mac: "00:00:5e:00:01:33" };
  kept.update({ type: "kept_vmacs", made: [vmac], gone: [] });
  record.clear();
  expect(readState(path).vmacs).toEqual([vmac]);
  kept.update({ type: "kept_vmacs", made: [], gone: [vmac.name] });
  record.clear();
  expect(existsSync(path)).toBe(false);
  rmSync(directory, { recursive: true });
});

test("VMACs of a reload are on record before any message tells of them", () => {
  const directory = mkdtempSync(join(tmpdir(), "baton-record-"));
  const path = join(directory, "state");
  const record = new HeldRecord(path, new Instances(), new Kept(), {} as Log);
  const [first, second] = ["vrrp.51", "vrrp.52"].map((name, i) => ({
    name,
    mac: `00:00:5e:00:01:3${3 + i}`,
  }));
  record.expect([first!]);
  expect(readState(path).vmacs).toEqual([first!]);
  record.soon();
  record.stop();
  record.expect([first!, second!]);
  expect(readState(path).vmacs).toEqual([first!, second!]);
  rmSync(directory, { recursive: true });
});

// Kernel parameters of many instances: one plan is one step, or a thousand instances would write a thousand records.
import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSysctl } from "../../../native/sysctl.ts";
import { Sysctls } from "../../../src/engine/sysctls.ts";
import { inside, Lab } from "../native/lab.ts";

const SHARED = { path: "net/ipv4/conf/va/arp_ignore", value: "1" };
const OWN = { path: "net/ipv4/conf/va/promote_secondaries", value: "1" };

test("several owners at once: what two want stays until both have let go, and the record with it", () => {
  using lab = new Lab();
  const directory = mkdtempSync(join(tmpdir(), "baton-sysctls-"));
  const file = join(directory, "record");
  const lines: string[] = [];
  inside(lab.a.namespace, () => {
    const now = () => [SHARED, OWN].map(({ path }) => readSysctl(path));
    const before = now();
    const sysctls = new Sysctls((text) => lines.push(text));
    sysctls.keepRecord(file);
    sysctls.wantAll(new Map([["one", [SHARED]], ["two", [SHARED, OWN]], ["three", []]]));
    expect(now()).toEqual(["1", "1"]);
    const record = readFileSync(file, "utf8");
    expect(JSON.parse(record).map(({ path }: { path: string }) => path)).toEqual([SHARED.path, OWN.path]);
    sysctls.wantAll(new Map([["two", []], ["three", []]]));
    expect(now()).toEqual(["1", before[1]!]);
    sysctls.releaseAll();
    expect(now()).toEqual(before);
    expect(lines).toEqual([]);
  });
  rmSync(directory, { recursive: true });
});

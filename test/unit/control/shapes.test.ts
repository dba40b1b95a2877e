// keepalived's lines for transitions that the other tests do not meet.
import { expect, test } from "bun:test";
import { linesAfter, linesBefore, masterLine } from "../../../src/control/shapes.ts";
import type { Cause } from "../../../src/vrrp/reason.ts";

function before(to: "FAULT" | "BACKUP", cause: Cause): string[] {
  return linesBefore({ from: "MASTER", to, cause, first: to === "FAULT" }).map(({ text }) => text);
}

test("faults at the start", () => {
  expect(before("FAULT", { kind: "script_failed", script: "s" })[0]).toBe(
    ": entering FAULT state due to script s",
  );
  expect(before("FAULT", { kind: "no_source_address", interface: "eth0", family: "ipv6" })[0]).toBe(
    "entering FAULT state (no IPv6 address for interface)",
  );
  expect(before("FAULT", { kind: "source_missing", interface: "eth0", address: "10.0.0.9" })[0]).toBe(
    ": entering FAULT state (src address not configured)",
  );
});

test("a higher address wins a tie; excluded addresses go with the others; masters change", () => {
  expect(before("BACKUP", { kind: "higher_address", from: "10.0.0.9", priority: 100 })).toEqual([
    "Master received advert from 10.0.0.9 with same priority 100 but higher IP address than ours",
  ]);
  const cause = { kind: "interface_down", interface: "eth0" } as const;
  const after = linesAfter({ from: "MASTER", to: "FAULT", cause, first: false }, true);
  expect(after.map(({ text }) => text)).toEqual(["sent 0 priority", "removing VIPs.", "removing E-VIPs."]);
  expect(after.every(({ detail }) => detail)).toBe(true);
  expect(masterLine(null, "10.0.0.1")).toBe("master set to 10.0.0.1");
  expect(masterLine("10.0.0.1", "10.0.0.2")).toBe("master changed from 10.0.0.1 to 10.0.0.2");
});

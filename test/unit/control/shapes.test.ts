// keepalived's lines for transitions that the other tests do not meet.
import { expect, test } from "bun:test";
import { intervalLine, linesAfter, linesBefore, masterLine } from "../../../src/control/shapes.ts";
import { load } from "../config/support.ts";
import type { Cause } from "../../../src/vrrp/reason.ts";

const HELD = `vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  virtual_ipaddress {
    10.0.0.100/24
  }
  virtual_ipaddress_excluded {
    2001:db8::1/64 dev eth1
  }
  virtual_routes {
    10.9.0.0/24 via 10.0.0.9
  }
  virtual_rules {
    from 10.9.0.0/24 table 9
  }
}
`;

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
  const { instances } = load(HELD).config!;
  const after = linesAfter({ from: "MASTER", to: "FAULT", cause, first: false }, instances[0]!);
  expect(after.map(({ text }) => text)).toEqual([
    "sent 0 priority",
    "removing VIPs.",
    "removing E-VIPs.",
    "removing Virtual Routes",
    "removing Virtual Rules",
  ]);
  const setting = linesAfter({ from: "BACKUP", to: "MASTER", cause, first: false }, instances[0]!);
  expect(setting.map(({ text }) => text)).toEqual([
    "setting VIPs.",
    "setting E-VIPs.",
    "setting Virtual Routes",
    "setting Virtual Rules",
    "Sending/queueing gratuitous ARPs on eth0 for 10.0.0.100",
    "Sending/queueing Unsolicited Neighbour Adverts on eth1 for 2001:db8::1",
  ]);
  expect(after.every(({ detail }) => detail)).toBe(true);
  expect(masterLine(null, "10.0.0.1")).toBe("master set to 10.0.0.1");
  expect(masterLine("10.0.0.1", "10.0.0.2")).toBe("master changed from 10.0.0.1 to 10.0.0.2");
  expect(intervalLine("BACKUP", 100_000, 200_000)).toBe(
    "advertisement interval updated from 100ms to 200ms by master",
  );
  expect(intervalLine("MASTER", 200_000, 100_000)).toBe(
    "changing advert interval from 200ms to locally configured 100ms",
  );
  expect(intervalLine("BACKUP", 200_000, 200_000)).toBeNull();
});
